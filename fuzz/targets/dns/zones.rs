//! The zones that the interop tests serve, compiled.

use crate::records::{self, Owned};
use bytes::Bytes;
use configuration::{Diagnostics, Files};
use dns_protocol::{NameBuffer, master_file};

const ZONES: [(&str, &str); 4] = [
    ("example.com.", include_str!("../../../examples/dns/example.com.zone")),
    ("example.", include_str!("../../../interop-tests/zones/example.zone")),
    ("edges.test.", include_str!("../../../interop-tests/zones/edges.test.zone")),
    ("child.edges.test.", include_str!("../../../interop-tests/zones/child.edges.test.zone")),
];

struct Text(&'static str);

impl Files for Text {
    fn read(&mut self, _: &str) -> Result<Bytes, String> {
        Ok(Bytes::from_static(self.0.as_bytes()))
    }
}

/// One behind the other.
pub(crate) fn compiled() -> Vec<u8> {
    ZONES
        .iter()
        .flat_map(|(apex, text)| compile(NameBuffer::from_text(apex).expect("a name"), text))
        .collect()
}

fn compile(apex: NameBuffer, text: &'static str) -> Vec<u8> {
    let mut diagnostics = Diagnostics::new();
    let mut records = Vec::new();
    master_file::read("zone", apex.as_name(), &mut Text(text), &mut diagnostics, |record, _| {
        records.push(Owned::new(record));
    });
    assert_eq!(diagnostics.errors(), 0, "{:?}", diagnostics.iter().collect::<Vec<_>>());
    records::compile(apex.as_name(), &records).expect("the zones are sound")
}
