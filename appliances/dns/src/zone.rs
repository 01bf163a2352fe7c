//! Zones as they are served: compiled, one position-independent run of octets each, read where they lie.

pub(crate) mod compile;
mod format;
pub(crate) mod hash;
mod look_up;
mod segment;
mod sought;
mod zones;

pub use compile::{CompileError, Fault, compile};
pub(crate) use look_up::LookUp;
pub(crate) use segment::{Corrupt, NameReference, Node, Place, RecordSet, Zone};
pub(crate) use sought::{Labels, Sought};
pub(crate) use zones::Zones;
