//! IPv6: RFC 8200, RFC 4291, RFC 5095, RFC 6946, RFC 8504.

use crate::traffic::{
    PEER_STATION, datagram, ethernet, group, icmpv6, icmpv6_message, packet, to_peer, to_us, udp, with,
};
use crate::wire::{Wire, octets};
use netstack::Counter;

const PEER: &str = "2001:db8::9";
const OWN: &str = "2001:db8::53";
const FROM: &str = "[2001:db8::9]:4096";
const TO: &str = "[2001:db8::53]:53";

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION: u8 = 60;
const UDP: u8 = 17;

/// A question behind extension headers, each given as its kind and its octets but the first, which names the next.
fn extended(headers: &[(u8, &[u8])]) -> Vec<u8> {
    extended_with(headers, UDP, &datagram(FROM, TO, b"question"))
}

fn extended_with(headers: &[(u8, &[u8])], protocol: u8, upper: &[u8]) -> Vec<u8> {
    let mut kinds = headers.iter().map(|(kind, _)| *kind).chain([protocol]);
    let first = kinds.next().expect("a protocol");
    let mut payload = Vec::new();
    for ((_, rest), next) in headers.iter().zip(kinds) {
        payload.push(next);
        payload.extend_from_slice(rest);
    }
    payload.extend_from_slice(upper);
    packet(PEER, OWN, first, 64, &payload)
}

#[track_caller]
fn is_answered(packet: impl AsRef<[u8]>) {
    Wire::new()
        .receives(to_us(packet))
        .sends(to_peer(udp(TO, FROM, b"question")))
        .counts(Counter::DatagramAnswered);
}

#[track_caller]
fn drops(packet: impl AsRef<[u8]>, counter: Counter) {
    Wire::new().receives(to_us(packet)).stays_silent().counts(counter);
}

/// A parameter problem is reported that points at this octet of the packet.
#[track_caller]
fn reports(packet: &[u8], code: u8, pointer: u32) {
    let quote = [&pointer.to_be_bytes()[..], packet].concat();
    Wire::new()
        .receives(to_us(packet))
        .sends(to_peer(icmpv6(OWN, PEER, [4, code], 64, &quote)))
        .counts(Counter::ErrorSent);
}

#[test]
fn rfc8200_section_3_a_question_is_answered_octet_for_octet() {
    Wire::new()
        .receives(octets(
            "02 00 00 00 00 53  02 00 00 00 00 99  86 dd
             6a b1 23 45  00 0b 11 01
             20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 09
             20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 53
             10 00 00 35  00 0b cf 72  61 62 63",
        ))
        .sends(octets(
            "02 00 00 00 00 99  02 00 00 00 00 53  86 dd
             60 00 00 00  00 0b 11 40
             20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 53
             20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 09
             00 35 10 00  00 0b cf 72  61 62 63",
        ))
        .counts(Counter::DatagramAnswered);
}

#[test]
fn rfc8200_section_3_another_version_is_dropped() {
    for version in (0..16).filter(|version| *version != 6) {
        let frame = with(to_us(udp(FROM, TO, b"q")), 14, &[version << 4]);
        Wire::new().receives(frame).stays_silent().counts(Counter::PacketMalformed);
    }
}

#[test]
fn rfc8200_section_3_a_payload_longer_than_its_frame_is_dropped() {
    for length in [10, 100, 65_535_u16] {
        drops(with(udp(FROM, TO, b"q"), 4, &length.to_be_bytes()), Counter::FrameTruncated);
    }
    for length in 14..54 {
        let frame = &to_us(udp(FROM, TO, b"q"))[..length];
        Wire::new().receives(frame).stays_silent().counts(Counter::FrameTruncated);
    }
}

#[test]
fn rfc4291_section_2_7_sources_that_are_nobody_are_dropped() {
    for source in
        ["::", "::1", "::192.0.2.9", "::ffff:192.0.2.9", "ff02::1", "ff0e::9", OWN, "fe80::ff:fe00:53"]
    {
        drops(udp(&format!("[{source}]:4096"), TO, b"q"), Counter::PacketFromNobody);
    }
}

