//! Datagrams, answered where they lie.

use core::net::SocketAddr;

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
