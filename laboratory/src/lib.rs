//! What measurements are made with: networks of their own, programs that run there, load, and what becomes of values.
//!
//! `isopod bench` and `cargo xtask measure` share it.

#![forbid(unsafe_code)]

pub mod cable;
mod folder;
pub mod guest;
mod interruption;
pub mod load;
mod network;
pub mod packages;
mod process;
mod program;
pub mod statistics;
pub mod streams;
pub mod system;
pub mod zone;

pub use folder::Folder;
pub use interruption::Interruption;
pub use network::{CLIENT, CLIENT_ETHERNET, Network, SERVER, SERVER_ETHERNET, TAP};
pub use program::{Patience, Program};
