//! What is tried: worlds drawn from a seed, each with something that has to come out well.

mod leases;
mod questions;
mod streams;

use crate::cable::{Conditions, Weather};
use crate::random::Random;
use crate::record::Record;
use crate::world::{CableHandle, World};
use anyhow::Result;
use core::fmt;
use core::ops::AddAssign;
use core::time::Duration;
use moment::Instant;

/// A kind of world.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// What it is called.
    pub name: &'static str,
    run: fn(Random, Record) -> Result<Outcome>,
}

/// What came of a world that ended well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How much time went by in it.
    pub simulated: Duration,
    /// Questions that were answered.
    pub answered: u64,
    /// Octets that arrived on streams.
    pub octets: u64,
}

/// Every kind of world.
pub const ALL: &[Scenario] = &[
    Scenario { name: "questions", run: questions::alone },
    Scenario { name: "questions-beside-a-flood", run: questions::beside_a_flood },
    Scenario { name: "questions-beside-an-impostor", run: questions::beside_an_impostor },
    Scenario { name: "questions-through-a-bottleneck", run: questions::through_a_bottleneck },
    Scenario { name: "streams", run: streams::between_peers },
    Scenario { name: "leases", run: leases::of_a_moody_server },
    Scenario { name: "streams-between-ours", run: streams::between_ours },
    Scenario { name: "streams-accepted", run: streams::accepted },
    Scenario { name: "streams-dialled", run: streams::dialled },
    Scenario { name: "streams-of-many", run: streams::of_many },
    Scenario { name: "streams-through-a-bottleneck", run: streams::through_a_bottleneck },
    Scenario { name: "streams-in-want", run: streams::in_want },
    Scenario { name: "streams-beside-a-flood", run: streams::beside_a_flood },
];

/// The kind of the world that a seed makes.
#[must_use]
pub fn of(seed: u64) -> Scenario {
    ALL[(seed % ALL.len() as u64) as usize]
}

impl Scenario {
    /// Makes the world of a seed and lets it come to its end.
    pub fn run(self, seed: u64, record: Record) -> Result<Outcome> {
        (self.run)(Random::new(seed), record)
    }
}

/// How long a cable stays as it is in bad weather.
const SPELL: Duration = Duration::from_secs(4);

/// Makes a cable bad, and another kind of bad every few seconds, until `end`, from when on it is good.
fn spoil(world: &mut World, cable: CableHandle, weather: Weather, random: &mut Random, end: Instant) {
    let mut at = world.now();
    while at < end {
        let mut conditions = [Conditions::GOOD; 2].map(|_| weather.draw(random));
        // Cables are often cut both ways, but not always.
        if conditions[0].is_cut && random.chance(0.7) {
            conditions[1].is_cut = true;
        }
        world.change_at(at, cable, conditions);
        at = at + Duration::from_millis(50) + random.duration(SPELL);
    }
    world.change_at(end, cable, [Conditions::GOOD; 2]);
}

impl fmt::Debug for Scenario {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

impl AddAssign for Outcome {
    fn add_assign(&mut self, other: Self) {
        self.simulated += other.simulated;
        self.answered += other.answered;
        self.octets += other.octets;
    }
}
