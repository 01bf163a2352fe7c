//! A machine whose address a DHCP server gives, which is not always kind, over a cable that is not always good.
//!
//! An address is never used before it was given nor after its time; and once all is good it is had again as soon as RFC 2131's
//! times allow, and kept.

use super::{Outcome, spoil};
use crate::cable::{Conditions, Damage, Weather};
use crate::checkers::Ledger;
use crate::lessor::Lessor;
use crate::random::Random;
use crate::record::Record;
use crate::server::{self, tenant};
use crate::world::World;
use anyhow::{Result, ensure};
use core::time::Duration;
use moment::Instant;

/// How long after all is good there is an address: the longest wait between two messages, or between two attempts that came to
/// nothing (RFC 2131 §4.1: 64 seconds and one), one after the other; and what questions, answers and probes take.
const SOON: Duration = Duration::from_secs(65 + 65 + 5);

/// The longest between two answers to somebody who asks every second.
const ATTENTION: Duration = Duration::from_millis(2500);

pub(super) fn of_a_moody_server(mut random: Random, record: Record) -> Result<Outcome> {
    let mut world = World::new(random.fork(), record);
    let ledger = Ledger::default();
    let lease = Duration::from_secs(random.between(10, 300));
    let healed = Instant::START + Duration::from_secs(random.between(10, 1200));
    let machine = world.place("server", tenant(&mut random.fork(), &ledger));
    let lessor = Lessor::new(random.fork(), ledger, server::STATION, lease, healed);
    let lessor = world.place("lessor", lessor);
    let cable = world.lay((machine, 0), (lessor, 0), Conditions::GOOD);
    let weather = Weather {
        delay: *random.pick(&[1, 20, 200, 500].map(Duration::from_millis)),
        share: *random.pick(&[0.02, 0.2, 0.9]),
        damage: random.chance(0.5).then_some(Damage::Noticed),
        partition: *random.pick(&[0.0, 0.1, 0.5, 0.9]),
        mtu: 600,
    };
    spoil(&mut world, cable, weather, &mut random, healed);

    world.run_until(healed + SOON)?;
    let heard = world[lessor].heard();
    ensure!(heard.is_some_and(|heard| heard > healed), "no address {} s after all was good", SOON.as_secs());
    // The lease that was had in bad times ends, if it could not be renewed; from then on none does.
    let settled = healed + SOON + lease;
    world.run_until(settled)?;
    while world.now() < settled + lease * 3 {
        world.run_until(world.now() + Duration::from_secs(1))?;
        let now = world.now();
        let rested = world[lessor].heard().map(|heard| now.since(heard));
        ensure!(
            rested.is_some_and(|rested| rested < ATTENTION),
            "not heard of at its address for {rested:?}"
        );
    }
    let simulated = world.now().since(Instant::START);
    Ok(Outcome { simulated, ..Outcome::default() })
}
