//! UDP: RFC 768, RFC 1122 §4.1, RFC 8200 §8.1.

use crate::traffic::{datagram, packet, to_peer, to_us, udp, with, with_header, with_options};
use crate::wire::{Manner, Wire, octets};
use netstack::Counter;
use platform::Checksum;

const V4: (&str, &str) = ("192.0.2.9:4096", "192.0.2.53:53");
const V6: (&str, &str) = ("[2001:db8::9]:4096", "[2001:db8::53]:53");

#[test]
fn rfc768_a_question_is_answered_over_ipv4_octet_for_octet() {
    Wire::new()
        .receives(octets(
            "02 00 00 00 00 53  02 00 00 00 00 99  08 00
             45 00 00 1f  12 34 00 00  40 11 e4 5b  c0 00 02 09  c0 00 02 35
             10 00 00 35  00 0b a7 01  61 62 63",
        ))
        .sends(octets(
            "02 00 00 00 00 99  02 00 00 00 00 53  08 00
             45 00 00 1f  00 00 40 00  40 11 b6 8f  c0 00 02 35  c0 00 02 09
             00 35 10 00  00 0b a7 01  61 62 63",
        ))
        .counts(Counter::DatagramAnswered);
}

#[test]
fn rfc768_a_question_is_answered_from_where_it_came_to() {
    let mut wire = Wire::new();
    for (peer, own) in [
        V4,
        V6,
        ("192.0.2.9:1", "192.0.2.53:5353"),
        ("203.0.113.7:65535", "198.51.100.53:53"),
        ("[fe80::9]:4096", "[fe80::ff:fe00:53]:53"),
    ] {
        for length in [0, 1, 2, 7, 8, 9, 40, 512, 1452] {
            let payload: Vec<u8> = (0..length).map(|index| (index * 7) as u8).collect();
            wire.receives(to_us(udp(peer, own, &payload)))
                .sends(to_peer(udp(own, peer, &payload)))
                .counts(Counter::DatagramAnswered);
            let (source, destination, question, room) = wire.appliance.asked.take().expect("a question");
            assert_eq!((source, destination), (peer.parse().unwrap(), own.parse().unwrap()));
            assert_eq!(question, payload);
            assert_eq!(room, 1500 - 8 - if source.is_ipv4() { 20 } else { 40 });
        }
    }
}

#[test]
fn frames_padded_to_60_octets_are_not_longer_questions() {
    for (peer, own) in [V4, V6] {
        let mut frame = to_us(udp(peer, own, b"a"));
        frame.resize(frame.len() + 17, 0xee);
        Wire::new().receives(frame).sends(to_peer(udp(own, peer, b"a")));
    }
}

#[test]
fn rfc768_what_follows_the_datagram_in_its_packet_is_not_of_it() {
    let long = [datagram(V4.0, V4.1, b"abc"), vec![1, 2, 3]].concat();
    Wire::new()
        .receives(to_us(packet("192.0.2.9", "192.0.2.53", 17, 64, &long)))
        .sends(to_peer(udp(V4.1, V4.0, b"abc")));
}

#[test]
fn silence_sends_nothing() {
    let mut wire = Wire::new();
    wire.appliance.manner = Manner::Silent;
    for (peer, own) in [V4, V6] {
        wire.receives(to_us(udp(peer, own, b"q"))).stays_silent().counts(Counter::DatagramUnanswered);
    }
}

#[test]
fn an_answer_fills_the_link_and_no_more() {
    let mut wire = Wire::new();
    for ((peer, own), most) in [(V4, 1472), (V6, 1452)] {
        wire.appliance.manner = Manner::Lengthy(most);
        wire.receives(to_us(udp(peer, own, b"q"))).sends(to_peer(udp(own, peer, &vec![0x55; most])));
        for length in [most + 1, 65_535, usize::MAX] {
            wire.appliance.manner = Manner::Lengthy(length);
            wire.receives(to_us(udp(peer, own, b"q"))).stays_silent().counts(Counter::DatagramAnswerTooLong);
        }
    }
}

