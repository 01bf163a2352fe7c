//! From records to a compiled zone: the same octets for the same records, on whichever machine.

mod canonical;
mod template;

use self::canonical::Keys;
use self::template::{Encoder, Target};
use super::format::{self, flags, header};
use super::hash;
use crate::limits::{PROBES, TYPES_PER_NAME, ZONE_OCTETS};
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;
use dns_protocol::{Class, Name, NameBuffer, Record, RecordType, data};

/// Compiles a zone from its records, in any order; records given twice count once (RFC 2181 §5).
///
/// Of an RRset with differing TTLs the lowest counts for all (RFC 2181 §5.2). Records keep their order within an RRset.
pub fn compile(apex: Name<'_>, records: &[Record<'_>]) -> Result<Vec<u8>, CompileError> {
    for record in records {
        admit(apex, record)?;
    }
    let draft = Draft::new(apex, records)?;
    Writer::write(&draft)
}

/// Why records make no zone.
#[derive(Clone, Debug)]
pub struct CompileError {
    /// Whose records.
    pub owner: Box<NameBuffer>,
    /// Of which type; [`RecordType::ANY`] if of no one in particular.
    pub record_type: RecordType,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The apex has no SOA record.
    NoSoa,
    /// There may be one such record at a name, and there are several.
    NotAlone,
    /// An alias has other records (RFC 1034 §3.6.2, RFC 2181 §10.1).
    AliasWithOthers,
    /// The owner is not at or below the apex.
    OutOfZone,
    /// The class is not `IN`.
    Class,
    /// No zone has records of this type.
    MetaType,
    /// The data does not have the shape of its type.
    Data,
    /// The RRset does not fit in any message.
    RecordSetTooLarge,
    /// The name has more types than [`TYPES_PER_NAME`].
    TooManyTypes,
    /// The compiled zone would be longer than [`ZONE_OCTETS`].
    ZoneTooLarge,
}

impl fmt::Display for CompileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { owner, record_type, fault } = self;
        match fault {
            Fault::NoSoa => write!(formatter, "the zone {owner:?} has no SOA record"),
            Fault::NotAlone => write!(formatter, "{owner:?} has more than one {record_type} record"),
            Fault::AliasWithOthers => {
                write!(formatter, "{owner:?} has a CNAME record, and records of type {record_type} beside it")
            }
            Fault::OutOfZone => write!(formatter, "{owner:?} is not in the zone"),
            Fault::Class => write!(formatter, "{owner:?} has a record of a class other than IN"),
            Fault::MetaType => {
                write!(formatter, "no zone has records of type {record_type}, as {owner:?} does")
            }
            Fault::Data => write!(formatter, "{owner:?} has a {record_type} record with unsound data"),
            Fault::RecordSetTooLarge => {
                write!(formatter, "the {record_type} records of {owner:?} don't fit in any message")
            }
            Fault::TooManyTypes => {
                write!(formatter, "{owner:?} has records of more than {TYPES_PER_NAME} types")
            }
            Fault::ZoneTooLarge => {
                write!(formatter, "the zone {owner:?} takes more than {ZONE_OCTETS} octets")
            }
        }
    }
}

impl core::error::Error for CompileError {}

fn error(owner: Name<'_>, record_type: RecordType, fault: Fault) -> CompileError {
    CompileError { owner: Box::new(owner.into()), record_type, fault }
}

fn admit(apex: Name<'_>, record: &Record<'_>) -> Result<(), CompileError> {
    let fault = if record.class != Class::IN {
        Fault::Class
    } else if record.record_type.is_meta() {
        Fault::MetaType
    } else if !record.owner.is_at_or_below(apex) {
        Fault::OutOfZone
    } else if data::validate(record.record_type, record.data).is_err() {
        Fault::Data
    } else {
        return Ok(());
    };
    Err(error(record.owner, record.record_type, fault))
}

/// A zone in order, its octets not yet written.
struct Draft<'a> {
    apex: Name<'a>,
    records: Vec<Record<'a>>,
    keys: Keys,
    nodes: Vec<NodeDraft<'a>>,
    /// The nodes by the hashes of their names.
    by_hash: Vec<(u64, u32)>,
}

/// A node to be.
struct NodeDraft<'a> {
    owner: Name<'a>,
    /// Its key in [`Keys`].
    key: Range<usize>,
    /// Its records in [`Draft::records`], in order of type.
    records: Range<usize>,
    flags: u8,
    /// The node that occludes it, if its flags say so.
    occluder: u32,
}

