//! What routers report of segments: RFC 1191, RFC 8201, RFC 5927, RFC 9293 §3.9.2.2.

use super::opening::dialling;
use super::script::{Act, Script};
use crate::traffic::{icmpv4, icmpv6, to_us};
use appliance::{End, StreamEvent};
use core::net::IpAddr;
use netstack::Counter;

/// A report about one of our frames, of this type and code, with these four octets in front of what it quotes.
fn report(script: &mut Script, frame: &[u8], kind: [u8; 2], value: u32) -> Counter {
    let counted: Vec<u64> = script.netstack.counters().iter().map(|(_, count)| count).collect();
    let packet = &frame[14..];
    let rest = [&value.to_be_bytes()[..], &packet[..packet.len().min(500)]].concat();
    let own = script.own.ip().to_string();
    script.platform.links[0].incoming.push_back(to_us(match script.own.ip() {
        IpAddr::V4(_) => icmpv4("198.51.100.1", &own, kind, &rest),
        IpAddr::V6(_) => icmpv6("2001:db8:1::1", &own, kind, 60, &rest),
    }));
    script.turn();
    let changed = script.netstack.counters().iter().zip(counted).find(|((_, now), before)| now != before);
    changed.expect("a frame counts").0.0
}

const ENDS: [(&str, &str); 2] =
    [("192.0.2.9:4096", "192.0.2.53:7"), ("[2001:db8::9]:4096", "[2001:db8::53]:7")];
const TOO_BIG: [[u8; 2]; 2] = [[3, 4], [2, 0]];

/// An open stream that has sent three full segments, and these.
fn sending(version: usize) -> (Script, Vec<Vec<u8>>) {
    let (peer, own) = ENDS[version];
    let mut script = Script::between(peer, own);
    script
        .receives("S 0(0) win 65535 <mss 1460,sackOK>")
        .sends(&["S. 0(0) ack 1"])
        .receives(". 1(0) ack 1")
        .sends(&[])
        .does(Act::Lend(4000));
    let frames = script.platform.links[0].outgoing.clone();
    script.take_sent();
    assert_eq!(frames.len(), 3);
    (script, frames)
}

#[test]
fn rfc1191_section_6_5_what_was_too_long_is_sent_again_at_once_in_shorter_segments() {
    for version in [0, 1] {
        let (mut script, frames) = sending(version);
        assert_eq!(report(&mut script, &frames[0], TOO_BIG[version], 1300), Counter::PathNarrowed);
        let segment = [1260, 1240][version];
        let last = 4000 - 3 * segment;
        let expected = [0, 1, 2].map(|number| format!(". {}({segment}) ack 1", 1 + number * segment));
        let mut expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        let tail = format!("P. {}({last}) ack 1", 1 + 3 * segment);
        expected.push(&tail);
        script.sends(&expected);
        // The other two were reported as well, and are not sent once more.
        assert_eq!(report(&mut script, &frames[1], TOO_BIG[version], 1300), Counter::PathNarrowed);
        script.sends(&[]).receives(". 1(0) ack 4001").sends(&[]);
        // It was not congestion, and later segments are as short.
        script.does(Act::Write(14_000));
        let sent = script.take_sent();
        assert!(
            sent.len() >= 10 && sent.iter().take(10).all(|sent| sent.contains(&format!("({segment})"))),
            "{sent:?}"
        );
    }
}

#[test]
fn rfc5927_section_4_reports_of_what_is_not_on_its_way_are_not_believed() {
    for version in [0, 1] {
        let at = [34, 54][version];
        let (_, sent) = sending(version);
        let number = u32::from_be_bytes(sent[0][at + 4..at + 8].try_into().unwrap());
        let other = |at: usize, octets: &[u8]| crate::traffic::with(sent[0].clone(), at, octets);
        for frame in [
            other(at + 4, &number.wrapping_sub(1).to_be_bytes()),
            other(at + 4, &(number.wrapping_add(4000)).to_be_bytes()),
            other(at, &[0, 8]),
            other(at + 2, &[0, 8]),
        ] {
            let (mut script, _) = sending(version);
            assert_eq!(report(&mut script, &frame, TOO_BIG[version], 1300), Counter::ErrorReceived);
            script.sends(&[]);
        }
        // Not once it is acknowledged.
        let (mut script, sent) = sending(version);
        script.receives(". 1(0) ack 4001");
        assert_eq!(report(&mut script, &sent[0], TOO_BIG[version], 1300), Counter::ErrorReceived);
    }
}

#[test]
fn rfc9293_section_3_9_2_2_only_hard_errors_end_what_is_not_open() {
    for (code, is_hard) in [(0, false), (1, false), (2, true), (3, true), (5, false), (13, false)] {
        let mut script = dialling();
        let frame = script.platform.links[0].outgoing[0].clone();
        script.take_sent();
        assert_eq!(report(&mut script, &frame, [3, code], 0), Counter::ErrorReceived);
        let expected = is_hard.then_some(StreamEvent::Closed(End::Unreachable));
        script.sends(&[]).tells(expected.as_slice());
    }
}

#[test]
fn rfc5927_section_5_2_no_report_ends_what_is_open() {
    for version in [0, 1] {
        let (mut script, frames) = sending(version);
        script.appliance.told.clear();
        for code in 0..=13 {
            if [[3, code], [1, code]][version] != [3, 4] {
                let counter = report(&mut script, &frames[0], [[3, code], [1, code]][version], 0);
                assert_eq!(counter, Counter::ErrorReceived);
            }
        }
        script.sends(&[]).tells(&[]).receives(". 1(0) ack 4001").tells(&[StreamEvent::Progress]);
    }
}
