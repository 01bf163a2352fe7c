use super::read;
use crate::NameBuffer;
use bytes::Bytes;
use configuration::{Diagnostics, Files, Severity};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

mod generating;
mod mistakes;
mod properties;

/// Files in memory.
struct Memory<'a>(&'a [(&'a str, &'a [u8])]);

impl Files for Memory<'_> {
    fn read(&mut self, path: &str) -> Result<Bytes, String> {
        let file = self.0.iter().find(|(name, _)| *name == path);
        file.map(|(_, text)| Bytes::copy_from_slice(text)).ok_or("there is no such file".into())
    }
}

/// How bad a mistake is, the text that it marks, and what is said of it.
type Found = (Severity, String, String);

/// Records as lines, each with the text of its entry; what was found.
fn read_files(files: &[(&str, &[u8])]) -> (Vec<(String, String)>, Vec<Found>) {
    let mut diagnostics = Diagnostics::new();
    let origin = NameBuffer::from_text("example.").expect("a name");
    let mut records = Vec::new();
    read("zone", origin.as_name(), &mut Memory(files), &mut diagnostics, |record, location| {
        records.push((record.to_string(), location));
    });
    let at = |location: &configuration::Location| {
        let text =
            diagnostics.text(location.source).get(location.span.clone()).expect("a span within the text");
        String::from_utf8_lossy(text).into_owned()
    };
    let records = records.into_iter().map(|(record, location)| (record, at(&location))).collect();
    let found = diagnostics.iter().map(|found| {
        (found.severity, found.location.as_ref().map_or(String::new(), at), found.message.clone())
    });
    (records, found.collect())
}

/// The records of a text that has no mistake.
fn records(text: &str) -> Vec<String> {
    let (records, found) = read_files(&[("zone", text.as_bytes())]);
    assert_eq!(found, [], "{text}");
    records.into_iter().map(|(record, _)| record).collect()
}

#[test]
fn ttl_and_class_may_be_in_either_order_or_missing() {
    let text = "$TTL 1h\na 60 IN A 192.0.2.1\na IN 60 A 192.0.2.1\na 1m A 192.0.2.1\na IN A 192.0.2.1\na A 192.0.2.1\n";
    let line = |ttl| format!("a.example. {ttl} IN A 192.0.2.1");
    assert_eq!(records(text), [line(60), line(60), line(60), line(3600), line(3600)]);
    assert_eq!(records("a 1w2d3h4m5s cLaSs3 tYpE1 192.0.2.1"), ["a.example. 788645 CH A 192.0.2.1"]);
}

#[test]
fn owners_are_kept_and_completed() {
    let text = "$TTL 1\n@ A 192.0.2.1\n A 192.0.2.2\n\tA 192.0.2.3\nb.c A 192.0.2.4\n$ORIGIN sub\nd A 192.0.2.5\n. A 192.0.2.6\n\
                d.e. A 192.0.2.7\n$ORIGIN .\nf A 192.0.2.8\n$ORIGIN g.h.\n@ A 192.0.2.9\n\\@ A 192.0.2.10\n";
    let owners: Vec<String> =
        records(text).iter().map(|record| record.split(' ').next().expect("an owner").into()).collect();
    assert_eq!(
        owners,
        [
            "example.",
            "example.",
            "example.",
            "b.c.example.",
            "d.sub.example.",
            ".",
            "d.e.",
            "f.",
            "g.h.",
            "\\@.g.h."
        ]
    );
}

#[test]
fn comments_blanks_and_parentheses_leave_the_words() {
    let text = ";\n\n  \t; x\r\n$TTL 1;x\r\na(;x\n)( \n A ) 192.0.2.1;x\n(b A\n\n192.0.2.2\n)\n ((A) 192.0.2.3)\nc TXT \";(\"\\;x\\\n";
    let (lines, found) = read_files(&[("zone", text.as_bytes())]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, Severity::Error);
    let lines: Vec<&str> = lines.iter().map(|(line, _)| line.as_str()).collect();
    assert_eq!(
        lines,
        ["a.example. 1 IN A 192.0.2.1", "b.example. 1 IN A 192.0.2.2", "b.example. 1 IN A 192.0.2.3"]
    );
    assert_eq!(records("c 1 TXT \";(\"\\;x\\\\"), ["c.example. 1 IN TXT \";(\" \";x\\\\\""]);
}

