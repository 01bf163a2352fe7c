//! What RFC 9293 §3.10.7.4 says of segments, state by state.

use super::script::{Act, Script};
use appliance::{End, StreamEvent};

/// A stream of a peer, and how far it is. Both sides' numbers are 1 at first; a FIN takes one.
struct Stage {
    name: &'static str,
    /// Brings an open stream there.
    set: fn(&mut Script),
    /// RCV.NXT and SND.NXT.
    next: u32,
    own: u32,
    /// Whether the appliance has been told of the end before a reset comes.
    is_over: bool,
}

const STAGES: [Stage; 7] = [
    Stage { name: "ESTABLISHED", set: |_| {}, next: 1, own: 1, is_over: false },
    Stage { name: "FIN-WAIT-1", set: finish, next: 1, own: 2, is_over: false },
    Stage {
        name: "FIN-WAIT-2",
        set: |script| {
            finish(script);
            script.receives(". 1(0) ack 2").sends(&[]);
        },
        next: 1,
        own: 2,
        is_over: false,
    },
    Stage { name: "CLOSE-WAIT", set: hear_the_end, next: 2, own: 1, is_over: false },
    Stage {
        name: "CLOSING",
        set: |script| {
            finish(script);
            script.receives("F. 1(0) ack 1").sends(&[". 2(0) ack 2"]);
        },
        next: 2,
        own: 2,
        is_over: false,
    },
    Stage {
        name: "LAST-ACK",
        set: |script| {
            hear_the_end(script);
            finish_after(script);
        },
        next: 2,
        own: 2,
        is_over: false,
    },
    Stage {
        name: "TIME-WAIT",
        set: |script| {
            finish(script);
            script.receives("F. 1(0) ack 2").sends(&[". 2(0) ack 2"]);
        },
        next: 2,
        own: 2,
        is_over: true,
    },
];

fn finish(script: &mut Script) {
    script.does(Act::Finish).sends(&["F. 1(0) ack 1"]);
}

fn finish_after(script: &mut Script) {
    script.does(Act::Finish).sends(&["F. 1(0) ack 2"]);
}

fn hear_the_end(script: &mut Script) {
    script.receives("F. 1(0) ack 1").sends(&[". 1(0) ack 2"]);
}

impl Stage {
    fn reach(&self) -> Script {
        let mut script = Script::open("mss 1460");
        (self.set)(&mut script);
        script.appliance.told.clear();
        script
    }
}

#[test]
fn second_step_a_reset_ends_what_is_not_over() {
    for stage in STAGES {
        let mut script = stage.reach();
        let expected = if stage.is_over { vec![] } else { vec![StreamEvent::Closed(End::Reset)] };
        script.receives(&format!("R {}(0)", stage.next)).sends(&[]).tells(&expected);
        // Nothing is left of it, but where nothing shortens the wait (RFC 1337 §3).
        script.receives(&format!("P. {}(5) ack {}", stage.next, stage.own));
        let sent = script.take_sent();
        let (own, next) = (stage.own, stage.next);
        let answer = if stage.is_over { format!(". {own}(0) ack {next}") } else { format!("R {own}(0)") };
        assert!(sent.len() == 1 && sent[0].starts_with(&answer), "{}: {sent:?}", stage.name);
    }
}

#[test]
fn second_step_a_reset_beside_its_place_is_questioned() {
    for stage in STAGES.iter().filter(|stage| !stage.is_over) {
        let mut script = stage.reach();
        let answer = format!(". {}(0) ack {}", stage.own, stage.next);
        script.receives(&format!("R {}(0)", stage.next + 7)).sends(&[&answer]).tells(&[]);
        // Who was asked, and is who it says, knows the place (RFC 5961 §3.2).
        script.receives(&format!("R {}(0)", stage.next)).tells(&[StreamEvent::Closed(End::Reset)]);
    }
}

#[test]
fn second_step_who_dialled_and_is_half_open_is_refused() {
    let mut script = super::opening::dialling();
    script.take_sent();
    script.receives("S 0(0) win 65535 <mss 1460>").sends(&["S. 0(0) ack 1"]);
    script.receives("R 1(0)").sends(&[]).tells(&[StreamEvent::Closed(End::Reset)]);
    script.receives(". 1(0) ack 1").sends(&["R 1(0) win 0"]).passes(5000).sends(&[]);
}

