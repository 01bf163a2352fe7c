//! IPv4: RFC 791, RFC 1122 §3.2, RFC 6864, RFC 7126.

use crate::traffic::{icmpv4, packet, to_peer, to_us, udp, with, with_header, with_options};
use crate::wire::Wire;
use core::time::Duration;
use netstack::Counter;

fn question() -> Vec<u8> {
    udp("192.0.2.9:4096", "192.0.2.53:53", b"question")
}

#[track_caller]
fn drops(packet: impl AsRef<[u8]>, counter: Counter) {
    Wire::new().receives(to_us(packet)).stays_silent().counts(counter);
}

#[test]
fn rfc1122_section_3_2_1_1_another_version_is_dropped() {
    for version in (0..16).filter(|version| *version != 4) {
        let frame = with(to_us(question()), 14, &[version << 4 | 5]);
        Wire::new().receives(frame).stays_silent().counts(Counter::PacketMalformed);
    }
}

#[test]
fn rfc1122_section_3_2_1_2_a_wrong_header_checksum_is_dropped() {
    for bit in 0..16 {
        let mut packet = question();
        packet[10 + bit / 8] ^= 1 << (bit % 8);
        drops(packet, Counter::PacketChecksumWrong);
    }
}

#[test]
fn rfc791_section_3_1_lengths_that_contradict_each_other_are_dropped() {
    for words in 0..5 {
        drops(with_header(question(), 0, &[0x40 | words]), Counter::PacketMalformed);
    }
    for total in [0, 19_u16] {
        drops(with_header(question(), 2, &total.to_be_bytes()), Counter::PacketMalformed);
    }
    for total in [37, 1500, 65_535_u16] {
        drops(with_header(question(), 2, &total.to_be_bytes()), Counter::FrameTruncated);
    }
    // Fifteen words of header in a packet of nine.
    drops(with(question(), 0, &[0x4f]), Counter::PacketMalformed);
}

#[test]
fn rfc1122_section_3_2_1_3_sources_that_are_nobody_are_dropped() {
    for source in [
        "0.0.0.0",
        "0.1.2.3",
        "127.0.0.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.255",
        "198.51.100.255",
        "192.0.2.53",
        "198.51.100.53",
    ] {
        drops(udp(&format!("{source}:4096"), "192.0.2.53:53", b"q"), Counter::PacketFromNobody);
    }
}

#[test]
fn rfc1122_section_3_2_1_3_destinations_that_are_not_ours_are_dropped() {
    for destination in ["192.0.2.54", "192.0.2.0", "10.0.0.1", "127.0.0.1", "0.0.0.0"] {
        drops(udp("192.0.2.9:4096", &format!("{destination}:53"), b"q"), Counter::PacketToOthers);
    }
    for destination in ["255.255.255.255", "192.0.2.255", "198.51.100.255", "224.0.0.1", "224.0.0.251"] {
        drops(udp("192.0.2.9:4096", &format!("{destination}:53"), b"q"), Counter::PacketToMany);
    }
}

#[test]
fn rfc3021_a_prefix_of_31_bits_has_no_broadcast_address() {
    let mut wire = Wire::at_start(&["192.0.2.0/31"]);
    wire.rest(Duration::from_secs(60));
    wire.take_sent();
    wire.receives(to_us(udp("192.0.2.1:4096", "192.0.2.0:53", b"q"))).sends(to_peer(udp(
        "192.0.2.0:53",
        "192.0.2.1:4096",
        b"q",
    )));
}

#[test]
fn fragments_are_refused() {
    // More fragments; the last of several; the smallest offset there is.
    for flags in [0x2000, 0x00b9, 0x0001, 0x3fff_u16] {
        drops(with_header(question(), 6, &flags.to_be_bytes()), Counter::PacketFragment);
    }
}

#[test]
fn rfc7126_section_4_3_source_routes_are_refused() {
    for route in [&[131, 7, 4, 10, 0, 0, 1, 0][..], &[137, 7, 4, 10, 0, 0, 1, 0], &[1, 1, 1, 131, 3, 4, 0, 0]]
    {
        drops(with_options(&question(), route), Counter::PacketSourceRouted);
    }
}

#[test]
fn rfc791_section_3_1_options_longer_than_their_header_are_dropped() {
    for options in [&[7, 0, 0, 0][..], &[7, 1, 0, 0], &[7, 5, 0, 0], &[1, 1, 1, 7], &[1, 1, 7, 255]] {
        drops(with_options(&question(), options), Counter::PacketMalformed);
    }
    // What follows the end of the options is padding, whatever it looks like.
    Wire::new().receives(to_us(with_options(&question(), &[0, 131, 255, 255]))).sends(to_peer(udp(
        "192.0.2.53:53",
        "192.0.2.9:4096",
        b"question",
    )));
}

#[test]
fn rfc1122_section_3_2_2_1_an_unknown_protocol_is_reported() {
    for protocol in [0, 2, 47, 58, 132, 255] {
        let unknown = packet("192.0.2.9", "192.0.2.53", protocol, 64, b"whatever");
        let quote = [&[0; 4][..], &unknown].concat();
        Wire::new()
            .receives(to_us(&unknown))
            .sends(to_peer(icmpv4("192.0.2.53", "192.0.2.9", [3, 2], &quote)))
            .counts(Counter::ErrorSent);
    }
}
