//! The turn: bounded, one flush, several links.

use crate::memory::{MemoryLink, MemoryPlatform};
use crate::traffic::{PEER_STATION, ethernet, to_us, udp};
use crate::wire::{Manner, OUR_STATION, Oracle, Wire, interface};
use core::time::Duration;
use moment::Instant;
use netstack::{Counter, Netstack};
use platform::EthernetAddress;

#[test]
fn a_turn_takes_a_bounded_number_of_frames_and_flushes_once() {
    let mut wire = Wire::new();
    let question = to_us(udp("192.0.2.9:4096", "192.0.2.53:53", b"q"));
    wire.platform.links[0].incoming.extend(core::iter::repeat_n(question, 100));
    wire.platform.links[0].flushes = 0;
    assert_eq!(wire.turn().frames, 64);
    assert_eq!(wire.platform.links[0].flushes, 1);
    assert_eq!(wire.turn().frames, 36);
    assert_eq!(wire.turn().frames, 0);
    assert_eq!(wire.take_sent().len(), 100);
    assert_eq!(wire.netstack.counters().read(Counter::DatagramAnswered), 100);
}

#[test]
fn every_link_has_its_own_addresses() {
    let stations = [OUR_STATION, EthernetAddress([2, 0, 0, 0, 1, 0x53])];
    let links = stations.map(MemoryLink::new).into();
    let mut platform = MemoryPlatform { links, now: Instant::START, logged: Vec::new() };
    let mut appliance = Oracle { manner: Manner::Echo, asked: None };
    let interfaces = [interface(&["192.0.2.53/24"]), interface(&["198.51.100.53/24"])];
    let listeners = [appliance::Listener::Datagram { port: 53 }];
    let mut netstack = Netstack::new(&mut platform, &interfaces, &listeners);
    netstack.turn(&mut platform, &mut appliance);
    platform.links.iter_mut().for_each(|link| link.outgoing.clear());

    for (link, station) in stations.into_iter().enumerate() {
        for own in ["192.0.2.53:53", "198.51.100.53:53"] {
            let packet = udp("203.0.113.9:4096", own, b"q");
            platform.links[link].incoming.push_back(ethernet(PEER_STATION, station, packet));
        }
    }
    assert_eq!(netstack.turn(&mut platform, &mut appliance).frames, 4);
    for (link, own) in ["192.0.2.53:53", "198.51.100.53:53"].into_iter().enumerate() {
        let answer = ethernet(stations[link], PEER_STATION, udp(own, "203.0.113.9:4096", b"q"));
        assert_eq!(platform.links[link].outgoing, [answer]);
    }
    assert_eq!(netstack.counters().read(Counter::PacketToOthers), 2);
}

#[test]
fn links_without_interfaces_are_mute_and_interfaces_without_links_are_logged() {
    let links = vec![MemoryLink::new(OUR_STATION)];
    let mut platform = MemoryPlatform { links, now: Instant::START, logged: Vec::new() };
    let mut appliance = Oracle { manner: Manner::Echo, asked: None };
    let mut netstack = Netstack::new(&mut platform, &[], &[]);
    platform.links[0].incoming.push_back(to_us(udp("192.0.2.9:4096", "192.0.2.53:53", b"q")));
    netstack.turn(&mut platform, &mut appliance);
    platform.now = platform.now + Duration::from_secs(1);
    netstack.turn(&mut platform, &mut appliance);
    assert!(platform.links[0].outgoing.is_empty());

    Netstack::new(&mut platform, &[interface(&[]), interface(&["192.0.2.53/24"])], &[]);
    assert_eq!(platform.logged, ["there is no link for interface 1"]);
}

#[test]
fn every_frame_counts_once() {
    let mut wire = Wire::new();
    let frames: Vec<Vec<u8>> = crate::hostile_frames::sound_frames();
    for frame in &frames {
        wire.receives(&**frame).take_sent();
    }
    let counted: u64 = wire.netstack.counters().iter().map(|(_, count)| count).sum();
    assert_eq!(counted, frames.len() as u64);
}
