//! TCP (RFC 9293): connections, and what they are kept in.
//!
//! ```text
//! frame ─▶ segment ─▶ connections ─▶ connection ─▶ telling ─▶ appliance
//!                          ▲                                      │
//!  wheel ── what is due ───┘          transmission ◀── output ◀───┘
//!                                          └─▶ frame
//! ```
//!
//! Between a segment and what is sent on account of it lies the rest of the turn: however many segments come for a connection in
//! one turn, its appliance is told once, and the peer is.

pub(crate) mod arrival;
pub(crate) mod connections;
pub(crate) mod options;
pub(crate) mod segment;
pub(crate) mod sequence;
pub(crate) mod telling;
pub(crate) mod tuple;

mod acknowledgement;
mod acknowledging;
mod anticipation;
mod clock;
mod congestion;
mod connection;
mod cookies;
mod counters;
mod dial;
mod due;
mod flight;
mod footprint;
mod identity;
mod keyed_hash;
mod limits;
mod listen;
mod losses;
mod memory;
mod news;
mod notification;
mod offer;
mod opening;
mod order;
mod output;
mod plan;
mod policy;
mod pool;
mod receive;
mod recovery;
mod reports;
mod round_trip;
mod rows;
mod scoreboard;
mod send;
mod shedding;
mod slab;
mod sources;
mod state;
mod stream;
mod table;
mod time_wait;
mod timers;
mod transmission;
mod wheel;
mod window;

pub(crate) use connection::Route;
pub(crate) use footprint::{ALLOCATED, IDLE};
