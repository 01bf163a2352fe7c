//! How much may be on its way: RFC 9293 §3.7.4, §3.8.4, §3.8.6; RFC 5482.

use super::script::{Act, Script};
use appliance::{End, Policy, StreamEvent};
use core::time::Duration;

#[test]
fn rfc9293_section_3_8_6_what_the_peer_takes_is_sent_and_no_more() {
    let mut script = Script::open("mss 1000");
    script.receives(". 1(0) ack 1 win 2500").does(Act::Write(4000));
    script.sends(&[". 1(1000) ack 1", ". 1001(1000) ack 1"]);
    script.receives(". 1(0) ack 2001 win 3000").sends(&[". 2001(1000) ack 1", "P. 3001(1000) ack 1"]);
}

#[test]
fn rfc9293_section_3_8_6_1_a_closed_window_is_probed_ever_more_seldom() {
    let mut script = Script::open("mss 1000");
    script.receives(". 1(0) ack 1 win 0").does(Act::Write(500)).sends(&[]);
    // What is asked with is before the window, and so it is answered.
    let probe = &[". 0(0) ack 1"];
    script.passes(10_000);
    let probes = script.take_sent();
    assert!((3..10).contains(&probes.len()), "{probes:?}");
    assert!(probes.iter().all(|sent| sent.starts_with(probe[0])), "{probes:?}");
    // As long as the peer says that it is there, nobody gives up.
    for _ in 0..20 {
        script.passes(60_000);
        script.take_sent();
        script.receives(". 1(0) ack 1 win 0");
        script.take_sent();
    }
    script.tells(&[]);
    script.receives(". 1(0) ack 1 win 1000").sends(&["P. 1(500) ack 1"]);
}

#[test]
fn rfc9293_section_3_8_6_2_1_a_window_that_opens_a_little_is_waited_for() {
    let mut script = Script::open("mss 1000");
    script.does(Act::Write(5000));
    script.take_sent();
    script.receives(". 1(0) ack 5001 win 2000").does(Act::Write(5000));
    script.sends(&[". 5001(1000) ack 1", ". 6001(1000) ack 1"]);
    script.receives(". 1(0) ack 6001 win 1100").sends(&[]);
    script.receives(". 1(0) ack 6001 win 2000").sends(&[". 7001(1000) ack 1"]);
}

