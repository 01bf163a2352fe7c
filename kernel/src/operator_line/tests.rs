extern crate std;

use super::*;
use crate::hardware::registers::Registers;
use std::boxed::Box;
use std::string::String;
use std::vec::Vec;

fn line() -> OperatorLine {
    let registers = Registers::over(Box::leak(Box::new([0; 128])));
    OperatorLine::start(Transport::over(registers), Queue::new(INCOMING), Queue::new(OUTGOING))
}

/// The operator says something, which arrives in a buffer that was offered.
fn say(line: &mut OperatorLine, buffer: u16, octets: &[u8]) {
    line.incoming.write(buffer)[..octets.len()].copy_from_slice(octets);
    line.receive.use_as_device(buffer.into(), u32::try_from(octets.len()).expect("small"));
}

/// The buffers that the device has, in the order in which it was given them, as text; it gives them back.
fn hear(line: &mut OperatorLine) -> String {
    line.flush();
    let mut text = Vec::new();
    for (buffer, length) in line.transmit.offered_to_device() {
        let length = usize::try_from(length).expect("small");
        text.extend_from_slice(&line.outgoing.read(buffer)[..length]);
        line.transmit.use_as_device(buffer.into(), 0);
    }
    String::from_utf8(text).expect("text")
}

const STATISTICS: [Statistic; 2] =
    [Statistic { name: "a_total", value: 1 }, Statistic { name: "b_total", value: u64::MAX }];

#[test]
fn a_request_is_answered() {
    let mut line = line();
    assert_eq!(line.request(), None);
    say(&mut line, 0, b"statistics\n");
    assert!(line.is_ready());
    assert_eq!(line.request(), Some(Request::Statistics));
    assert_eq!(line.request(), None, "once");
    line.answer(STATISTICS.into_iter());
    assert_eq!(hear(&mut line), "statistic a_total 1\nstatistic b_total 18446744073709551615\nend\n");
}

#[test]
fn a_request_may_come_in_pieces_and_others_are_nothing() {
    let mut line = line();
    say(&mut line, 0, b"stati");
    say(&mut line, 1, b"stics\nwhat?\n\n");
    assert_eq!(line.request(), Some(Request::Statistics));
    for (buffer, octets) in [(0, &b"statistics"[..]), (1, &[b'x'; 2000]), (0, b"\n"), (1, b"STATISTICS\n")] {
        say(&mut line, buffer, octets);
        assert_eq!(line.request(), None);
    }
    say(&mut line, 0, b"statistics\nstatistics\n");
    assert_eq!(line.request(), Some(Request::Statistics));
    assert_eq!(line.request(), None, "two in one breath have one answer");
}

#[test]
fn what_is_logged_is_one_line_and_no_longer_than_lines_are() {
    let mut line = line();
    line.log(format_args!("one\nstatistic a_total 7\r"));
    line.log(format_args!("{:500}", "long"));
    let heard = hear(&mut line);
    let lines: Vec<&str> = heard.lines().collect();
    assert_eq!((lines[0], lines.len()), ("log one?statistic a_total 7?", 2));
    assert_eq!(lines[1].len() + 1, Line::LONGEST);
    assert_eq!((line.lines, line.lost), (2, 0));
}

#[test]
fn a_log_that_nobody_reads_loses_lines_and_counts_them() {
    let mut line = line();
    let whole = usize::from(OUTGOING) * Frames::LENGTH;
    let fitting = whole / "log 0000\n".len();
    for number in 0..10_000 {
        line.log(format_args!("{number:04}"));
    }
    line.flush();
    assert_eq!((line.lines, line.lost), (fitting as u64, 10_000 - fitting as u64));
    let heard = hear(&mut line);
    assert_eq!(heard.lines().count(), fitting);
    assert!(heard.lines().enumerate().all(|(number, line)| line == std::format!("log {number:04}")));
    line.log(format_args!("there is room again"));
    assert_eq!(hear(&mut line), "log there is room again\n");
}

#[test]
fn an_answer_waits_for_room_and_is_then_whole() {
    let mut line = line();
    while line.room() >= ANSWER {
        line.log(format_args!("{:100}", "filling"));
    }
    say(&mut line, 0, b"statistics\n");
    assert_eq!(line.request(), None);
    line.request_interrupts();
    assert!(!line.is_ready());
    hear(&mut line);
    assert!(line.is_ready(), "buffers that came back are worth waking up for");
    assert_eq!(line.request(), Some(Request::Statistics));
    line.answer(core::iter::repeat_n(STATISTICS[1], 100_000));
    let heard = hear(&mut line);
    assert!(heard.ends_with("\nend\n") && heard.len() >= ANSWER, "what is too much is left out");
    assert!(line.lost > 90_000);
}

#[test]
fn what_a_device_used_is_offered_again() {
    let mut line = line();
    for round in 0..70_000_u32 {
        say(&mut line, u16::try_from(round % 2).expect("small"), b"statistics\n");
        assert_eq!(line.request(), Some(Request::Statistics), "{round}");
        line.answer(STATISTICS.into_iter());
        assert_eq!(hear(&mut line).lines().count(), 3, "{round}");
    }
    assert_eq!(line.lost, 0);
}

#[test]
fn a_device_that_lies_gives_nothing_and_takes_nothing() {
    let mut line = line();
    line.incoming.write(0)[..11].copy_from_slice(b"statistics\n");
    for length in [2049, 1 << 16, u32::MAX] {
        line.receive.use_as_device(0, length);
        assert_eq!(line.request(), None, "{length}");
    }
    for _ in 0..500 {
        line.receive.use_as_device(u32::MAX, 0);
        line.receive.use_as_device(7, 11);
        line.transmit.use_as_device(5, 0);
        line.transmit.use_as_device(u32::MAX, 0);
        line.log(format_args!("{:100}", "on"));
        let _ = line.request();
    }
    let kept = line.incoming_owners.iter().filter(|owner| **owner == Owner::Device).count();
    assert_eq!(kept, usize::from(INCOMING), "its buffers are still offered");
    assert!(line.room() <= usize::from(OUTGOING) * Frames::LENGTH);
}