#[test]
fn fourth_step_a_syn_is_questioned_and_changes_nothing() {
    for stage in STAGES.iter().filter(|stage| !stage.is_over) {
        let mut script = stage.reach();
        let answer = format!(". {}(0) ack {}", stage.own, stage.next);
        script.receives(&format!("S {}(0)", stage.next + 7)).sends(&[&answer]).tells(&[]);
        script.receives(&format!("R {}(0)", stage.next)).tells(&[StreamEvent::Closed(End::Reset)]);
    }
}

#[test]
fn fifth_step_what_was_never_sent_can_not_be_acknowledged() {
    for stage in STAGES.iter().filter(|stage| !stage.is_over) {
        let mut script = stage.reach();
        let answer = format!(". {}(0) ack {}", stage.own, stage.next);
        script.receives(&format!(". {}(0) ack {}", stage.next, stage.own + 1)).sends(&[&answer]).tells(&[]);
    }
}

#[test]
fn fifth_step_what_acknowledges_nothing_is_dropped() {
    for stage in STAGES {
        let mut script = stage.reach();
        script.receives(&format!("P {}(5)", stage.next)).sends(&[]).tells(&[]).does(Act::Consume(9));
        assert_eq!(script.appliance.read, [0_u8; 0], "{}", stage.name);
    }
}

#[test]
fn seventh_step_data_comes_until_the_peer_ends() {
    for stage in STAGES.iter().filter(|stage| stage.next == 1) {
        let mut script = stage.reach();
        let answer = format!(". {}(0) ack 6", stage.own);
        script.receives("P. 1(5) ack 1").sends(&[&answer]).tells(&[StreamEvent::Progress]);
        script.does(Act::Consume(9));
        assert_eq!(script.appliance.read, [0, 1, 2, 3, 4], "{}", stage.name);
    }
}

#[test]
fn seventh_step_nothing_comes_behind_the_end() {
    for stage in STAGES.iter().filter(|stage| stage.next == 2) {
        let mut script = stage.reach();
        let answer = format!(". {}(0) ack 2", stage.own);
        // What acknowledges our end would be the last that we hear.
        let acknowledged = if stage.is_over { stage.own } else { 1 };
        script.receives(&format!("P. 2(5) ack {acknowledged}"));
        script.sends(&[&answer]).does(Act::Consume(9));
        assert_eq!(script.appliance.read, [0_u8; 0], "{}", stage.name);
    }
}

#[test]
fn eighth_step_an_end_that_comes_again_is_acknowledged_again() {
    for stage in STAGES.iter().filter(|stage| stage.next == 2) {
        let mut script = stage.reach();
        let answer = format!(". {}(0) ack 2", stage.own);
        script.receives("F. 1(0) ack 1").sends(&[&answer]).tells(&[]);
    }
}

#[test]
fn what_half_is_open_is_reset_and_questioned_too() {
    let half_open = || {
        let mut script = Script::new();
        script.receives("S 0(0) win 65535 <mss 1460>").sends(&["S. 0(0) ack 1"]);
        script
    };
    // RFC 5961 §3.2 holds for it as well, and what it is questioned with is its SYN; RFC 9293 §3.10.7.4, fifth step, sends wrong acknowledgements away.
    half_open().receives("R 1(0)").sends(&[]).tells(&[]).receives(". 1(0) ack 1").sends(&["R 1(0) win 0"]);
    half_open()
        .receives("R 9(0)")
        .sends(&["S. 0(0) ack 1"])
        .receives(". 1(0) ack 1")
        .tells(&[StreamEvent::Opened]);
    half_open()
        .receives("S 9(0)")
        .sends(&["S. 0(0) ack 1"])
        .receives(". 1(0) ack 1")
        .tells(&[StreamEvent::Opened]);
    half_open()
        .receives(". 1(0) ack 9")
        .sends(&["R 9(0) win 0"])
        .receives(". 1(0) ack 1")
        .tells(&[StreamEvent::Opened]);
}

/// A stream that is over is kept for its reader until all of it is read: nothing shortens that either (RFC 1337 §3).
#[test]
fn second_step_a_reset_takes_nothing_from_a_reader_who_is_behind() {
    let mut script = Script::open("mss 1460");
    finish(&mut script);
    script.receives("F. 1(5) ack 2").sends(&[". 2(0) ack 7"]);
    script.appliance.told.clear();
    script.receives("R 7(0)").sends(&[]).does(Act::Consume(9));
    assert_eq!(script.appliance.read, [0, 1, 2, 3, 4]);
    assert!(!script.appliance.told.contains(&StreamEvent::Closed(End::Reset)), "{:?}", script.appliance.told);
}
