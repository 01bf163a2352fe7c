//! The system calls that no safe crate offers: many datagrams a call, what a peer has not acknowledged, TAP devices, a child that
//! outlives nobody.

pub(crate) mod datagrams;
pub(crate) mod process;
pub(crate) mod queue;
pub(crate) mod tap;
