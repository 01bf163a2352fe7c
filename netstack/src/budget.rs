//! How much of a machine's memory streams may take.

/// The most that all streams of a stack take together: asked for when it is made, and never more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How many streams there may be at once.
    pub streams: usize,
    /// Octets for what was received and not consumed, and what was sent and not acknowledged; rounded down to a power of two.
    pub buffers: usize,
}

impl Budget {
    /// No streams: whoever connects is refused.
    pub const NONE: Self = Self { streams: 0, buffers: 0 };
}
