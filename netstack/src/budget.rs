//! How much of a machine's memory streams may take.

use crate::tcp;

/// The most that all streams of a stack take together: asked for when it is made, and never more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many streams there may be at once.
    pub streams: usize,
    /// Octets for what was received and not consumed, and what was sent and not acknowledged; rounded down to a power of two.
    pub buffers: usize,
}

impl Budget {
    /// Octets of memory that a stream takes, at most, while nothing is on its way: besides what `buffers` says.
    pub const IDLE_STREAM: usize = tcp::IDLE;
    /// Octets of memory that are asked for, at most, for each of `streams`: an idle one, and what remains of another that is over.
    pub const STREAM: usize = tcp::ALLOCATED;

    /// No streams: whoever connects is refused.
    pub const NONE: Self = Self { streams: 0, buffers: 0 };
}
