//! Why records make no zone.

use crate::limits::{TYPES_PER_NAME, ZONE_OCTETS};
use alloc::boxed::Box;
use core::fmt;
use dns_protocol::{Name, NameBuffer, RecordType};

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
    /// Too many names have one hash: they were chosen to.
    SameHash,
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
            Fault::SameHash => write!(formatter, "the zone {owner:?} has too many names with the same hash"),
            Fault::ZoneTooLarge => {
                write!(formatter, "the zone {owner:?} takes more than {ZONE_OCTETS} octets")
            }
        }
    }
}

impl core::error::Error for CompileError {}

pub(super) fn error(owner: Name<'_>, record_type: RecordType, fault: Fault) -> CompileError {
    CompileError { owner: Box::new(owner.into()), record_type, fault }
}
