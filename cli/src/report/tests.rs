use super::{Lines, Report, printable, renderer};
use configuration::{Diagnostic, Diagnostics, Location, Severity};
use core::ops::Range;
use std::path::Path;

/// One mistake at `span` of `text`.
fn one(text: &'static [u8], span: Range<usize>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let source = diagnostics.add_source("zone", text.into());
    diagnostics.error(Location { source, span }, "wrong");
    diagnostics
}

#[track_caller]
fn check(text: &'static [u8], span: Range<usize>, expected: &str) {
    let diagnostics = one(text, span);
    let mut printed = Vec::new();
    Report::new(&diagnostics, Path::new("folder")).print_human(&renderer(false), &mut printed).unwrap();
    assert_eq!(String::from_utf8(printed).unwrap().trim_end(), expected.trim_matches('\n'));
}

#[test]
fn a_mistake_is_marked_in_its_line() {
    check(
        b"first\nsecond line\nthird\n",
        13..17,
        "
error: wrong
 --> folder/zone:2:8
  |
2 | second line
  |        ^^^^",
    );
}

#[test]
fn an_empty_span_marks_a_place() {
    check(
        b"first\nsecond\n",
        6..6,
        "
error: wrong
 --> folder/zone:2:1
  |
2 | second
  | ^",
    );
}

#[test]
fn the_end_of_a_text_can_be_marked() {
    check(
        b"first",
        5..5,
        "
error: wrong
 --> folder/zone:1:6
  |
1 | first
  |      ^",
    );
    check(
        b"",
        0..0,
        "
error: wrong
 --> folder/zone:1:1
  |
1 |
  | ^",
    );
}

#[test]
fn of_several_lines_the_first_is_shown() {
    check(
        b"one (\n two )\n",
        4..12,
        "
error: wrong
 --> folder/zone:1:5
  |
1 | one (
  |     ^",
    );
}

#[test]
fn octets_that_are_no_text_are_shown_as_such() {
    check(
        b"caf\xe9 \xff!\n",
        5..6,
        "
error: wrong
 --> folder/zone:1:6
  |
1 | caf\u{fffd} \u{fffd}!
  |      ^",
    );
}

#[test]
fn a_span_outside_of_its_text_does_no_harm() {
    let diagnostics = one(b"short", 70..90);
    let report = Report::new(&diagnostics, Path::new(""));
    let mut printed = Vec::new();
    report.print_human(&renderer(false), &mut printed).unwrap();
    let listed = serde_json::to_value(report.list()).unwrap();
    assert_eq!(listed["diagnostics"][0]["place"]["start"]["offset"], 5);
}

#[test]
fn help_and_warnings() {
    let mut diagnostics = Diagnostics::new();
    diagnostics.add(Diagnostic {
        severity: Severity::Warning,
        location: None,
        message: "odd\u{1b}[31m".into(),
        help: Some("do it otherwise".into()),
    });
    diagnostics.error(None, "wrong");
    let report = Report::new(&diagnostics, Path::new(""));
    let mut printed = Vec::new();
    report.print_human(&renderer(false), &mut printed).unwrap();
    assert_eq!(
        String::from_utf8(printed).unwrap(),
        "warning: odd\\u{1b}[31m\n |\n = help: do it otherwise\n\nerror: wrong\n\n"
    );
    assert_eq!(report.summary().as_deref(), Some("1 error, 1 warning"));
}

#[test]
fn nothing_has_no_summary() {
    assert_eq!(Report::new(&Diagnostics::new(), Path::new("")).summary(), None);
}

#[test]
fn the_list_counts_characters() {
    let diagnostics = one("a\nä ö x\n".as_bytes(), 8..9);
    let listed = serde_json::to_value(Report::new(&diagnostics, Path::new("/etc")).list()).unwrap();
    let expected = serde_json::json!({
        "errors": 1,
        "warnings": 0,
        "diagnostics": [{
            "severity": "error",
            "message": "wrong",
            "help": null,
            "place": {
                "file": "/etc/zone",
                "start": { "line": 2, "column": 5, "offset": 8 },
                "end": { "line": 2, "column": 6, "offset": 9 },
            },
        }],
    });
    assert_eq!(listed, expected);
}

#[test]
fn lines() {
    let lines = Lines::of(b"ab\n\ncd");
    let found = [0, 2, 3, 4, 6].map(|offset| lines.containing(offset));
    assert_eq!(found, [(1, 0..2), (1, 0..2), (2, 3..3), (3, 4..6), (3, 4..6)]);
}

#[test]
fn nothing_printed_steers_a_terminal() {
    assert_eq!(printable("plain ä \t\u{7}\r\u{1b}]0;x\u{9b}"), "plain ä \t\\u{7}\\r\\u{1b}]0;x\\u{9b}");
}

#[test]
fn mistakes_are_sorted_by_place() {
    let mut diagnostics = Diagnostics::new();
    let one = diagnostics.add_source("one", "abc".into());
    let two = diagnostics.add_source("two", "abc".into());
    diagnostics.error(None, "nowhere");
    for (source, start) in [(two, 0), (one, 2), (one, 1)] {
        diagnostics.error(Location { source, span: start..start + 1 }, format!("{start}"));
    }
    let report = Report::new(&diagnostics, Path::new(""));
    let sorted: Vec<_> = report.sorted.iter().map(|diagnostic| &*diagnostic.message).collect();
    assert_eq!(sorted, ["1", "2", "0", "nowhere"]);
}
