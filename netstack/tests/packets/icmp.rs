//! ICMP: RFC 792, RFC 1122 §3.2.2; ICMPv6: RFC 4443.

use crate::traffic::{
    PEER_STATION, ethernet, group, icmpv4, icmpv6, to_peer, to_us, udp, with, with_options,
};
use crate::wire::Wire;
use core::time::Duration;
use netstack::Counter;

const PEER: &str = "192.0.2.9";
const OWN: &str = "192.0.2.53";
const PEER6: &str = "2001:db8::9";
const OWN6: &str = "2001:db8::53";

#[test]
fn rfc1122_section_3_2_2_6_an_echo_request_comes_back() {
    let mut wire = Wire::new();
    for length in [4, 5, 12, 56, 57, 1472] {
        let rest: Vec<u8> = (0..length).map(|index| (index * 31) as u8).collect();
        wire.receives(to_us(icmpv4(PEER, OWN, [8, 0], &rest)))
            .sends(to_peer(icmpv4(OWN, PEER, [0, 0], &rest)))
            .counts(Counter::EchoAnswered);
    }
    // RFC 1624 §3: a checksum that is only adjusted would come out as zero, which no sum of zeros has.
    wire.receives(to_us(icmpv4(PEER, OWN, [8, 0], &[0; 4]))).sends(to_peer(icmpv4(
        OWN,
        PEER,
        [0, 0],
        &[0; 4],
    )));
    let rest = b"\0\x01\0\x02with options";
    wire.receives(to_us(with_options(&icmpv4(PEER, OWN, [8, 0], rest), &[7, 3, 4, 0])))
        .sends(to_peer(icmpv4(OWN, PEER, [0, 0], rest)));
}

#[test]
fn rfc4443_section_4_2_an_echo_request_comes_back() {
    let mut wire = Wire::new();
    for (peer, own) in [(PEER6, OWN6), ("fe80::9", "fe80::ff:fe00:53")] {
        for length in [4, 5, 12, 56, 57, 1452] {
            let rest: Vec<u8> = (0..length).map(|index| (index * 31) as u8).collect();
            wire.receives(to_us(icmpv6(peer, own, [128, 0], 64, &rest)))
                .sends(to_peer(icmpv6(own, peer, [129, 0], 64, &rest)))
                .counts(Counter::EchoAnswered);
        }
    }
}

#[test]
fn rfc1122_section_3_2_2_6_an_echo_request_to_many_is_not_answered() {
    for destination in ["192.0.2.255", "224.0.0.1", "255.255.255.255"] {
        Wire::new()
            .receives(to_us(icmpv4(PEER, destination, [8, 0], &[0; 8])))
            .stays_silent()
            .counts(Counter::PacketToMany);
    }
    Wire::new()
        .receives(ethernet(PEER_STATION, group("ff02::1"), icmpv6(PEER6, "ff02::1", [128, 0], 64, &[0; 8])))
        .stays_silent()
        .counts(Counter::PacketToMany);
}

#[test]
fn wrong_checksums_are_dropped() {
    for packet in [icmpv4(PEER, OWN, [8, 0], &[0; 8]), icmpv6(PEER6, OWN6, [128, 0], 64, &[0; 8])] {
        let last = packet.len() - 1;
        Wire::new()
            .receives(to_us(with(packet, last, &[1])))
            .stays_silent()
            .counts(Counter::IcmpChecksumWrong);
    }
}

#[test]
fn messages_too_short_for_a_header_are_dropped() {
    for length in 0..4 {
        let rest = &[0; 4][..length];
        for packet in [icmpv4(PEER, OWN, [8, 0], rest), icmpv6(PEER6, OWN6, [128, 0], 64, rest)] {
            Wire::new().receives(to_us(packet)).stays_silent().counts(Counter::IcmpMalformed);
        }
    }
}

#[test]
fn errors_are_counted_and_never_answered() {
    for kind in [3, 4, 5, 11, 12] {
        for code in [0, 3, 255] {
            let error = icmpv4(PEER, OWN, [kind, code], &[0; 32]);
            Wire::new().receives(to_us(error)).stays_silent().counts(Counter::ErrorReceived);
        }
    }
    for kind in [0, 1, 2, 3, 4, 100, 127] {
        let error = icmpv6(PEER6, OWN6, [kind, 0], 64, &[0; 32]);
        Wire::new().receives(to_us(error)).stays_silent().counts(Counter::ErrorReceived);
    }
}

#[test]
fn other_messages_are_ignored() {
    for kind in [0, 9, 10, 13, 17, 42, 255] {
        let message = icmpv4(PEER, OWN, [kind, 0], &[0; 32]);
        Wire::new().receives(to_us(message)).stays_silent().counts(Counter::IcmpIgnored);
    }
    for kind in [129, 131, 132, 133, 134, 137, 139, 143, 255] {
        let message = icmpv6(PEER6, OWN6, [kind, 0], 255, &[0; 32]);
        Wire::new().receives(to_us(message)).stays_silent().counts(Counter::IcmpIgnored);
    }
}

#[test]
fn rfc1122_section_4_1_3_1_a_closed_port_is_reported() {
    for length in [0, 8, 100, 519, 520, 521, 1472] {
        let question = udp("192.0.2.9:4096", "192.0.2.53:54", &vec![7; length]);
        let quoted = &question[..question.len().min(576 - 28)];
        let error = icmpv4(OWN, PEER, [3, 3], &[&[0; 4][..], quoted].concat());
        assert!(error.len() <= 576);
        Wire::new().receives(to_us(&question)).sends(to_peer(error)).counts(Counter::ErrorSent);
    }
    // What is quoted is what came, options and all.
    let question = with_options(&udp("192.0.2.9:4096", "192.0.2.53:54", b"q"), &[7, 3, 4, 0]);
    Wire::new().receives(to_us(&question)).sends(to_peer(icmpv4(
        OWN,
        PEER,
        [3, 3],
        &[&[0; 4][..], &question].concat(),
    )));
}

#[test]
fn rfc4443_section_3_1_a_closed_port_is_reported() {
    for length in [0, 8, 100, 1183, 1184, 1185, 1452] {
        let question = udp("[2001:db8::9]:4096", "[2001:db8::53]:54", &vec![7; length]);
        let quoted = &question[..question.len().min(1280 - 48)];
        let error = icmpv6(OWN6, PEER6, [1, 4], 64, &[&[0; 4][..], quoted].concat());
        assert!(error.len() <= 1280);
        Wire::new().receives(to_us(&question)).sends(to_peer(error)).counts(Counter::ErrorSent);
    }
}

#[test]
fn rfc4443_section_2_4_f_errors_have_a_limit() {
    let mut wire = Wire::new();
    let closed = [
        to_us(udp("192.0.2.9:4096", "192.0.2.53:54", b"q")),
        to_us(udp("[2001:db8::9]:4096", "[2001:db8::53]:54", b"q")),
    ];
    let sent = |wire: &mut Wire| {
        let before = wire.netstack.counters().read(Counter::ErrorSent);
        for _ in 0..500 {
            wire.receives(&*closed[0]).take_sent();
            wire.receives(&*closed[1]).take_sent();
        }
        wire.netstack.counters().read(Counter::ErrorSent) - before
    };
    assert_eq!(sent(&mut wire), 50);
    assert_eq!(wire.netstack.counters().read(Counter::ErrorSuppressed), 950);
    wire.rest(Duration::from_millis(10));
    assert_eq!(sent(&mut wire), 10);
    wire.rest(Duration::from_secs(10));
    assert_eq!(sent(&mut wire), 50);
}
