//! What a cable does to frames in one direction.

use super::damage::Corruption;
use core::time::Duration;

/// What a cable does to frames in one direction, until it is changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    /// How long a frame takes at least.
    pub delay: Duration,
    /// How much longer it may take; nothing overtakes.
    pub jitter: Duration,
    /// The share of frames that is lost, each by itself.
    pub loss: f64,
    /// Losses that come together.
    pub bursts: Option<Bursts>,
    /// The share of frames that is held back while others overtake.
    pub reordering: f64,
    /// The share of frames that arrives twice.
    pub duplication: f64,
    /// How long what is held back, or comes a second time, may take longer.
    pub holding: Duration,
    /// What becomes of octets.
    pub corruption: Option<Corruption>,
    /// Nothing passes.
    pub is_cut: bool,
    /// How much passes in a time; without, everything at once.
    pub bandwidth: Option<Bandwidth>,
    /// The longest packet that passes; a longer one is lost without a word.
    pub mtu: usize,
}

/// Losses that come together (E. N. Gilbert, 1960; E. O. Elliott, 1963).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bursts {
    /// The share of frames before which a burst begins.
    pub begin: f64,
    /// The share of frames, in a burst, before which it ends.
    pub end: f64,
    /// The share of frames that a burst loses.
    pub loss: f64,
}

/// How much passes, and how much may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bandwidth {
    /// Bits in a second.
    pub bits: u64,
    /// Octets that may wait for their turn.
    pub queue: usize,
}

impl Bandwidth {
    /// How long so many octets take.
    pub(crate) fn time(self, octets: usize) -> Duration {
        Duration::from_nanos((octets as u64 * 8).saturating_mul(1_000_000_000) / self.bits)
    }
}

impl Conditions {
    /// A good cable: a tenth of a millisecond, and nothing is lost.
    pub const GOOD: Self = Self {
        delay: Duration::from_micros(100),
        jitter: Duration::ZERO,
        loss: 0.0,
        bursts: None,
        reordering: 0.0,
        duplication: 0.0,
        holding: Duration::ZERO,
        corruption: None,
        is_cut: false,
        bandwidth: None,
        mtu: 1500,
    };

    /// A cable that was cut.
    pub const CUT: Self = Self { is_cut: true, ..Self::GOOD };
}
