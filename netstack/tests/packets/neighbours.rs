//! Neighbour discovery: RFC 4861 §7, RFC 4862 §5.4.

use crate::traffic::{PEER_STATION, discovery, ethernet, group, icmpv6, packet, to_peer, to_us, with};
use crate::wire::{OUR_STATION, Wire, octets};
use netstack::Counter;

const PEER: &str = "2001:db8::9";
const OWN: &str = "2001:db8::53";
const OWN_LINK_LOCAL: &str = "fe80::ff:fe00:53";
const SOLICITED_NODE: &str = "ff02::1:ff00:53";
const SOURCE_OPTION: [u8; 8] = [1, 1, 2, 0, 0, 0, 0, 0x99];
const TARGET_OPTION: [u8; 8] = [2, 1, 2, 0, 0, 0, 0, 0x53];

fn solicitation(source: &str, destination: &str, target: &str, options: &[u8]) -> Vec<u8> {
    icmpv6(source, destination, [135, 0], 255, &discovery(0, target, options))
}

fn advertisement(source: &str, destination: &str, flags: u8, target: &str, options: &[u8]) -> Vec<u8> {
    icmpv6(source, destination, [136, 0], 255, &discovery(flags, target, options))
}

fn to_group(address: &str, packet: Vec<u8>) -> Vec<u8> {
    ethernet(PEER_STATION, group(address), packet)
}

#[track_caller]
fn drops(packet: Vec<u8>, counter: Counter) {
    Wire::new().receives(to_us(packet)).stays_silent().counts(counter);
}

#[test]
fn rfc4861_section_7_2_4_a_solicitation_is_answered_octet_for_octet() {
    Wire::new()
        .receives(octets(
            "33 33 ff 00 00 53  02 00 00 00 00 99  86 dd
             60 00 00 00  00 20 3a ff
             20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 09
             ff 02 00 00 00 00 00 00 00 00 00 01 ff 00 00 53
             87 00 1a e5  00 00 00 00
             20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 53
             01 01 02 00 00 00 00 99",
        ))
        .sends(octets(
            "02 00 00 00 00 99  02 00 00 00 00 53  86 dd
             60 00 00 00  00 20 3a ff
             20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 53
             20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 09
             88 00 89 76  60 00 00 00
             20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 53
             02 01 02 00 00 00 00 53",
        ))
        .counts(Counter::NeighbourAnswered);
}

#[test]
fn rfc4861_section_7_2_3_our_addresses_are_answered_for_by_group_and_by_unicast() {
    let mut wire = Wire::new();
    for target in [OWN, OWN_LINK_LOCAL] {
        let answer = to_peer(advertisement(target, PEER, 0x60, target, &TARGET_OPTION));
        for options in [&[][..], &SOURCE_OPTION, &[SOURCE_OPTION, [14, 1, 1, 2, 3, 4, 5, 6]].concat()] {
            wire.receives(to_group(SOLICITED_NODE, solicitation(PEER, SOLICITED_NODE, target, options)))
                .sends(&*answer)
                .counts(Counter::NeighbourAnswered);
            // RFC 4861 §7.3.1: whether we are still there.
            wire.receives(to_us(solicitation(PEER, target, target, options))).sends(&*answer);
        }
    }
}

#[test]
fn rfc4861_section_7_2_4_who_probes_our_address_is_told_before_everybody() {
    Wire::new()
        .receives(to_group(SOLICITED_NODE, solicitation("::", SOLICITED_NODE, OWN, &[])))
        .sends(ethernet(
            OUR_STATION,
            group("ff02::1"),
            advertisement(OWN, "ff02::1", 0x20, OWN, &TARGET_OPTION),
        ))
        .counts(Counter::NeighbourAnswered);
}

#[test]
fn rfc4861_section_7_2_3_others_are_not_answered_for() {
    for target in ["2001:db8::54", "2001:db8:1::53", "fe80::53", "::"] {
        Wire::new()
            .receives(to_group(SOLICITED_NODE, solicitation(PEER, SOLICITED_NODE, target, &[])))
            .stays_silent()
            .counts(Counter::NeighbourIgnored);
    }
}

