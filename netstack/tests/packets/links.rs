//! A machine with two links: each is a host of its own on its own network (RFC 1122 §3.3.4.2, the strong model).

use crate::memory::{MemoryLink, MemoryPlatform};
use crate::traffic::{PEER_STATION, arp, discovery, ethernet, group, icmpv4, icmpv6, udp};
use crate::wire::{Manner, Oracle, hex, interface};
use appliance::Appliance;
use core::time::Duration;
use netstack::{Budget, Counter, Netstack};
use platform::EthernetAddress;
use smoltcp::wire::ArpOperation::{Reply, Request};

const STATIONS: [EthernetAddress; 2] =
    [EthernetAddress([2, 0, 0, 0, 0, 0x53]), EthernetAddress([2, 0, 0, 0, 1, 0x54])];
const IPV4: [&str; 2] = ["192.0.2.53", "198.51.100.54"];
const IPV6: [&str; 2] = ["2001:db8::53", "2001:db8:1::54"];
const LINK_LOCAL: [&str; 2] = ["fe80::ff:fe00:53", "fe80::ff:fe00:154"];
/// The groups that the addresses of each are solicited by.
const SOLICITED: [&str; 2] = ["ff02::1:ff00:53", "ff02::1:ff00:54"];
const NOBODY: EthernetAddress = EthernetAddress([0; 6]);
const EVERYBODY: EthernetAddress = EthernetAddress([0xff; 6]);

struct Machine {
    platform: MemoryPlatform,
    appliance: Oracle,
    netstack: Netstack,
}

impl Machine {
    fn at_start() -> Self {
        let links = STATIONS.map(MemoryLink::new).into();
        let mut platform = MemoryPlatform::new(links);
        let appliance = Oracle::new(Manner::Echo);
        let interfaces =
            [0, 1].map(|link| interface(&[&format!("{}/24", IPV4[link]), &format!("{}/64", IPV6[link])]));
        let netstack = Netstack::new(&mut platform, &interfaces, appliance.listeners(), Budget::NONE);
        Self { platform, appliance, netstack }
    }

    /// A machine past its first announcements.
    fn new() -> Self {
        let mut machine = Self::at_start();
        for _ in 0..60 {
            machine.turn();
            machine.platform.now = machine.platform.now + Duration::from_secs(1);
        }
        machine.take_sent();
        machine
    }

    fn turn(&mut self) {
        self.netstack.turn(&mut self.platform, &mut self.appliance);
    }

    fn take_sent(&mut self) -> [Vec<Vec<u8>>; 2] {
        [0, 1].map(|link: usize| core::mem::take(&mut self.platform.links[link].outgoing))
    }

    /// A frame arrives on a link; there goes back, there and nowhere else, what is expected.
    #[track_caller]
    fn check(&mut self, link: usize, frame: Vec<u8>, expected: Option<&[u8]>) {
        self.platform.links[link].incoming.push_back(frame);
        self.turn();
        let sent = self.take_sent().map(|frames| frames.iter().map(|frame| hex(frame)).collect::<Vec<_>>());
        let mut due = [Vec::new(), Vec::new()];
        due[link].extend(expected.map(hex));
        assert_eq!(sent, due);
    }
}

/// `answered` by the link whose address it is, on that link and not on the other.
#[track_caller]
fn check_apart(exchange: impl Fn(usize, EthernetAddress) -> (Vec<u8>, Vec<u8>)) {
    let mut machine = Machine::new();
    for whose in [0, 1] {
        let (question, answer) = exchange(whose, STATIONS[whose]);
        machine.check(whose, question, Some(&answer));
        let elsewhere = 1 - whose;
        let (question, _) = exchange(whose, STATIONS[elsewhere]);
        machine.check(elsewhere, question, None);
    }
    assert_eq!(machine.platform.logged, [""; 0]);
}

#[test]
fn rfc1122_section_3_3_4_2_a_datagram_is_answered_on_the_link_whose_address_it_came_to() {
    for (peer, own) in [("203.0.113.9", IPV4), ("192.0.2.9", IPV4), ("198.51.100.9", IPV4)] {
        check_apart(|whose, station| {
            let (peer, own) = (format!("{peer}:4096"), format!("{}:53", own[whose]));
            let question = ethernet(PEER_STATION, station, udp(&peer, &own, b"q"));
            (question, ethernet(station, PEER_STATION, udp(&own, &peer, b"q")))
        });
    }
    for own in [IPV6, LINK_LOCAL] {
        check_apart(|whose, station| {
            let (peer, own) = ("[2001:db8:2::9]:4096", format!("[{}]:53", own[whose]));
            let question = ethernet(PEER_STATION, station, udp(peer, &own, b"q"));
            (question, ethernet(station, PEER_STATION, udp(&own, peer, b"q")))
        });
    }
}

