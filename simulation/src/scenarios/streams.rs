//! Streams both ways through a bad cable: every octet arrives once and in its place, and once the cable is good no stream
//! rests.

mod stage;

use super::{Outcome, spoil};
use crate::bottleneck::{Bottleneck, Manner};
use crate::cable::{Conditions, Weather};
use crate::checkers::Resets;
use crate::flood::Flood;
use crate::hub::Hub;
use crate::opener::Opener;
use crate::party::Fortune;
use crate::random::Random;
use crate::record::Record;
use crate::world::World;
use anyhow::Result;
use core::time::Duration;
use moment::Instant;
use netstack::Budget;
use stage::{ACCEPTOR, DIALLER, PLENTY, Stack, Stage, Talks, crowds, parties, weather};

/// A few long conversations.
const FEW: Talks =
    Talks { count: 6, magnitude: 20, within: Duration::from_secs(5), aborted: 0.1, fortune: Fortune::Lasts };

/// Many short ones.
const MANY: Talks = Talks {
    count: 200,
    magnitude: 14,
    within: Duration::from_secs(10),
    aborted: 0.05,
    fortune: Fortune::Lasts,
};

fn healed(random: &mut Random) -> Instant {
    Instant::START + Duration::from_secs(random.between(5, 60))
}

/// smoltcp at both ends.
pub(super) fn between_peers(random: Random, record: Record) -> Result<Outcome> {
    let talks = Talks { count: 1, aborted: 0.0, ..FEW };
    converse([Stack::Theirs; 2], talks, random, record)
}

/// Ours at both ends.
pub(super) fn between_ours(mut random: Random, record: Record) -> Result<Outcome> {
    let talks = Talks { count: random.between(1, FEW.count as u64) as usize, ..FEW };
    converse([Stack::Ours; 2], talks, random, record)
}

/// smoltcp dials ours.
pub(super) fn accepted(mut random: Random, record: Record) -> Result<Outcome> {
    let talks = Talks { count: random.between(1, FEW.count as u64) as usize, ..FEW };
    converse([Stack::Theirs, Stack::Ours], talks, random, record)
}

/// Ours dials smoltcp.
pub(super) fn dialled(mut random: Random, record: Record) -> Result<Outcome> {
    let talks = Talks { count: random.between(1, FEW.count as u64) as usize, ..FEW };
    converse([Stack::Ours, Stack::Theirs], talks, random, record)
}

/// Many at once between ours.
pub(super) fn of_many(mut random: Random, record: Record) -> Result<Outcome> {
    let talks = Talks { count: random.between(20, MANY.count as u64) as usize, ..MANY };
    converse([Stack::Ours; 2], talks, random, record)
}

fn converse(stacks: [Stack; 2], talks: Talks, mut random: Random, record: Record) -> Result<Outcome> {
    let world = World::new(random.fork(), record);
    let healed = healed(&mut random);
    let subjects = talks.draw(&mut random);
    let [dials, accepts] = parties(&subjects, &mut random);
    let [connects, listens] = crowds(&subjects, &mut random);
    let resets = if talks.aborted > 0.0 { Resets::AtWill } else { Resets::Never };
    let mut ours = |host: stage::Host, party| host.ours(party, PLENTY, resets, &mut random);
    // Each of the four is another type of world.
    match stacks {
        [Stack::Ours, Stack::Ours] => {
            let (dialler, acceptor) = (ours(DIALLER, dials), ours(ACCEPTOR, accepts));
            through_weather(Stage::new(world, dialler, acceptor, healed), random)
        }
        [Stack::Ours, Stack::Theirs] => {
            let dialler = ours(DIALLER, dials);
            let acceptor = ACCEPTOR.theirs(listens, &mut random);
            through_weather(Stage::new(world, dialler, acceptor, healed), random)
        }
        [Stack::Theirs, Stack::Ours] => {
            let acceptor = ours(ACCEPTOR, accepts);
            let dialler = DIALLER.theirs(connects, &mut random);
            through_weather(Stage::new(world, dialler, acceptor, healed), random)
        }
        [Stack::Theirs, Stack::Theirs] => {
            let dialler = DIALLER.theirs(connects, &mut random);
            let acceptor = ACCEPTOR.theirs(listens, &mut random);
            through_weather(Stage::new(world, dialler, acceptor, healed), random)
        }
    }
}

fn through_weather<D: stage::Converses, A: stage::Converses>(
    mut stage: Stage<D, A>,
    mut random: Random,
) -> Result<Outcome> {
    let weather = weather(&mut random);
    stage.lay(weather, &mut random);
    stage.run()
}

