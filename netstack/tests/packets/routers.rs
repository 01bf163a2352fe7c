//! Addresses formed from prefixes: RFC 4862, RFC 4861 §6, RFC 4429, RFC 7559.

mod advertisements;
mod lifetimes;
mod new_addresses;
mod search;

use crate::traffic::{PEER_STATION, discovery, ethernet, group, icmpv6, ipv6, to_us, udp};
use crate::wire::{OUR_STATION, Wire, interface};
use core::time::Duration;
use netstack::{Counter, Interface};
use platform::EthernetAddress;
use smoltcp::wire::{
    Icmpv6Packet, NdiscPrefixInfoFlags, NdiscPrefixInformation, NdiscRepr, NdiscRouterFlags,
};

const ROUTER: &str = "fe80::1";
const LINK_LOCAL: &str = "fe80::ff:fe00:53";
const PREFIX: &str = "2001:db8:5::";
/// RFC 4291 appendix A.
const FORMED: &str = "2001:db8:5::ff:fe00:53";
const NODES: &str = "ff02::1";
const OURS: &str = "ff02::1:ff00:53";
const FOR_EVER: u32 = u32::MAX;
const AUTONOMOUS: u8 = 0x40;
const TARGET_OPTION: [u8; 8] = [2, 1, 2, 0, 0, 0, 0, 0x53];

fn start(addresses: &[&str]) -> Wire {
    let mut wire = Wire::with(Interface { slaac: true, ..interface(addresses) });
    wire.turn();
    wire.take_sent();
    wire
}

fn prefix(length: u8, flags: u8, valid: u32, preferred: u32, prefix: &str) -> Vec<u8> {
    let lifetimes = [valid.to_be_bytes(), preferred.to_be_bytes(), [0; 4]].concat();
    [&[3, 4, length, flags], &lifetimes[..], &ipv6(prefix).octets()].concat()
}

/// An advertisement, its packet and its frame.
fn advertised(source: &str, hops: u8, code: u8, lifetime: u16, options: &[u8]) -> Vec<u8> {
    let [high, low] = lifetime.to_be_bytes();
    let rest = [&[64, 0, high, low, 0, 0, 0, 0, 0, 0, 0, 0], options].concat();
    ethernet(PEER_STATION, group(NODES), icmpv6(source, NODES, [134, code], hops, &rest))
}

fn advertisement(lifetime: u16, options: &[u8]) -> Vec<u8> {
    advertised(ROUTER, 255, 0, lifetime, options)
}

fn valid(seconds: u32) -> Vec<u8> {
    advertisement(1800, &prefix(64, AUTONOMOUS, seconds, 0, PREFIX))
}

fn solicitation() -> Vec<u8> {
    ethernet(OUR_STATION, group("ff02::2"), icmpv6(LINK_LOCAL, "ff02::2", [133, 0], 255, &[0; 4]))
}

fn question(own: &str) -> Vec<u8> {
    to_us(udp("[2001:db8:9::9]:4096", &format!("[{own}]:53"), b"q"))
}

fn answers(wire: &mut Wire, own: &str) -> bool {
    let before = wire.netstack.counters().read(Counter::DatagramAnswered);
    wire.take_sent();
    wire.receives(question(own)).take_sent();
    wire.netstack.counters().read(Counter::DatagramAnswered) > before
}

/// A machine that has formed its address, beyond all doubt.
fn formed(seconds: u32) -> Wire {
    let mut wire = start(&[]);
    wire.receives(valid(seconds)).counts(Counter::RouterHeard);
    wire.rest(Duration::from_secs(3));
    wire.take_sent();
    wire.platform.logged.clear();
    wire
}

#[test]
fn rfc4862_section_5_5_an_address_is_formed_and_answered_at_once() {
    let mut wire = Wire::with(Interface { slaac: true, ..interface(&[]) });
    wire.turn();
    let sent = wire.take_sent();
    assert_eq!(sent[0], solicitation());
    assert!(answers(&mut wire, LINK_LOCAL));
    assert!(!answers(&mut wire, FORMED));

    // As smoltcp writes it.
    let repr = NdiscRepr::RouterAdvert {
        hop_limit: 64,
        flags: NdiscRouterFlags::empty(),
        router_lifetime: smoltcp::time::Duration::from_secs(1800),
        reachable_time: smoltcp::time::Duration::ZERO,
        retrans_time: smoltcp::time::Duration::ZERO,
        lladdr: Some(smoltcp::wire::EthernetAddress(PEER_STATION.0).into()),
        mtu: Some(1500),
        prefix_info: Some(NdiscPrefixInformation {
            prefix_len: 64,
            flags: NdiscPrefixInfoFlags::ON_LINK | NdiscPrefixInfoFlags::ADDRCONF,
            valid_lifetime: smoltcp::time::Duration::from_secs(86_400),
            preferred_lifetime: smoltcp::time::Duration::from_secs(14_400),
            prefix: ipv6(PREFIX),
        }),
    };
    let mut message = vec![0; repr.buffer_len()];
    repr.emit(&mut Icmpv6Packet::new_unchecked(&mut message));
    let packet = icmpv6(ROUTER, NODES, [134, 0], 255, &message[4..]);
    wire.receives(ethernet(PEER_STATION, group(NODES), packet)).counts(Counter::RouterHeard);
    let sent = wire.take_sent();
    let probe = icmpv6("::", OURS, [135, 0], 255, &discovery(0, FORMED, &[]));
    assert!(sent.contains(&ethernet(OUR_STATION, group(OURS), probe)));
    // RFC 4429 §3.3: nobody is displaced before that is answered.
    let told = |flags| {
        let message = discovery(flags, FORMED, &TARGET_OPTION);
        ethernet(OUR_STATION, group(NODES), icmpv6(FORMED, NODES, [136, 0], 255, &message))
    };
    assert!(sent.contains(&told(0)));
    wire.logs(&["2001:db8:5::ff:fe00:53/64 formed from a router's prefix for 86400 s"]);
    assert!(answers(&mut wire, FORMED));
    wire.rest(Duration::from_secs(1));
    assert!(wire.take_sent().contains(&told(0x20)));
    wire.receives(question("2001:db8:5::ff:fe00:54")).counts(Counter::PacketToOthers);
}

