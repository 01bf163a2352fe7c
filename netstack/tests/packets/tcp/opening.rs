//! How streams open: RFC 9293 §3.5, §3.10.7.2 to §3.10.7.4; RFC 7323; RFC 4987.

use super::script::{Act, Script};
use appliance::{End, StreamEvent};

#[test]
fn rfc9293_section_3_5_a_peer_opens() {
    for (peer, own, segment) in
        [("192.0.2.9:4096", "192.0.2.53:7", 1460), ("[2001:db8::9]:4096", "[2001:db8::53]:7", 1440)]
    {
        let mut script = Script::between(peer, own);
        script
            .receives("S 0(0) win 65535 <mss 1460,sackOK,ts 100 0,wscale 7>")
            .sends(&[&format!("S. 0(0) ack 1 win 65535 <mss {segment},sackOK,ts 0 100,wscale 7>")])
            .tells(&[])
            .receives(". 1(0) ack 1 win 512 <ts 101 0>")
            .sends(&[])
            .tells(&[StreamEvent::Opened]);
    }
}

#[test]
fn what_a_peer_does_not_offer_is_not_used() {
    for (offered, agreed) in [
        ("", "mss 1460"),
        ("mss 1460", "mss 1460"),
        ("mss 1460,sackOK", "mss 1460,sackOK"),
        ("mss 1460,wscale 0", "mss 1460,wscale 7"),
        ("mss 536,ts 7 0", "mss 1460,ts 0 7"),
    ] {
        Script::new()
            .receives(&format!("S 0(0) win 65535 <{offered}>"))
            .sends(&[&format!("S. 0(0) ack 1 win 65535 <{agreed}>")]);
    }
}

#[test]
fn rfc9293_section_3_7_1_must_15_who_says_nothing_takes_536_octets() {
    for (options, segment) in
        [("", 536), ("mss 1000", 1000), ("mss 1460", 1460), ("mss 9000", 1460), ("mss 1", 88)]
    {
        let mut script = Script::open(options);
        script.does(Act::Write(3 * 1460));
        let sent = script.take_sent();
        assert!(sent[0].contains(&format!(" 1({segment}) ")), "{options}: {sent:?}");
    }
}

#[test]
fn rfc9293_section_3_10_7_4_a_syn_that_comes_again_is_answered_again() {
    let syn = "S 0(0) win 65535 <mss 1460>";
    let mut script = Script::new();
    for _ in 0..3 {
        script.receives(syn).sends(&["S. 0(0) ack 1 win 65535 <mss 1460>"]);
    }
    script.receives(". 1(0) ack 1").sends(&[]).tells(&[StreamEvent::Opened]);
    // Then it is questioned (RFC 5961 §4.2).
    script.receives(syn).sends(&[". 1(0) ack 1"]);
}

#[test]
fn rfc9293_section_3_10_7_4_a_wrong_acknowledgement_of_the_answer_is_reset() {
    for wrong in [0, 2, 1000] {
        let mut script = Script::new();
        script
            .receives("S 0(0) win 65535 <mss 1460>")
            .sends(&["S. 0(0) ack 1"])
            .receives(&format!(". 1(0) ack {wrong}"))
            .sends(&[&format!("R {wrong}(0) win 0 <>")]);
        // That changed nothing.
        script.receives(". 1(0) ack 1").sends(&[]).tells(&[StreamEvent::Opened]);
    }
}

#[test]
fn rfc6298_section_5_the_answer_is_sent_again_and_given_up() {
    let mut script = Script::new();
    let answer = "S. 0(0) ack 1";
    script.receives("S 0(0) win 65535 <mss 1460>").sends(&[answer]);
    script.passes(999).sends(&[]);
    // After 1, 3, 7, 15 and 31 seconds or a little later: those of a flood are seen to together.
    for milliseconds in [1001, 3000, 5000, 9000, 17_000] {
        script.passes(milliseconds).sends(&[answer]);
    }
    script.passes(200_000).sends(&[]).tells(&[]);
    script.receives(". 1(0) ack 1").sends(&["R 1(0) win 0"]);
}

#[test]
fn data_that_comes_with_the_last_segment_of_the_opening_is_told_of_once() {
    let mut script = Script::new();
    script
        .receives("S 0(0) win 65535 <mss 1460>")
        .sends(&["S. 0(0) ack 1"])
        .receives("P. 1(5) ack 1")
        .sends(&[". 1(0) ack 6"])
        .tells(&[StreamEvent::Opened])
        .does(Act::Consume(9));
    assert_eq!(script.appliance.read, [0, 1, 2, 3, 4]);
}

#[test]
fn data_of_a_syn_is_not_taken_and_comes_again() {
    let mut script = Script::new();
    script
        .receives("S 0(10) win 65535 <mss 1460>")
        .sends(&["S. 0(0) ack 1"])
        .receives("P. 1(10) ack 1")
        .sends(&[". 1(0) ack 11"])
        .tells(&[StreamEvent::Opened]);
}

/// A machine that has asked for its peer's station, and heard of it.
pub(super) fn dialling() -> Script {
    let mut script = Script::new();
    script.does(Act::Dial("192.0.2.9:4096")).sends(&["other 0806"]);
    let answer = crate::traffic::arp(
        smoltcp::wire::ArpOperation::Reply,
        (crate::traffic::PEER_STATION, "192.0.2.9"),
        (crate::wire::OUR_STATION, "192.0.2.53"),
    );
    script.platform.links[0].incoming.push_back(crate::traffic::to_us(answer));
    script.turn();
    let frame = script.platform.links[0].outgoing.first().expect("a SYN");
    script.own.set_port(u16::from_be_bytes([frame[34], frame[35]]));
    assert!(script.own.port() >= 32_768);
    script
}

