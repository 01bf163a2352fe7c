//! From a zone in order to its octets.

use super::error::error;
use super::placement::Placement;
use super::template::Encoder;
use super::{CompileError, Draft, Fault, NodeDraft};
use crate::limits::{PROBES, ZONE_OCTETS};
use crate::zone::format::{self, flags, header};
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use dns_protocol::{Record, RecordType};

/// Writes a zone's octets.
pub(super) struct Writer<'d, 'a> {
    draft: &'d Draft<'a>,
    octets: Vec<u8>,
    /// Where each node came to lie.
    offsets: Vec<u32>,
    /// Where an offset of a node is to stand, and now stands its number.
    references: Vec<usize>,
    records: usize,
}

impl<'d, 'a> Writer<'d, 'a> {
    pub(super) fn write(draft: &'d Draft<'a>) -> Result<Vec<u8>, CompileError> {
        let mut octets = vec![0; format::HEADER];
        octets.extend_from_slice(draft.apex.as_wire());
        let mut this = Self { draft, octets, offsets: Vec::new(), references: Vec::new(), records: 0 };
        let negative_soa = this.write_negative_soa()?;
        let before = this.records;
        for node in &draft.nodes {
            this.write_node(node)?;
        }
        this.records -= before;
        for &reference in &this.references {
            let number = this.octets[reference..].first_chunk_mut().expect("a reference has four octets");
            *number = this.offsets[u32::from_le_bytes(*number) as usize].to_le_bytes();
        }
        this.write_table(negative_soa)
    }

    fn write_negative_soa(&mut self) -> Result<usize, CompileError> {
        let draft = self.draft;
        let apex = &draft.nodes[0];
        let soa = draft.record_sets(apex).find(|set| set[0].record_type == RecordType::SOA);
        let mut soa =
            soa.map(|set| set[0]).ok_or_else(|| error(draft.apex, RecordType::SOA, Fault::NoSoa))?;
        let minimum = soa.data.last_chunk().map_or(0, |octets| u32::from_be_bytes(*octets));
        soa.ttl = soa.ttl.min(minimum);
        let offset = self.octets.len();
        self.write_record_set(apex, &[soa])?;
        Ok(offset)
    }

    fn write_node(&mut self, node: &NodeDraft<'a>) -> Result<(), CompileError> {
        self.pad(format::NODE_ALIGNMENT);
        if self.octets.len() > ZONE_OCTETS {
            return Err(error(self.draft.apex, RecordType::ANY, Fault::ZoneTooLarge));
        }
        self.offsets.push(self.octets.len() as u32);
        let relative_length = node.owner.as_wire().len() - self.draft.apex.as_wire().len();
        let sets = self.draft.record_sets(node).count();
        let narrow = |number: usize| u8::try_from(number).expect("names and types per name are limited");
        self.octets.extend([narrow(relative_length), node.flags, narrow(sets), 0]);
        if node.flags & flags::OCCLUDED != 0 {
            self.references.push(self.octets.len());
            self.octets.extend(node.occluder.to_le_bytes());
        }
        self.octets.extend_from_slice(&node.owner.as_wire()[..relative_length]);
        for set in self.draft.record_sets(node) {
            self.write_record_set(node, set)?;
        }
        Ok(())
    }

    fn write_record_set(&mut self, node: &NodeDraft<'a>, set: &[Record<'a>]) -> Result<(), CompileError> {
        let record_type = set[0].record_type;
        let lowest = set.iter().map(|record| record.ttl).min().unwrap_or_default();
        let mut encoder = Encoder::new(node.owner, |name| self.draft.target(node, record_type, name));
        let mut seen = BTreeSet::new();
        for record in set {
            if set.len() == 1 || seen.insert(record.data) {
                // A signature's TTL is that of what it signs (RFC 4034 §3).
                let ttl = if record_type == RecordType::RRSIG { record.ttl } else { lowest };
                encoder
                    .add(record, ttl)
                    .ok_or_else(|| error(node.owner, record_type, Fault::RecordSetTooLarge))?;
            }
        }
        self.records += usize::from(encoder.write(record_type, &mut self.octets, &mut self.references));
        Ok(())
    }

    fn pad(&mut self, alignment: usize) {
        self.octets.resize(self.octets.len().next_multiple_of(alignment), 0);
    }

    fn write_table(mut self, negative_soa: usize) -> Result<Vec<u8>, CompileError> {
        self.pad(format::TABLE_ALIGNMENT);
        let table = self.octets.len();
        let placement = Placement::find(&self.draft.by_hash)
            .ok_or_else(|| error(self.draft.apex, RecordType::ANY, Fault::SameHash))?;
        let last = self.offsets.last().copied().unwrap_or_default() / format::NODE_ALIGNMENT as u32;
        let offset_bits = (u32::BITS - last.leading_zeros()) as u8;
        let length = table + (placement.slots as usize + PROBES) * format::SLOT;
        let length = length.next_multiple_of(format::TABLE_ALIGNMENT);
        if length > ZONE_OCTETS {
            return Err(error(self.draft.apex, RecordType::ANY, Fault::ZoneTooLarge));
        }
        self.octets.resize(length, 0);
        for &(slot, hash, node) in &placement.nodes {
            let offset = self.offsets[node as usize] / format::NODE_ALIGNMENT as u32;
            let tag = format::tag(hash, offset_bits).checked_shl(u32::from(offset_bits)).unwrap_or(0);
            self.put(table + slot * format::SLOT, &(tag | offset).to_le_bytes());
        }

        let apex_length = self.draft.apex.as_wire().len() as u8;
        let apex_labels = self.draft.apex.label_count() as u8;
        self.put(0, &format::MAGIC);
        self.put(header::LENGTH, &(length as u32).to_le_bytes());
        self.put(header::APEX_LENGTH, &[apex_length]);
        self.put(header::APEX_LABELS, &[apex_labels]);
        self.put(header::OFFSET_BITS, &[offset_bits]);
        self.put(header::MULTIPLIER, &placement.multiplier.to_le_bytes());
        self.put(header::TABLE, &(table as u32).to_le_bytes());
        self.put(header::SLOTS, &placement.slots.to_le_bytes());
        self.put(header::APEX_NODE, &self.offsets[0].to_le_bytes());
        self.put(header::NEGATIVE_SOA, &(negative_soa as u32).to_le_bytes());
        self.put(header::NODES, &(self.offsets.len() as u32).to_le_bytes());
        self.put(header::RECORDS, &(self.records as u32).to_le_bytes());
        Ok(self.octets)
    }

    fn put(&mut self, at: usize, octets: &[u8]) {
        self.octets[at..at + octets.len()].copy_from_slice(octets);
    }
}
