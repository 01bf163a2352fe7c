//! Who opens a connection of which little or nothing is kept: RFC 4987.

use super::script::{Act, Script};
use appliance::StreamEvent;

#[test]
fn rfc4987_section_3_6_a_full_backlog_answers_with_cookies() {
    let mut script = Script::new();
    for port in 1..=8 {
        script.comes_from(&format!("198.51.100.{port}:4096"));
        script.receives("S 0(0) win 65535 <mss 1460>").sends(&["S. 0(0) ack 1 win 65535"]);
    }
    // With timestamps everything is agreed on; nothing is kept.
    script.comes_from("192.0.2.9:4096");
    script
        .receives("S 0(0) win 65535 <mss 1400,sackOK,ts 9 0,wscale 3>")
        .sends(&["S. 0(0) ack 1 win 65535 <mss 1460,sackOK,ts 0 9,wscale 7>"])
        .passes(900);
    script.platform.links[0].outgoing.clear();
    script
        .receives(". 1(0) ack 2 win 10 <ts 10 0>")
        .sends(&[])
        .receives(". 1(0) ack 1 win 10 <ts 10 0>")
        .sends(&[])
        .tells(&[StreamEvent::Opened])
        .receives(". 5(5) ack 1 win 10 <ts 10 0>");
    let sent = script.take_sent();
    assert!(sent.len() == 1 && sent[0].contains("sack 5 10"), "{sent:?}");
    // The window is scaled by three: ten times eight octets.
    script.does(Act::Write(200));
    assert!(script.take_sent()[0].contains(" 1(80) "));
}

#[test]
fn rfc4987_section_3_6_whose_first_segment_is_late_is_not_sent_away() {
    let mut script = Script::new();
    for port in 1..=8 {
        script.comes_from(&format!("198.51.100.{port}:4096"));
        script.receives("S 0(0) win 65535 <mss 1460>").sends(&["S. 0(0) ack 1 win 65535"]);
    }
    script.comes_from("192.0.2.9:4096");
    script.receives("S 0(0) win 65535 <mss 1460>").sends(&["S. 0(0) ack 1"]);
    script.receives("P. 6(5) ack 1").sends(&[]).receives("P. 1(5) ack 1").sends(&[". 1(0) ack 6"]);
    script.tells(&[StreamEvent::Opened]);
    // When no cookie can be on its way any more, whoever is not known is.
    script.passes(3000).comes_from("192.0.2.9:4097").platform.links[0].outgoing.clear();
    script.receives("P. 6(5) ack 1").sends(&["R 1(0) win 0"]);
}

#[test]
fn rfc4987_section_3_6_without_timestamps_only_the_size_comes_back() {
    let mut script = Script::new();
    for port in 1..=8 {
        script.comes_from(&format!("198.51.100.{port}:4096"));
        script.receives("S 0(0) win 65535 <mss 1460>").sends(&["S. 0(0) ack 1"]);
    }
    script.comes_from("192.0.2.9:4096");
    script
        .receives("S 0(0) win 65535 <mss 1400,sackOK,wscale 3>")
        .sends(&["S. 0(0) ack 1 win 65535 <mss 1460>"])
        .receives("P. 1(5) ack 1 win 2000")
        .sends(&[". 1(0) ack 6"])
        .tells(&[StreamEvent::Opened])
        .does(Act::Write(1500))
        .sends(&[". 1(1400) ack 6", "P. 1401(100) ack 6"]);
}

#[test]
fn rfc4987_section_3_who_asks_again_and_again_is_given_up_at_the_same_time() {
    let mut script = Script::new();
    const OPENING: &str = "S 0(0) win 65535 <mss 1460>";
    script.receives(OPENING).sends(&["S. 0(0) ack 1"]);
    let half_open = |script: &Script| {
        let mut statistics = script.netstack.statistics();
        statistics.find(|statistic| statistic.name == "network_streams_half_open").unwrap().value
    };
    // After 63 seconds, as if nobody had.
    for _ in 0..130 {
        script.passes(500);
        script.take_sent();
        if half_open(&script) == 0 {
            return;
        }
        script.receives(OPENING);
        script.take_sent();
    }
    panic!("somebody who only asks keeps a place");
}
