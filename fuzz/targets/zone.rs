//! Records → compiled zone → server → replies.
//!
//! The input is taken as records: owners and names in data are made from few labels, so that they meet; types are mostly
//! those that the server treats specially.

#![no_main]

#[path = "dns/ask.rs"]
mod ask;
#[path = "dns/question.rs"]
mod question;
#[path = "dns/records.rs"]
mod records;
#[path = "dns/server.rs"]
mod server;

use dns_protocol::{Class, Name, Record, RecordType};
use libfuzzer_sys::fuzz_target;
use records::Owned;

const APEX: &[u8] = b"\x04test\x00";
const LABELS: [&[u8]; 8] = [b"\x01a", b"\x01*", b"\x01b", b"\x02ns", b"\x01A", b"\x00", b"\x03xyz", b""];
/// A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, DNAME, DS, HTTPS, one that nobody knows, ANY.
const TYPES: [u16; 14] = [1, 2, 5, 6, 12, 15, 16, 28, 33, 39, 43, 65, 65280, 255];

/// Takes numbers from the front; zeros once there are no more.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn next(&mut self) -> u8 {
        let (&first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        first
    }

    /// Up to three labels, then the apex, the root, or another's name.
    fn name(&mut self) -> Vec<u8> {
        let choice = self.next();
        let mut octets = Vec::new();
        for _ in 0..choice & 3 {
            let label = LABELS[usize::from(self.next()) % LABELS.len()];
            octets.extend(if label == b"\x00" { &[63; 64][..] } else { label });
        }
        octets.extend_from_slice(match choice >> 2 {
            0 => b"\x00",
            1 => b"\x05other\x00",
            _ => APEX,
        });
        octets
    }

    fn data(&mut self, rtype: u16) -> Vec<u8> {
        let number = [0, self.next()];
        match rtype {
            1 => vec![192, 0, 2, number[1]],
            28 => vec![number[1]; 16],
            2 | 5 | 12 | 39 => self.name(),
            6 => [self.name(), self.name(), vec![number[1]; 20]].concat(),
            15 => [number.to_vec(), self.name()].concat(),
            33 => [vec![0, 1, 0, 1], number.to_vec(), self.name()].concat(),
            16 => [vec![number[1]], vec![b'x'; usize::from(number[1])]].concat(),
            43 => vec![number[1]; 36],
            65 => [number.to_vec(), self.name()].concat(),
            _ => (0..number[1]).map(|_| self.next()).collect(),
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let mut input = Input(input);
    let soa = [b"\x02ns".as_slice(), APEX, b"\x00", &[0; 19], &[60]].concat();
    let apex = Name::parse(APEX).expect("a name");
    let mut records = vec![Owned::new(record(apex, RecordType::SOA, 3600, &soa))];
    while !input.0.is_empty() && records.len() < 64 {
        let owner = input.name();
        let choice = usize::from(input.next());
        let rtype = TYPES
            .get(choice % 16)
            .copied()
            .unwrap_or_else(|| u16::from_be_bytes([input.next(), input.next()]));
        let (ttl, data) = (u32::from(input.next()), input.data(rtype));
        if let Ok(owner) = Name::parse(&owner) {
            records.push(Owned::new(record(owner, RecordType(rtype), ttl, &data)));
        }
    }
    let Some(compiled) = records::compile(apex, &records) else { return };
    let mut server = server::configure(server::SETTINGS, &compiled).expect("compiled by ourselves");
    for record in &records {
        let rtype = record.record_type.0;
        ask_around(&mut server, &record.owner, rtype);
        if matches!(rtype, 2 | 5 | 12 | 39) {
            ask_around(&mut server, &record.data, 1);
        }
    }
});

fn record<'a>(owner: Name<'a>, record_type: RecordType, ttl: u32, data: &'a [u8]) -> Record<'a> {
    Record { owner, record_type, class: Class::IN, ttl, data }
}

/// Asks for a name, and for one below it; of this type, and of others.
fn ask_around(server: &mut dns::Dns, name: &[u8], rtype: u16) {
    let below = [b"\x01q", name].concat();
    for name in [name, &below] {
        for rtype in [rtype, 1, 5, 43, 255] {
            if Name::parse(name).is_ok() {
                ask::ask(server, &question::question(name, rtype, true)).expect("a question is answered");
                ask::ask(server, &question::question(name, rtype, false)).expect("a question is answered");
            }
        }
    }
}