#[test]
fn names_of_every_length_are_read_whole() {
    for length in 1..=63 {
        for front in 0..9 {
            let label = "x".repeat(length);
            let front = "y".repeat(front);
            let dot = if front.is_empty() { "" } else { "." };
            let owner = format!("{front}{dot}{label}.\\065{label}.");
            let lines = if length < 63 { records(&format!("{owner} 1 A 192.0.2.1")) } else { continue };
            assert_eq!(lines, [format!("{front}{dot}{label}.A{label}. 1 IN A 192.0.2.1")]);
        }
    }
    // 255 octets: four labels and the root.
    let longest = format!("{0}.{0}.{0}.{1}.", "x".repeat(63), "y".repeat(61));
    assert_eq!(records(&format!("{longest} 1 A 192.0.2.1")), [format!("{longest} 1 IN A 192.0.2.1")]);
    for owner in
        [format!("x{longest}"), format!("{0}.{0}.{0}.{1}", "x".repeat(63), "y".repeat(54)), "x.".repeat(128)]
    {
        let (lines, found) = read_files(&[("zone", format!("{owner} 1 A 192.0.2.1").as_bytes())]);
        assert_eq!((lines.len(), found.len()), (0, 1), "{owner}");
    }
}

#[test]
fn an_entry_is_located_from_its_owner_to_its_data() {
    let (records, _) =
        read_files(&[("zone", b"$TTL 1\na A 192.0.2.1 ; x\n  A 192.0.2.2\nb MX (10\n mail ) ;y\n")]);
    let texts: Vec<&str> = records.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["a A 192.0.2.1", "A 192.0.2.2", "b MX (10\n mail"]);
}

#[test]
fn an_included_file_changes_neither_origin_nor_owner() {
    let (lines, found) = read_files(&[
        (
            "zone",
            b"$TTL 1\na A 192.0.2.1\n$INCLUDE \"in c\" sub\n A 192.0.2.2\nb A 192.0.2.3\n$INCLUDE plain ; x",
        ),
        ("in c", b"x A 192.0.2.4\n$ORIGIN y.\n$TTL 2\nz A 192.0.2.5"),
        ("plain", b"p A 192.0.2.6"),
    ]);
    assert_eq!(found, []);
    let lines: Vec<&str> = lines.iter().map(|(line, _)| line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "a.example. 1 IN A 192.0.2.1",
            "x.sub.example. 1 IN A 192.0.2.4",
            "z.y. 2 IN A 192.0.2.5",
            "a.example. 2 IN A 192.0.2.2",
            "b.example. 2 IN A 192.0.2.3",
            "p.example. 2 IN A 192.0.2.6",
        ]
    );
}

#[test]
fn a_ttl_that_is_missing_is_taken_from_the_record_before_or_from_the_soa() {
    let (lines, found) =
        read_files(&[("zone", b"@ SOA a b 1 2 3 4 77\na A 192.0.2.1\nb 5 A 192.0.2.1\nc A 192.0.2.1")]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, Severity::Warning);
    assert!(
        lines.iter().zip([77, 77, 5, 77]).all(|((line, _), ttl)| line.contains(&format!(" {ttl} IN"))),
        "{lines:?}"
    );

    let (lines, found) = read_files(&[(
        "zone",
        b"a 9 A 192.0.2.1\nb A 192.0.2.1\nc A 192.0.2.1\nd 8 A 192.0.2.1\ne A 192.0.2.1",
    )]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, Severity::Warning);
    assert!(
        lines.iter().zip([9, 9, 9, 8, 8]).all(|((line, _), ttl)| line.contains(&format!(" {ttl} IN"))),
        "{lines:?}"
    );
}