impl<'a> Draft<'a> {
    fn new(apex: Name<'a>, records: &[Record<'a>]) -> Result<Self, CompileError> {
        let (keys, order) = Keys::sort(apex, records);
        let mut this = Self {
            apex,
            records: order.iter().map(|entry| records[entry.record]).collect(),
            keys,
            nodes: Vec::new(),
            by_hash: Vec::new(),
        };
        this.add_apex();
        let mut start = 0;
        while let Some(first) = order.get(start) {
            let same = order[start..].iter().take_while(|entry| this.keys.equal(first, entry));
            let end = start + same.count();
            let key = this.keys.range(first);
            this.add_ancestors(&key, this.records[start].owner);
            match this.nodes.last_mut().filter(|last| last.key.len() == key.len() && start == 0) {
                Some(apex_node) => apex_node.records = start..end,
                None => this.add_node(this.records[start].owner, key, start..end),
            }
            start = end;
        }
        this.finish_nodes()?;
        this.index_nodes();
        Ok(this)
    }

    /// The apex is there even before it is known whether it has records.
    fn add_apex(&mut self) {
        self.add_node(self.apex, 0..0, 0..0);
    }

    /// Adds the empty non-terminals between the last node and the one of `key`.
    fn add_ancestors(&mut self, key: &Range<usize>, owner: Name<'a>) {
        let ends: Vec<usize> = self.keys.label_ends(key).collect();
        let Some((_, above)) = ends.split_last() else { return };
        for (depth, &end) in above.iter().enumerate() {
            let ancestor = key.start..end;
            let last = self.nodes.last().map_or(0..0, |node| node.key.clone());
            if self.keys.is_at_or_below(&last, &ancestor) {
                continue;
            }
            let extra = ends.len() - 1 - depth;
            let name = (0..extra).try_fold(owner, |name, _| name.parent()).unwrap_or(Name::ROOT);
            self.add_node(name, ancestor, 0..0);
        }
    }

    fn add_node(&mut self, owner: Name<'a>, key: Range<usize>, records: Range<usize>) {
        self.nodes.push(NodeDraft { owner, key, records, flags: 0, occluder: 0 });
    }

    /// Says of every node what it means to those below it.
    fn finish_nodes(&mut self) -> Result<(), CompileError> {
        let mut occluder: Option<usize> = None;
        let mut path: Vec<usize> = Vec::new();
        for index in 0..self.nodes.len() {
            let key = self.nodes[index].key.clone();
            let is_below = |other: &usize| self.keys.is_at_or_below(&key, &self.nodes[*other].key);
            occluder = occluder.filter(is_below);
            while path.last().is_some_and(|ancestor| !is_below(ancestor)) {
                path.pop();
            }
            let parent = path.last().copied();
            path.push(index);

            self.check_node(&self.nodes[index])?;
            let has = |wanted| self.types(&self.nodes[index]).any(|found| found == wanted);
            let mut found = if has(RecordType::CNAME) { flags::CNAME } else { 0 };
            if let Some(occluder) = occluder {
                found |= flags::OCCLUDED;
                self.nodes[index].occluder = node_number(occluder);
            } else if has(RecordType::NS) && index != 0 {
                found |= flags::CUT;
                occluder = Some(index);
            } else if has(RecordType::DNAME) {
                found |= flags::DNAME;
                occluder = Some(index);
            }
            self.nodes[index].flags |= found;
            if let (true, Some(parent)) = (self.nodes[index].owner.is_wildcard(), parent) {
                self.nodes[parent].flags |= flags::WILDCARD;
            }
        }
        Ok(())
    }

    fn check_node(&self, node: &NodeDraft<'_>) -> Result<(), CompileError> {
        let sets = || self.record_sets(node);
        if sets().count() > TYPES_PER_NAME {
            return Err(error(node.owner, RecordType::ANY, Fault::TooManyTypes));
        }
        let is_apex = node.key.is_empty();
        if is_apex && !self.types(node).any(|found| found == RecordType::SOA) {
            return Err(error(self.apex, RecordType::SOA, Fault::NoSoa));
        }
        for set in sets() {
            let record_type = set[0].record_type;
            let single = matches!(record_type, RecordType::SOA | RecordType::CNAME | RecordType::DNAME);
            if single && set.iter().any(|record| record.data != set[0].data) {
                return Err(error(node.owner, record_type, Fault::NotAlone));
            }
            if record_type == RecordType::SOA && !is_apex {
                return Err(error(node.owner, record_type, Fault::OutOfZone));
            }
        }
        let is_alias = self.types(node).any(|found| found == RecordType::CNAME);
        match self.types(node).find(|&found| is_alias && !stands_beside_cname(found)) {
            Some(other) => Err(error(node.owner, other, Fault::AliasWithOthers)),
            None => Ok(()),
        }
    }

    fn index_nodes(&mut self) {
        let hashed = |(index, node): (usize, &NodeDraft<'_>)| (hash_of(node.owner), node_number(index));
        self.by_hash = self.nodes.iter().enumerate().map(hashed).collect();
        self.by_hash.sort_unstable();
    }

    /// The records of a node, type by type.
    fn record_sets(&self, node: &NodeDraft<'_>) -> impl Iterator<Item = &[Record<'a>]> {
        let records = self.records.get(node.records.clone()).unwrap_or_default();
        records.chunk_by(|one, other| one.record_type == other.record_type)
    }

    fn types(&self, node: &NodeDraft<'_>) -> impl Iterator<Item = RecordType> {
        self.record_sets(node).map(|set| set[0].record_type)
    }

    fn node(&self, name: Name<'_>) -> Option<usize> {
        let hash = hash_of(name);
        let start = self.by_hash.partition_point(|&(other, _)| other < hash);
        let same = self.by_hash[start..].iter().take_while(|&&(other, _)| other == hash);
        same.map(|&(_, index)| index as usize).find(|&index| self.nodes[index].owner == name)
    }

    /// The node with the addresses of a name, if the zone has them: the name's own, or the wildcard's that stands in for it.
    fn node_with_addresses(&self, name: Name<'_>) -> Option<usize> {
        if !name.is_at_or_below(self.apex) {
            return None;
        }
        let index = match self.node(name) {
            Some(index) => index,
            None => {
                let mut encloser = name.parent()?;
                while self.node(encloser).is_none() {
                    encloser = encloser.parent()?;
                }
                let wildcard = NameBuffer::join(b"\x01*", encloser).ok()?;
                let index = self.node(wildcard.as_name())?;
                (self.nodes[index].flags & flags::OCCLUDED == 0).then_some(index)?
            }
        };
        let is_address = |found| found == RecordType::A || found == RecordType::AAAA;
        self.types(&self.nodes[index]).any(is_address).then_some(index)
    }

    /// The names of an RRset whose addresses belong in the additional section beside it.
    fn target(&self, owner: &NodeDraft<'_>, record_type: RecordType, name: Name<'_>) -> Option<Target> {
        let node = self.node_with_addresses(name)?;
        let is_occluded = self.nodes[node].flags & flags::OCCLUDED != 0;
        let is_required = owner.flags & flags::CUT != 0 && name.is_at_or_below(owner.owner);
        // Glue is for finding name servers, not for answers.
        (record_type == RecordType::NS || !is_occluded)
            .then_some(Target { node: node_number(node), is_required })
    }
}

