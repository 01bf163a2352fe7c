use super::read_files;
use crate::master_file::limits;
use configuration::Severity;
use std::format;
use std::string::String;
use std::vec::Vec;

/// An entry, what of it is marked, and a part of what is said of it.
const MISTAKES: &[(&str, &str, &str)] = &[
    ("a 1 IN A", "", "expected an IPv4 address"),
    ("a 1 IN B 192.0.2.1", "B", "there is no record type `B`"),
    ("a 1 IN ANY 192.0.2.1", "ANY", "ANY stands in no zone"),
    ("a 1 2 A 192.0.2.1", "2", "a second TTL"),
    ("a IN IN A 192.0.2.1", "IN", "a second class"),
    ("a 2147483648 A 192.0.2.1", "2147483648", "more than 2147483647"),
    ("a 1h30 A 192.0.2.1", "1h30", "expected a TTL"),
    ("a 1 A 192.0.2.1 x", "x", "should end before `x`"),
    ("a..b 1 A 192.0.2.1", ".", "a label is empty"),
    (".a 1 A 192.0.2.1", ".", "a label is empty"),
    ("a\\1 1 A 192.0.2.1", "\\", "backslash"),
    ("a 1 NS b\\", "\\", "backslash"),
    ("a 1 A )192.0.2.1", ")", "without an opening one"),
    ("a 1 A (192.0.2.1", "(", "not closed"),
    ("a 1 TXT \"x", "\"x", "not closed"),
    ("a 1 TXT \u{7}", "\u{7}", "control character \\007"),
    ("\u{0}", "\u{0}", "control character \\000"),
    ("$ORIGIN", "", "expected a domain name"),
    ("$ORIGIN a b", "b", "should end before `b`"),
    ("$TTL", "", "expected a TTL"),
    ("$TTL x", "x", "expected a TTL"),
    ("$INCLUDE", "", "expected the path"),
    ("$INCLUDE nothing", "nothing", "there is no such file"),
    ("$INCLUDE zone", "zone", "includes itself"),
    ("$NOTHING", "$NOTHING", "there is no directive"),
    ("$GENERATE 2-1 a A 192.0.2.$", "2-1", "expected a range"),
    ("$GENERATE 1-2/0 a A 192.0.2.$", "1-2/0", "expected a range"),
    ("$GENERATE 1-2 ${ A 192.0.2.$", "${", "a `${` that"),
    ("$GENERATE 1-2 ${0,3,q} A 192.0.2.$", "${0,3,q}", "a `${` that"),
    ("$GENERATE 250-300 a$ 1 A 192.0.2.$", "192.0.2.$", "(generated for 256)"),
    ("$GENERATE 1-2 a..$ 1 A 192.0.2.$", "a..$", "a label is empty (generated for 1)"),
    ("$GENERATE 0-2147483647 a$ 1 A 192.0.2.1", "$GENERATE 0-2147483647", "generates more than"),
];

#[test]
fn mistakes_are_marked_and_reading_goes_on_at_the_next_entry() {
    for (entry, marked, expected) in MISTAKES {
        let text = format!("before 1 A 192.0.2.1\n{entry}\nafter 1 A 192.0.2.2\n");
        let (records, found) = read_files(&[("zone", text.as_bytes())]);
        assert_eq!(found.len(), 1, "{entry}: {found:?}");
        assert_eq!((found[0].0, found[0].1.as_str()), (Severity::Error, *marked), "{entry}: {}", found[0].2);
        assert!(found[0].2.contains(expected), "{entry}: {}", found[0].2);
        let last = records.last().map(|(record, _)| record.as_str());
        assert_eq!(last, Some("after.example. 1 IN A 192.0.2.2"), "{entry}");
    }
}

#[test]
fn the_first_record_needs_an_owner_and_a_ttl() {
    let (records, found) =
        read_files(&[("zone", b" 1 A 192.0.2.1\na A 192.0.2.1\nb A 192.0.2.1\nc 1 A 192.0.2.1")]);
    let messages: Vec<&str> = found.iter().map(|(_, _, message)| message.as_str()).collect();
    assert_eq!(
        messages,
        ["the first record has no owner", "no TTL, no $TTL, and no record before that had a TTL"]
    );
    assert_eq!(records.len(), 2);
}

#[test]
fn records_of_an_owner_that_is_none_are_checked_and_not_handed_on() {
    let (records, found) =
        read_files(&[("zone", b"$TTL 1\na..b A 192.0.2.1\n A 192.0.2.2\n A x\nc A 192.0.2.3")]);
    assert_eq!(found.len(), 2);
    assert_eq!(records.len(), 1);
}

#[test]
fn a_file_that_is_not_there_is_said_to_be_so() {
    let (records, found) = read_files(&[]);
    assert_eq!(records, []);
    assert_eq!(found[0].2, "`zone` can't be read: there is no such file");
}

#[test]
fn mistakes_are_bounded() {
    let (_, found) = read_files(&[("zone", "x\n".repeat(1_000).as_bytes())]);
    assert_eq!(found.len(), limits::MISTAKES + 1);
    assert!(found[limits::MISTAKES].2.contains("the rest is not read"));
}

#[test]
fn includes_are_bounded_in_depth() {
    let names: Vec<String> =
        (0..20).map(|depth| if depth == 0 { "zone".into() } else { format!("f{depth}") }).collect();
    let texts: Vec<String> = (0..20).map(|depth| format!("$INCLUDE f{}\n", depth + 1)).collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().zip(&texts).map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    let (_, found) = read_files(&files);
    assert_eq!(found.len(), 1);
    assert!(found[0].2.contains("16 deep"), "{}", found[0].2);
}

#[test]
fn what_is_generated_is_bounded_in_text_as_well() {
    let text = format!("$GENERATE 0-999999 a 1 TXT {}", "x".repeat(300));
    let (records, found) = read_files(&[("zone", text.as_bytes())]);
    assert_eq!((records.len(), found.len()), (0, 1));
    assert!(found[0].2.contains("generates from more than"), "{}", found[0].2);
}

#[test]
fn a_parenthesis_left_open_costs_a_bounded_part_of_the_text() {
    let mut text = String::from("a 1 A (192.0.2.1\n");
    let line = "b 1 A 192.0.2.1\n";
    let lines = 2 * limits::ENTRY_OCTETS / line.len();
    text.push_str(&line.repeat(lines));
    let (records, found) = read_files(&[("zone", text.as_bytes())]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1, "(");
    assert_eq!(records.len(), lines);
}
