//! What is sent goes at a rate, not a window at once.

use core::time::Duration;
use moment::Instant;

/// When what is sent may go.
///
/// Counts octets that went before their time, which the rate pays off; no more than a burst of them.
pub(crate) struct Pacer {
    /// At `counted`.
    ahead: u32,
    /// In microseconds; it wraps, and something may wait some milliseconds by that after an hour of silence.
    counted: u32,
}

const _: () = assert!(size_of::<Pacer>() <= 8);

/// A burst is what goes in this time: a machine that wakes up so often keeps to the rate, and to a device it is few and
/// long frames.
const BURST: Duration = Duration::from_millis(1);

/// ... or this many segments, if that is more: as many as the first window has (RFC 6928 §2), so that no answer shorter
/// than that ever waits.
const BURST_SEGMENTS: u32 = 10;

/// A machine is woken when this much of a burst may go, at least a segment: not for each one, and early enough that it may
/// be as late again.
const WAKES_PER_BURST: u32 = 2;

/// Round trips shorter than this are not spread out: the window goes in one burst, for it is less than what a timer
/// can part.
const LOCAL: Duration = BURST;

/// Octets a second at which a window is sent within a round trip, times `gain` in fifths; it is at least one.
///
/// A local network is paced by its shortest round trip: no window returns sooner, so nothing ever waits.
pub(super) fn rate(window: u32, gain: u32, smoothed: Duration, minimum: Duration) -> u64 {
    let round_trip = if minimum < LOCAL { minimum } else { smoothed };
    // 30 bits, 30 and 4: it fits.
    let octets = u64::from(window) * 1_000_000_000 / nanoseconds(round_trip).max(1);
    (octets.saturating_mul(gain.into()) / 5).max(1)
}

impl Pacer {
    pub(crate) const fn new() -> Self {
        Self { ahead: 0, counted: 0 }
    }

    /// How many octets may go now: a burst after idleness. The rate is in octets a second.
    pub(crate) fn allowance(&self, rate: u64, segment: u32, now: Instant) -> u32 {
        burst(rate, segment).saturating_sub(self.ahead(rate, now))
    }

    /// These octets went.
    pub(crate) fn on_sent(&mut self, octets: u32, rate: u64, now: Instant) {
        self.ahead = self.ahead(rate, now).saturating_add(octets);
        self.counted = microseconds(now);
    }

    /// When something should be sent next: now if a segment may go, and otherwise when a part of a burst may.
    pub(crate) fn next(&self, rate: u64, segment: u32, now: Instant) -> Instant {
        let (burst, ahead) = (burst(rate, segment), self.ahead(rate, now));
        if burst.saturating_sub(ahead) >= segment {
            return now;
        }
        let part = carried(rate, BURST / WAKES_PER_BURST).max(segment).min(burst);
        let wait = u64::from(ahead.saturating_sub(burst - part)) * 1_000_000_000 / rate.max(1);
        // Instants are counted by the microsecond: one that is cut short would be too early.
        now + Duration::from_nanos(wait + 1_000)
    }

    /// How long nothing has gone; after 71 minutes it counts from zero again.
    pub(crate) fn idle(&self, now: Instant) -> Duration {
        Duration::from_micros(microseconds(now).wrapping_sub(self.counted).into())
    }

    /// Nothing that went before counts any more.
    pub(crate) fn begin_anew(&mut self, now: Instant) {
        (self.ahead, self.counted) = (0, microseconds(now));
    }

    fn ahead(&self, rate: u64, now: Instant) -> u32 {
        let passed = microseconds(now).wrapping_sub(self.counted);
        self.ahead.saturating_sub(carried(rate, Duration::from_micros(passed.into())))
    }
}

fn burst(rate: u64, segment: u32) -> u32 {
    carried(rate, BURST).max(segment.saturating_mul(BURST_SEGMENTS))
}

/// Octets that go in this time.
fn carried(rate: u64, time: Duration) -> u32 {
    // What does not fit is more than 32 bits of octets in any case.
    let octets = rate.saturating_mul(nanoseconds(time)) / 1_000_000_000;
    u32::try_from(octets).unwrap_or(u32::MAX)
}

fn microseconds(now: Instant) -> u32 {
    (now.nanoseconds() / 1_000) as u32
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
