//! The records of an RRset as they go onto the wire, and where their names are to be compressed.

use crate::limits::{ADDITIONAL_NAMES, COMPRESSION_CANDIDATES, RECORD_SET_OCTETS};
use crate::zone::format;
use alloc::vec::Vec;
use dns_protocol::{Name, Record, RecordType, data};

/// The pointer to the name in the question, which follows the header of 12 octets.
const QUESTION_POINTER: u16 = 0xc00c;

/// Room that most templates get by with.
const TEMPLATE_OCTETS: usize = 64;

/// A name whose addresses the zone has.
pub(super) struct Target {
    /// The number of the node with the addresses.
    pub(super) node: u32,
    /// Whether a delegation is of no use without them.
    pub(super) is_required: bool,
}

/// Encodes one RRset.
pub(super) struct Encoder<'a, F> {
    owner: Name<'a>,
    target: F,
    template: Vec<u8>,
    records: u16,
    fix_ups: Vec<(u16, u16)>,
    additional: Vec<(Name<'a>, u16, u32)>,
    /// Names in the template, with all their ancestors, and where each begins.
    written: Vec<(Name<'a>, u16)>,
}

impl<'a, F: Fn(Name<'_>) -> Option<Target>> Encoder<'a, F> {
    pub(super) fn new(owner: Name<'a>, target: F) -> Self {
        Self {
            owner,
            target,
            template: Vec::with_capacity(TEMPLATE_OCTETS),
            records: 0,
            fix_ups: Vec::new(),
            additional: Vec::new(),
            written: Vec::new(),
        }
    }

    /// Adds a record, or returns `None` if no message has room for it.
    pub(super) fn add(&mut self, record: &Record<'a>, ttl: u32) -> Option<()> {
        if self.owner.is_root() {
            self.template.push(0);
        } else {
            self.template.extend(QUESTION_POINTER.to_be_bytes());
        }
        self.template.extend(record.record_type.0.to_be_bytes());
        self.template.extend(record.class.0.to_be_bytes());
        self.template.extend(ttl.to_be_bytes());
        let length = self.template.len();
        self.template.extend([0, 0]);

        let mut copied = 0;
        for embedded in data::embedded_names(record.record_type, record.data) {
            self.template.extend_from_slice(&record.data[copied..embedded.offset]);
            copied = embedded.offset + embedded.name.as_wire().len();
            let place =
                if embedded.compressible { self.compress(embedded.name) } else { self.copy(embedded.name) };
            self.add_target(record.record_type, embedded.name, place);
            if self.template.len() > RECORD_SET_OCTETS {
                return None;
            }
        }
        self.template.extend_from_slice(&record.data[copied..]);
        let data_length = u16::try_from(self.template.len() - length - 2).ok()?;
        self.template[length..length + 2].copy_from_slice(&data_length.to_be_bytes());
        self.records = self.records.checked_add(1)?;
        (self.template.len() <= RECORD_SET_OCTETS).then_some(())
    }

    /// Writes as much of `name` as is not written yet, and says where the whole is if a pointer can reach it.
    fn compress(&mut self, name: Name<'a>) -> Option<u16> {
        let start = self.template.len();
        let mut rest = Some(name);
        while let Some(suffix) = rest.filter(|suffix| !suffix.is_root()) {
            if let (Some(place), Ok(position)) = (self.find(suffix), u16::try_from(self.template.len())) {
                self.fix_ups.push((position, place));
                self.template.extend([0xc0, 0]);
                return if suffix == name { Some(place) } else { inside(start) };
            }
            self.note(suffix);
            let label = 1 + usize::from(suffix.as_wire()[0]);
            self.template.extend_from_slice(&suffix.as_wire()[..label]);
            rest = suffix.parent();
        }
        self.template.push(0);
        inside(start)
    }

    /// Writes the whole of `name`, as types outside RFC 1035 want it (RFC 3597 §4), and says where it is.
    fn copy(&mut self, name: Name<'_>) -> Option<u16> {
        let start = self.template.len();
        self.template.extend_from_slice(name.as_wire());
        inside(start)
    }

    fn find(&self, suffix: Name<'_>) -> Option<u16> {
        // A name that matched a wildcard ends like the wildcard, but does not begin like it.
        let stands_in_owner = self.owner.is_at_or_below(suffix)
            && !(self.owner.is_wildcard() && suffix.as_wire().len() == self.owner.as_wire().len());
        if stands_in_owner {
            return u16::try_from(suffix.as_wire().len()).ok();
        }
        self.written.iter().find(|(name, _)| *name == suffix).map(|&(_, place)| place)
    }

    fn note(&mut self, suffix: Name<'a>) {
        if self.written.len() < COMPRESSION_CANDIDATES {
            // Beyond the reach of a pointer there is nothing to note.
            self.written.extend(inside(self.template.len()).map(|place| (suffix, place)));
        }
    }

    fn add_target(&mut self, record_type: RecordType, name: Name<'a>, place: Option<u16>) {
        if !has_target(record_type) || self.additional.len() == ADDITIONAL_NAMES {
            return;
        }
        // "." as the target of a service binding is its owner (RFC 9460 §2.5); of all else, nobody.
        let is_owner = name.is_root() && !self.owner.is_wildcard();
        let (name, place) = match record_type {
            RecordType::SVCB | RecordType::HTTPS if is_owner => {
                (self.owner, u16::try_from(self.owner.as_wire().len()).ok())
            }
            _ => (name, place),
        };
        let Some(place) = place else { return };
        if name.is_root() || self.additional.iter().any(|(other, ..)| *other == name) {
            return;
        }
        if let Some(target) = (self.target)(name) {
            let required = if target.is_required { format::NAME_REQUIRED } else { 0 };
            self.additional.push((name, place | required, target.node));
        }
    }

    /// Writes the record set, and where in it stand numbers of nodes instead of their offsets; says how many records.
    pub(super) fn write(
        mut self,
        record_type: RecordType,
        octets: &mut Vec<u8>,
        references: &mut Vec<usize>,
    ) -> u16 {
        // What a delegation needs comes first, as long as there is room.
        self.additional.sort_by_key(|(_, reference, _)| reference & format::NAME_REQUIRED == 0);
        let counts =
            [self.template.len(), usize::from(self.records), self.fix_ups.len(), self.additional.len()];
        octets.extend(record_type.0.to_le_bytes());
        for count in counts {
            let count = u16::try_from(count).expect("a template has at most 65,523 octets");
            octets.extend(count.to_le_bytes());
        }
        octets.append(&mut self.template);
        for (position, reference) in self.fix_ups {
            octets.extend(position.to_le_bytes());
            octets.extend(reference.to_le_bytes());
        }
        for (_, reference, node) in self.additional {
            octets.extend(reference.to_le_bytes());
            references.push(octets.len());
            octets.extend(node.to_le_bytes());
        }
        self.records
    }
}

/// A reference to a name in the template, if a pointer can reach it from the start of a message.
fn inside(place: usize) -> Option<u16> {
    let place = u16::try_from(place).ok()?;
    Some((place & format::NAME_VALUE) | format::NAME_INSIDE).filter(|_| place <= format::NAME_VALUE)
}

/// Types with names whose addresses a server adds: RFC 1035 §3.3.9 and §3.3.11, RFC 1183 §1 and §3.3, RFC 2230 §3,
/// RFC 2782, RFC 9460 §4.1.
fn has_target(record_type: RecordType) -> bool {
    matches!(
        record_type,
        RecordType::NS
            | RecordType::MX
            | RecordType::AFSDB
            | RecordType::RT
            | RecordType::KX
            | RecordType::SRV
            | RecordType::SVCB
            | RecordType::HTTPS
    )
}
