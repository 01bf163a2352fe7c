use super::Document;
use crate::{Diagnostics, Severity};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;

/// Messages, each with the text that it is about.
fn found(diagnostics: &Diagnostics) -> Vec<(String, String)> {
    let text = |diagnostic: &crate::Diagnostic| {
        let location = diagnostic.location.clone().unwrap();
        String::from_utf8_lossy(&diagnostics.text(location.source)[location.span]).into_owned()
    };
    diagnostics.iter().map(|diagnostic| (diagnostic.message.clone(), text(diagnostic))).collect()
}

/// Parses `text`, lets `read` look at it, and compares what was reported.
#[track_caller]
fn check(text: &str, read: impl FnOnce(super::Table<'_>, &mut Diagnostics), expected: &[(&str, &str)]) {
    let text = Bytes::copy_from_slice(text.as_bytes());
    let mut diagnostics = Diagnostics::new();
    let document = Document::parse("file.toml", &text, &mut diagnostics).unwrap();
    read(document.root(), &mut diagnostics);
    let found = found(&diagnostics);
    let found: Vec<_> = found.iter().map(|(message, text)| (&**message, &**text)).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_fault_of_syntax_is_reported() {
    let text = Bytes::from_static(b"a = = 1\nb = [\n\"x\"\nc = \"unclosed\n");
    let mut diagnostics = Diagnostics::new();
    assert!(Document::parse("file.toml", &text, &mut diagnostics).is_none());
    assert!(diagnostics.errors() >= 2, "{diagnostics:?}");
    let source = diagnostics.iter().next().unwrap().location.clone().unwrap().source;
    assert_eq!(diagnostics.path(source), "file.toml");
}

#[test]
fn what_is_no_text_is_refused_where_it_is_none() {
    let text = Bytes::from_static(b"a = \"\xff\"");
    let mut diagnostics = Diagnostics::new();
    assert!(Document::parse("file.toml", &text, &mut diagnostics).is_none());
    assert_eq!(diagnostics.iter().next().unwrap().location.clone().unwrap().span, 5..6);
}

#[test]
fn values_are_found_with_their_places() {
    let text =
        "s = \"text\"\nn = 0x1F\nb = true\nl = [\"a\", \"b\"]\n[t]\nx = 1\n[[many]]\n[[many]]\ny = 2\n";
    check(
        text,
        |root, diagnostics| {
            assert_eq!(root.string("s", diagnostics).unwrap().value, "text");
            assert_eq!(root.integer("n", 0..=31, diagnostics).unwrap().value, 31);
            assert!(root.boolean("b", diagnostics).unwrap().value);
            let list = root.strings("l", diagnostics).unwrap();
            assert_eq!(list.iter().map(|value| value.value).collect::<Vec<_>>(), ["a", "b"]);
            assert_eq!(&text[list[1].location.span.clone()], "\"b\"");
            assert!(root.table("t", diagnostics).unwrap().contains("x"));
            let many = root.tables("many", diagnostics);
            assert_eq!(many.len(), 2);
            assert_eq!(many[1].integer("y", 0..=9, diagnostics).unwrap().value, 2);
            for key in ["none", "other"] {
                assert!(root.string(key, diagnostics).is_none());
                assert!(root.tables(key, diagnostics).is_empty());
            }
        },
        &[],
    );
}

#[test]
fn values_of_the_wrong_kind() {
    check(
        "s = 1\nn = \"x\"\nb = 1979-05-27\nl = 1.5\nl2 = [1, \"a\"]\nt = []\nm = {}\n",
        |root, diagnostics| {
            assert!(root.string("s", diagnostics).is_none());
            assert!(root.integer("n", 0..=1, diagnostics).is_none());
            assert!(root.boolean("b", diagnostics).is_none());
            assert!(root.strings("l", diagnostics).is_none());
            assert_eq!(root.strings("l2", diagnostics).unwrap().len(), 1);
            assert!(root.table("t", diagnostics).is_none());
            assert!(root.tables("m", diagnostics).is_empty());
        },
        &[
            ("`s` has to be a string, and this is a whole number", "1"),
            ("`n` has to be a whole number, and this is a string", "\"x\""),
            ("`b` has to be true or false, and this is a date", "1979-05-27"),
            ("`l` has to be an array of strings, and this is a number with a fraction", "1.5"),
            ("`l2` has to be a string, and this is a whole number", "1"),
            ("`t` has to be a table, and this is an array", "[]"),
            ("`m` has to be an array of tables, and this is a table", "{}"),
        ],
    );
}

#[test]
fn numbers_have_bounds() {
    for number in ["0", "11", "-5", "99999999999999999999999"] {
        let message = "`n` has to be between 1 and 10";
        check(
            &format!("n = {number}"),
            |root, diagnostics| assert!(root.integer("n", 1..=10, diagnostics).is_none()),
            &[(message, number)],
        );
    }
    for number in ["1", "10", "0b1010", "0xa", "+7", "1_0"] {
        let text = format!("n = {number}");
        check(&text, |root, diagnostics| assert!(root.integer("n", 1..=10, diagnostics).is_some()), &[]);
    }
}

#[test]
fn keys_that_are_missing_or_unknown() {
    check(
        "known = 1\nunkown = 2\n",
        |root, diagnostics| {
            root.expect_only(&["known", "other"], diagnostics);
            root.require("known", diagnostics);
            root.require("other", diagnostics);
            assert_eq!(diagnostics.iter().next().unwrap().help.as_deref(), Some("known keys: known, other"));
            assert!(diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Error));
        },
        &[("there is no key `unkown` here", "unkown"), ("the key `other` is missing", "")],
    );
}