#[test]
fn destinations_that_are_not_ours_are_dropped() {
    for destination in
        ["2001:db8::54", "2001:db8::", "fe80::53", "::1", "::", "ff02::2", "ff02::1:ff00:54", "ff05::1"]
    {
        drops(udp(FROM, &format!("[{destination}]:53"), b"q"), Counter::PacketToOthers);
    }
}

#[test]
fn rfc4443_section_2_4_e_3_datagrams_to_groups_are_not_answered() {
    for (destination, port) in [("ff02::1", 53), ("ff02::1", 54), ("ff01::1", 53), ("ff02::1:ff00:53", 54)] {
        let packet = udp(FROM, &format!("[{destination}]:{port}"), b"q");
        Wire::new()
            .receives(ethernet(PEER_STATION, group(destination), packet))
            .stays_silent()
            .counts(Counter::PacketToMany);
    }
}

#[test]
fn rfc8200_section_4_extension_headers_are_passed_over() {
    let padding: &[u8] = &[0, 1, 4, 0, 0, 0, 0];
    let long = [&[2, 1, 20][..], &[0; 20]].concat();
    is_answered(extended(&[(DESTINATION, padding)]));
    is_answered(extended(&[(DESTINATION, &long)]));
    is_answered(extended(&[(HOP_BY_HOP, padding)]));
    is_answered(extended(&[(HOP_BY_HOP, padding), (DESTINATION, &long), (DESTINATION, padding)]));
    is_answered(extended(&[(DESTINATION, padding); 8]));
    // Router alert (RFC 2711).
    is_answered(extended(&[(HOP_BY_HOP, &[0, 5, 2, 0, 0, 1, 0])]));
}

#[test]
fn rfc8504_section_5_3_extension_headers_and_options_have_a_bound() {
    let padding: &[u8] = &[0, 1, 4, 0, 0, 0, 0];
    drops(extended(&[(DESTINATION, padding); 9]), Counter::PacketExtension);
    let mut pads = vec![0; 23];
    pads[0] = 2;
    drops(extended(&[(DESTINATION, &pads)]), Counter::PacketExtension);
}

#[test]
fn rfc8200_section_4_1_hop_by_hop_options_stand_first_or_nowhere() {
    let padding: &[u8] = &[0, 1, 4, 0, 0, 0, 0];
    reports(&extended(&[(DESTINATION, padding), (HOP_BY_HOP, padding)]), 1, 40);
}

#[test]
fn rfc8200_section_4_2_unrecognised_options_say_what_to_do() {
    for kind in [DESTINATION, HOP_BY_HOP] {
        is_answered(extended(&[(kind, &[0, 0x1e, 4, 1, 2, 3, 4])]));
        drops(extended(&[(kind, &[0, 0x5e, 4, 1, 2, 3, 4])]), Counter::PacketExtension);
        reports(&extended(&[(kind, &[0, 0x9e, 4, 1, 2, 3, 4])]), 2, 42);
        reports(&extended(&[(kind, &[0, 0xde, 4, 1, 2, 3, 4])]), 2, 42);
        // The pointer goes to the option, not to its header.
        reports(&extended(&[(kind, &[0, 0, 0x9e, 3, 1, 2, 3])]), 2, 43);
    }
    // The first of two problems is reported.
    reports(&extended(&[(DESTINATION, &[0, 0x9e, 0, 0xde, 2, 3, 4])]), 2, 42);
    // A jumbo payload (RFC 2675) is none of those that we know.
    reports(&extended(&[(HOP_BY_HOP, &[0, 0xc2, 4, 0, 1, 0, 0])]), 2, 42);
}

#[test]
fn rfc4443_section_2_4_e_1_an_error_with_a_bad_option_is_not_reported() {
    let option: &[u8] = &[0, 0x9e, 4, 1, 2, 3, 4];
    let error = icmpv6_message(PEER, OWN, [1, 4], &[0; 48]);
    drops(extended_with(&[(DESTINATION, option)], 58, &error), Counter::ErrorReceived);
    reports(
        &extended_with(&[(DESTINATION, option)], 58, &icmpv6_message(PEER, OWN, [128, 0], &[0; 8])),
        2,
        42,
    );
}

