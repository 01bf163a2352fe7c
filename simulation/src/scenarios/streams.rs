//! Streams both ways through a bad cable: every octet arrives once and in its place, and once the cable is good no stream
//! rests.

use super::{Outcome, spoil};
use crate::cable::{Conditions, Damage, Weather};
use crate::peer::{Identity, Peer};
use crate::random::Random;
use crate::record::Record;
use crate::talker::{Role, Talk, Talker};
use crate::world::World;
use anyhow::{Result, ensure};
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use moment::Instant;
use platform::EthernetAddress;
use smoltcp::wire::IpCidr;

/// smoltcp at both ends.
pub(super) fn between_peers(mut random: Random, record: Record) -> Result<Outcome> {
    const ENDS: [[&str; 2]; 2] = [["192.0.2.1", "192.0.2.2"], ["2001:db8::1", "2001:db8::2"]];
    let mut world = World::new(random.fork(), record);
    let [one, other] = *random.pick(&ENDS);
    let mut stream = || {
        let magnitude = random.between(0, 20);
        (random.number(), random.below(1 << magnitude))
    };
    let (says, hears) = (stream(), stream());
    let buffer = 1 << random.between(9, 16);
    let from = SocketAddr::new(one.parse()?, random.between(1024, 65_535) as u16);
    let to = SocketAddr::new(other.parse()?, 80);
    let connects = (Role::Connects(from.port(), to), Talk { says, hears, buffer });
    let listens = (Role::Listens(80), Talk { says: hears, hears: says, buffer });

    let peer = |number: u8, address: &str, random: &mut Random, (role, talk)| -> Result<_> {
        let address = IpCidr::new(address.parse::<IpAddr>()?.into(), 24);
        let station = EthernetAddress([0x02, 0, 0, 0, 0, number]);
        let identity = Identity { station, addresses: vec![address], mtu: 1500 };
        Ok(Peer::new(&identity, random, |sockets| Talker::new(role, talk, sockets)))
    };
    let ends = [
        world.place("one", peer(1, one, &mut random, connects)?),
        world.place("other", peer(2, other, &mut random, listens)?),
    ];
    let cable = world.lay((ends[0], 0), (ends[1], 0), Conditions::GOOD);
    let healed = Instant::START + Duration::from_secs(random.between(5, 60));
    let weather = Weather {
        delay: *random.pick(&[1, 20, 200].map(Duration::from_millis)),
        share: *random.pick(&[0.01, 0.1, 0.4]),
        damage: random.chance(0.5).then_some(Damage::Noticed),
        partition: *random.pick(&[0.0, 0.2]),
        mtu: 1500,
    };
    spoil(&mut world, cable, weather, &mut random, healed);

    world.run_until(healed)?;
    while !ends.iter().all(|end| world[*end].client().is_finished()) {
        world.run_until(world.now() + Duration::from_secs(1))?;
        let now = world.now();
        for end in ends {
            world[end].client_mut().check(healed, now)?;
        }
    }
    let heard = ends.map(|end| world[end].client().heard());
    ensure!(heard == [hears.1, says.1], "{heard:?} octets of {:?}", [hears.1, says.1]);
    let simulated = world.now().since(Instant::START);
    Ok(Outcome { simulated, answered: 0, octets: heard[0] + heard[1] })
}
