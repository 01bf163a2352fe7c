//! How the window grows when it is near what the path carries: CUBIC (RFC 9438).
//!
//! All in octets and whole numbers. Time is counted in units of 2⁻²⁰ seconds, so that a cube of it is scaled by a shift.

use crate::tcp::congestion::WINDOW_LIMIT;
use crate::tcp::round_trip::RoundTrip;
use core::time::Duration;
use moment::Instant;

/// One connection's place on its curve, and what is left over of growth in octets.
pub(super) struct Cubic {
    curve: Curve,
    /// When an acknowledgement came last, in units; it wraps.
    heard: u32,
    /// What is left of growth, in octets of the window times octets: less than an octet's worth.
    window_remainder: u32,
    /// The same of the estimate.
    estimate_remainder: u32,
}

/// What is restored when a loss turns out to be none (RFC 9438 §4.9.1).
#[derive(Clone, Copy)]
pub(super) struct Curve {
    /// W_max, in octets; zero if it is not known.
    maximum: u32,
    /// cwnd_prior, in octets.
    prior: u32,
    /// K, in units: when the curve is at its maximum.
    period: u32,
    /// t, in units, without what was not spent at the window's limit (RFC 9438 §5.8).
    elapsed: u32,
    /// W_est, in octets: what Reno's window would be.
    estimate: u32,
    stage: Stage,
}

#[derive(Clone, Copy)]
enum Stage {
    /// The next acknowledgement begins a stage of congestion avoidance.
    Ahead,
    Begun,
}

/// 2²⁰ units a second, times 2⁶⁴: nanoseconds to units without a division.
const UNITS_PER_NANOSECOND: u128 = (1 << 84) / 1_000_000_000;

/// C of RFC 9438 §5.1, which is 0.4 segments a second cubed, in tenths.
const TENTHS_OF_C: u32 = 4;

/// β_cubic of RFC 9438 §4.6, in tenths.
const TENTHS_OF_BETA: u32 = 7;

/// α_cubic of RFC 9438 §4.3, 3 × (1 - β) / (1 + β): 9/17.
const ALPHA: (u64, u64) = (3 * (10 - TENTHS_OF_BETA) as u64, (10 + TENTHS_OF_BETA) as u64);

/// What is left of this much in flight when there is congestion.
pub(super) fn decreased(in_flight: u32) -> u32 {
    (u64::from(in_flight) * u64::from(TENTHS_OF_BETA) / 10) as u32
}

impl Cubic {
    pub(super) const fn new() -> Self {
        let curve = Curve { maximum: 0, prior: 0, period: 0, elapsed: 0, estimate: 0, stage: Stage::Ahead };
        Self { curve, heard: 0, window_remainder: 0, estimate_remainder: 0 }
    }

    pub(super) fn curve(&self) -> Curve {
        self.curve
    }

    pub(super) fn restore(&mut self, curve: Curve) {
        self.curve = curve;
    }

    /// There is congestion at this window: the curve to come flattens where it was.
    pub(super) fn on_congestion(&mut self, window: u32) {
        let curve = &mut self.curve;
        // RFC 9438 §4.7, fast convergence: who has less than last time leaves room for who came since.
        // "W_max = cwnd * (1 + beta_cubic) / 2".
        let is_shrinking = window < curve.maximum;
        let kept = u64::from(window) * u64::from(10 + TENTHS_OF_BETA) / 20;
        curve.maximum = if is_shrinking { kept as u32 } else { window };
        curve.prior = window;
        curve.stage = Stage::Ahead;
    }

    /// Slow start begins anew after a timeout (RFC 9438 §4.8), or ended without a loss (§4.10): at the next stage, "K is set
    /// to 0, and W_max is set to the congestion window size at the beginning of the current congestion avoidance stage".
    pub(super) fn forget_maximum(&mut self, window: u32) {
        self.curve.maximum = 0;
        self.curve.prior = window;
        self.curve.stage = Stage::Ahead;
    }

    /// The window was made smaller for idleness, or segments are of another length: the next stage leads to where this one
    /// did.
    pub(super) fn begin_anew(&mut self) {
        self.curve.stage = Stage::Ahead;
    }

    /// An acknowledgement does not count: what is sent isn't held up by the window (RFC 9438 §5.8).
    pub(super) fn pass(&mut self, now: Instant) {
        self.heard = units(now);
    }

