//! Benchmarks: an appliance beside its peers, in rounds that are interleaved in one run.
//!
//! docs/benchmarks.md says how each figure is taken.

mod contestant;
mod figures;
mod peer;
mod results;
mod rounds;
mod table;

pub(crate) use contestant::{Contestant, Ours};
pub(crate) use peer::Peer;
pub(crate) use results::{Entry, Results, Settings};
pub(crate) use rounds::{Stage, run};
pub(crate) use table::text;
