//! A whole zone's records: collected, put in canonical order, checked.

pub mod check;
mod records;

pub use records::{Records, ZONE_OCTETS, Zone};
