//! How long a segment takes to be acknowledged, and how long to wait before it is sent again (RFC 6298).

use core::time::Duration;
use moment::Instant;

/// Estimates of one connection's round-trip time.
pub(crate) struct RoundTrip {
    /// SRTT, in [ticks](ticks); zero before the first sample.
    smoothed: u32,
    /// RTTVAR, in ticks.
    variation: u32,
    /// The shortest samples since `lowest_since` and of the [`HALF_WINDOW`] before that, in ticks.
    lowest: [u32; 2],
    /// In milliseconds; it wraps, but not within a window.
    lowest_since: u32,
    /// In microseconds; it wraps, and a round may last too long by that.
    round_began: u32,
    /// Samples of this round so far.
    samples: u16,
    /// Samples of the last round: how many this one is expected to bring.
    expected: u16,
    backed_off: u8,
    handshake: Handshake,
}

const _: () = assert!(size_of::<RoundTrip>() <= 32);

/// How the first segment fared: the timeout before the first sample is by it.
enum Handshake {
    Smooth,
    Retransmitted,
}

/// RFC 6298 §2.1: "until a round-trip time measurement has been made, the sender SHOULD set RTO <- 1 second".
const FIRST_TIMEOUT: Duration = Duration::from_secs(1);

/// RFC 6298 §5.7: what the timeout is when a SYN had to be sent again.
const CAREFUL_TIMEOUT: Duration = Duration::from_secs(3);

/// What a timeout is more than the smoothed round trip, at least: G of RFC 6298 §2.2.
///
/// §2.4 rounds all timeouts up to a second, for clocks that ticked every half second and for the delay of
/// acknowledgements. Ours is exact, hosts of today delay acknowledgements by less than this, and RFC 8961 §4 asks for no
/// more than an estimate that holds variation and backs off. Linux and FreeBSD wait as long.
const MARGIN: Duration = Duration::from_millis(200);

/// RFC 6298 §2.5: "a maximum value MAY be placed on RTO provided it is at least 60 seconds". No sample is longer either.
const LONGEST: Duration = Duration::from_secs(120);

/// So many doublings take the shortest timeout to the longest.
const MOST_DOUBLINGS: u8 = 10;

/// The minimum is of this time and up to as much before it, in milliseconds. A path that became longer is found out by
/// then.
const HALF_WINDOW: u32 = 5_000;

impl RoundTrip {
    pub(crate) const fn new() -> Self {
        Self {
            smoothed: 0,
            variation: 0,
            lowest: [u32::MAX; 2],
            lowest_since: 0,
            round_began: 0,
            samples: 0,
            expected: 1,
            backed_off: 0,
            handshake: Handshake::Smooth,
        }
    }

    /// A segment was acknowledged this long after it was sent, and it was sent once or its time stamp came back
    /// (RFC 6298 §3). What was backed off is forgotten.
    pub(crate) fn sample(&mut self, measured: Duration, now: Instant) {
        let measured = ticks(measured);
        self.backed_off = 0;
        self.note_lowest(measured, now);
        self.count(now);
        if self.smoothed == 0 {
            // RFC 6298 §2.2.
            self.smoothed = measured;
            self.variation = measured / 2;
            return;
        }
        // RFC 6298 §2.3, in its order. RFC 7323 appendix G: when there are many samples a round trip, each has the less
        // weight, for else the past would be forgotten within one.
        let gap = measured.abs_diff(self.smoothed);
        self.variation = nearer(self.variation, gap, 4 * u32::from(self.expected));
        self.smoothed = nearer(self.smoothed, measured, 8 * u32::from(self.expected));
    }

    /// SRTT.
    pub(crate) fn smoothed(&self) -> Option<Duration> {
        (self.smoothed > 0).then(|| duration(self.smoothed))
    }

    /// RTTVAR; zero before the first sample.
    pub(crate) fn variation(&self) -> Duration {
        duration(self.variation)
    }