#[test]
fn rfc4443_section_2_4_e_3_a_bad_option_to_a_group_is_not_reported() {
    let payload = [&[UDP, 0, 0xde, 4, 1, 2, 3, 4][..], &datagram(FROM, "[ff02::1]:53", b"q")].concat();
    Wire::new()
        .receives(ethernet(
            PEER_STATION,
            group("ff02::1"),
            packet(PEER, "ff02::1", DESTINATION, 64, &payload),
        ))
        .stays_silent()
        .counts(Counter::ErrorSuppressed);
}

#[test]
fn rfc5095_section_3_a_route_that_has_not_ended_is_refused() {
    for kind in [0, 2, 3, 4, 253] {
        reports(&extended(&[(ROUTING, &[0, kind, 1, 0, 0, 0, 0])]), 0, 42);
        is_answered(extended(&[(ROUTING, &[0, kind, 0, 0, 0, 0, 0])]));
    }
    let waypoint = [&[2, 0, 0, 0, 0, 0, 0][..], &[0x20; 16]].concat();
    is_answered(extended(&[(ROUTING, &waypoint)]));
}

#[test]
fn fragments_are_refused() {
    for offset_and_more in [0x0001, 0x0008, 0x0009, 0xfff8_u16] {
        let [high, low] = offset_and_more.to_be_bytes();
        drops(extended(&[(FRAGMENT, &[0, high, low, 1, 2, 3, 4])]), Counter::PacketFragment);
    }
}

#[test]
fn rfc6946_section_4_a_packet_that_is_its_only_fragment_is_whole() {
    is_answered(extended(&[(FRAGMENT, &[0, 0, 0, 1, 2, 3, 4])]));
    // RFC 8200 §4.5: the second octet and the two bits are reserved, and ignored.
    is_answered(extended(&[(FRAGMENT, &[0xff, 0, 6, 1, 2, 3, 4])]));
}

#[test]
fn rfc8200_section_4_an_unknown_header_is_reported() {
    for protocol in [1, 2, 4, 41, 50, 51, 132, 255] {
        reports(&packet(PEER, OWN, protocol, 64, b"whatever"), 1, 6);
        reports(&extended_with(&[(DESTINATION, &[0, 1, 4, 0, 0, 0, 0])], protocol, b"whatever"), 1, 40);
    }
}

#[test]
fn rfc8200_section_4_7_no_next_header_means_nothing_to_do() {
    drops(packet(PEER, OWN, 59, 64, b"ignored"), Counter::PacketEmpty);
    drops(extended_with(&[(DESTINATION, &[0, 1, 4, 0, 0, 0, 0])], 59, b""), Counter::PacketEmpty);
}

#[test]
fn extension_headers_and_options_beyond_their_packet_are_dropped() {
    for kind in [HOP_BY_HOP, DESTINATION, ROUTING] {
        for payload in [&[][..], &[UDP], &[UDP, 0], &[UDP, 0, 1, 4, 0, 0, 0], &[UDP, 255, 1, 4, 0, 0, 0, 0]] {
            drops(packet(PEER, OWN, kind, 64, payload), Counter::PacketMalformed);
        }
    }
    drops(packet(PEER, OWN, FRAGMENT, 64, &[UDP, 0, 0, 0]), Counter::PacketMalformed);
    for options in [&[0, 1, 5, 0, 0, 0, 0][..], &[0, 0, 0, 0, 0, 0, 1], &[0, 1, 3, 0, 0, 0, 7]] {
        drops(extended(&[(DESTINATION, options)]), Counter::PacketMalformed);
    }
}

#[test]
fn rfc8200_section_5_a_link_that_carries_less_than_1280_octets_has_no_ipv6() {
    let mut wire = Wire::at_start(&["192.0.2.53/24", "2001:db8::53/64"]);
    assert!(wire.turn().deadline.is_some());
    wire.take_sent();
    let mut platform = wire.platform;
    platform.links[0].mtu = 1279;
    let interfaces = [crate::wire::interface(&["2001:db8::53/64"])];
    let mut netstack = netstack::Netstack::new(&mut platform, &interfaces, &[], netstack::Budget::NONE);
    platform.links[0].incoming.push_back(to_us(udp(FROM, TO, b"q")));
    netstack.turn(&mut platform, &mut wire.appliance);
    assert_eq!(netstack.counters().read(Counter::PacketToOthers), 1);
    assert!(platform.links[0].outgoing.is_empty());
}
