//! Clients of the services that streams are measured with, and the same services on Linux's own sockets.

mod clients;
mod crowd;
mod many;
mod server;

use anyhow::{Context as _, Result};
use rustix::net::sockopt::set_tcp_congestion;
use std::os::fd::AsFd;

pub use clients::{Bulk, Exchanges, Short, Way, bulk, exchange, open_and_close, verify};
pub use crowd::Crowd;
pub use many::serve;
pub use server::LinuxServer;

/// The ports: discard (RFC 863), the character generator (RFC 864), from memory that is lent and written into the stream's room, and
/// exchanges: four octets of a length, and so much comes back.
pub const DISCARD: u16 = 9;
/// See [`DISCARD`].
pub const GENERATOR: u16 = 19;
/// See [`DISCARD`].
pub const WRITTEN_GENERATOR: u16 = 1919;
/// See [`DISCARD`].
pub const EXCHANGES: u16 = 2000;
/// See [`DISCARD`]: echo (RFC 862).
pub const ECHO: u16 = 7;

/// What controls congestion on Linux's side. A namespace can't make it the default where the host has another; a socket can have it.
const CONGESTION: &str = "cubic";

/// Has a socket use CUBIC, which both stacks have.
fn use_cubic(socket: impl AsFd) -> Result<()> {
    set_tcp_congestion(socket, CONGESTION).context("CUBIC is not to be had")
}

/// The octet at a place of a generator's stream (RFC 864: 72 characters a line, each line beginning one further on).
#[must_use]
pub fn octet(place: u64) -> u8 {
    let (line, column) = (place / 74 % 95, place % 74);
    match column {
        72 => b'\r',
        73 => b'\n',
        column => b' ' + ((line + column) % 95) as u8,
    }
}
