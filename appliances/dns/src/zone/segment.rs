//! A compiled zone, read where it lies and never trusted: what does not hold is [`Corrupt`].

use super::format::{self, flags, header};
use super::hash::{self, equal_but_for_case};
use super::{Labels, Sought};
use crate::limits::PROBES;
use bytes::Bytes;
use dns_protocol::RecordType;

/// A compiled zone contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Corrupt;

/// A compiled zone.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    octets: Bytes,
    apex_length: u8,
    apex_labels: u8,
    apex_hash: u64,
    offset_bits: u8,
    multiplier: u64,
    table: u32,
    slots: u32,
    apex_node: u32,
    negative_soa: u32,
}

impl Zone {
    /// Takes up the compiled zone that `octets` begin with. Looks at its header only.
    pub(crate) fn load(octets: &Bytes) -> Result<Self, Corrupt> {
        if octets.get(..format::MAGIC.len()) != Some(&format::MAGIC) {
            return Err(Corrupt);
        }
        let length = integer(octets, header::LENGTH)? as usize;
        if length < format::HEADER || length > octets.len() {
            return Err(Corrupt);
        }
        let octets = octets.slice(..length);
        let mut zone = Self {
            apex_hash: hash::ROOT,
            apex_length: octet(&octets, header::APEX_LENGTH)?,
            apex_labels: octet(&octets, header::APEX_LABELS)?,
            offset_bits: octet(&octets, header::OFFSET_BITS)?,
            multiplier: u64::from_le_bytes(array(&octets, header::MULTIPLIER)?),
            table: integer(&octets, header::TABLE)?,
            slots: integer(&octets, header::SLOTS)?,
            apex_node: integer(&octets, header::APEX_NODE)?,
            negative_soa: integer(&octets, header::NEGATIVE_SOA)?,
            octets,
        };
        if zone.apex_length == 0 || zone.offset_bits >= u32::BITS as u8 {
            return Err(Corrupt);
        }
        zone.apex_hash = zone.hash_apex()?;
        Ok(zone)
    }

    fn hash_apex(&self) -> Result<u64, Corrupt> {
        let labels = Labels::parse(self.apex()?).ok_or(Corrupt)?;
        let apex = Sought::new(self.apex()?, &labels).ok_or(Corrupt)?;
        if apex.labels() != self.apex_labels() || apex.wire().len() != self.apex_length() {
            return Err(Corrupt);
        }
        (1..=apex.labels()).try_fold(hash::ROOT, |hash, labels| apex.extend_hash(hash, labels)).ok_or(Corrupt)
    }

    /// How many octets it takes.
    pub(crate) fn length(&self) -> usize {
        self.octets.len()
    }

    /// Its apex's name in wire format.
    #[inline]
    pub(crate) fn apex(&self) -> Result<&[u8], Corrupt> {
        part(&self.octets, format::HEADER, self.apex_length())
    }

    #[inline]
    pub(crate) fn apex_length(&self) -> usize {
        usize::from(self.apex_length)
    }

    #[inline]
    pub(crate) fn apex_labels(&self) -> usize {
        usize::from(self.apex_labels)
    }

    /// The hash of its apex's name.
    #[inline]
    pub(crate) fn apex_hash(&self) -> u64 {
        self.apex_hash
    }

