//! How large a packet may be on its way: RFC 1191, RFC 8201.

use crate::traffic::{icmpv4, icmpv6, to_us, udp};
use crate::wire::{Manner, Wire, interface};
use appliance::Appliance;
use core::time::Duration;
use netstack::{Budget, Counter, Netstack};

const OWN: [&str; 2] = ["192.0.2.53", "2001:db8::53"];
/// A host somewhere, and a router on the way there.
const HOST: [&str; 2] = ["203.0.113.9", "2001:db8:9::9"];
const ROUTER: [&str; 2] = ["198.51.100.1", "2001:db8:1::1"];
const IP_AND_UDP: [usize; 2] = [28, 48];

fn socket(address: &str, port: u16) -> String {
    if address.contains(':') { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

/// An answer of ours, as a whole packet of this length.
fn answer(version: usize, host: &str, length: usize) -> Vec<u8> {
    udp(&socket(OWN[version], 53), &socket(host, 4096), &vec![7; length - IP_AND_UDP[version]])
}

/// A report of a router that `packet` was too large for what comes behind it.
fn report(version: usize, packet: &[u8], most: u32) -> Vec<u8> {
    let rest = [&most.to_be_bytes()[..], &packet[..packet.len().min(500)]].concat();
    to_us(match version {
        0 => icmpv4(ROUTER[0], OWN[0], [3, 4], &rest),
        _ => icmpv6(ROUTER[1], OWN[1], [2, 0], 60, &rest),
    })
}

/// How large an answer to this host may be, as a packet.
#[track_caller]
fn longest(wire: &mut Wire, version: usize, host: &str) -> usize {
    wire.receives(to_us(udp(&socket(host, 4096), &socket(OWN[version], 53), b"q"))).take_sent();
    let room = wire.appliance.asked.as_ref().expect("a question").3;
    // What the appliance is told is what holds.
    wire.appliance.manner = Manner::Lengthy(room + 1);
    let question = || to_us(udp(&socket(host, 4096), &socket(OWN[version], 53), b"q"));
    wire.receives(question()).stays_silent().counts(Counter::DatagramAnswerTooLong);
    wire.appliance.manner = Manner::Lengthy(room);
    wire.receives(question()).counts(Counter::DatagramAnswered).take_sent();
    wire.appliance.manner = Manner::Echo;
    room + IP_AND_UDP[version]
}

#[test]
fn answers_to_a_host_are_kept_as_short_as_a_router_says_for_ten_minutes() {
    for version in [0, 1] {
        let mut wire = Wire::new();
        assert_eq!(longest(&mut wire, version, HOST[version]), 1500);
        wire.receives(report(version, &answer(version, HOST[version], 1500), 1400))
            .stays_silent()
            .counts(Counter::PathNarrowed);
        assert_eq!(longest(&mut wire, version, HOST[version]), 1400);
        // Nobody else's.
        assert_eq!(longest(&mut wire, version, ["203.0.113.8", "2001:db8:9::8"][version]), 1500);
        // Narrower, but not wider.
        for (most, expected) in [(1300, 1300), (1350, 1300), (1300, 1300)] {
            wire.receives(report(version, &answer(version, HOST[version], 1400), most)).take_sent();
            assert_eq!(longest(&mut wire, version, HOST[version]), expected);
        }
        wire.rest(Duration::from_secs(599));
        assert_eq!(longest(&mut wire, version, HOST[version]), 1300);
        wire.rest(Duration::from_secs(1));
        assert_eq!(longest(&mut wire, version, HOST[version]), 1500);
    }
}

#[test]
fn rfc1191_section_5_a_router_that_does_not_say_and_one_that_says_too_little_are_believed_so_far() {
    for most in [0, 1, 68, 552, 575, 576] {
        let mut wire = Wire::new();
        wire.receives(report(0, &answer(0, HOST[0], 1500), most)).counts(Counter::PathNarrowed);
        assert_eq!(longest(&mut wire, 0, HOST[0]), 576);
    }
}

#[test]
fn rfc8201_section_4_every_link_carries_1280_octets() {
    for (most, expected) in
        [(0, 1500), (68, 1500), (1279, 1500), (1280, 1280), (1 << 16 | 1280, 1500), (u32::MAX, 1500)]
    {
        let mut wire = Wire::new();
        let counter = if expected == 1500 { Counter::ErrorReceived } else { Counter::PathNarrowed };
        wire.receives(report(1, &answer(1, HOST[1], 1500), most)).stays_silent().counts(counter);
        assert_eq!(longest(&mut wire, 1, HOST[1]), expected);
    }
}

#[test]
fn reports_of_what_we_can_not_have_sent_are_not_believed() {
    for version in [0, 1] {
        let (own, host) = (OWN[version], HOST[version]);
        let sound = answer(version, host, 1500);
        let other = ["192.0.2.54", "2001:db8::54"][version];
        let second = ["198.51.100.53", "fe80::ff:fe00:53"][version];
        let payload = vec![7; 1500 - IP_AND_UDP[version]];
        let mut tcp = sound.clone();
        tcp[[9, 6][version]] = 6;
        let mut unversioned = sound.clone();
        unversioned[0] = 0x25;
        for packet in [
            // From somebody else's address; from one of ours that the report did not come to; from another port.
            udp(&socket(other, 53), &socket(host, 4096), &payload),
            udp(&socket(second, 53), &socket(host, 4096), &payload),
            udp(&socket(own, 54), &socket(host, 4096), &payload),
            tcp,
            unversioned,
            // Shorter than what is said to be the most; longer than our link carries.
            answer(version, host, 1400),
            answer(version, host, 1501),
            // Not quoted as far as its ports.
            sound[..IP_AND_UDP[version] - 1].to_vec(),
            Vec::new(),
        ] {
            let mut wire = Wire::new();
            wire.receives(report(version, &packet, 1400)).stays_silent().counts(Counter::ErrorReceived);
            assert_eq!(longest(&mut wire, version, host), 1500);
        }
    }
}

#[test]
fn a_host_whose_question_is_longer_than_the_way_back_gets_no_answer() {
    let mut wire = Wire::new();
    wire.receives(report(0, &answer(0, HOST[0], 1500), 600)).counts(Counter::PathNarrowed);
    let question = |length| to_us(udp(&socket(HOST[0], 4096), "192.0.2.53:53", &vec![1; length]));
    wire.receives(question(573)).stays_silent().counts(Counter::DatagramAnswerTooLong);
    wire.receives(question(572)).counts(Counter::DatagramAnswered);
}

#[test]
fn paths_are_remembered_for_a_bounded_number_of_hosts_and_the_last_is_among_them() {
    let mut wire = Wire::new();
    let host = |number: u32| core::net::Ipv4Addr::from_bits(0xcb00_0000 | number).to_string();
    for number in 0..2000 {
        wire.receives(report(0, &answer(0, &host(number), 1500), 1400)).counts(Counter::PathNarrowed);
        wire.platform.now = wire.platform.now + Duration::from_millis(1);
        assert_eq!(longest(&mut wire, 0, &host(number)), 1400);
    }
    let remembered = (0..2000).filter(|number| longest(&mut wire, 0, &host(*number)) == 1400).count();
    assert!((128..=256).contains(&remembered), "{remembered}");
}

/// Of many hosts those whose paths are remembered by a machine that drew these numbers.
fn remembered(random: [u64; 2]) -> Vec<u32> {
    let mut wire = Wire::new();
    wire.platform.random = random.into();
    let interfaces = [interface(&["192.0.2.53/24"])];
    wire.netstack = Netstack::new(&mut wire.platform, &interfaces, wire.appliance.listeners(), Budget::NONE);
    wire.rest(Duration::from_secs(60));
    wire.take_sent();
    let host = |number: u32| core::net::Ipv4Addr::from_bits(0xcb00_0000 | number).to_string();
    for number in 0..600 {
        wire.receives(report(0, &answer(0, &host(number), 1500), 1400)).counts(Counter::PathNarrowed);
    }
    (0..600).filter(|number| longest(&mut wire, 0, &host(*number)) == 1400).collect()
}

#[test]
fn where_paths_are_remembered_follows_from_a_number_of_its_own() {
    // What seeds that which is sent comes first: a neighbour can compute it.
    let [some, other] = [0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03];
    assert_eq!(remembered([1, some]), remembered([2, some]));
    assert_ne!(remembered([1, some]), remembered([1, other]));
}
