//! How streams end: RFC 9293 §3.6 and figure 5, RFC 1337, RFC 6191.

use super::script::{Act, Script};
use appliance::{End, StreamEvent};

const FINISHED: StreamEvent = StreamEvent::Closed(End::Finished);

#[test]
fn rfc9293_section_3_6_the_peer_closes_first() {
    let mut script = Script::open("mss 1460");
    script
        .receives("F. 1(0) ack 1")
        .sends(&[". 1(0) ack 2"])
        .tells(&[StreamEvent::Progress])
        // We may still send.
        .does(Act::Write(3))
        .sends(&["P. 1(3) ack 2"])
        .receives(". 2(0) ack 4")
        .tells(&[StreamEvent::Progress])
        .does(Act::Finish)
        .sends(&["F. 4(0) ack 2"])
        .tells(&[])
        .receives(". 2(0) ack 5")
        .sends(&[])
        .tells(&[StreamEvent::Progress, FINISHED])
        // Nothing is remembered of it.
        .receives(". 2(0) ack 5")
        .sends(&["R 5(0) win 0"]);
}

#[test]
fn rfc9293_section_3_6_we_close_first_and_remember() {
    let mut script = Script::open("mss 1460");
    script
        .does(Act::Finish)
        .sends(&["F. 1(0) ack 1"])
        .receives(". 1(0) ack 2")
        .sends(&[])
        .tells(&[StreamEvent::Progress]);
    // The peer may still send.
    script.receives("P. 1(3) ack 2").sends(&[". 2(0) ack 4"]).tells(&[StreamEvent::Progress]);
    script
        .does(Act::Consume(3))
        .sends(&[])
        .receives("F. 4(0) ack 2")
        .sends(&[". 2(0) ack 5"])
        .tells(&[StreamEvent::Progress, FINISHED]);
    // Its FIN again is answered again, and the minute begins anew.
    script.passes(50_000).receives("F. 4(0) ack 2").sends(&[". 2(0) ack 5"]);
    // RFC 1337 §3.
    script.receives("R 5(0)").sends(&[]);
    script.passes(50_000).receives("P. 1(3) ack 2").sends(&[". 2(0) ack 5"]);
    script.passes(12_000).receives("F. 4(0) ack 2").sends(&["R 2(0) win 0"]);
}

#[test]
fn rfc9293_section_3_6_both_close_at_once() {
    let mut script = Script::open("mss 1460");
    script
        .does(Act::Finish)
        .sends(&["F. 1(0) ack 1"])
        .receives("F. 1(0) ack 1")
        .sends(&[". 2(0) ack 2"])
        .receives(". 2(0) ack 2")
        .sends(&[])
        .receives("F. 1(0) ack 2")
        .sends(&[". 2(0) ack 2"]);
    assert_eq!(script.appliance.told.last(), Some(&FINISHED));
}

#[test]
fn rfc9293_section_3_6_a_fin_that_acknowledges_ours_ends_it_at_once() {
    let mut script = Script::open("mss 1460");
    script.does(Act::Write(2)).sends(&["P. 1(2) ack 1"]).does(Act::Finish).sends(&["F. 3(0) ack 1"]);
    script.receives("F. 1(0) ack 4").sends(&[". 4(0) ack 2"]);
    assert_eq!(script.appliance.told.last(), Some(&FINISHED));
}

#[test]
fn a_fin_waits_for_what_comes_before_it() {
    let mut script = Script::open("mss 1460,sackOK");
    script
        .receives("F. 4(2) ack 1")
        .sends(&[". 1(0) ack 1 <sack 4 6>"])
        .tells(&[])
        .receives("P. 1(3) ack 1")
        .sends(&[". 1(0) ack 6 <>"])
        .tells(&[StreamEvent::Progress])
        .receives("F. 6(0) ack 1")
        .sends(&[". 1(0) ack 7"])
        .tells(&[StreamEvent::Progress]);
}

#[test]
fn our_fin_is_sent_again() {
    let mut script = Script::open("mss 1460");
    script.does(Act::Finish).sends(&["F. 1(0) ack 1"]).passes(3000);
    let sent = script.take_sent();
    assert!(sent.len() >= 2 && sent.iter().all(|sent| sent.starts_with("F. 1(0) ack 1")), "{sent:?}");
}

/// A stream that we closed first, whose peer's numbers went to 2 and timestamps to 50.
fn remembered(options: &str, stamp: &str) -> Script {
    let mut script = Script::open(options);
    script.does(Act::Finish).sends(&["F. 1(0) ack 1"]);
    script.receives(&format!("F. 1(0) ack 2{stamp}")).sends(&[". 2(0) ack 2"]);
    script.appliance.told.clear();
    script
}

#[test]
fn rfc6191_section_2_a_newer_syn_begins_a_new_stream() {
    for (number, is_newer) in [(1, false), (2, false), (3, true), (100_000, true), (-1, false)] {
        let mut script = remembered("mss 1460", "");
        script.begins_anew().receives(&format!("S {number}(0) win 65535 <mss 1460>"));
        if is_newer {
            script.sends(&[&format!("S. 0(0) ack {}", number + 1)]);
        } else {
            let sent = script.take_sent();
            assert!(sent.len() == 1 && sent[0].contains("ack 2 "), "{number}: {sent:?}");
        }
    }
    for (number, stamp, is_newer) in [(-5, 51, true), (3, 50, true), (2, 50, false), (3, 49, false)] {
        let mut script = remembered("mss 1460,ts 1 0", " <ts 50 0>");
        script.begins_anew().receives(&format!("S {number}(0) win 65535 <mss 1460,ts {stamp} 0>"));
        let sent = script.take_sent();
        assert!(sent.len() == 1 && sent[0].starts_with("S.") == is_newer, "{number} {stamp}: {sent:?}");
    }
}

#[test]
fn rfc9293_section_3_10_5_giving_up_resets_the_peer() {
    let mut script = Script::open("mss 1460");
    script.does(Act::Abort).sends(&["R. 1(0) ack 1 win 0"]).tells(&[]).passes(1000).sends(&[]);
    script.receives(". 1(0) ack 1").sends(&["R 1(0) win 0"]);
}

#[test]
fn whom_we_called_can_not_call_back() {
    let mut script = super::opening::dialling();
    script.take_sent();
    script.receives("S. 0(0) ack 1 win 65535 <mss 1460>").sends(&[". 1(0) ack 1"]);
    script.does(Act::Finish).sends(&["F. 1(0) ack 1"]);
    script.receives("F. 1(0) ack 2").sends(&[". 2(0) ack 2"]);
    script.tells(&[StreamEvent::Opened, StreamEvent::Progress, FINISHED]);
    // Nobody listens at the port that we chose: it is answered as what is old.
    script.receives("S 100000(0) win 65535 <mss 1460>").sends(&[". 2(0) ack 2"]);
    script.receives(". 100001(0) ack 1").sends(&[]).tells(&[]);
}

#[test]
fn rfc9293_section_3_10_5_giving_up_what_is_over_resets_nobody() {
    let mut script = Script::open("mss 1460");
    script.does(Act::Finish).sends(&["F. 1(0) ack 1"]);
    // All is over but for what was not read.
    script.receives("FP. 1(3) ack 2").sends(&[". 2(0) ack 5"]).does(Act::Abort).sends(&[]).passes(1000);
    // It is remembered all the same.
    script.receives("F. 4(0) ack 2").sends(&[". 2(0) ack 5"]);
    assert!(!script.appliance.told.contains(&FINISHED), "nobody is told of what it gave up");
}
