//! Who gets how much: by source, by backlog, by place.

use super::script::{Act, Script};
use appliance::{End, StreamEvent};
use netstack::Budget;

/// Of the sixteen streams of a script a source gets eight, and as many may be half open.
const HALF: u16 = 8;

/// This source opens so many streams, from ports of its own.
fn opens(script: &mut Script, source: &str, ports: core::ops::Range<u16>) {
    for port in ports {
        script.comes_from(&format!("{source}:{port}"));
        script.receives("S 0(0) win 65535 <mss 1000>").sends(&["S. 0(0) ack 1"]);
        script.receives(". 1(0) ack 1").sends(&[]).tells(&[StreamEvent::Opened]);
    }
}

/// In the name of this source somebody begins so many.
fn begins(script: &mut Script, source: &str, ports: core::ops::Range<u16>) {
    for port in ports {
        script.comes_from(&format!("{source}:{port}"));
        script.receives("S 0(0) win 65535 <mss 1000>").sends(&["S. 0(0) ack 1"]);
    }
}

#[test]
fn a_source_has_half_of_all_and_others_have_the_rest() {
    let mut script = Script::new();
    opens(&mut script, "198.51.100.1", 1..HALF + 1);
    script.comes_from("198.51.100.1:99").receives("S 0(0) win 65535 <mss 1000>").sends(&[]);
    opens(&mut script, "198.51.100.2", 1..2);
    // One less, and one more may come.
    script.comes_from("198.51.100.1:1").begins_anew();
    script.receives("R 1(0)").sends(&[]).tells(&[StreamEvent::Closed(End::Reset)]);
    opens(&mut script, "198.51.100.1", 99..100);
}

#[test]
fn a_source_in_whose_name_others_begin_gets_its_streams_all_the_same() {
    let mut script = Script::new();
    begins(&mut script, "198.51.100.1", 1..HALF + 1);
    opens(&mut script, "198.51.100.1", 100..100 + HALF);
}

#[test]
fn a_source_that_begins_more_than_it_may_have_gets_no_more_open() {
    let mut script = Script::new();
    opens(&mut script, "198.51.100.1", 1..HALF);
    begins(&mut script, "198.51.100.1", 20..22);
    script.receives(". 1(0) ack 1").sends(&[]).tells(&[StreamEvent::Opened]);
    script.comes_from("198.51.100.1:20").begins_anew();
    script.receives("S 0(0) win 65535 <mss 1000>").sends(&["S. 0(0) ack 1"]);
    script.receives(". 1(0) ack 1").sends(&["R. 1(0) ack 1"]).passes(1).tells(&[]);
}

#[test]
fn rfc4987_section_3_6_who_may_not_be_there_takes_no_place_of_those_who_are() {
    let mut script = Script::new();
    opens(&mut script, "198.51.100.1", 1..HALF + 1);
    // One place is kept for those who bring cookies.
    opens(&mut script, "198.51.100.2", 1..HALF);
    script.passes(11_000).comes_from("192.0.2.9:4096");
    script.receives("S 0(0) win 65535 <mss 1000>").sends(&["S. 0(0) ack 1 win 65535 <mss 1460>"]);
    script.tells(&[]);
    // He is there: he gets that place, and the one that was silent for longest makes room for the next.
    script.receives(". 1(0) ack 1");
    let frames = core::mem::take(&mut script.platform.links[0].outgoing);
    let [frame] = &frames[..] else { panic!("{frames:x?}") };
    let (to, flags) = (&frame[30..34], frame[47]);
    assert_eq!((to, flags), (&[198, 51, 100, 1][..], 0x14), "a reset of the first");
    script.tells(&[StreamEvent::Closed(End::Shed), StreamEvent::Opened]);
    script.receives("P. 1(5) ack 1").sends(&[". 1(0) ack 6"]).tells(&[StreamEvent::Progress]);
}

#[test]
fn rfc4987_section_3_6_a_late_copy_of_a_syn_takes_nothing_from_who_brings_its_cookie() {
    let mut script = Script::new();
    begins(&mut script, "198.51.100.1", 1..HALF + 1);
    script.comes_from("192.0.2.9:4096");
    script.receives("S 0(0) win 65535 <mss 1000>").sends(&["S. 0(0) ack 1"]);
    // A place is free when the copy comes, and it is answered with another number.
    let honest = script.whom();
    script.comes_from("198.51.100.1:1").receives("R 1(0)").sends(&[]);
    script.comes_from("192.0.2.9:4096").receives("S 0(0) win 65535 <mss 1000>").sends(&["S. 0(0) ack 1"]);
    script.is_again(&honest);
    script.receives(". 1(0) ack 1").sends(&[]).tells(&[StreamEvent::Opened]);
}

#[test]
fn rfc6191_section_2_who_comes_back_is_taken_though_the_backlog_is_full() {
    let mut script = Script::open("mss 1000,ts 1 0");
    script.does(Act::Finish).sends(&["F. 1(0) ack 1"]);
    script.receives("F. 1(0) ack 2 <ts 2 0>").sends(&[". 2(0) ack 2"]);
    script.tells(&[StreamEvent::Progress, StreamEvent::Closed(End::Finished)]);
    begins(&mut script, "198.51.100.1", 1..HALF + 1);
    script.comes_from("192.0.2.9:4096");
    script.receives("S 100(0) win 65535 <mss 1000,ts 9 0>").sends(&["S. 0(0) ack 101"]);
    script.receives(". 101(0) ack 1 <ts 10 0>").sends(&[]).tells(&[StreamEvent::Opened]);
}

#[test]
fn where_no_stream_can_be_nobody_listens() {
    let mut script = Script::within(Budget::NONE, "192.0.2.9:4096", "192.0.2.53:7");
    script.receives("S 0(0) win 65535 <mss 1000>").sends(&["R. 0(0) ack 1"]);
}

/// Of four windows of 64 KiB the last octet comes, and nothing else.
#[test]
fn what_comes_early_takes_no_memory_from_what_comes_in_order() {
    let mut script =
        Script::within(Budget { streams: 16, buffers: 1 << 18 }, "192.0.2.9:4096", "192.0.2.53:7");
    for port in 1..5 {
        opens(&mut script, "198.51.100.1", port..port + 1);
        script.receives("P. 60000(1) ack 1");
        script.platform.links[0].outgoing.clear();
    }
    opens(&mut script, "192.0.2.9", 1..2);
    script.receives("P. 1(500) ack 1").sends(&[". 1(0) ack 501"]).tells(&[StreamEvent::Progress]);
}

#[test]
fn who_fills_memory_octet_by_octet_and_never_has_it_read_is_given_up_for_others() {
    let mut script =
        Script::within(Budget { streams: 16, buffers: 1 << 16 }, "192.0.2.9:4096", "192.0.2.53:7");
    opens(&mut script, "192.0.2.9", 1..2);
    script.does(Act::Expect(65_000));
    let mut next = 1;
    for _ in 0..25 {
        script.receives(&format!("P. {next}(1400) ack 1")).take_sent();
        next += 1400;
    }
    script.tells(&[]);
    for _ in 0..6 {
        script.passes(500).take_sent();
        script.receives(&format!("P. {next}(1) ack 1"));
        next += 1;
    }
    script.tells(&[StreamEvent::Closed(End::Shed)]);
}
