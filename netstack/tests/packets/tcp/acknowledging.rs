//! What the peer is told of what came: RFC 9293 §3.8.6.3, RFC 5681 §4.2, RFC 2018, RFC 2883, RFC 7323, RFC 3168.

use super::script::{Act, Script};
use appliance::StreamEvent;

/// A stream past the segments that are acknowledged at once; the peer's next number is 17.
fn settled() -> Script {
    let mut script = Script::open("mss 1000,sackOK");
    for number in 1..=16 {
        script.receives(&format!("P. {number}(1) ack 1")).sends(&[&format!(". 1(0) ack {}", number + 1)]);
    }
    script.does(Act::Consume(16)).sends(&[]);
    script.appliance.told.clear();
    script
}

#[test]
fn rfc9293_section_3_8_6_3_an_acknowledgement_waits_40_ms_for_company() {
    let mut script = settled();
    script.receives("P. 17(1) ack 1").sends(&[]).after(40, &[". 1(0) ack 18"]);
    script.receives("P. 18(1) ack 1").sends(&[]).does(Act::Write(1)).sends(&["P. 1(1) ack 19"]);
    script.passes(100).take_sent();
}

#[test]
fn rfc5681_section_4_2_every_second_segment_is_acknowledged_at_once() {
    let mut script = settled();
    for number in [17, 2017, 4017] {
        script.receives(&format!(". {number}(1000) ack 1")).sends(&[]);
        script
            .receives(&format!(". {}(1000) ack 1", number + 1000))
            .sends(&[&format!(". 1(0) ack {}", number + 2000)]);
    }
    // Those of one turn are acknowledged together.
    script.puts(". 6017(1000) ack 1").puts(". 7017(1000) ack 1").puts(". 8017(1000) ack 1").turn();
    script.sends(&[". 1(0) ack 9017"]);
}

#[test]
fn rfc5681_section_4_2_gaps_are_reported_at_once_and_that_they_close() {
    let mut script = settled();
    script
        .receives("P. 20(3) ack 1")
        .sends(&[". 1(0) ack 17 <sack 20 23>"])
        .tells(&[])
        .receives("P. 17(3) ack 1")
        .sends(&[". 1(0) ack 23 <>"])
        .tells(&[StreamEvent::Progress]);
}

#[test]
fn rfc2018_section_4_the_block_that_came_last_is_first() {
    let mut script = settled();
    script
        .receives("P. 20(3) ack 1")
        .sends(&[". 1(0) ack 17 <sack 20 23>"])
        .receives("P. 30(3) ack 1")
        .sends(&[". 1(0) ack 17 <sack 30 33 20 23>"])
        .receives("P. 40(3) ack 1")
        .sends(&[". 1(0) ack 17 <sack 40 43 30 33 20 23>"])
        .receives("P. 23(1) ack 1")
        .sends(&[". 1(0) ack 17 <sack 20 24 40 43 30 33>"])
        .receives("P. 50(3) ack 1")
        .sends(&[". 1(0) ack 17 <sack 50 53 20 24 40 43 30 33>"])
        .receives("P. 60(3) ack 1")
        .sends(&[". 1(0) ack 17 <sack 60 63 50 53 20 24 40 43>"])
        .receives("P. 17(50) ack 1")
        .sends(&[". 1(0) ack 67 <>"]);
}

#[test]
fn rfc2883_section_4_what_came_twice_is_reported_once() {
    let mut script = settled();
    script
        .receives("P. 10(7) ack 1")
        .sends(&[". 1(0) ack 17 <sack 10 17>"])
        .receives("P. 20(3) ack 1")
        .sends(&[". 1(0) ack 17 <sack 20 23>"])
        // Some of it is new.
        .receives("P. 15(3) ack 1")
        .sends(&[". 1(0) ack 18 <sack 15 17 20 23>"])
        .receives("P. 18(1) ack 1")
        .sends(&[". 1(0) ack 19 <sack 20 23>"]);
}

#[test]
fn rfc7323_section_5_3_an_old_timestamp_is_answered_and_dropped() {
    let mut script = Script::open("mss 1460,ts 1 0");
    script
        .receives("P. 1(3) ack 1 <ts 100 0>")
        .sends(&[". 1(0) ack 4 <ts 0 100>"])
        .receives("P. 4(3) ack 1 <ts 99 0>")
        .sends(&[". 1(0) ack 4 <ts 0 100>"])
        .receives("P. 4(3) ack 1 <ts 100 0>")
        .sends(&[". 1(0) ack 7 <ts 0 100>"])
        // RFC 7323 §5.2: numbers go round.
        .receives("P. 7(3) ack 1 <ts 2147483700 0>")
        .sends(&[". 1(0) ack 10 <ts 0 2147483700>"])
        .receives("P. 10(3) ack 1 <ts 4294967295 0>")
        .sends(&[". 1(0) ack 13 <ts 0 4294967295>"])
        .receives("P. 13(3) ack 1 <ts 5 0>")
        .sends(&[". 1(0) ack 16 <ts 0 5>"]);
    // RFC 7323 §3.2: what lacks one is dropped silently, but a reset.
    script.receives("P. 16(3) ack 1").sends(&[]);
}

