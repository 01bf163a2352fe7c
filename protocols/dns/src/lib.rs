//! The Domain Name System's own words: names, record types, records, master files.
//!
//! Shared by whatever speaks DNS; nothing here knows of a server, a socket or a file.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod codes;
pub mod data;
pub mod master_file;
mod name;
mod record;
pub mod zone;

pub use codes::{Class, Opcode, Rcode, RecordType};
pub use name::{Labels, Name, NameBuffer, NameError};
pub use record::Record;
