//! Timestamps (RFC 7323 §3 to §5): a clock of a millisecond's ticks, and the peer's.

use crate::tcp::limits;
use crate::tcp::options::Timestamps;
use core::time::Duration;
use moment::Instant;

/// The timestamps of one connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timestamping {
    /// What is added to our clock: differs from peer to peer (RFC 7323 §7.1).
    offset: u32,
    /// TS.Recent, and when it came, in seconds.
    recent: u32,
    recent_at: u32,
}

impl Timestamping {
    pub(crate) const fn new(offset: u32) -> Self {
        Self { offset, recent: 0, recent_at: 0 }
    }

    /// The peer's SYN had this timestamp.
    pub(crate) fn begin(&mut self, timestamp: u32, now: Instant) {
        (self.recent, self.recent_at) = (timestamp, seconds(now));
    }

    /// What our clock says at an instant.
    #[inline]
    pub(crate) fn value(&self, at: Instant) -> u32 {
        self.offset.wrapping_add((at.nanoseconds() / 1_000_000) as u32)
    }

    /// Both timestamps of a segment that goes out.
    #[inline]
    pub(crate) fn stamp(&self, now: Instant) -> Timestamps {
        Timestamps { value: self.value(now), echo: self.recent }
    }

    /// RFC 7323 §5.3 (R1), §5.5: whether a timestamp is from before the latest, of which the peer was heard within its clock's
    /// reach.
    #[inline]
    pub(crate) fn is_old(&self, value: u32, now: Instant) -> bool {
        is_before(value, self.recent) && self.is_recent(now)
    }

    /// RFC 7323 §4.3 (2): a segment that covers the last acknowledgement sent had this timestamp.
    #[inline]
    pub(crate) fn note(&mut self, value: u32, now: Instant) {
        if !is_before(value, self.recent) || !self.is_recent(now) {
            (self.recent, self.recent_at) = (value, seconds(now));
        }
    }

    /// Whether the latest timestamp is one to judge others by (RFC 7323 §5.5).
    #[inline]
    fn is_recent(&self, now: Instant) -> bool {
        u64::from(seconds(now).wrapping_sub(self.recent_at)) < limits::TIMESTAMP_LIFETIME.as_secs()
    }

    /// The latest timestamp of the peer.
    pub(crate) const fn recent(&self) -> u32 {
        self.recent
    }

    /// How long ago our clock said what the peer echoes, unless that is nonsense.
    pub(crate) fn elapsed(&self, echo: u32, now: Instant) -> Option<Duration> {
        let elapsed = self.value(now).wrapping_sub(echo);
        (elapsed < 1 << 20).then(|| Duration::from_millis(elapsed.into()))
    }
}

/// They go round after 136 years.
fn seconds(at: Instant) -> u32 {
    (at.nanoseconds() / 1_000_000_000) as u32
}

/// Whether one timestamp is before another (RFC 7323 §5.2: as sequence numbers are).
#[inline]
pub(crate) const fn is_before(one: u32, other: u32) -> bool {
    one.wrapping_sub(other) as i32 >> 31 != 0
}
