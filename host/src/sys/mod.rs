//! The system calls that no safe crate offers: many datagrams a call, TAP devices, and a child that outlives nobody.

pub(crate) mod datagrams;
pub(crate) mod process;
pub(crate) mod tap;