fn stands_beside_cname(found: RecordType) -> bool {
    matches!(
        found,
        RecordType::CNAME
            | RecordType::RRSIG
            | RecordType::NSEC
            | RecordType::KEY
            | RecordType::SIG
            | RecordType::NXT
    )
}

fn node_number(index: usize) -> u32 {
    u32::try_from(index).expect("each node takes octets of a zone, and these are counted in 32 bits")
}

fn hash_of(name: Name<'_>) -> u64 {
    let wire = name.as_wire();
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    while wire[at] != 0 {
        starts.push(at);
        at += 1 + usize::from(wire[at]);
    }
    let extend = |hash, start: &usize| hash::extend(hash, wire, *start).expect("a name has its labels whole");
    starts.iter().rev().fold(hash::ROOT, extend)
}

/// Writes a zone's octets.
struct Writer<'d, 'a> {
    draft: &'d Draft<'a>,
    octets: Vec<u8>,
    /// Where each node came to lie.
    offsets: Vec<u32>,
    /// Where an offset of a node is to stand, and now stands its number.
    references: Vec<usize>,
    records: usize,
}

impl<'d, 'a> Writer<'d, 'a> {
    fn write(draft: &'d Draft<'a>) -> Result<Vec<u8>, CompileError> {
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
        let placement = Placement::find(&self.draft.by_hash);
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

/// Where each node's slot is.
struct Placement {
    multiplier: u64,
    slots: u32,
    /// Slot, hash and number of every node.
    nodes: Vec<(usize, u64, u32)>,
}

impl Placement {
    /// The first multiplier, and if need be the first larger table, by which no node is [`PROBES`] or more from home.
    fn find(by_hash: &[(u64, u32)]) -> Self {
        let mut slots = by_hash.len() + by_hash.len() / 2 + 1;
        loop {
            // The odd numbers of a sequence that is known to spread (Knuth's multiplier, and others by addition).
            let mut multiplier = 0x9e37_79b9_7f4a_7c15_u64;
            for _ in 0..8 {
                if let Some(placement) = Self::try_with(by_hash, multiplier, slots as u32) {
                    return placement;
                }
                multiplier = multiplier.wrapping_add(0x5851_f42d_4c95_7f2e);
            }
            slots += slots / 8 + 1;
        }
    }

    fn try_with(by_hash: &[(u64, u32)], multiplier: u64, slots: u32) -> Option<Self> {
        let home = |&(hash, node): &(u64, u32)| (format::home_slot(hash, multiplier, slots), hash, node);
        let mut nodes: Vec<(usize, u64, u32)> = by_hash.iter().map(home).collect();
        // In order of their homes all are as near to them as they can be: the effect of Robin Hood hashing.
        nodes.sort_unstable();
        let mut free = 0;
        for (slot, ..) in &mut nodes {
            let distance = free.max(*slot) - *slot;
            if distance >= PROBES {
                return None;
            }
            *slot += distance;
            free = *slot + 1;
        }
        Some(Self { multiplier, slots, nodes })
    }
}

#[cfg(test)]
mod tests;
