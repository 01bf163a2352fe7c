use super::{LINE, Lines, READINGS};
use std::fs::File;
use std::io::Write;

#[track_caller]
fn check(written: &[&[u8]], expected: &[&str]) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let mut lines = Lines::new(reader);
    let mut found = Vec::new();
    for part in written {
        writer.write_all(part).unwrap();
        lines.receive();
        found.extend(core::iter::from_fn(|| lines.next()));
    }
    drop(writer);
    lines.receive();
    found.extend(core::iter::from_fn(|| lines.next()));
    assert_eq!(found, expected);
    assert!(lines.as_open().is_none());
}

#[test]
fn lines_come_whole_however_they_were_written() {
    check(&[b"one\ntwo\n"], &["one", "two"]);
    check(&[b"o", b"ne\r\nt", b"wo"], &["one", "two"]);
    check(&[b"\n\n"], &["", ""]);
    check(&[b"\xff\n"], &["\u{fffd}"]);
    check(&[], &[]);
}

#[test]
fn a_line_without_end_is_cut() {
    let long = vec![b'x'; LINE + 3];
    let cut = "x".repeat(LINE);
    check(&[&long], &[&cut, "xxx"]);
    check(&[cut.as_bytes(), b"\n"], &[&cut]);
}

#[test]
fn one_who_never_pauses_is_heard_in_portions() {
    let mut lines = Lines::new(File::open("/dev/zero").unwrap());
    for portion in 1..4 {
        assert!(lines.receive(), "there is more");
        let found: usize = core::iter::from_fn(|| lines.next()).map(|line| line.len()).sum();
        assert!(found <= READINGS * LINE, "portion {portion} has {found} octets");
        assert!(found >= (READINGS - 1) * LINE, "portion {portion} has {found} octets");
        assert!(lines.received.len() <= (READINGS + 1) * LINE);
    }
}
