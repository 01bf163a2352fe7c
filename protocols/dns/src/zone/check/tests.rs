use super::FINDINGS;
use crate::zone::{Records, Zone};
use crate::{Class, NameBuffer, Record, RecordType, master_file};
use bytes::Bytes;
use configuration::{Diagnostics, Files, Severity};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

struct Memory(Bytes);

impl Files for Memory {
    fn read(&mut self, _path: &str) -> Result<Bytes, String> {
        Ok(self.0.clone())
    }
}

fn read(text: &str, diagnostics: &mut Diagnostics) -> Zone {
    let origin = NameBuffer::from_text("example.").expect("a name");
    let mut records = Records::new(origin.as_name());
    let mut files = Memory(Bytes::copy_from_slice(text.as_bytes()));
    master_file::read("zone", origin.as_name(), &mut files, diagnostics, |record, location| {
        records.push(record, location);
    });
    records.into_zone()
}

/// What is found in a text: how bad it is, the text that it marks, and what is said.
fn check(text: &str) -> Vec<(Severity, String, String)> {
    let mut diagnostics = Diagnostics::new();
    let zone = read(text, &mut diagnostics);
    assert_eq!(diagnostics.iter().next(), None, "{text}");
    zone.check(&mut diagnostics);
    let found = diagnostics.iter().map(|found| {
        let marked = found.location.as_ref().map_or("", |at| &text[at.span.clone()]);
        (found.severity, marked.into(), found.message.clone())
    });
    found.collect()
}

/// A zone without fault, to which mistakes are added.
const SOUND: &str = "\
$TTL 3600
@ SOA ns1 host.example. 1 7200 3600 1209600 300
@ NS ns1
@ NS ns.other.
@ MX 10 mail
ns1 A 192.0.2.1
mail AAAA 2001:db8::1
www CNAME @
*.wild A 192.0.2.9
child NS ns1.child
child NS ns1
child NS ns.wild
child DS 1 8 255 00
ns1.child A 192.0.2.2
old DNAME new
_sip._udp SRV 1 2 3 ns1
_no._udp SRV 0 0 0 .
*.mail MX 0 .
";

#[test]
fn a_sound_zone_has_no_findings() {
    assert_eq!(check(SOUND), []);
}

/// Records added to the sound zone; how bad it is, the record that is marked, and a part of what is said.
const FINDINGS_OF_RECORDS: &[(&str, Severity, &str, &str)] = &[
    ("x CH A 192.0.2.1", Severity::Error, "x CH A 192.0.2.1", "class CH"),
    (
        "x.other. A 192.0.2.1",
        Severity::Error,
        "x.other. A 192.0.2.1",
        "x.other. A is not in the zone example.",
    ),
    ("@ SOA a b 1 2 1 4 5", Severity::Error, "@ SOA a b 1 2 1 4 5", "second SOA"),
    ("x SOA a b 1 2 1 4 5", Severity::Error, "x SOA a b 1 2 1 4 5", "not the zone's apex"),
    ("www TXT x", Severity::Error, "www TXT x", "has a CNAME record, and here one of type TXT"),
    ("www CNAME mail", Severity::Error, "www CNAME mail", "more than one CNAME"),
    ("old DNAME other", Severity::Error, "old DNAME other", "more than one DNAME"),
    ("x.old A 192.0.2.1", Severity::Error, "x.old A 192.0.2.1", "below old.example., which has a DNAME"),
    ("child DNAME x", Severity::Error, "child DNAME x", "has a DNAME record and is delegated"),
    ("child NS ns2.child", Severity::Error, "child NS ns2.child", "ns2.child.example., which has no glue"),
    ("child TXT x", Severity::Warning, "child TXT x", "its TXT record is never served"),
    ("a.child TXT x", Severity::Warning, "a.child TXT x", "below the delegation of child.example."),
    ("x DS 1 8 255 00", Severity::Warning, "x DS 1 8 255 00", "a DS record and no NS"),
    (
        "mail 60 AAAA 2001:db8::2",
        Severity::Warning,
        "mail 60 AAAA 2001:db8::2",
        "different TTLs, 3600 and here 60",
    ),
    ("ns1 A 192.0.2.1 ", Severity::Warning, "ns1 A 192.0.2.1", "a second time"),
    (
        "x TLSA 3 1 1 abcd",
        Severity::Warning,
        "x TLSA 3 1 1 abcd",
        "the digest has 2 octets, and its matching type 32",
    ),
    ("x NS www", Severity::Warning, "x NS www", "an alias"),
    ("x MX 1 a.old", Severity::Warning, "x MX 1 a.old", "an alias"),
    ("x SRV 1 2 3 _sip._udp", Severity::Warning, "x SRV 1 2 3 _sip._udp", "no host's name"),
    ("x SRV 1 2 3 old", Severity::Warning, "x SRV 1 2 3 old", "no A and no AAAA"),
    ("x MX 1 nothing", Severity::Warning, "x MX 1 nothing", "does not exist"),
    ("x MX 1 a.mail", Severity::Warning, "x MX 1 a.mail", "no A and no AAAA"),
    ("x MX 1 192.0.2.1", Severity::Warning, "x MX 1 192.0.2.1", "looks like an address"),
    ("x MX 1 mail.example", Severity::Warning, "x MX 1 mail.example", "does not exist"),
    ("a_b A 192.0.2.1", Severity::Warning, "a_b A 192.0.2.1", "no host's name"),
    ("-b AAAA ::1", Severity::Warning, "-b AAAA ::1", "no host's name"),
    ("a.*.b A 192.0.2.1", Severity::Warning, "a.*.b A 192.0.2.1", "asterisk"),
    ("*.c NS ns1", Severity::Error, "*.c NS ns1", "wildcard"),
    ("*.c DNAME d", Severity::Warning, "*.c DNAME d", "wildcard"),
];

