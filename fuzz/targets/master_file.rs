//! Master file → records → text → records, and a zone of them, checked and compiled.
//!
//! The text may include itself, and one other file.

#![no_main]

#[path = "dns/records.rs"]
mod records;

use bytes::Bytes;
use configuration::{Diagnostics, Files};
use core::fmt::Write;
use dns_protocol::{Name, master_file, zone};
use libfuzzer_sys::fuzz_target;
use records::Owned;

const APEX: &[u8] = b"\x07example\x03com\x00";

struct Folder(Bytes);

impl Files for Folder {
    fn read(&mut self, path: &str) -> Result<Bytes, String> {
        match path {
            "zone" => Ok(self.0.clone()),
            "other" => Ok(Bytes::from_static(b"other 60 IN A 192.0.2.1\n@ TXT (\n\"there\" )")),
            _ => Err("there is no such file".to_owned()),
        }
    }
}

/// Reads a text; the records, whether all is well, and every record as a line.
fn read(text: Bytes) -> (Vec<Owned>, bool, String) {
    let mut diagnostics = Diagnostics::new();
    let (mut records, mut lines) = (Vec::new(), String::new());
    let apex = Name::parse(APEX).expect("a name");
    let mut zone = zone::Records::new(apex);
    master_file::read("zone", apex, &mut Folder(text), &mut diagnostics, |record, location| {
        writeln!(lines, "{record}").expect("memory has room");
        records.push(Owned::new(record));
        zone.push(record, location);
    });
    let is_sound = diagnostics.errors() == 0;
    zone.into_zone().check(&mut diagnostics);
    for location in diagnostics.iter().filter_map(|diagnostic| diagnostic.location.as_ref()) {
        assert!(
            diagnostics.text(location.source).get(location.span.clone()).is_some(),
            "a place outside its text"
        );
    }
    (records, is_sound, lines)
}

fuzz_target!(|input: &[u8]| {
    let (records, is_sound, lines) = read(Bytes::copy_from_slice(input));
    let (again, is_still_sound, _) = read(Bytes::from(lines.clone()));
    assert!(is_still_sound && records == again, "not read as it is written:\n{lines}");
    if is_sound {
        let _served_or_refused = records::compile(Name::parse(APEX).expect("a name"), &records);
    }
});