#[test]
fn rfc4861_section_7_1_1_an_unsound_solicitation_is_dropped() {
    let sound = discovery(0, OWN, &SOURCE_OPTION);
    // Hop limit.
    for hops in [0, 1, 64, 254] {
        drops(icmpv6(PEER, OWN, [135, 0], hops, &sound), Counter::NeighbourMalformed);
    }
    // Code.
    drops(icmpv6(PEER, OWN, [135, 1], 255, &sound), Counter::NeighbourMalformed);
    // Checksum.
    drops(with(solicitation(PEER, OWN, OWN, &[]), 42, &[0, 1]), Counter::IcmpChecksumWrong);
    // Length.
    for length in 4..20 {
        drops(icmpv6(PEER, OWN, [135, 0], 255, &sound[..length]), Counter::NeighbourMalformed);
    }
    // Target.
    drops(solicitation(PEER, OWN, "ff02::1", &[]), Counter::NeighbourMalformed);
    // Options of no length, and options beyond the message.
    for options in [&[1, 0, 0, 0, 0, 0, 0, 0][..], &[1], &[1, 1, 2, 0, 0], &[1, 2, 0, 0, 0, 0, 0, 0]] {
        drops(solicitation(PEER, OWN, OWN, options), Counter::NeighbourMalformed);
    }
    let twice = [SOURCE_OPTION, [9, 0, 0, 0, 0, 0, 0, 0]].concat();
    drops(solicitation(PEER, OWN, OWN, &twice), Counter::NeighbourMalformed);
}

#[test]
fn rfc4861_section_7_1_1_somebody_without_an_address_asks_the_solicited_group_and_names_no_station() {
    drops(solicitation("::", OWN, OWN, &[]), Counter::PacketFromNobody);
    for packet in [
        solicitation("::", "ff02::1", OWN, &[]),
        solicitation("::", SOLICITED_NODE, OWN, &SOURCE_OPTION),
        solicitation("::", SOLICITED_NODE, "2001:db8::54", &[]),
    ] {
        Wire::new().receives(to_group("ff02::1", packet)).stays_silent().counts(Counter::NeighbourMalformed);
    }
}

#[test]
fn rfc4862_section_5_4_4_somebody_elses_advertisement_of_our_address_is_a_conflict() {
    let mut wire = Wire::new();
    let claim = advertisement("fe80::9", "ff02::1", 0x20, OWN, &[2, 1, 2, 0, 0, 0, 0, 0x99]);
    for _ in 0..3 {
        wire.receives(to_group("ff02::1", claim.clone())).stays_silent().counts(Counter::AddressConflict);
    }
    assert_eq!(wire.platform.logged, ["2001:db8::53 is also used by 02:00:00:00:00:99"]);
    wire.receives(to_group("ff02::1", advertisement(PEER, "ff02::1", 0x20, PEER, &[])))
        .stays_silent()
        .counts(Counter::NeighbourIgnored);
}

#[test]
fn rfc4861_section_7_2_4_who_defends_an_address_of_ours_does_so_from_there() {
    let advertised = advertisement(OWN, "ff02::1", 0x20, OWN, &[2, 1, 2, 0, 0, 0, 0, 0x99]);
    let asked = solicitation(OWN, SOLICITED_NODE, OWN_LINK_LOCAL, &SOURCE_OPTION);
    for (destination, packet) in [("ff02::1", advertised), (SOLICITED_NODE, asked)] {
        let mut wire = Wire::new();
        wire.receives(to_group(destination, packet)).stays_silent().counts(Counter::AddressConflict);
        wire.logs(&["2001:db8::53 is also used by 02:00:00:00:00:99"]);
    }
}

#[test]
fn rfc4861_section_7_1_2_an_unsound_advertisement_is_dropped() {
    let sound = discovery(0, OWN, &TARGET_OPTION);
    for (kind, hops, message) in [
        ([136, 0], 64, &*sound),
        ([136, 1], 255, &sound),
        ([136, 0], 255, &sound[..19]),
        ([136, 0], 255, &discovery(0, "ff02::1", &[])),
        ([136, 0], 255, &discovery(0, OWN, &[2, 0, 0, 0, 0, 0, 0, 0])),
    ] {
        drops(icmpv6(PEER, OWN, kind, hops, message), Counter::NeighbourMalformed);
    }
    // Solicited, and sent to everybody.
    Wire::new()
        .receives(to_group("ff02::1", advertisement(PEER, "ff02::1", 0x40, OWN, &[])))
        .stays_silent()
        .counts(Counter::NeighbourMalformed);
    Wire::new()
        .receives(to_group("ff02::1", advertisement("::", "ff02::1", 0, OWN, &[])))
        .stays_silent()
        .counts(Counter::NeighbourMalformed);
}

#[test]
fn rfc4861_section_7_1_a_solicitation_in_a_fragment_is_dropped() {
    let message = icmpv6(PEER, OWN, [135, 0], 255, &discovery(0, OWN, &[]))[40..].to_vec();
    let fragment = [&[58, 0, 0, 1, 0, 0, 0, 1][..], &message].concat();
    drops(packet(PEER, OWN, 44, 255, &fragment), Counter::PacketFragment);
}