#[test]
fn rfc768_a_checksum_of_zero_is_sent_as_ones() {
    // 10 00 + 00 35 + ... is made to sum to ffff by the payload.
    for (peer, own) in [V4, V6] {
        for word in 0..=u16::MAX {
            let bytes = udp(peer, own, &word.to_be_bytes());
            let at = bytes.len() - 4;
            if bytes[at..at + 2] == [0xff, 0xff] {
                let mut wire = Wire::new();
                wire.receives(to_us(&bytes)).sends(to_peer(udp(own, peer, &word.to_be_bytes())));
                return;
            }
        }
    }
    panic!("some payload gives this checksum");
}

#[test]
fn rfc1122_section_4_1_3_4_a_wrong_checksum_is_dropped() {
    for (peer, own) in [V4, V6] {
        let frame = to_us(udp(peer, own, b"abc"));
        let last = frame.len() - 1;
        Wire::new()
            .receives(with(frame.clone(), last, b"d"))
            .stays_silent()
            .counts(Counter::DatagramChecksumWrong);
        // Unless the device vouches for it: then the field may hold anything (virtio 1.2 §5.1.6.4.2).
        Wire::new()
            .device_says(Checksum::Verified)
            .receives(with(frame, last, b"d"))
            .sends(to_peer(udp(own, peer, b"abd")));
    }
}

#[test]
fn rfc768_no_checksum_is_accepted_over_ipv4() {
    let frame = with(to_us(udp(V4.0, V4.1, b"abc")), 40, &[0, 0]);
    Wire::new().receives(frame).sends(to_peer(udp(V4.1, V4.0, b"abc")));
}

#[test]
fn rfc8200_section_8_1_no_checksum_is_refused_over_ipv6() {
    let frame = with(to_us(udp(V6.0, V6.1, b"abc")), 60, &[0, 0]);
    Wire::new().receives(frame).stays_silent().counts(Counter::DatagramChecksumWrong);
}

#[test]
fn rfc768_a_length_that_contradicts_the_packet_is_dropped() {
    for length in [0, 7, 12, 0xffff_u16] {
        let frame = with(to_us(udp(V4.0, V4.1, b"abc")), 38, &length.to_be_bytes());
        Wire::new().receives(frame).stays_silent().counts(Counter::DatagramMalformed);
    }
    for cut in 1..=7 {
        let short = &datagram(V4.0, V4.1, b"")[..cut];
        Wire::new()
            .receives(to_us(packet("192.0.2.9", "192.0.2.53", 17, 64, short)))
            .stays_silent()
            .counts(Counter::DatagramMalformed);
    }
}

#[test]
fn rfc768_nobody_answers_to_port_zero() {
    Wire::new()
        .receives(to_us(udp("192.0.2.9:0", V4.1, b"abc")))
        .stays_silent()
        .counts(Counter::DatagramMalformed);
}

#[test]
fn rfc791_a_packet_with_options_is_answered_without_them() {
    let question = udp(V4.0, V4.1, b"question");
    for options in [&[1, 1, 1, 1][..], &[0x94, 4, 0, 0], &[7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[1; 40]] {
        Wire::new()
            .receives(to_us(with_options(&question, options)))
            .sends(to_peer(udp(V4.1, V4.0, b"question")))
            .counts(Counter::DatagramAnswered);
    }
}

#[test]
fn rfc6864_identification_type_of_service_and_hops_of_a_question_do_not_matter() {
    let question = udp(V4.0, V4.1, b"question");
    for (at, octets) in
        [(1, &[0xff][..]), (4, &[0x12, 0x34]), (6, &[0x40]), (6, &[0x80]), (8, &[1]), (8, &[0])]
    {
        Wire::new().receives(to_us(with_header(question.clone(), at, octets))).sends(to_peer(udp(
            V4.1,
            V4.0,
            b"question",
        )));
    }
}