#[test]
fn echoes_come_back_on_the_link_whose_address_they_went_to() {
    check_apart(|whose, station| {
        let (own, rest) = (IPV4[whose], [0, 1, 0, 2, 7, 7, 7, 7]);
        let question = ethernet(PEER_STATION, station, icmpv4("203.0.113.9", own, [8, 0], &rest));
        (question, ethernet(station, PEER_STATION, icmpv4(own, "203.0.113.9", [0, 0], &rest)))
    });
}

#[test]
fn a_link_says_nothing_of_the_addresses_of_another() {
    let peer = (PEER_STATION, "192.0.2.9");
    check_apart(|whose, station| {
        let question = ethernet(PEER_STATION, EVERYBODY, arp(Request, peer, (NOBODY, IPV4[whose])));
        (question, ethernet(station, PEER_STATION, arp(Reply, (station, IPV4[whose]), peer)))
    });
    for own in [IPV6, LINK_LOCAL] {
        check_apart(|whose, station| {
            let [.., a, b, c] = own[whose].parse::<core::net::Ipv6Addr>().expect("an address").octets();
            let solicited = format!("ff02::1:ff{a:02x}:{b:02x}{c:02x}");
            let source = [1, 1, 2, 0, 0, 0, 0, 0x99];
            let solicitation =
                icmpv6("fe80::9", &solicited, [135, 0], 255, &discovery(0, own[whose], &source));
            let [_, _, c, d, e, f] = station.0;
            let target = [2, 1, 2, 0, c, d, e, f];
            let advertisement =
                icmpv6(own[whose], "fe80::9", [136, 0], 255, &discovery(0x60, own[whose], &target));
            let question = ethernet(PEER_STATION, group(&solicited), solicitation);
            (question, ethernet(station, PEER_STATION, advertisement))
        });
    }
}

#[test]
fn a_link_does_not_take_frames_for_another() {
    let mut machine = Machine::new();
    for own in IPV4 {
        let packet = udp("203.0.113.9:4096", &format!("{own}:53"), b"q");
        machine.check(0, ethernet(PEER_STATION, STATIONS[1], packet), None);
    }
    assert_eq!(machine.netstack.counters().read(Counter::FrameToOthers), 2);
}

#[test]
fn each_link_announces_its_own_addresses_and_only_those() {
    let mut machine = Machine::at_start();
    machine.turn();
    for (link, frames) in machine.take_sent().iter().enumerate() {
        let (own, other) = (STATIONS[link].0, STATIONS[1 - link].0);
        assert!(frames.iter().all(|frame| frame[6..12] == own), "link {link}");
        let speak_of =
            |what: &[u8]| frames.iter().any(|frame| frame.windows(what.len()).any(|part| part == what));
        let ipv4 = |text: &str| text.parse::<core::net::Ipv4Addr>().expect("an address").octets();
        let ipv6 = |text: &str| text.parse::<core::net::Ipv6Addr>().expect("an address").octets();
        for (whose, is_due) in [(link, true), (1 - link, false)] {
            assert_eq!(speak_of(&ipv4(IPV4[whose])), is_due);
            assert_eq!(speak_of(&ipv6(IPV6[whose])), is_due);
            assert_eq!(speak_of(&ipv6(LINK_LOCAL[whose])), is_due);
            assert_eq!(speak_of(&ipv6(SOLICITED[whose])), is_due);
        }
        assert!(!speak_of(&other), "link {link}");
    }
}

/// Two links of one machine in one network, by mistake or on purpose: they are neighbours who have nothing to argue about.
#[test]
fn links_that_lead_to_each_other_find_no_conflict() {
    let mut machine = Machine::at_start();
    for _ in 0..10 {
        machine.turn();
        let [first, second] = machine.take_sent();
        machine.platform.links[0].incoming.extend(second);
        machine.platform.links[1].incoming.extend(first);
        machine.platform.now = machine.platform.now + Duration::from_secs(1);
    }
    assert_eq!(machine.platform.logged, [""; 0]);
    assert_eq!(machine.netstack.counters().read(Counter::AddressConflict), 0);
    assert_eq!(machine.netstack.counters().read(Counter::AddressDefended), 0);
}

#[test]
fn a_flood_on_one_link_leaves_the_other_its_share_of_every_turn() {
    let mut machine = Machine::new();
    let question = |link: usize| {
        let packet = udp("203.0.113.9:4096", &format!("{}:53", IPV4[link]), b"q");
        ethernet(PEER_STATION, STATIONS[link], packet)
    };
    machine.platform.links[0].incoming.extend(core::iter::repeat_n(question(0), 1000));
    machine.platform.links[1].incoming.push_back(question(1));
    machine.turn();
    let [flood, honest] = machine.take_sent();
    assert_eq!((flood.len(), honest.len()), (64, 1));
}
