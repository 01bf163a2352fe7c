//! What an appliance can do of its own accord.

use crate::Stream;
use core::fmt;
use core::net::SocketAddr;

/// The network, as an appliance sees it.
pub trait Network {
    /// The machine's kind of stream.
    type Stream<'a>: Stream
    where
        Self: 'a;

    /// A stream, unless it is over.
    fn stream(&mut self, id: StreamId) -> Option<Self::Stream<'_>>;

    /// Opens a stream to a peer. [`StreamEvent::Opened`](crate::StreamEvent::Opened) comes when it answers, or
    /// [`StreamEvent::Closed`](crate::StreamEvent::Closed) if it doesn't; what is written to the stream before waits.
    ///
    /// # Errors
    /// There is no room for one more stream, or no address to reach the peer from.
    fn dial(&mut self, to: SocketAddr) -> Result<StreamId, NoRoom>;
}

/// A stream's name, which no other stream of the same machine ever has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StreamId {
    index: u32,
    generation: u32,
}

impl StreamId {
    /// The name of the stream in a place of the machine's, which others had before.
    #[must_use]
    pub const fn new(index: u32, generation: u32) -> Self {
        Self { index, generation }
    }

    /// A small number that no other open stream has: an appliance can keep what it knows of its streams in a table.
    #[must_use]
    pub const fn index(self) -> usize {
        self.index as usize
    }

    /// How many streams had this index before, wrapping around.
    #[must_use]
    pub const fn generation(self) -> u32 {
        self.generation
    }
}

/// There is no room for one more stream, or no way to its peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

impl fmt::Display for NoRoom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no room for one more stream")
    }
}

impl core::error::Error for NoRoom {}
