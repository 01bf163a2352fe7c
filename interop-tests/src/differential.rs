//! Differential testing with zones and queries that nobody wrote: made from a seed, asked of everybody, compared part by
//! part, and shrunk to the smallest zone that shows a difference.
//!
//! ```text
//! Random → World (zones)  → served by ours and by the references
//!        → queries        → Reading of each server's reply
//!                         → judge: the same, or among the DIFFERENCES, or a finding
//! finding → shrink → the least zone, the query as dig has it, the replies side by side
//! ```

pub mod data;
pub mod differences;
pub mod generate;
pub mod model;
pub mod names;
pub mod queries;
pub mod random;
pub mod reading;
pub mod run;
pub mod shrink;
pub mod world;
pub mod written;
