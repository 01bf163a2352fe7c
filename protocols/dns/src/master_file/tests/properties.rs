use super::{read_files, records};
use proptest::collection::vec;
use proptest::prelude::*;
use std::format;
use std::string::String;
use std::vec::Vec;

/// Pieces of master files, of which texts are made that are often nearly right.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(
            &[
                "\n",
                "\n",
                " ",
                "\t",
                "(",
                ")",
                ";",
                "\"",
                "\\",
                "\\1",
                "\\065",
                "@",
                ".",
                "$",
                "$TTL ",
                "$ORIGIN ",
                "$INCLUDE ",
                "$GENERATE 1-3 ",
                "${0,3,n}",
                "a",
                "b.c.",
                "IN ",
                "A ",
                "AAAA ",
                "TXT ",
                "MX ",
                "SOA ",
                "HTTPS ",
                "NSEC ",
                "LOC ",
                "TYPE65280 ",
                "\\# ",
                "1 ",
                "3600 ",
                "1h",
                "192.0.2.1",
                "2001:db8::1",
                "alpn=\"h2\"",
                "zone",
                "other",
                "\r\n",
                "\0",
            ][..]
        )
        .prop_map(String::from),
        "[ -~]{1,12}",
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_does_harm_and_what_is_read_is_read_again(zone in pieces(), other in pieces()) {
        let (lines, _) = read_files(&[("zone", zone.as_bytes()), ("other", other.as_bytes())]);
        for (line, _) in lines {
            prop_assert_eq!(records(&line), [line.clone()]);
        }
    }

    #[test]
    fn no_octets_do_harm(octets in vec(any::<u8>(), 0..200)) {
        read_files(&[("zone", &octets)]);
    }

    #[test]
    fn any_name_is_written_so_that_it_is_read_again(labels in vec(vec(any::<u8>(), 1..=63), 0..4)) {
        let mut wire = Vec::new();
        for label in &labels {
            wire.push(label.len() as u8);
            wire.extend(label);
        }
        wire.push(0);
        let Ok(name) = crate::Name::parse(&wire) else { return Ok(()) };
        let read = crate::NameBuffer::from_text(&format!("{name}"));
        prop_assert_eq!(read.map(|read| read.as_name().as_wire().to_vec()), Ok(wire));
    }
}
