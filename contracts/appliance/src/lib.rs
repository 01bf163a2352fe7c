//! What an appliance is: a pure state machine. Bytes and the time in; bytes and a deadline out.
//!
//! An appliance serves an immutable, reference-counted *snapshot* (zones, routes, a site), made whole from an archive;
//! what it is doing is the state of one *worker*, which owns it alone. It can't tell which machine it stands on.

#![no_std]
#![forbid(unsafe_code)]

use core::net::SocketAddr;
use moment::Moment;
use operator::Statistic;

/// A worker of an appliance.
pub trait Appliance {
    /// What it wants to be reached by, on every address of the machine. Never changes while it runs.
    fn listeners(&self) -> &[Listener];

    /// A datagram came to one of its listeners. The answer, if any, is written over it (see [`Datagram`]).
    fn on_datagram(&mut self, datagram: Datagram<'_>, now: Moment) -> Reply;

    /// How often everything happened that it counts; each name begins with the appliance's own.
    fn statistics(&self) -> impl Iterator<Item = Statistic> {
        core::iter::empty()
    }
}

/// A port that an appliance answers on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// A UDP port.
    Datagram {
        /// The port.
        port: u16,
    },
}

/// A datagram, lent in the buffer that it arrived in.
///
/// A reply is written over it from the first octet on, as far as the buffer goes, and goes back to the source from the
/// destination: most of a reply to a question is the question, so nothing of it is moved.
#[derive(Debug)]
pub struct Datagram<'a> {
    /// Where it came from.
    pub source: SocketAddr,
    /// Which of the machine's addresses it came to.
    pub destination: SocketAddr,
    /// The payload in its first `length` octets, then room.
    pub buffer: &'a mut [u8],
    /// How much of `buffer` came; at most all of it.
    pub length: usize,
}

/// What becomes of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Reply {
    /// Nothing goes back.
    Silence,
    /// The first `length` octets of the buffer go back to the source.
    Send {
        /// At most the length of the buffer.
        length: usize,
    },
}