#[test]
fn rfc4429_section_3_3_a_neighbour_that_asks_is_told_and_displaces_nobody_at_first() {
    let mut wire = start(&[]);
    wire.receives(valid(3600)).take_sent();
    for flags in [0x40, 0x60] {
        let asks = icmpv6("fe80::9", OURS, [135, 0], 255, &discovery(0, FORMED, &[]));
        let told = discovery(flags, FORMED, &TARGET_OPTION);
        wire.receives(ethernet(PEER_STATION, group(OURS), asks))
            .sends(to(PEER_STATION, icmpv6(FORMED, "fe80::9", [136, 0], 255, &told)))
            .counts(Counter::NeighbourAnswered);
        wire.rest(Duration::from_secs(3));
        wire.take_sent();
    }
}

fn to(station: EthernetAddress, packet: Vec<u8>) -> Vec<u8> {
    ethernet(OUR_STATION, station, packet)
}

#[test]
fn rfc4862_section_5_4_an_address_that_somebody_has_or_probes_for_is_given_up_within_a_second() {
    let advert = icmpv6(FORMED, NODES, [136, 0], 255, &discovery(0x20, FORMED, &[2, 1, 2, 0, 0, 0, 0, 0x99]));
    let probe = icmpv6("::", OURS, [135, 0], 255, &discovery(0, FORMED, &[]));
    for (packet, destination) in [(&advert, NODES), (&probe, OURS)] {
        let frame = || ethernet(PEER_STATION, group(destination), packet.clone());
        let mut wire = start(&[]);
        wire.receives(valid(3600)).take_sent();
        wire.platform.logged.clear();
        wire.receives(frame()).stays_silent().counts(Counter::AddressConflict);
        wire.logs(&["2001:db8:5::ff:fe00:53 lost: it is used by 02:00:00:00:00:99"]);
        assert!(!answers(&mut wire, FORMED));
        // It is not formed again while the router goes on.
        wire.receives(valid(3600)).counts(Counter::RouterHeard);
        assert!(!answers(&mut wire, FORMED));
        // It is when the prefix was over in between.
        wire.rest(Duration::from_secs(3600));
        wire.take_sent();
        wire.receives(valid(3600)).take_sent();
        assert!(answers(&mut wire, FORMED));

        // Later, it is an address like others: kept, and told.
        let mut wire = formed(3600);
        wire.receives(frame()).take_sent();
        assert!(answers(&mut wire, FORMED));
    }
}

#[test]
fn the_operators_own_address_is_not_a_routers_to_end() {
    let mut wire = Wire::with(Interface { slaac: true, ..interface(&["2001:db8:5::ff:fe00:53/64"]) });
    wire.receives(valid(60)).take_sent();
    wire.rest(Duration::from_secs(100));
    wire.logs(&[]);
    assert!(answers(&mut wire, FORMED));
}

#[test]
fn at_most_eight_addresses_are_formed_whoever_advertises() {
    let mut wire = start(&[]);
    let name = |number: u32| format!("2001:db8:{number:x}::");
    for number in 0..100 {
        let option = prefix(64, AUTONOMOUS, 3600, 3600, &name(number));
        wire.receives(advertised(&format!("fe80::{number:x}"), 255, 0, 1800, &option)).take_sent();
    }
    let formed =
        (0..100).filter(|number| answers(&mut wire, &format!("{}ff:fe00:53", name(*number)))).count();
    assert_eq!(formed, 8);
    // Many in one are no different.
    let mut wire = start(&[]);
    let options: Vec<u8> =
        (0..40).flat_map(|number| prefix(64, AUTONOMOUS, 3600, 3600, &name(number))).collect();
    wire.receives(advertisement(1800, &options)).take_sent();
    assert_eq!(
        (0..40).filter(|number| answers(&mut wire, &format!("{}ff:fe00:53", name(*number)))).count(),
        8
    );
    // What advertisers cause on the console is bounded too.
    let logged: usize = (0..100)
        .map(|_| {
            wire.rest(Duration::from_millis(10));
            core::mem::take(&mut wire.platform.logged).len()
        })
        .sum();
    assert!(logged <= 20, "{logged}");
}

#[test]
fn without_slaac_routers_are_not_heard() {
    let mut wire = Wire::new();
    wire.receives(valid(3600)).stays_silent().counts(Counter::IcmpIgnored);
    assert!(!answers(&mut wire, FORMED));
}
