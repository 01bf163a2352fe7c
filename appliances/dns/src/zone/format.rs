//! The format of a compiled zone. Numbers are little-endian, but for those of records, which are ready for the wire.
//!
//! ```text
//! header   64 octets, below
//! apex     its name, as the master file wrote it
//! SOA      the apex's record set with its negative TTL (RFC 2308 §3): a record set like those of nodes
//! nodes    in canonical order (RFC 4034 §6.1), each at a multiple of 4; every ancestor of a node, up to the apex, is one
//! table    at a multiple of 64: where each node is, by the hash of its name
//! ```
//!
//! A node: length of its name without the apex, flags, number of record sets, 0, one octet each; if it is occluded, the
//! offset of the node that occludes it (4 octets); its name without the apex's; its record sets in order of their types.
//!
//! A record set: type, octets of the template, records, fix-ups, additional names, two octets each; the template; the
//! fix-ups; the additional names.
//!
//! * The *template* is its records ready to be copied. Their owners are pointers to the question, octet 12.
//! * A *fix-up* (position in the template, [name reference](NAME_INSIDE); two octets each) is where a compression pointer
//!   is to be written, and to what. It is known when a zone is compiled because names are only compressed against their
//!   owner, which every answer has written somewhere already, and against earlier names of the same record set.
//! * An *additional name* (name reference, 2 octets; offset of the node that has its addresses, 4 octets) is a name in the
//!   template whose addresses, and service bindings beside others, belong in the additional section.
//!
//! A table slot (4 octets) is 0, or the node's offset in units of 4 in its low bits and a part of the hash in the others. A
//! node is in the first free slot from the one that its hash says on, and less than [`PROBES`](crate::limits::PROBES) from
//! there; that many slots follow the last that a hash can say.

pub(super) const MAGIC: [u8; 8] = *b"IsoZone\x01";
pub(super) const HEADER: usize = 64;

pub(super) mod header {
    pub(crate) const LENGTH: usize = 8;
    pub(crate) const APEX_LENGTH: usize = 12;
    pub(crate) const APEX_LABELS: usize = 13;
    pub(crate) const OFFSET_BITS: usize = 14;
    pub(crate) const MULTIPLIER: usize = 16;
    pub(crate) const TABLE: usize = 24;
    pub(crate) const SLOTS: usize = 28;
    pub(crate) const APEX_NODE: usize = 32;
    pub(crate) const NEGATIVE_SOA: usize = 36;
    pub(crate) const NODES: usize = 40;
    pub(crate) const RECORDS: usize = 44;
}

pub(super) const NODE_ALIGNMENT: usize = 4;
pub(super) const NODE_HEADER: usize = 4;
pub(super) const TABLE_ALIGNMENT: usize = 64;
pub(super) const SLOT: usize = 4;

/// Flags of a node.
pub(super) mod flags {
    /// Its NS records delegate what is at and below it.
    pub(crate) const CUT: u8 = 1;
    /// It is below a cut or a DNAME: only its addresses are ever used, as glue.
    pub(crate) const OCCLUDED: u8 = 2;
    /// It has a DNAME, and no cut.
    pub(crate) const DNAME: u8 = 4;
    /// It has a CNAME.
    pub(crate) const CNAME: u8 = 8;
    /// It has a child `*`.
    pub(crate) const WILDCARD: u8 = 16;
}

pub(super) const RECORD_SET_HEADER: usize = 10;
pub(super) const FIX_UP: usize = 4;
pub(super) const ADDITIONAL: usize = 6;

/// A name reference is how long that suffix of the owner is which is meant; with this bit, how far from the template's
/// start a name in the template begins.
pub(super) const NAME_INSIDE: u16 = 0x8000;
/// With this bit the addresses are glue without which the delegation does not work (RFC 9471 §2.1).
pub(super) const NAME_REQUIRED: u16 = 0x4000;
pub(super) const NAME_VALUE: u16 = 0x3fff;

/// The spread of a hash over the slots; different multipliers spread it differently.
#[inline]
pub(super) fn home_slot(hash: u64, multiplier: u64, slots: u32) -> usize {
    let spread = hash.wrapping_mul(multiplier) >> 32;
    ((spread * u64::from(slots)) >> 32) as usize
}

/// What of the hash stands in the slot.
#[inline]
pub(super) fn tag(hash: u64, offset_bits: u8) -> u32 {
    (hash as u32) >> offset_bits
}