    /// The shortest sample of the last five to ten seconds in which there were any.
    pub(crate) fn minimum(&self) -> Option<Duration> {
        let [lowest, before] = self.lowest;
        (self.smoothed > 0).then(|| duration(lowest.min(before)))
    }

    /// RTO: how long what was sent may go unacknowledged before it is sent again, from 200 ms to 120 s.
    pub(crate) fn timeout(&self) -> Duration {
        let timeout = match (self.smoothed(), &self.handshake) {
            // RFC 6298 §2.3: RTO <- SRTT + max (G, K*RTTVAR), where K = 4.
            (Some(smoothed), _) => smoothed + (self.variation() * 4).max(MARGIN),
            (None, Handshake::Smooth) => FIRST_TIMEOUT,
            (None, Handshake::Retransmitted) => CAREFUL_TIMEOUT,
        };
        timeout.saturating_mul(1 << self.backed_off.min(MOST_DOUBLINGS)).min(LONGEST)
    }

    /// The timeout passed: the next one is twice as long (RFC 6298 §5.5).
    pub(crate) fn back_off(&mut self) {
        self.backed_off = self.backed_off.saturating_add(1);
    }

    /// How many timeouts have passed in a row; it stops at 255.
    pub(crate) fn backed_off(&self) -> u32 {
        self.backed_off.into()
    }

    /// The timeout is not longer any more: new data was acknowledged, or the timeout was found spurious.
    pub(crate) fn forgive(&mut self) {
        self.backed_off = 0;
    }

    /// The SYN was sent more than once. RFC 6298 §5.7: "If the timer expires awaiting the ACK of a SYN segment and the TCP
    /// implementation is using an RTO less than 3 seconds, the RTO MUST be re-initialized to 3 seconds when data
    /// transmission begins". A sample, by time stamps, is better than that.
    pub(crate) fn on_first_retransmitted(&mut self) {
        self.handshake = Handshake::Retransmitted;
        self.backed_off = 0;
    }

    /// Whether the SYN, or its answer, was sent more than once: then nobody knows which was answered (RFC 6298 §3).
    pub(crate) fn was_first_retransmitted(&self) -> bool {
        matches!(self.handshake, Handshake::Retransmitted)
    }

    fn note_lowest(&mut self, measured: u32, now: Instant) {
        let milliseconds = (now.nanoseconds() / 1_000_000) as u32;
        let [lowest, _] = self.lowest;
        match milliseconds.wrapping_sub(self.lowest_since) {
            0..HALF_WINDOW => {
                self.lowest[0] = lowest.min(measured);
                return;
            }
            passed if passed < 2 * HALF_WINDOW => self.lowest = [measured, lowest],
            _ => self.lowest = [measured, u32::MAX],
        }
        self.lowest_since = milliseconds;
    }

    /// A round lasts as long as a round trip does.
    fn count(&mut self, now: Instant) {
        let microseconds = (now.nanoseconds() / 1_000) as u32;
        if microseconds.wrapping_sub(self.round_began) >= self.smoothed / TICKS {
            self.expected = self.samples.max(1);
            self.samples = 0;
            self.round_began = microseconds;
        }
        self.samples = self.samples.saturating_add(1);
    }
}

/// Ticks a microsecond: the weight of one of many samples is a fraction of that, and [`LONGEST`] fits into 32 bits.
const TICKS: u32 = 32;

/// At least one: none is none.
fn ticks(duration: Duration) -> u32 {
    let duration = duration.min(LONGEST);
    let nanoseconds = duration.as_secs() * 1_000_000_000 + u64::from(duration.subsec_nanos());
    (nanoseconds * u64::from(TICKS) / 1_000).max(1) as u32
}

fn duration(ticks: u32) -> Duration {
    Duration::from_nanos(u64::from(ticks) * 1_000 / u64::from(TICKS))
}

/// Goes a part of the way, and always some of it: what is rounded away would keep an estimate where it is.
fn nearer(from: u32, to: u32, parts: u32) -> u32 {
    let step = from.abs_diff(to).div_ceil(parts);
    if to > from { from + step } else { from - step }
}

#[cfg(test)]
mod tests;