#[test]
fn rfc9293_section_3_8_6_2_2_the_window_is_not_opened_by_little_and_never_shrinks() {
    let mut script = Script::open("mss 1000");
    let mut next = 1;
    while next < 65_536 {
        let count = (65_536 - next).min(1000);
        script.receives(&format!(". {next}(1000) ack 1"));
        next += count;
        let sent = script.take_sent();
        for sent in sent {
            let window: u32 = sent.split(" win ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
            let acknowledged: u32 =
                sent.split(" ack ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
            assert!(acknowledged + window >= 65_536, "{sent}");
        }
    }
    script.passes(50);
    script.take_sent();
    script.does(Act::Consume(100)).passes(1000).sends(&[]);
}

#[test]
fn rfc9293_section_3_7_4_small_segments_wait_where_the_appliance_wants_it() {
    for nagle in [false, true] {
        let mut script = Script::open("mss 1000");
        script.does(Act::Policy(Policy { nagle, ..Policy::default() }));
        script.does(Act::Write(10)).sends(&["P. 1(10) ack 1"]);
        if nagle {
            script.does(Act::Write(10)).sends(&[]).does(Act::Write(990)).sends(&["P. 11(1000) ack 1"]);
            script.does(Act::Write(10)).sends(&[]).receives(". 1(0) ack 1011").sends(&["P. 1011(10) ack 1"]);
            // The end does not wait.
            script.does(Act::Write(10)).sends(&[]).does(Act::Finish).sends(&["F. 1021(10) ack 1"]);
        } else {
            script.does(Act::Write(10)).sends(&["P. 11(10) ack 1"]);
        }
    }
}

#[test]
fn rfc9293_section_3_8_4_a_silent_peer_is_asked_whether_it_is_there() {
    let mut script = Script::open("mss 1000");
    let keep_alive = Some(Duration::from_secs(100));
    script.does(Act::Policy(Policy { keep_alive, ..Policy::default() }));
    script.after(100_000, &[". 0(0) ack 1"]).receives(". 1(0) ack 1").sends(&[]);
    script.after(100_000, &[". 0(0) ack 1"]);
    for _ in 1..9 {
        script.after(75_000, &[". 0(0) ack 1"]).tells(&[]);
    }
    script.after(75_000, &["R. 1(0) ack 1"]).tells(&[StreamEvent::Closed(End::TimedOut)]);
    // Without that nobody is asked.
    Script::open("mss 1000").passes(100_000_000).sends(&[]).tells(&[]);
}

#[test]
fn rfc5482_what_is_not_acknowledged_for_too_long_ends_the_stream() {
    let mut script = Script::open("mss 1000");
    script.does(Act::Policy(Policy { user_timeout: Duration::from_secs(20), ..Policy::default() }));
    script.does(Act::Write(10)).sends(&["P. 1(10) ack 1"]).passes(19_000).tells(&[]);
    script.take_sent();
    script.passes(30_000).tells(&[StreamEvent::Closed(End::TimedOut)]);
    let sent = script.take_sent();
    assert!(sent.last().is_some_and(|sent| sent.starts_with("R. 11(0) ack 1")), "{sent:?}");
}

#[test]
fn appliances_are_told_once_there_is_as_much_as_they_expect() {
    let mut script = Script::open("mss 1000");
    script.does(Act::Expect(10));
    script.receives("P. 1(9) ack 1").sends(&[". 1(0) ack 10"]).tells(&[]);
    script.receives("P. 10(1) ack 1").sends(&[". 1(0) ack 11"]).tells(&[StreamEvent::Progress]);
}

#[test]
fn room_that_is_not_used_is_given_back() {
    let mut script = Script::open("mss 1000");
    let used = |script: &Script| {
        let mut statistics = script.netstack.statistics();
        statistics.find(|statistic| statistic.name == "network_stream_buffers_used_bytes").unwrap().value
    };
    assert_eq!(used(&script), 0);
    script.does(Act::Room(10_000)).sends(&[]);
    assert_eq!(used(&script), 0);
    script.does(Act::Write(10)).sends(&["P. 1(10) ack 1"]);
    assert!(used(&script) > 0);
    script.receives(". 1(0) ack 11");
    assert_eq!(used(&script), 0);
}

#[test]
fn nobody_is_given_up_because_each_has_something_on_its_way() {
    const STREAMS: u8 = 16;
    let mut script = Script::new();
    for peer in 0..STREAMS {
        script.comes_from(&format!("192.0.2.{}:4096", 100 + peer));
        script.receives("S 0(0) win 65535 <mss 1000>").sends(&["S. 0(0) ack 1"]);
        script.receives(". 1(0) ack 1").sends(&[]).tells(&[StreamEvent::Opened]);
        script.does(Act::Write(100)).sends(&["P. 1(100) ack 1"]);
    }
    script.passes(5_000).tells(&[]);
}

/// A stream that fills the window of a reader who takes nothing, and the number that is waited for next.
fn full() -> (Script, u32) {
    let mut script = Script::open("mss 1460");
    let mut next = 1;
    let mut window = u32::MAX;
    while window > 0 {
        script.receives(&format!(". {next}({}) ack 1", window.min(1460))).passes(50);
        next += window.min(1460);
        if let Some(sent) = script.take_sent().last() {
            window = value(sent, "win");
            assert_eq!(value(sent, "ack"), next);
        }
    }
    assert!(next > 65_536, "{next}");
    script.appliance.told.clear();
    (script, next)
}

#[test]
fn rfc9293_section_3_8_6_a_window_that_is_full_is_closed_and_opens_when_it_is_read() {
    let (mut script, next) = full();
    // What comes all the same is not taken, and answered with how far we are (RFC 9293 §3.8.6.1).
    let closed = format!(". 1(0) ack {next} win 0");
    script.receives(&format!(". {next}(1) ack 1")).sends(&[&closed]);
    script.receives(&format!(". {}(0) ack 1", next - 1)).passes(500);
    script.take_sent();
    // A little that is read is not worth telling; much is, at once.
    script.does(Act::Consume(100)).sends(&[]);
    script.does(Act::Consume(50_000));
    let sent = script.take_sent();
    assert!(sent.len() == 1 && value(&sent[0], "win") >= 40_000, "{sent:?}");
    script.receives(&format!(". {next}(1000) ack 1")).passes(50);
    assert_eq!(value(&script.take_sent()[0], "ack"), next + 1000);
}

#[test]
fn rfc9293_section_3_8_6_1_probes_of_a_closed_window_are_answered_as_long_as_they_come() {
    let (mut script, next) = full();
    let closed = format!(". 1(0) ack {next} win 0");
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60, 60, 60] {
        // An octet that finds no room, as RFC 9293 has it, and none that is before the window, as is usual.
        script.passes(seconds * 1000).receives(&format!(". {next}(1) ack 1")).sends(&[&closed]);
        script.receives(&format!(". {}(0) ack 1", next - 1)).sends(&[&closed]);
    }
    script.does(Act::Consume(next as usize)).tells(&[]);
    let opened = script.take_sent();
    assert!(opened.len() == 1 && value(&opened[0], "win") == 65_535, "{opened:?}");
    // None of the octets that asked was taken.
    assert_eq!(script.appliance.read.len() + 1, next as usize);
}

#[test]
fn rfc9293_section_3_10_7_4_must_66_a_closed_window_lets_acknowledgements_and_resets_in() {
    let (mut script, next) = full();
    script.does(Act::Write(10)).sends(&[&format!("P. 1(10) ack {next} win 0")]);
    script.receives(&format!(". {next}(1) ack 11")).sends(&[&format!(". 11(0) ack {next} win 0")]);
    // What was acknowledged is not sent again.
    script.tells(&[StreamEvent::Progress]).passes(5000).sends(&[]);
    script.receives(&format!("R {next}(0)")).sends(&[]).tells(&[StreamEvent::Closed(End::Reset)]);
}

#[test]
fn an_end_needs_no_room() {
    let (mut script, next) = full();
    script.receives(&format!("F. {next}(0) ack 1")).sends(&[&format!(". 1(0) ack {}", next + 1)]);
    // With an octet before it, it would.
    let (mut script, next) = full();
    script.receives(&format!("F. {next}(1) ack 1")).sends(&[&format!(". 1(0) ack {next} win 0")]);
}

#[test]
fn rfc7323_section_2_3_the_window_grows_with_a_reader_who_keeps_up() {
    let mut script = Script::new();
    script.receives("S 0(0) win 65535 <mss 1460,ts 1 0,wscale 7>").sends(&["S. 0(0) ack 1 win 65535"]);
    script.passes(10).receives(". 1(0) ack 1 <ts 11 0>").sends(&[]);
    let (mut next, mut edge, mut widest) = (1, 65_536, 0);
    // All that is allowed comes in each round trip of 10 ms, and is read at once.
    for _ in 0..12 {
        let allowed: u32 = edge;
        widest = widest.max(allowed - next);
        while allowed >= next + 1448 {
            script.receives(&format!(". {next}(1448) ack 1 <ts 11 0>")).does(Act::Consume(2000));
            next += 1448;
            edge = script.take_sent().iter().map(|sent| edge_of(sent)).fold(edge, u32::max);
        }
        script.passes(10);
        edge = script.take_sent().iter().map(|sent| edge_of(sent)).fold(edge, u32::max);
    }
    // Of the memory of a script no stream is promised more than an eighth: twice what it began with.
    assert!(widest > 250_000, "{widest}");
}

/// How far a segment lets us go, by a window that is scaled by seven.
fn edge_of(sent: &str) -> u32 {
    value(sent, "ack") + (value(sent, "win") << 7)
}

/// What a segment says behind this word.
fn value(sent: &str, word: &str) -> u32 {
    let behind = sent.split_once(&format!(" {word} ")).expect("the word").1;
    behind.split(' ').next().and_then(|number| number.parse().ok()).expect("a number")
}
