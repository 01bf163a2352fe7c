//! Records that own their octets.

use dns_protocol::{Class, Name, Record, RecordType};

/// A record whose owner is a name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Owned {
    pub(crate) owner: Vec<u8>,
    pub(crate) record_type: RecordType,
    class: Class,
    ttl: u32,
    pub(crate) data: Vec<u8>,
}

impl Owned {
    pub(crate) fn new(record: Record<'_>) -> Self {
        let Record { owner, record_type, class, ttl, data } = record;
        Self { owner: owner.as_wire().to_vec(), record_type, class, ttl, data: data.to_vec() }
    }

    fn as_record(&self) -> Record<'_> {
        let Self { owner, record_type, class, ttl, data } = self;
        let owner = Name::parse(owner).expect("an owner is a name");
        Record { owner, record_type: *record_type, class: *class, ttl: *ttl, data }
    }
}

/// A zone of these records, if they make one.
pub(crate) fn compile(apex: Name<'_>, records: &[Owned]) -> Option<Vec<u8>> {
    let records: Vec<_> = records.iter().map(Owned::as_record).collect();
    dns::compile(apex, &records).ok()
}
