//! Replies that are longer than a compression pointer reaches (RFC 1035 §4.1.4), read by somebody else's reader.

use super::*;
use crate::limits::STREAM_MESSAGE;
use crate::zone::compile;
use dns_protocol::{Name, Record};
use proptest::prelude::*;

impl Served {
    /// What a stream's query is answered.
    fn reply_in_stream(&mut self, asked: &Asked) -> Vec<u8> {
        let mut buffer = asked.octets();
        let length = buffer.len();
        buffer.resize(STREAM_MESSAGE, 0xaa);
        let Dns { snapshot, counters, .. } = &mut self.dns;
        let length = snapshot.reply(&mut buffer, length, Transport::Stream, counters);
        buffer.truncate(length.expect("every query has a reply"));
        buffer
    }
}

/// A zone of so many records at `name`, each written by its number, and what else is in it.
fn zone(name: &str, records: usize, record: impl Fn(usize) -> String, more: &str) -> String {
    let mut zone = format!("$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n{more}");
    for number in 0..records {
        zone += &format!("{name} {}\n", record(number));
    }
    zone
}

const LONG: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.\
                    bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.\
                    ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.\
                    dddddddddddddddddddddddddddddddddddddddddddddddddddddd";

/// Records of a long set: their type, how many they are, the data of each. Names are in the zone and outside, and have much in
/// common or nothing.
type Kind = (&'static str, usize, fn(usize) -> String);

const KINDS: &[Kind] = &[
    ("A", 1100, |number| format!("192.{}.{}.1", number / 256, number % 256)),
    ("TXT", 280, |number| format!("\"{number:0200}\"")),
    ("MX", 1200, |number| format!("{number} m{number}.t.")),
    ("MX", 1200, |number| format!("{number} m{number}.u.v.t.")),
    ("MX", 1200, |number| format!("{number} m{number}.elsewhere.test.")),
    ("MX", 1200, |number| format!("{number} m{number}.z{}.y{}.test.", number % 70, number % 3)),
    ("MX", 1200, |number| format!("{number} {}.m{number}.test.", "n".repeat(number % 30 + 1))),
    // Names that are noted for compression just before the end of reach, and used behind it.
    ("MX", 1200, |number| after(1022, number)),
    ("MX", 1200, |number| after(1008, number)),
    ("NS", 1200, |number| format!("n{number}.elsewhere.test.")),
    ("SRV", 1200, |number| format!("1 2 {number} m{number}.t.")),
    ("NAPTR", 800, |number| format!("{number} 1 \"s\" \"x\" \"\" m{}.elsewhere.test.", number % 9)),
];

/// The owner's parent so many times, then names outside of the zone, two records each.
fn after(parents: usize, number: usize) -> String {
    if number < parents { format!("{number} t.") } else { format!("{number} m{}.a.b.test.", number / 2) }
}

/// Whatever has to be spelled out: the records are those of the zone, and all of them.
#[test]
fn long_sets_are_read_as_they_were_written() {
    for (record_type, count, data) in KINDS {
        for (name, apex) in [("x", "t"), (LONG, "t"), ("x", "u.v.t")] {
            let text = zone(name, *count, |number| format!("{record_type} {}", data(number)), "");
            // A delegation's set has another section and another owner.
            let (question, initial) = match *record_type {
                "NS" if name == LONG => continue,
                "NS" => (format!("sub.{name}.{apex} A"), '!'),
                other => (format!("{name}.{apex} {other}"), '?'),
            };
            let reply = serve(&[(apex, &text)]).reply_in_stream(&ask(&question));
            assert!(reply.len() > 1 << 14, "{question}: {} octets", reply.len());
            let mut found = described(&reply);
            let status = found.remove(0);
            assert!(status.starts_with("NOERROR") && !status.contains("tc"), "{question}: {status}");
            assert_eq!(found.len(), *count, "{question}");
            for (number, found) in found.iter().enumerate() {
                let expected = format!("{initial} {name}.{apex}. 60 {record_type} {}", data(number));
                // Not every name is written with its dot.
                assert_eq!(found.trim_end_matches('.'), expected.trim_end_matches('.'), "{question}");
            }
        }
    }
}

/// Addresses beside a long set, whose owners no pointer reaches.
#[test]
fn owners_beyond_reach_are_spelled_out() {
    for before in 0..300 {
        let more = "m0 A 192.0.2.1\nm1.far A 192.0.2.2\nm1.far AAAA 2001:db8::2\n";
        let name = |number: usize| match number {
            _ if number + 2 == before + 2 => "m0".to_owned(),
            _ if number + 1 == before + 2 => "m1.far".to_owned(),
            _ => format!("{}.{number}.elsewhere.test.", "n".repeat(40)),
        };
        let text = zone(LONG, before + 2, |number| format!("MX {number} {}", name(number)), more);
        let reply = serve(&[("t", &text)]).reply_in_stream(&ask(&format!("{LONG}.t MX")));
        let found = described(&reply);
        assert_eq!(found.len(), 1 + before + 2 + if is_noted(&found) { 3 } else { 0 }, "{before} before");
        if is_noted(&found) {
            assert_eq!(
                found[before + 3..],
                ["+ m0.t. 60 A 192.0.2.1", "+ m1.far.t. 60 A 192.0.2.2", "+ m1.far.t. 60 AAAA 2001:db8::2"]
            );
        }
    }
}

/// Whether addresses came: not for names so far from the set's start that a zone has no note of them.
fn is_noted(found: &[String]) -> bool {
    found.last().is_some_and(|last| last.starts_with('+'))
}

/// TC is for what 65,535 octets do not hold: header, question, OPT and 16 octets an address.
#[test]
fn a_message_has_65535_octets() {
    let most = (65_535 - 12 - 9 - 11) / 16;
    let answered = |addresses| {
        let (record_type, _, data) = KINDS[0];
        let text = zone("x", addresses, |number| format!("{record_type} {}", data(number)), "");
        described(&serve(&[("t", &text)]).reply_in_stream(&ask("x.t A")))
    };
    assert_eq!(answered(most).len(), 1 + most);
    assert_eq!(answered(most + 1), ["NOERROR aa tc"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A long set that contradicts itself: a reply that fits, or SERVFAIL.
    #[test]
    fn corrupt_sets(changes in prop::collection::vec((any::<u32>(), any::<u8>()), 1..20), is_cut in any::<bool>()) {
        let (record_type, count, data) = if is_cut { KINDS[9] } else { KINDS[8] };
        let text = zone("x", count, |number| format!("{record_type} {}", data(number)), "");
        let mut files = prepared("", &[("t", &text)]).expect("a sound zone");
        let (path, content) = files.pop().expect("the zones are the last file");
        let mut octets = content.to_vec();
        for (at, octet) in changes {
            let at = at as usize % octets.len();
            octets[at] = octet;
        }
        files.push((path, Bytes::from(octets)));
        if let Ok(dns) = Dns::configure(&archive(&files)) {
            let reply = Served { dns }.reply_in_stream(&ask(if is_cut { "sub.x.t A" } else { "x.t MX" }));
            prop_assert!(reply.len() <= STREAM_MESSAGE);
        }
    }

    /// Names of a few labels in any order, in MX records of any number: all are read back, and the targets' addresses.
    #[test]
    fn any_names_are_read_back(
        names in prop::collection::vec(prop::collection::vec(prop::sample::select(vec!["a", "b", "cc", "ddd", LABEL]), 0..5), 100..1500),
        owner in prop::sample::select(vec!["a.t", "*.t", "t", "b.a.ddd.t"]),
        is_inside in any::<bool>(),
        before in 980_u16..1030,
    ) {
        let apex = NameBuffer::from_text("t").expect("a name");
        let wire = |text: &str| NameBuffer::from_text(text).expect(text).as_name().as_wire().to_vec();
        let mut all = vec![(wire("t"), RecordType::SOA, vec![0; 22])];
        let asked = owner.replace('*', "any");
        let mut expected = Vec::new();
        for number in 0..before {
            all.push((wire(owner), RecordType::MX, [&number.to_be_bytes()[..], &wire("t")].concat()));
            expected.push(format!("? {asked}. 60 MX {number} t."));
        }
        for (number, labels) in (before..).zip(&names) {
            let name = format!("{}{}", labels.join(".") + if labels.is_empty() { "" } else { "." }, if is_inside { "t." } else { "u." });
            let name = if number % 7 == 0 { format!("n{number}.{name}") } else { name };
            all.push((wire(owner), RecordType::MX, [&number.to_be_bytes()[..], &wire(&name)].concat()));
            expected.push(format!("? {asked}. 60 MX {number} {name}"));
        }
        for name in ["a.t", "cc.a.t", "b.cc.t", "ddd.ddd.t"] {
            all.push((wire(name), RecordType::A, vec![192, 0, 2, 1]));
        }
        let records: Vec<Record<'_>> = all
            .iter()
            .map(|(owner, record_type, data)| Record {
                owner: Name::parse(owner).expect("a name"),
                record_type: *record_type,
                class: Class::IN,
                ttl: 60,
                data,
            })
            .collect();
        let Ok(compiled) = compile(apex.as_name(), &records) else { return Ok(()) };
        let mut served = Served { dns: Dns::of(&Bytes::from(compiled)) };
        let found = described(&served.reply_in_stream(&ask(&format!("{asked} MX"))));
        if found[0] == "NOERROR aa tc" {
            return Ok(());
        }
        prop_assert_eq!(&found[0], "NOERROR aa");
        let (answers, additional): (Vec<String>, Vec<String>) = found[1..].iter().cloned().partition(|line| line.starts_with('?'));
        prop_assert!(answers == expected, "{answers:?} are not {expected:?}");
        for line in additional {
            prop_assert!(["a.t", "cc.a.t", "b.cc.t", "ddd.ddd.t"].map(|name| format!("+ {name}. 60 A 192.0.2.1")).contains(&line), "{}", line);
        }
    }
}

const LABEL: &str = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
