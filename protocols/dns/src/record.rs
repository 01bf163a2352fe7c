//! A resource record (RFC 1035 §3.2.1) in pieces of wire format.

use crate::{Class, Name, RecordType};

/// A resource record, borrowed from wherever it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Whose record it is.
    pub owner: Name<'a>,
    /// Its type.
    pub record_type: RecordType,
    /// Its class.
    pub class: Class,
    /// How long it may be cached, in seconds; at most 2^31 - 1 (RFC 2181 §8).
    pub ttl: u32,
    /// Its data in wire format, names in it not compressed; at most 65,535 octets.
    pub data: &'a [u8],
}