const SYN: &str = "SEW 0(0) win 65535 <mss 1460,sackOK,ts 0 0,wscale 7>";

#[test]
fn rfc9293_section_3_10_1_we_open() {
    let mut script = dialling();
    script
        .sends(&[SYN])
        .receives("S. 0(0) ack 1 win 65535 <mss 1460,sackOK,ts 5 0,wscale 2>")
        .sends(&[". 1(0) ack 1 <ts 0 5>"])
        .tells(&[StreamEvent::Opened]);
}

#[test]
fn rfc9293_section_3_10_7_3_we_are_refused() {
    let mut script = dialling();
    script
        .sends(&[SYN])
        // Not without an acknowledgement, nor with a wrong one.
        .receives("R 0(0)")
        .receives("R. 0(0) ack 2")
        .sends(&[])
        .tells(&[])
        .receives(". 0(0) ack 2")
        .sends(&["R 2(0) win 0"])
        .receives("R. 0(0) ack 1")
        .sends(&[])
        .tells(&[StreamEvent::Closed(End::Reset)]);
}

#[test]
fn rfc9293_section_3_8_3_must_23_a_syn_is_sent_for_three_minutes() {
    let mut script = dialling();
    script.sends(&[SYN]);
    // RFC 3168 §6.1.1.1: the third is without its flags.
    for (seconds, flags) in [(1, "SEW"), (2, "S"), (4, "S"), (8, "S"), (16, "S"), (32, "S"), (64, "S")] {
        script.after(1000 * seconds, &[&format!("{flags} 0(0)")]);
    }
    script.passes(119_000).sends(&[]).tells(&[]);
    script.passes(1001).sends(&[]).tells(&[StreamEvent::Closed(End::TimedOut)]);
}

#[test]
fn nobody_there_is_unreachable() {
    let mut script = Script::new();
    script.does(Act::Dial("192.0.2.9:4096")).sends(&["other 0806"]);
    script.passes(250_000).tells(&[StreamEvent::Closed(End::Unreachable)]);
    assert!(script.take_sent().iter().all(|frame| frame.starts_with("other 0806")));
}

#[test]
fn rfc9293_section_3_5_both_open_at_once() {
    let mut script = dialling();
    script
        .sends(&[SYN])
        .receives("S 0(0) win 65535 <mss 1460,sackOK,ts 5 0,wscale 2>")
        .sends(&["S. 0(0) ack 1 win 65535 <mss 1460,sackOK,ts 0 5,wscale 7>"])
        .receives("S. 0(0) ack 1 win 65535 <mss 1460,sackOK,ts 5 0,wscale 2>");
    script.take_sent();
    script.receives(". 1(0) ack 1 <ts 6 0>");
    script.tells(&[StreamEvent::Opened]);
}

#[test]
fn rfc6691_section_2_timestamps_are_part_of_what_the_link_carries_whatever_the_peer_takes() {
    let mut script = Script::new();
    script.receives("S 0(0) win 65535 <mss 65535,ts 3 0>");
    script.take_sent();
    script.receives(". 1(0) ack 1 <ts 3 0>").does(Act::Write(5000)).passes(60);
    let sent = script.take_sent();
    let lengths = sent.iter().filter(|segment| segment.contains("(1448)")).count();
    assert_eq!((sent.len(), lengths), (4, 3), "{sent:?}");
}

#[test]
fn rfc7323_section_4_3_the_answer_echoes_the_syn_that_came_last() {
    let mut script = Script::new();
    script.receives("S 0(0) win 65535 <mss 1460,ts 5 0>");
    script.sends(&["S. 0(0) ack 1 win 65535 <mss 1460,ts 0 5>"]);
    script.passes(900).receives("S 0(0) win 65535 <mss 1460,ts 905 0>");
    script.sends(&["S. 0(0) ack 1 win 65535 <mss 1460,ts 900 905>"]);
}

#[test]
fn rfc6298_section_5_7_who_hears_late_of_an_old_syn_waits_for_three_seconds() {
    let mut script = dialling();
    script.sends(&[SYN]).passes(7100);
    script.take_sent();
    script.receives("S. 0(0) ack 1 win 65535 <mss 1460,sackOK,ts 5 0,wscale 2>");
    script.sends(&[". 1(0) ack 1"]).does(Act::Write(10));
    let sent = script.take_sent();
    assert!(sent.len() == 1 && sent[0].contains(" 1(10) "), "{sent:?}");
    // The tail is probed first.
    script.after(1000, &["P. 1(10) ack 1"]).after(3000, &["P. 1(10) ack 1"]);
}

#[test]
fn rfc4861_section_7_2_2_over_ipv6_the_neighbour_is_asked_for_first() {
    let mut script = Script::between("[2001:db8::9]:4096", "[2001:db8::53]:7");
    script.does(Act::Dial("[2001:db8::9]:4096")).sends(&["other 86dd"]);
    let option = [2, 1, 2, 0, 0, 0, 0, 9];
    let body = crate::traffic::discovery(0x60, "2001:db8::9", &option);
    let answer = crate::traffic::icmpv6("2001:db8::9", "2001:db8::53", [136, 0], 255, &body);
    script.platform.links[0].incoming.push_back(crate::traffic::to_us(answer));
    script.turn();
    let frame = script.platform.links[0].outgoing.first().expect("a SYN");
    assert_eq!(frame[..6], option[2..], "to the station that answered");
    script.own.set_port(u16::from_be_bytes([frame[54], frame[55]]));
    script.sends(&["SEW 0(0) win 65535 <mss 1440,sackOK,ts 0 0,wscale 7>"]);
    script.receives("S. 0(0) ack 1 win 65535 <mss 1440>").sends(&[". 1(0) ack 1"]);
    script.tells(&[StreamEvent::Opened]);
}