    /// The node at the apex.
    pub(crate) fn apex_node(&self) -> Result<Node<'_>, Corrupt> {
        self.node_at(self.apex_node)
    }

    /// The apex's SOA record with the TTL of negative answers (RFC 2308 §3).
    pub(crate) fn negative_soa(&self) -> Result<RecordSet<'_>, Corrupt> {
        RecordSet::read(self.octets.get(self.negative_soa as usize..).ok_or(Corrupt)?)
    }

    /// The node of a name, by its hash and what it has before the apex's name.
    #[inline]
    pub(crate) fn node(&self, hash: u64, relative: &[u8]) -> Result<Option<Node<'_>>, Corrupt> {
        let home = format::home_slot(hash, self.multiplier, self.slots);
        let start = self.table as usize + home * format::SLOT;
        let tag = format::tag(hash, self.offset_bits);
        for slot in part(&self.octets, start, PROBES * format::SLOT)?.chunks_exact(format::SLOT) {
            let slot = integer(slot, 0)?;
            if slot == 0 {
                return Ok(None);
            }
            if slot >> self.offset_bits == tag {
                let offset = slot & !(u32::MAX << self.offset_bits);
                let node = self.node_at(offset.checked_mul(format::NODE_ALIGNMENT as u32).ok_or(Corrupt)?)?;
                if equal_but_for_case(node.relative_name, relative) {
                    return Ok(Some(node));
                }
            }
        }
        Ok(None)
    }

    /// The node at an offset that the zone itself holds.
    #[inline]
    pub(crate) fn node_at(&self, offset: u32) -> Result<Node<'_>, Corrupt> {
        let octets = self.octets.get(offset as usize..).ok_or(Corrupt)?;
        let &[length, flags, sets, _] = octets.first_chunk().ok_or(Corrupt)?;
        let (occluder, name) = match flags & flags::OCCLUDED {
            0 => (0, format::NODE_HEADER),
            _ => (integer(octets, format::NODE_HEADER)?, format::NODE_HEADER + 4),
        };
        let relative_name = part(octets, name, usize::from(length))?;
        let record_sets = octets.get(name + relative_name.len()..).ok_or(Corrupt)?;
        Ok(Node { flags, occluder, relative_name, sets, record_sets })
    }
}

/// What a zone holds at a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'z> {
    flags: u8,
    occluder: u32,
    relative_name: &'z [u8],
    sets: u8,
    record_sets: &'z [u8],
}

impl<'z> Node<'z> {
    /// Its name without the apex's.
    pub(crate) fn relative_name(&self) -> &'z [u8] {
        self.relative_name
    }

    /// Whether its NS records delegate what is at and below it.
    #[inline]
    pub(crate) fn is_cut(&self) -> bool {
        self.flags & flags::CUT != 0
    }

    /// Whether what is below it is elsewhere (RFC 6672).
    #[inline]
    pub(crate) fn has_dname(&self) -> bool {
        self.flags & flags::DNAME != 0
    }

    /// Whether it is an alias.
    #[inline]
    pub(crate) fn has_cname(&self) -> bool {
        self.flags & flags::CNAME != 0
    }

    /// Whether it has a child `*`.
    #[inline]
    pub(crate) fn has_wildcard(&self) -> bool {
        self.flags & flags::WILDCARD != 0
    }

    /// The offset of the topmost cut or DNAME above it, if there is one.
    #[inline]
    pub(crate) fn occluder(&self) -> Option<u32> {
        (self.flags & flags::OCCLUDED != 0).then_some(self.occluder)
    }

    /// Its records of a type.
    #[inline]
    pub(crate) fn record_set(&self, wanted: RecordType) -> Result<Option<RecordSet<'z>>, Corrupt> {
        let mut rest = self.record_sets;
        for _ in 0..self.sets {
            let record_type = short(rest, 0)?;
            if record_type == wanted.0 {
                return RecordSet::read(rest).map(Some);
            }
            if record_type > wanted.0 {
                break;
            }
            rest = rest.get(record_set_length(rest)?..).ok_or(Corrupt)?;
        }
        Ok(None)
    }

    /// Its records of whichever type has the lowest number.
    pub(crate) fn first_record_set(&self) -> Result<Option<RecordSet<'z>>, Corrupt> {
        if self.sets == 0 { Ok(None) } else { RecordSet::read(self.record_sets).map(Some) }
    }
}

/// The records of one type at one name, ready to be copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordSet<'z> {
    /// How many they are.
    pub(crate) records: u16,
    /// They, owned by whatever name is at octet 12, with gaps where compression pointers belong.
    pub(crate) template: &'z [u8],
    fix_ups: &'z [u8],
    additional: &'z [u8],
}

