//! Benchmarks: an appliance beside its peers, in rounds that are interleaved in one run.
//!
//! docs/benchmarks.md says how each figure is taken.

mod contestant;
mod figures;
mod least;
mod linux;
mod peer;
mod plot;
mod results;
mod rounds;
mod table;

pub(crate) use contestant::{Contestant, Ours};
pub(crate) use least::find as find_least_memory;
pub(crate) use linux::{Linux, PACKAGES as LINUX_PACKAGES};
pub(crate) use peer::Peer;
pub(crate) use plot::svg;
pub(crate) use results::{Entry, Results, Settings};
pub(crate) use rounds::{Stage, run};
pub(crate) use table::text;

#[cfg(test)]
mod tests;