/// A link between that carries less, and less or more every now and then; where it doesn't say so, ours has to find out by itself
/// (RFC 4821, RFC 2923 §2.1).
pub(super) fn through_a_bottleneck(mut random: Random, record: Record) -> Result<Outcome> {
    let world = World::new(random.fork(), record);
    let healed = healed(&mut random);
    let talks = Talks { count: random.between(1, 4) as usize, aborted: 0.0, ..FEW };
    let [dials, accepts] = parties(&talks.draw(&mut random), &mut random);
    let [dialler, acceptor] = [(DIALLER, dials), (ACCEPTOR, accepts)]
        .map(|(host, party)| host.ours(party, PLENTY, Resets::Never, &mut random));
    let mut stage = Stage::new(world, dialler, acceptor, healed);
    let manner = *random.pick(&[Manner::Tells, Manner::IsSilent]);
    let spell = random.between(3, 15);
    let spells = (0..5).map(|number| {
        let from = Instant::START + Duration::from_secs(number * spell);
        (from, random.between(576, 1500) as usize)
    });
    let bottleneck = stage.world.place("bottleneck", Bottleneck::new(manner, spells.collect()));
    stage.world.lay((stage.dialler, 0), (bottleneck, 0), Conditions::GOOD);
    let cable = stage.world.lay((stage.acceptor, 0), (bottleneck, 1), Conditions::GOOD);
    let weather = Weather { share: 0.02, partition: 0.0, ..weather(&mut random) };
    spoil(&mut stage.world, cable, weather, &mut random, stage.healed);
    stage.run()
}

/// Ours with less memory and fewer places than would be good: some are shed, none hangs, and who comes later is served.
pub(super) fn in_want(mut random: Random, record: Record) -> Result<Outcome> {
    let world = World::new(random.fork(), record);
    let healed = healed(&mut random);
    let talks = Talks {
        count: random.between(4, 60) as usize,
        magnitude: 18,
        within: Duration::from_secs(30),
        fortune: Fortune::MayBeShed,
        ..FEW
    };
    let [dials, accepts] = parties(&talks.draw(&mut random), &mut random);
    let budget = Budget { streams: random.between(1, 24) as usize, buffers: 1 << random.between(17, 21) };
    let acceptor = ACCEPTOR.ours(accepts, budget, Resets::AtWill, &mut random);
    let dialler = DIALLER.ours(dials, PLENTY, Resets::AtWill, &mut random);
    through_weather(Stage::new(world, dialler, acceptor, healed), random)
}

/// smoltcp dials ours on a wire that is shared with somebody who begins connections from addresses that are nobody's, and with
/// somebody who sends noise.
pub(super) fn beside_a_flood(mut random: Random, record: Record) -> Result<Outcome> {
    let world = World::new(random.fork(), record);
    let healed = healed(&mut random);
    // What comes behind the acknowledgement of a SYN cookie, and that does not come, is of no connection (RFC 4987 §3.6): where frames
    // of the honest get lost, they may be reset; where none does, not one may.
    let is_lossy = random.chance(0.5);
    let fortune = if is_lossy { Fortune::MayBeReset } else { Fortune::Lasts };
    let talks = Talks { count: random.between(1, 12) as usize, magnitude: 17, aborted: 0.0, fortune, ..FEW };
    let subjects = talks.draw(&mut random);
    let [_, accepts] = parties(&subjects, &mut random);
    let [connects, _] = crowds(&subjects, &mut random);
    let acceptor = ACCEPTOR.ours(accepts, PLENTY, Resets::Never, &mut random);
    let dialler = DIALLER.theirs(connects, &mut random);
    let mut stage = Stage::new(world, dialler, acceptor, healed);
    let opener = Opener::new(random.fork(), ACCEPTOR.station(), talks.count as u16, healed);
    let opener = stage.world.place("opener", opener);
    let noise = Flood::new(random.fork(), ACCEPTOR.station(), healed).sparing_streams();
    let noise = stage.world.place("flood", noise);
    let hub = stage.world.place("hub", Hub::new(4));
    let roomy = Conditions { mtu: 9000, ..Conditions::GOOD };
    stage.world.lay((stage.acceptor, 0), (hub, 0), roomy);
    let cable = stage.world.lay((stage.dialler, 0), (hub, 1), Conditions::GOOD);
    stage.world.lay((opener, 0), (hub, 2), Conditions::GOOD);
    stage.world.lay((noise, 0), (hub, 3), roomy);
    if is_lossy {
        let weather = Weather { partition: 0.0, damage: None, ..weather(&mut random) };
        spoil(&mut stage.world, cable, weather, &mut random, stage.healed);
    }
    stage.run()
}
