//! What others may do to a stream: RFC 5961, RFC 9293 §3.10.7.4, RFC 7323 §5.

use super::script::{Act, Script};
use appliance::{End, StreamEvent};

#[test]
fn rfc5961_section_3_2_a_reset_counts_where_it_is_waited_for_and_nowhere_else() {
    for (number, answer) in
        [(2, Some(". 1(0) ack 1")), (60_000, Some(". 1(0) ack 1")), (0, None), (-1, None), (200_000, None)]
    {
        let mut script = Script::open("mss 1460");
        let expected: Vec<&str> = answer.into_iter().collect();
        script.receives(&format!("R {number}(0)")).sends(&expected).tells(&[]);
    }
    Script::open("mss 1460").receives("R 1(0)").sends(&[]).tells(&[StreamEvent::Closed(End::Reset)]);
}

#[test]
fn rfc5961_section_4_2_a_syn_is_questioned_wherever_it_is() {
    for number in [0, 1, 2, 60_000, 200_000, -5] {
        for flags in ["S", "S."] {
            let mut script = Script::open("mss 1460");
            let text = if flags == "S" { String::new() } else { " ack 1".into() };
            script.receives(&format!("{flags} {number}(0){text}")).sends(&[". 1(0) ack 1"]).tells(&[]);
        }
    }
}

#[test]
fn rfc5961_section_7_questions_are_rare() {
    let mut script = Script::open("mss 1460");
    script.receives("S 5(0)").sends(&[". 1(0) ack 1"]);
    for _ in 0..4 {
        script.passes(100).receives("S 5(0)").sends(&[]);
    }
    script.passes(100).receives("R 5(0)").sends(&[". 1(0) ack 1"]);
}

#[test]
fn rfc5961_section_5_2_acknowledgements_of_what_was_never_sent_or_long_ago() {
    for (acknowledged, is_questioned) in [(1, false), (101, false), (102, true), (-998, false), (-1002, true)]
    {
        let mut script = Script::open("mss 1460");
        script.does(Act::Write(100)).sends(&["P. 1(100) ack 1"]);
        script.receives(&format!("P. 1(5) ack {acknowledged} win 1000"));
        script.take_sent();
        let is_taken = script.appliance.told.contains(&StreamEvent::Progress);
        // The greatest window was that of the SYN.
        let is_questioned = is_questioned && acknowledged > 0;
        assert_eq!(is_taken, !is_questioned, "{acknowledged}");
    }
}

/// The greatest window that the peer ever had, MAX.SND.WND, is how far back an acknowledgement may be.
#[test]
fn rfc5961_section_5_2_what_acknowledges_more_than_a_window_ago_is_questioned() {
    // SND.UNA is 1, and no window was wider than 1,000.
    for (acknowledged, is_taken) in [(1, true), (-998, true), (-999, true), (-1000, false), (-60_000, false)]
    {
        let mut script = Script::new();
        script.receives("S 0(0) win 1000 <mss 1460>").sends(&["S. 0(0) ack 1"]);
        script.receives(". 1(0) ack 1 win 1000").sends(&[]).tells(&[StreamEvent::Opened]);
        script.receives(&format!("P. 1(5) ack {acknowledged} win 1000"));
        let answer = if is_taken { ". 1(0) ack 6" } else { ". 1(0) ack 1" };
        script.sends(&[answer]).does(Act::Consume(9));
        assert_eq!(script.appliance.read.len(), if is_taken { 5 } else { 0 }, "{acknowledged}");
    }
}

#[test]
fn rfc9293_section_3_10_7_4_what_lies_outside_of_the_window_is_answered_and_dropped() {
    // The window is from 1 up to 65536.
    for (number, length, is_taken) in [
        (1, 1, true),
        (0, 1, false),
        (0, 2, true),
        (-9, 10, false),
        (-8, 10, true),
        (65_535, 1, false),
        (65_536, 1, false),
        (100_000, 10, false),
    ] {
        let mut script = Script::open("mss 1460");
        script.receives(&format!(". {number}({length}) ack 1"));
        let sent = script.take_sent();
        assert_eq!(sent.len(), 1);
        let moves = is_taken.then_some(StreamEvent::Progress);
        assert_eq!(script.appliance.told, moves.into_iter().collect::<Vec<_>>(), "{number} {length}");
    }
}
