//! From records to a compiled zone: the same octets for the same records, on whichever machine.

mod canonical;
mod error;
mod placement;
mod template;
mod writer;

pub use self::error::{CompileError, Fault};

use self::canonical::Keys;
use self::error::error;
use self::template::Target;
use self::writer::Writer;
use super::format::flags;
use super::hash;
use crate::limits::TYPES_PER_NAME;
use alloc::vec::Vec;
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

    /// The node with the addresses of a name, or its service bindings beside others, if the zone has them: the name's own, or
    /// the wildcard's that stands in for it.
    fn node_with_addresses(&self, record_type: RecordType, name: Name<'_>) -> Option<usize> {
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
        let is_service = matches!(record_type, RecordType::SVCB | RecordType::HTTPS);
        let is_of_use = |found| {
            found == RecordType::A || found == RecordType::AAAA || (is_service && found == record_type)
        };
        self.types(&self.nodes[index]).any(is_of_use).then_some(index)
    }

    /// The names of an RRset whose addresses belong in the additional section beside it.
    fn target(&self, owner: &NodeDraft<'_>, record_type: RecordType, name: Name<'_>) -> Option<Target> {
        let node = self.node_with_addresses(record_type, name)?;
        let is_glue = self.nodes[node].flags & (flags::CUT | flags::OCCLUDED) != 0;
        let is_required = owner.flags & flags::CUT != 0 && name.is_at_or_below(owner.owner);
        // Glue is for finding name servers, not for answers (RFC 2181 §5.4.1).
        (record_type == RecordType::NS || !is_glue).then_some(Target { node: node_number(node), is_required })
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

#[cfg(test)]
mod tests;