#[test]
fn findings_mark_the_record_and_say_what_it_is() {
    for (record, severity, marked, expected) in FINDINGS_OF_RECORDS {
        let found = check(&format!("{SOUND}{record}\n"));
        let wanted = |(as_bad, at, message): &(Severity, String, String)| {
            as_bad == severity && at == marked && message.contains(expected)
        };
        assert!(found.iter().any(wanted), "{record}: {found:?}");
        let errors = found.iter().filter(|(as_bad, ..)| *as_bad == Severity::Error).count();
        assert_eq!(errors > 0, *severity == Severity::Error, "{record}: {found:?}");
    }
}

#[test]
fn the_apex_needs_a_soa_and_servers() {
    let messages: Vec<String> =
        check("$TTL 1\nx A 192.0.2.1\n").into_iter().map(|(.., message)| message).collect();
    assert_eq!(messages, ["the zone example. has no SOA record", "the zone example. has no NS records"]);
    assert_eq!(check("").len(), 2);
}

#[test]
fn the_numbers_of_the_soa_are_weighed() {
    let with = |soa: &str| check(&SOUND.replace("host.example. 1 7200 3600 1209600 300", soa));
    for (soa, expected) in [
        ("host 0 7200 3600 1209600 300", "serial is 0"),
        ("host 1 3600 3600 1209600 300", "retry interval"),
        ("host 1 7200 3600 10800 300", "expires"),
        ("host 1 7200 3600 1209600 86401", "negative answers"),
        ("a@b.example. 1 7200 3600 1209600 300", "`@`"),
    ] {
        let found = with(soa);
        assert_eq!(found.len(), 1, "{soa}: {found:?}");
        assert!(found[0].0 == Severity::Warning && found[0].2.contains(expected), "{soa}: {found:?}");
    }
}

#[test]
fn findings_are_bounded_and_warnings_hide_no_error() {
    let mut text = String::from(SOUND);
    for number in 0..3 * FINDINGS {
        text.push_str(&format!("_{number} A 192.0.2.1\n"));
    }
    text.push_str("www TXT x\n");
    let found = check(&text);
    assert_eq!(found.len(), FINDINGS + 2);
    assert_eq!(found.iter().filter(|(severity, ..)| *severity == Severity::Error).count(), 1);
}

#[test]
fn records_come_in_canonical_order() {
    let mut diagnostics = Diagnostics::new();
    let zone = read(
        "$TTL 1\nz A 192.0.2.1\na.B A 192.0.2.2\nb TXT x\nB A 192.0.2.4\nb A 192.0.2.3\n@ NS z\n",
        &mut diagnostics,
    );
    let lines: Vec<String> = zone.records().map(|record| record.to_string()).collect();
    assert_eq!(
        lines,
        [
            "example. 1 IN NS z.example.",
            "B.example. 1 IN A 192.0.2.4",
            "b.example. 1 IN A 192.0.2.3",
            "b.example. 1 IN TXT \"x\"",
            "a.B.example. 1 IN A 192.0.2.2",
            "z.example. 1 IN A 192.0.2.1",
        ]
    );
    let name = NameBuffer::from_text("b.EXAMPLE").expect("a name");
    assert_eq!(zone.records_of(name.as_name(), Some(RecordType::A)).count(), 2);
    assert_eq!(zone.records_of(name.as_name(), None).count(), 3);
}

mod properties {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn line() -> impl Strategy<Value = String> {
        let owner = proptest::sample::select(
            &[
                "@",
                "a",
                "A",
                "b",
                "a.b",
                "*.b",
                "*",
                "c.a.b",
                "C.a.B",
                "\\000",
                "\\001.a",
                "a\\000",
                "-",
                "0123456789abcdef",
                "0123456789abcdefg",
                "x.0123456789abcdef",
                "x.other.",
            ][..],
        );
        let data = proptest::sample::select(
            &[
                "A 192.0.2.1",
                "A 192.0.2.2",
                "NS a",
                "NS a.b",
                "NS c.a.b",
                "CNAME b",
                "DNAME a",
                "MX 1 a.b",
                "TXT x",
                "SOA a b 1 2 3 4 5",
                "DS 1 8 255 00",
                "SRV 1 2 3 d.b",
                "\\# 4 00000000",
            ][..],
        );
        (owner, data).prop_map(|(owner, data)| {
            let data = if data.starts_with('\\') { format!("TYPE65280 {data}") } else { data.into() };
            format!("{owner} 1 {data}\n")
        })
    }

    proptest! {
        #[test]
        fn any_zone_is_checked_and_put_in_order(lines in vec(line(), 0..24)) {
            let mut diagnostics = Diagnostics::new();
            let zone = read(&lines.concat(), &mut diagnostics);
            prop_assert_eq!(diagnostics.errors(), 0);
            zone.check(&mut diagnostics);
            let records: Vec<Record<'_>> = zone.records().collect();
            prop_assert!(records.is_sorted_by_key(|record| (record.owner, record.record_type)));
            prop_assert!(records.iter().all(|record| record.class == Class::IN));
            let kept = lines.iter().filter(|line| !line.starts_with("x.other.")).count();
            prop_assert_eq!(records.len(), kept);
        }
    }
}
