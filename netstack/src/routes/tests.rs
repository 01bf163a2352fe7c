use crate::station::Station;
use crate::{Interface, Prefix};
use core::net::IpAddr;
use moment::Instant;
use platform::{EthernetAddress, Link, OutgoingFrame, ReceivedFrame};

/// A link of which nothing matters but its address and what it carries.
struct Wire;

enum Never {}

impl ReceivedFrame for Never {
    fn bytes(&self) -> &[u8] {
        match *self {}
    }

    fn buffer(&mut self) -> &mut [u8] {
        match *self {}
    }

    fn checksum(&self) -> platform::Checksum {
        match *self {}
    }

    fn reply(self, _length: usize) {
        match self {}
    }
}

impl OutgoingFrame for Never {
    fn buffer(&mut self) -> &mut [u8] {
        match *self {}
    }

    fn send(self, _length: usize) {
        match self {}
    }
}

impl Link for Wire {
    type Received<'a> = Never;
    type Outgoing<'a> = Never;

    fn address(&self) -> EthernetAddress {
        EthernetAddress([2, 0, 0, 0, 0, 0x53])
    }

    fn maximum_transmission_unit(&self) -> usize {
        1500
    }

    fn receive(&mut self) -> Option<Never> {
        None
    }

    fn transmit(&mut self) -> Option<Never> {
        None
    }

    fn flush(&mut self) {}
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn station(addresses: &[&str], gateways: &[&str]) -> Station {
    let prefix = |text: &&str| {
        let (own, length) = text.split_once('/').unwrap();
        Prefix { address: address(own), length: length.parse().unwrap() }
    };
    let interface = Interface {
        addresses: addresses.iter().map(prefix).collect(),
        gateways: gateways.iter().map(|gateway| address(gateway)).collect(),
        ..Interface::default()
    };
    Station::new(&Wire, &interface, 1, 2)
}

const OWN: [&str; 4] = ["192.0.2.53/24", "198.51.100.53/31", "2001:db8::53/64", "2001:db8:1::53/127"];
const LINK_LOCAL: &str = "fe80::ff:fe00:53";

#[test]
fn rfc1122_section_3_3_1_1_who_shares_a_prefix_is_a_neighbour() {
    let station = station(&OWN, &[]);
    for (to, own) in [
        ("192.0.2.1", Some("192.0.2.53")),
        ("192.0.3.1", None),
        ("198.51.100.52", Some("198.51.100.53")),
        ("198.51.100.54", None),
        ("2001:db8::1", Some("2001:db8::53")),
        ("2001:db8:0:1::1", None),
        ("2001:db8:1::52", Some("2001:db8:1::53")),
        ("2001:db8:1::54", None),
        ("fe80::9", Some(LINK_LOCAL)),
        ("febf::9", Some(LINK_LOCAL)),
        ("fec0::9", None),
    ] {
        assert_eq!(station.is_neighbour(address(to)), own.is_some(), "{to}");
        if let Some(own) = own {
            assert_eq!(station.source_for(address(to)), Some(address(own)), "{to}");
        }
        assert_eq!(station.router(address(to)), None);
    }
}

#[test]
fn a_prefix_of_no_bits_has_everybody() {
    let station = station(&["192.0.2.53/0", "2001:db8::53/0"], &[]);
    for to in ["203.0.113.9", "2001:db8:9::9"] {
        assert!(station.is_neighbour(address(to)));
    }
}

#[test]
fn others_are_reached_by_the_router_of_their_version_from_the_address_beside_it() {
    for (gateways, to, router, own) in [
        (&["198.51.100.52"][..], "203.0.113.9", Some("198.51.100.52"), Some("198.51.100.53")),
        (&["192.0.2.1", "198.51.100.52"], "203.0.113.9", Some("192.0.2.1"), Some("192.0.2.53")),
        (&["2001:db8:1::52", "192.0.2.1"], "203.0.113.9", Some("192.0.2.1"), Some("192.0.2.53")),
        (&["192.0.2.1", "2001:db8:1::52"], "2001:db8:9::9", Some("2001:db8:1::52"), Some("2001:db8:1::53")),
        // Its link-local address is no reason to send from ours.
        (&["fe80::1"], "2001:db8:9::9", Some("fe80::1"), Some("2001:db8::53")),
        (&["2001:db8::1"], "203.0.113.9", None, Some("192.0.2.53")),
        (&[], "2001:db8:9::9", None, Some("2001:db8::53")),
    ] {
        let station = station(&OWN, gateways);
        assert_eq!(station.router(address(to)), router.map(address), "{gateways:?} {to}");
        assert_eq!(station.source_for(address(to)), own.map(address), "{gateways:?} {to}");
    }
}

#[test]
fn without_an_address_of_their_version_nobody_is_reached() {
    let station = station(&["192.0.2.53/24"], &["192.0.2.1"]);
    for to in ["2001:db8::9", "fe80::9"] {
        assert_eq!((station.router(address(to)), station.source_for(address(to))), (None, None));
    }
}

#[test]
fn a_segment_is_as_long_as_the_link_and_the_path_carry() {
    let mut station = station(&OWN, &[]);
    let now = Instant::START;
    let hosts = ["192.0.2.9", "2001:db8::9"].map(address);
    assert_eq!(hosts.map(|host| station.segment_to(host, now)), [1460, 1440]);
    hosts.iter().for_each(|host| station.paths.narrow(*host, 1300, now));
    assert_eq!(hosts.map(|host| station.segment_to(host, now)), [1260, 1240]);
}