    /// The window after these octets were delivered, which had used it to the full.
    pub(super) fn grown(
        &mut self,
        window: u32,
        octets: u32,
        segment: u32,
        round_trip: &RoundTrip,
        now: Instant,
    ) -> u32 {
        let smoothed = span(round_trip.smoothed().unwrap_or_default());
        match self.curve.stage {
            Stage::Ahead => self.begin(window, segment, now),
            Stage::Begun => self.elapse(smoothed, now),
        }
        self.grow_estimate(window, octets, segment);
        // RFC 9438 §4.3: "CUBIC checks whether W_cubic(t) is less than W_est. If so, CUBIC is in the Reno-friendly region and
        // cwnd SHOULD be set to W_est".
        if self.curve.at(self.curve.elapsed, segment) < self.curve.estimate {
            return window.max(self.curve.estimate);
        }
        // RFC 9438 §4.2: where the curve is a round trip on, and no more than half as much again.
        let target = self.curve.at(self.curve.elapsed.saturating_add(smoothed), segment);
        let target = target.clamp(window, window.saturating_add(window / 2));
        // RFC 9438 §4.4, §4.5: "cwnd MUST be incremented by (target - cwnd) / cwnd for each received new ACK", of a segment.
        let growth = u64::from(octets) * u64::from(target - window);
        let (grown, remainder) = divided(growth + u64::from(self.window_remainder), window);
        self.window_remainder = remainder;
        window.saturating_add(grown).min(target)
    }

    fn begin(&mut self, window: u32, segment: u32, now: Instant) {
        let curve = &mut self.curve;
        curve.maximum = curve.maximum.max(window);
        // RFC 9438 §4.2: K = cbrt((W_max - cwnd_epoch) / C), and C is for segments.
        let gap = u128::from(curve.maximum - window) * 10;
        curve.period = cube_root((gap << 60) / u128::from(TENTHS_OF_C * segment));
        curve.elapsed = 0;
        // RFC 9438 §4.3: W_est is cwnd_epoch at the beginning.
        curve.estimate = window;
        curve.stage = Stage::Begun;
        self.heard = units(now);
        self.window_remainder = 0;
        self.estimate_remainder = 0;
    }

    /// Who is held up by the window hears something every round trip. RFC 9438 §5.8: what is longer is idleness, and t
    /// "MUST NOT include these periods".
    fn elapse(&mut self, smoothed: u32, now: Instant) {
        let now = units(now);
        let passed = now.wrapping_sub(self.heard).min(smoothed.saturating_mul(2));
        self.curve.elapsed = self.curve.elapsed.saturating_add(passed);
        self.heard = now;
    }

    /// RFC 9438 §4.3: W_est = W_est + α_cubic * segments_acked / cwnd, and "Once W_est has grown to reach the cwnd at the
    /// time of most recently setting ssthresh […] the sender SHOULD set α_cubic to 1".
    fn grow_estimate(&mut self, window: u32, octets: u32, segment: u32) {
        let growth = u64::from(octets) * u64::from(segment);
        let growth = match self.curve.estimate < self.curve.prior {
            true => growth * ALPHA.0 / ALPHA.1,
            false => growth,
        };
        let (grown, remainder) = divided(growth + u64::from(self.estimate_remainder), window);
        self.curve.estimate = self.curve.estimate.saturating_add(grown).min(WINDOW_LIMIT);
        self.estimate_remainder = remainder;
    }
}

impl Curve {
    /// W_cubic(t) = C * (t - K)³ + W_max (RFC 9438 §4.2), in octets.
    fn at(&self, time: u32, segment: u32) -> u32 {
        let distance = u128::from(time.abs_diff(self.period));
        // 96 bits, and 18 more.
        let change = (distance * distance * distance * u128::from(TENTHS_OF_C * segment)) >> 60;
        let change = u32::try_from(change as u64 / 10).unwrap_or(u32::MAX);
        match time < self.period {
            true => self.maximum.saturating_sub(change),
            false => self.maximum.saturating_add(change).min(WINDOW_LIMIT),
        }
    }
}

fn divided(growth: u64, window: u32) -> (u32, u32) {
    let window = u64::from(window.max(1));
    (u32::try_from(growth / window).unwrap_or(u32::MAX), (growth % window) as u32)
}

/// The instant in units, of which the lowest 32 bits are kept: an hour's.
fn units(now: Instant) -> u32 {
    ((u128::from(now.nanoseconds()) * UNITS_PER_NANOSECOND) >> 64) as u32
}

fn span(duration: Duration) -> u32 {
    let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    u32::try_from((u128::from(nanoseconds) * UNITS_PER_NANOSECOND) >> 64).unwrap_or(u32::MAX)
}

/// The largest number whose cube is no more, of a cube below 2⁹⁶: bit by bit, as it is needed once a loss.
fn cube_root(cube: u128) -> u32 {
    (0..32).rev().fold(0, |root: u32, bit| {
        let longer = u128::from(root | (1 << bit));
        if longer * longer * longer <= cube { longer as u32 } else { root }
    })
}

#[cfg(test)]
mod tests;
