//! How losses are repaired: RFC 6298, RFC 5681, RFC 6582, RFC 8985.

use super::script::{Act, Script};
use core::time::Duration;

/// A stream with a round trip of 100 ms, of which ten segments of 1,000 octets are on their way.
fn sending(options: &str) -> Script {
    let mut script = Script::new();
    script.receives(&format!("S 0(0) win 65535 <{options}>")).sends(&["S. 0(0) ack 1"]).passes(100);
    script.receives(". 1(0) ack 1").sends(&[]).does(Act::Write(10_000)).passes(60);
    assert_eq!(script.take_sent().len(), 10);
    script.passes(40);
    script
}

const SACK: &str = "mss 1000,sackOK";

#[test]
fn rfc8985_section_6_2_three_segments_after_it_tell_that_one_is_lost() {
    let mut script = sending(SACK);
    script
        .receives(". 1(0) ack 1 <sack 1001 2001>")
        .sends(&[])
        .receives(". 1(0) ack 1 <sack 1001 3001>")
        .sends(&[])
        .receives(". 1(0) ack 1 <sack 1001 4001>")
        .sends(&[". 1(1000) ack 1"])
        .receives(". 1(0) ack 1 <sack 1001 10001>")
        .sends(&[])
        .passes(100)
        .receives(". 1(0) ack 10001")
        .sends(&[])
        .passes(10_000)
        .sends(&[]);
}

#[test]
fn rfc8985_section_6_2_step_5_what_is_late_is_lost_after_a_quarter_of_a_round_trip() {
    let mut script = sending(SACK);
    script.receives(". 1(0) ack 1 <sack 1001 2001>").sends(&[]).passes(15).sends(&[]);
    script.passes(30).sends(&[". 1(1000) ack 1"]);
}

#[test]
fn rfc8985_section_6_2_what_is_only_late_is_not_sent_again() {
    let mut script = sending(SACK);
    script.receives(". 1(0) ack 1 <sack 1001 2001>").sends(&[]).passes(15);
    script.receives(". 1(0) ack 2001").sends(&[]).receives(". 1(0) ack 10001").passes(5000).sends(&[]);
}

#[test]
fn rfc8985_section_7_the_tail_is_probed_and_then_the_timer_doubles() {
    let mut script = sending(SACK);
    script.receives(". 1(0) ack 9001").sends(&[]);
    // Twice the round trip and the delay of a lone acknowledgement, less than the timeout.
    script.passes(295).sends(&[]);
    script.passes(400);
    let sent = script.take_sent();
    assert!(
        !sent.is_empty()
            && sent
                .iter()
                .all(|sent| sent.starts_with(". 9001(1000) ack 1") || sent.starts_with("P. 9001(1000)")),
        "{sent:?}"
    );
    script.receives(". 1(0) ack 10001").sends(&[]).passes(5000).sends(&[]);
}

#[test]
fn rfc6298_section_5_5_the_timeout_doubles() {
    let mut script = Script::open("mss 1000");
    script.passes(1000).does(Act::Write(10)).sends(&["P. 1(10) ack 1"]);
    let start = script.platform.now;
    let mut times = Vec::new();
    while times.len() < 5 {
        script.passes(1);
        let sent = script.take_sent();
        if !sent.is_empty() {
            assert!(sent.len() == 1 && sent[0].contains(" 1(10) "), "{sent:?}");
            times.push(script.platform.now.since(start).as_millis() as u64);
        }
    }
    let gaps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.windows(2).all(|pair| pair[1].abs_diff(2 * pair[0]) <= 4), "{times:?}");
}

#[test]
fn rfc5681_section_3_2_three_duplicates_tell_a_peer_without_blocks_has_a_gap() {
    let mut script = sending("mss 1000");
    script.receives(". 1(0) ack 1").sends(&[]).receives(". 1(0) ack 1").sends(&[]);
    script.receives(". 1(0) ack 1").sends(&[". 1(1000) ack 1"]);
    // RFC 6582 §3.2: a partial acknowledgement tells of the next gap.
    script.passes(100).receives(". 1(0) ack 3001").sends(&[". 3001(1000) ack 1"]);
    script.passes(100).receives(". 1(0) ack 10001").passes(5000).sends(&[]);
}

