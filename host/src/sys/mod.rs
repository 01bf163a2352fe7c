//! The system calls that no safe crate offers: many datagrams a call, what a peer has not acknowledged, a child that outlives nobody.

pub(crate) mod datagrams;
pub(crate) mod process;
pub(crate) mod queue;