#[test]
fn rfc7323_section_4_3_the_timestamp_that_is_echoed_is_of_what_is_acknowledged() {
    let mut script = Script::open("mss 1460,ts 1 0,sackOK");
    script
        .receives("P. 1(3) ack 1 <ts 10 0>")
        .sends(&[". 1(0) ack 4 <ts 0 10>"])
        // Behind a gap it is not taken, ...
        .receives("P. 7(3) ack 1 <ts 20 0>")
        .sends(&[". 1(0) ack 4 <ts 0 10,sack 7 10>"])
        // ... but of what fills it.
        .receives("P. 4(3) ack 1 <ts 15 0>")
        .sends(&[". 1(0) ack 10 <ts 0 15>"]);
}

#[test]
fn rfc3168_section_6_1_congestion_is_echoed_until_the_window_was_reduced() {
    let mut script = Script::new();
    script.receives("SEW 0(0) win 65535 <mss 1460>").sends(&["S.E 0(0) ack 1"]);
    script.receives(". 1(0) ack 1").sends(&[]);
    script
        .receives("P.N 1(3) ack 1")
        .sends(&[". 1(0) ack 4"])
        .receives("P.C 4(3) ack 1")
        .sends(&[".E 1(0) ack 7"])
        .receives("P.N 7(3) ack 1")
        .sends(&[".E 1(0) ack 10"])
        .receives("P.NW 10(3) ack 1")
        .sends(&[". 1(0) ack 13"])
        .receives("P.CW 13(3) ack 1")
        .sends(&[".E 1(0) ack 16"]);
}

#[test]
fn rfc3168_section_6_1_2_the_window_is_reduced_once_and_that_is_said_once() {
    let mut script = Script::new();
    script.receives("SEW 0(0) win 65535 <mss 1000>").sends(&["S.E 0(0) ack 1"]);
    script.receives(". 1(0) ack 1").sends(&[]);
    script.does(Act::Write(8000)).passes(10);
    assert_eq!(script.take_sent().len(), 8);
    // What is left is less than is on its way: first that has to arrive.
    script.receives(".E 1(0) ack 2001").does(Act::Write(2000)).passes(30).sends(&[]);
    let reduced = |sent: &[String]| sent.iter().filter(|sent| sent.contains('W')).count();
    script.receives(". 1(0) ack 7001").passes(30);
    let sent = script.take_sent();
    assert!(reduced(&sent[..1]) == 1 && reduced(&sent[1..]) == 0, "{sent:?}");
    // Of the same window.
    script.receives(".E 1(0) ack 8001").does(Act::Write(500)).passes(30);
    let sent = script.take_sent();
    assert!(!sent.is_empty() && reduced(&sent) == 0, "{sent:?}");
}

#[test]
fn rfc9438_section_4_6_seven_tenths_of_what_was_on_its_way_are_left_even_if_all_of_it_arrived() {
    // One acknowledgement may be for all of it.
    for acknowledged in ["2001", "6001", "8001"] {
        let mut script = Script::new();
        script.receives("SEW 0(0) win 65535 <mss 1000>").sends(&["S.E 0(0) ack 1"]);
        script.receives(". 1(0) ack 1").sends(&[]).does(Act::Write(8000)).passes(10);
        assert_eq!(script.take_sent().len(), 8);
        script.receives(&format!(".E 1(0) ack {acknowledged}")).does(Act::Write(20_000)).passes(30);
        let left = 8001 - acknowledged.parse::<usize>().expect("a number");
        // 5,600 octets of 8,000.
        assert_eq!(script.take_sent().len(), 5600_usize.saturating_sub(left) / 1000, "{acknowledged}");
    }
}

#[test]
fn without_an_agreement_nothing_is_marked_nor_echoed() {
    let mut script = Script::open("mss 1460");
    script.receives("P.C 1(3) ack 1").sends(&[". 1(0) ack 4"]).does(Act::Write(3)).sends(&["P. 1(3) ack 4"]);
}