#[test]
fn rfc5681_section_3_1_after_a_timeout_one_segment_goes_first() {
    let mut script = sending("mss 1000");
    script.passes(150);
    script.take_sent();
    script.passes(400);
    let sent = script.take_sent();
    assert!(!sent.is_empty() && sent.iter().all(|sent| sent.contains(" 1(1000) ")), "{sent:?}");
    script.receives(". 1(0) ack 1001");
    let sent = script.take_sent();
    assert!((1..=2).contains(&sent.len()) && sent[0].contains(" 1001(1000) "), "{sent:?}");
}

#[test]
fn rfc2018_section_5_what_was_acknowledged_selectively_is_not_sent_again() {
    let mut script = sending(SACK);
    script.receives(". 1(0) ack 1 <sack 1001 3001 4001 6001 7001 10001>").passes(100);
    let sent = script.take_sent();
    let starts: Vec<&str> = sent.iter().map(|sent| sent.split(' ').nth(1).unwrap()).collect();
    assert_eq!(starts, ["1(1000)", "3001(1000)", "6001(1000)"]);
    script.receives(". 1(0) ack 10001").passes(5000).sends(&[]);
}

#[test]
fn what_is_on_its_way_is_in_a_bounded_number_of_pieces() {
    const PIECES: usize = 1536;
    let mut script = Script::open("mss 1460,sackOK");
    script.platform.links[0].free = 4 * PIECES;
    for _ in 0..2 * PIECES {
        script.platform.now = script.platform.now + Duration::from_micros(1);
        script.does(Act::Write(1));
    }
    let sent = script.take_sent();
    assert_eq!(sent.len(), PIECES, "a piece each");
    // One that is acknowledged makes place for another, however long.
    script.receives(". 1(0) ack 2").sends(&[". 1537(1460) ack 1"]);
    script.receives(". 1(0) ack 4").sends(&["P. 2997(76) ack 1"]);
}

/// A path that holds everything back for a while, and loses nothing.
#[test]
fn rfc3522_section_3_2_what_was_only_late_is_not_sent_again() {
    let mut script = Script::open("mss 1000,ts 1 0");
    script.does(Act::Write(4000));
    let sent = script.take_sent();
    assert_eq!(sent.len(), 5, "{sent:?}");
    script.passes(300).sends(&[". 1(988) ack 1"]);
    // What was sent first is acknowledged, by the timestamp of when it was.
    script.receives(". 1(0) ack 989 <ts 2 0>").passes(5).sends(&[]);
    script.receives(". 1(0) ack 4001 <ts 2 0>").passes(2000).sends(&[]);
}

/// What comes late is not sent again too soon more than once: from then on its lateness is waited for (RFC 8985 §6.2, step 4).
#[test]
fn rfc8985_section_6_2_step_3_who_sent_again_in_vain_has_seen_reordering() {
    let mut script = Script::new();
    script.receives("S 0(0) win 65535 <mss 1000,sackOK,ts 1 0>").sends(&["S. 0(0) ack 1"]);
    script.passes(100).receives(". 1(0) ack 1 <ts 101 0>").does(Act::Write(9880));
    assert_eq!(script.take_sent().len(), 10);
    script.passes(100).receives(". 1(0) ack 1 <ts 201 0,sack 989 3953>").sends(&[". 1(988) ack 1"]);
    // By its timestamp, it is the first sending that arrives.
    script.passes(5).receives(". 1(0) ack 3953 <ts 206 100>");
    script.take_sent();
    script.receives(". 1(0) ack 3953 <ts 207 100,sack 4941 7905>").sends(&[]);
    script.after(25, &[". 3953(988) ack 1"]);
}

