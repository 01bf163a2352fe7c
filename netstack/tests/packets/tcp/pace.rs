//! When things are sent: RFC 8985 §7, RFC 9002 §7.7 and RFC 9438 as to pace, RFC 4821 §7.7.

use super::script::{Act, Script};
use appliance::StreamEvent;
use core::time::Duration;

/// A stream over a path whose round trip took so many milliseconds when it was opened.
fn far_away(milliseconds: u64) -> Script {
    let mut script = Script::new();
    script.receives("S 0(0) win 65535 <mss 1460,sackOK,wscale 7>").sends(&["S. 0(0) ack 1"]);
    script.passes(milliseconds).receives(". 1(0) ack 1 win 4096").sends(&[]).tells(&[StreamEvent::Opened]);
    script
}

#[test]
fn rfc8985_section_7_2_the_tail_is_probed_after_two_round_trips() {
    // One segment alone may be acknowledged late: 200 ms are added. With several the second is acknowledged at once.
    for (octets, wait, tail) in [(1000, 1200, "P. 1(1000) ack 1"), (2920, 1002, "P. 1461(1460) ack 1")] {
        let mut script = far_away(500);
        script.does(Act::Write(octets));
        script.take_sent();
        script.after(wait, &[tail]);
    }
}

#[test]
fn rfc8985_section_7_2_no_probe_is_later_than_the_timeout_would_be() {
    let mut script = far_away(100);
    script.does(Act::Write(1000)).sends(&["P. 1(1000) ack 1"]);
    // SRTT + 4 RTTVAR (RFC 6298 §2.2) is 300 ms, where 400 would be waited for an acknowledgement.
    script.after(300, &["P. 1(1000) ack 1"]);
}

#[test]
fn rfc8985_section_7_2_an_acknowledgement_puts_the_probe_off() {
    let mut script = far_away(500);
    script.does(Act::Write(2920));
    assert_eq!(script.take_sent().len(), 2);
    // A round trip of 600 ms makes SRTT 512.5 ms (RFC 6298 §2.3), and one segment alone is left.
    script.passes(600).receives(". 1(0) ack 1461 win 4096").after(1225, &["P. 1461(1460) ack 1"]);
}

#[test]
fn rfc8985_section_7_2_a_peer_without_blocks_is_not_probed() {
    let mut script = Script::new();
    script.receives("S 0(0) win 65535 <mss 1460>").sends(&["S. 0(0) ack 1"]);
    script.passes(500).receives(". 1(0) ack 1").sends(&[]).does(Act::Write(2920));
    assert_eq!(script.take_sent().len(), 2);
    // It is the timeout that comes, SRTT + 4 RTTVAR (RFC 6298 §2.2), and the first segment that goes.
    script.after(1500, &[". 1(1460) ack 1"]);
}

#[test]
fn rfc8985_section_7_3_what_is_new_asks_best() {
    let mut script = far_away(500);
    script.does(Act::Write(20 * 1460));
    assert_eq!(script.take_sent().len(), 10);
    // Though the window is full.
    script.after(1002, &[". 14601(1460) ack 1"]);
    // Only one asks; then it is the timeout's turn.
    script.after(1500, &[". 1(1460) ack 1"]);
}

/// Nothing returns sooner, so nothing has to wait; that acknowledgements are late for once does not change it.
#[test]
fn a_window_is_not_spread_out_where_the_shortest_round_trip_is_below_a_millisecond() {
    for (microseconds, is_local) in [(900, true), (1100, false)] {
        let mut script = Script::new();
        script.receives("S 0(0) win 65535 <mss 1460,sackOK,wscale 7>").sends(&["S. 0(0) ack 1"]);
        script.rest(Duration::from_micros(microseconds));
        script.receives(". 1(0) ack 1 win 4096").sends(&[]).does(Act::Write(60_000));
        assert_eq!(script.take_sent().len(), 10);
        // Before the tail is probed.
        script.passes(150);
        script.take_sent();
        script.receives(". 1(0) ack 14601 win 4096");
        let at_once = script.take_sent().len();
        assert_eq!(at_once > 10, is_local, "{at_once} at once over {microseconds} µs");
    }
}

#[test]
fn rfc9438_section_4_what_the_window_allows_goes_out_bit_by_bit() {
    let mut script = far_away(100);
    script.does(Act::Write(60_000));
    // RFC 6928: ten segments at once.
    assert_eq!(script.take_sent().len(), 10);
    script.passes(100).receives(". 1(0) ack 14601 win 4096");
    let at_once = script.take_sent().len();
    assert!(at_once <= 10, "{at_once} at once");
    let mut later = 0;
    for _ in 0..50 {
        script.passes(1);
        let sent = script.take_sent().len();
        // 20 segments in 50 ms: twice as fast as the window would go round, so one in 2.5 ms.
        assert!(sent <= 4, "{sent} in a millisecond");
        later += sent;
    }
    assert_eq!(at_once + later, 20);
}

/// A path that swallows what is longer than `carries`, and says nothing.
#[test]
fn rfc4821_section_7_7_shorter_segments_are_tried_where_long_ones_never_arrive() {
    for carries in [1024, 512] {
        let mut script = far_away(10);
        script.does(Act::Write(6000));
        let mut acknowledged = 1;
        for _ in 0..20_000 {
            script.passes(5);
            for sent in script.take_sent() {
                let (start, length) = span(&sent);
                // What arrives in order is acknowledged; the rest of it comes again.
                if length <= carries && start <= acknowledged && start + length > acknowledged {
                    acknowledged = start + length;
                }
            }
            script.puts(&format!(". 1(0) ack {acknowledged} win 4096"));
            if acknowledged == 6001 {
                break;
            }
        }
        assert_eq!(acknowledged, 6001, "over a path of {carries}");
        script.turn();
        script.tells(&[StreamEvent::Progress]);
    }
}

#[test]
fn rfc4821_section_7_7_each_length_is_tried_twice_before_a_shorter_one() {
    let mut script = far_away(10);
    script.does(Act::Write(1460));
    let mut lengths = Vec::new();
    for _ in 0..600 {
        script.passes(100);
        lengths.extend(
            script.take_sent().iter().map(|sent| span(sent)).filter(|span| span.0 == 1).map(|span| span.1),
        );
    }
    let tried = |length| lengths.iter().filter(|other| **other == length).count();
    assert!(lengths.is_sorted_by(|before, after| before >= after), "{lengths:?}");
    assert!(tried(1460) >= 2 && tried(1024) >= 2 && tried(512) >= 2, "{lengths:?}");
    assert_eq!(tried(1460) + tried(1024) + tried(512), lengths.len(), "{lengths:?}");
}

/// Where a segment starts, and how long it is.
fn span(sent: &str) -> (u32, u32) {
    let (start, rest) = sent.split_once(' ').and_then(|(_, rest)| rest.split_once('(')).expect("a number");
    let (length, _) = rest.split_once(')').expect("a length");
    (start.parse().expect("a number"), length.parse().expect("a length"))
}

#[test]
fn rfc4821_section_7_7_short_segments_that_get_lost_are_no_sign_of_a_hole() {
    let mut script = far_away(10);
    script.does(Act::Write(400));
    script.passes(5000);
    script.take_sent();
    script.receives(". 1(0) ack 401 win 4096").does(Act::Write(1460)).sends(&["P. 401(1460) ack 1"]);
}