impl<'z> RecordSet<'z> {
    #[inline]
    fn read(octets: &'z [u8]) -> Result<Self, Corrupt> {
        let &[_, _, length_0, length_1, records_0, records_1, fix_ups_0, fix_ups_1, names_0, names_1] =
            octets.first_chunk::<{ format::RECORD_SET_HEADER }>().ok_or(Corrupt)?;
        let length = usize::from(u16::from_le_bytes([length_0, length_1]));
        let fix_ups = usize::from(u16::from_le_bytes([fix_ups_0, fix_ups_1])) * format::FIX_UP;
        let names = usize::from(u16::from_le_bytes([names_0, names_1])) * format::ADDITIONAL;
        Ok(Self {
            records: u16::from_le_bytes([records_0, records_1]),
            template: part(octets, format::RECORD_SET_HEADER, length)?,
            fix_ups: part(octets, format::RECORD_SET_HEADER + length, fix_ups)?,
            additional: part(octets, format::RECORD_SET_HEADER + length + fix_ups, names)?,
        })
    }

    /// Where in the template compression pointers belong, and to which names.
    #[inline]
    pub(crate) fn fix_ups(&self) -> impl Iterator<Item = (usize, NameReference)> + use<'z> {
        self.fix_ups.chunks_exact(format::FIX_UP).map(|fix_up| {
            let position = short(fix_up, 0).map_or(0, usize::from);
            (position, NameReference(short(fix_up, 2).unwrap_or_default()))
        })
    }

    /// The name that the compression pointer at a position in the template points to; `None` if there is none.
    pub(crate) fn fix_up_at(&self, position: usize) -> Option<NameReference> {
        let (fix_ups, _) = self.fix_ups.as_chunks::<{ format::FIX_UP }>();
        let position_of = |fix_up: &[u8; format::FIX_UP]| short(fix_up, 0).map_or(0, usize::from);
        // They are in order.
        let found = fix_ups.binary_search_by_key(&position, position_of).ok()?;
        short(fix_ups.get(found)?, 2).ok().map(NameReference)
    }

    /// The names in the template whose addresses the zone has, and the offsets of their nodes.
    #[inline]
    pub(crate) fn additional(&self) -> impl Iterator<Item = (NameReference, u32)> + use<'z> {
        self.additional.chunks_exact(format::ADDITIONAL).map(|name| {
            (NameReference(short(name, 0).unwrap_or_default()), integer(name, 2).unwrap_or_default())
        })
    }
}

/// A name that an answer has written already, seen from a record set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameReference(u16);

/// What a [`NameReference`] means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The last so many octets of the owner's name.
    OwnerSuffix(usize),
    /// So many octets behind the start of the record set.
    Inside(usize),
}

impl NameReference {
    /// Where the name is.
    #[inline]
    pub(crate) fn place(self) -> Place {
        let value = usize::from(self.0 & format::NAME_VALUE);
        if self.0 & format::NAME_INSIDE == 0 { Place::OwnerSuffix(value) } else { Place::Inside(value) }
    }

    /// Whether a delegation is of no use without the name's addresses.
    #[inline]
    pub(crate) fn is_required(self) -> bool {
        self.0 & format::NAME_REQUIRED != 0
    }
}

/// How long the record set is that `octets` begin with.
fn record_set_length(octets: &[u8]) -> Result<usize, Corrupt> {
    let length = usize::from(short(octets, 2)?);
    let fix_ups = usize::from(short(octets, 6)?) * format::FIX_UP;
    let names = usize::from(short(octets, 8)?) * format::ADDITIONAL;
    Ok(format::RECORD_SET_HEADER + length + fix_ups + names)
}

#[inline]
fn part(octets: &[u8], start: usize, length: usize) -> Result<&[u8], Corrupt> {
    octets.get(start..start.checked_add(length).ok_or(Corrupt)?).ok_or(Corrupt)
}

#[inline]
fn array<const N: usize>(octets: &[u8], start: usize) -> Result<[u8; N], Corrupt> {
    octets.get(start..).and_then(<[u8]>::first_chunk).copied().ok_or(Corrupt)
}

fn octet(octets: &[u8], at: usize) -> Result<u8, Corrupt> {
    octets.get(at).copied().ok_or(Corrupt)
}

#[inline]
fn short(octets: &[u8], at: usize) -> Result<u16, Corrupt> {
    array(octets, at).map(u16::from_le_bytes)
}

#[inline]
fn integer(octets: &[u8], at: usize) -> Result<u32, Corrupt> {
    array(octets, at).map(u32::from_le_bytes)
}