/// However many acknowledgements one turn takes before anything is sent, each of what was sent while the window was used up lets it grow.
#[test]
fn rfc5681_section_3_1_the_window_grows_by_all_that_was_sent_when_it_was_used_up() {
    let mut script = Script::new();
    script.receives("S 0(0) win 65535 <mss 1000,sackOK,wscale 7>").sends(&["S. 0(0) ack 1"]);
    script.passes(100).receives(". 1(0) ack 1 win 4096").does(Act::Write(60_000));
    assert_eq!(script.take_sent().len(), 10);
    script.passes(100);
    for acknowledged in (2001..=10_001).step_by(2000) {
        script.puts(&format!(". 1(0) ack {acknowledged} win 4096"));
    }
    script.turn();
    script.passes(90);
    assert_eq!(script.take_sent().len(), 20);
}

/// The peer was busy for a moment, and acknowledges the first sending late: nothing is known to be lost (RFC 8985 §7.4.2).
#[test]
fn rfc8985_section_7_4_2_a_late_acknowledgement_of_a_tail_is_no_loss() {
    let mut script = Script::new();
    script.receives("S 0(0) win 65535 <mss 1000,sackOK,wscale 7>").sends(&["S. 0(0) ack 1"]);
    script.passes(50).receives(". 1(0) ack 1 win 4096").does(Act::Write(8000));
    assert_eq!(script.take_sent().len(), 8);
    script.passes(120);
    assert_eq!(script.take_sent(), ["P. 7001(1000) ack 1 win 1024 <>"]);
    script.receives(". 1(0) ack 8001 win 4096").does(Act::Write(8000));
    assert_eq!(script.take_sent().len(), 8);
}

/// RFC 8985 §7.2, RFC 6298 §5.1: whoever writes a little all the time asks all the same.
#[test]
fn rfc6298_section_5_1_what_is_sent_later_does_not_put_the_timer_off() {
    let mut script = Script::new();
    script.receives("S 0(0) win 65535 <mss 1000,sackOK,wscale 7>").sends(&["S. 0(0) ack 1"]);
    script.passes(100).receives(". 1(0) ack 1 win 4096");
    let mut repeated = 0;
    for written in 0..8 {
        script.does(Act::Write(10));
        let fresh = format!(" {}(10) ", 1 + 10 * written);
        repeated += script.take_sent().iter().filter(|sent| !sent.contains(&fresh)).count();
        script.passes(150);
        repeated += script.take_sent().len();
    }
    assert!(repeated > 0, "nobody asked for more than a second");
}

/// RFC 5681 §4.1: what comes says nothing of how much the path carries after a long silence.
#[test]
fn rfc5681_section_4_1_a_request_after_idleness_is_answered_with_a_small_window() {
    let mut script = Script::new();
    script.receives("S 0(0) win 65535 <mss 1000,sackOK,wscale 7>").sends(&["S. 0(0) ack 1"]);
    script.passes(100).receives(". 1(0) ack 1 win 4096").does(Act::Write(30_000));
    for acknowledged in [10_001, 30_001] {
        script.passes(150);
        script.take_sent();
        script.receives(&format!(". 1(0) ack {acknowledged} win 4096"));
    }
    script.passes(60_000);
    script.take_sent();
    script.receives("P. 1(5) ack 30001 win 4096").does(Act::Write(40_000)).passes(90);
    let sent = script.take_sent().iter().filter(|sent| sent.contains("(1000)")).count();
    assert_eq!(sent, 10);
}

/// RFC 4015 §3.2: the window is what it was before the timeout, where a real one would leave a segment.
#[test]
fn rfc4015_section_3_2_a_timeout_for_what_was_only_late_costs_no_window() {
    for (echo, is_late) in [(2, true), (100_000, false)] {
        let mut script = Script::open("mss 1000,ts 1 0");
        script.does(Act::Write(4000));
        assert_eq!(script.take_sent().len(), 5);
        script.passes(300).sends(&[". 1(988) ack 1"]);
        script.receives(&format!(". 1(0) ack 989 <ts 2 {echo}>")).passes(5);
        script.take_sent();
        script.receives(&format!(". 1(0) ack 4001 <ts 2 {echo}>")).does(Act::Write(20_000));
        let sent = script.take_sent().len();
        assert_eq!(sent >= 10, is_late, "{sent} at once");
    }
}
