//! How much may be in flight: slow start with HyStart++ (RFC 9406), CUBIC (RFC 9438), proportional rate reduction (RFC 9937).
//!
//! ```text
//!   SlowStart ──────── round trips grow ────────▶ Steady ◀────────────────┐
//!       │                                          │  ▲                   │
//!       ├──────────── loss ─────────▶ Reducing ◀───┤  │ on_recovered      │
//!       │                              │  └────────│──┘ or undo           │
//!       └──────────── timeout ──────▶ Repairing ◀──┘                      │
//!                                         └────────── on_recovered ───────┘
//! ```

mod cubic;
mod delivery;
mod pacing;
mod reduction;
mod slow_start;

pub(crate) use delivery::Delivery;
pub(crate) use pacing::Pacer;

use crate::tcp::round_trip::RoundTrip;
use core::time::Duration;
use cubic::{Cubic, Curve};
use moment::Instant;
use reduction::Reduction;
use slow_start::{Growth, SlowStart};

/// The congestion window of a connection.
pub(crate) struct Congestion {
    /// SMSS, in octets: at least one, and at most 65,535.
    segment: u32,
    /// cwnd, in octets.
    window: u32,
    /// ssthresh, in octets; [`UNKNOWN`] before the first congestion.
    threshold: u32,
    cubic: Cubic,
    phase: Phase,
}

const _: () = assert!(size_of::<Congestion>() <= 72);

enum Phase {
    /// Of a connection that has not met congestion.
    SlowStart(SlowStart),
    /// Slow start below the threshold, which is known; CUBIC above.
    Steady,
    /// What was lost is being sent again, and less is in flight each time.
    Reducing(Reduction),
    /// Nothing was heard until the timer expired: slow start from one segment.
    Repairing,
}

/// What was before a loss or a timeout, for [`Congestion::undo`].
#[derive(Clone, Copy)]
pub(crate) struct Saved {
    window: u32,
    threshold: u32,
    curve: Curve,
}

/// RFC 5681 §3.1: "The initial value of ssthresh SHOULD be set arbitrarily high".
const UNKNOWN: u32 = u32::MAX;

/// No more than this is ever in flight: the largest window that there is (RFC 7323 §2.3).
const WINDOW_LIMIT: u32 = 1 << 30;

/// RFC 9438 §4.6: the threshold is two segments at least.
const LEAST_SEGMENTS: u32 = 2;

/// How often a window is sent within a round trip, in fifths, as Linux does it: twice while it doubles, ...
const DOUBLING_GAIN: u32 = 10;
/// ... and a little more than once after, so that pacing never is what holds it up.
const STEADY_GAIN: u32 = 6;

impl Congestion {
    /// For segments of so many octets.
    pub(crate) fn new(segment: u32) -> Self {
        let segment = bounded(segment);
        Self {
            segment,
            window: initial_window(segment),
            threshold: UNKNOWN,
            cubic: Cubic::new(),
            phase: Phase::SlowStart(SlowStart::new()),
        }
    }

    /// How many octets may be in flight.
    pub(crate) fn window(&self) -> u32 {
        self.window
    }

    /// Where slow start ends, in octets.
    #[cfg(test)]
    pub(crate) fn threshold(&self) -> u32 {
        self.threshold
    }

    pub(crate) fn is_slow_start(&self) -> bool {
        self.window < self.threshold && !matches!(self.phase, Phase::Reducing(_))
    }

    /// Whether a loss or a timeout came that [`Self::on_recovered`] or [`Self::undo`] has not ended.
    pub(crate) fn is_recovering(&self) -> bool {
        matches!(self.phase, Phase::Reducing(_) | Phase::Repairing)
    }

    /// The path carries longer or shorter segments now. What may be in flight is counted in octets, and stays.
    pub(crate) fn set_segment(&mut self, segment: u32) {
        self.segment = bounded(segment);
        self.window = self.window.max(self.segment);
        self.threshold = self.threshold.max(LEAST_SEGMENTS * self.segment);
        // The curve is steeper or flatter by it.
        self.cubic.begin_anew();
    }

    /// Something was delivered, and no loss is being reduced for. After a timeout, this or
    /// [`Self::on_recovery_delivery`].
    pub(crate) fn on_delivery(&mut self, delivery: &Delivery, round_trip: &RoundTrip, now: Instant) {
        match &mut self.phase {
            Phase::SlowStart(slow_start) => {
                let growth = slow_start.on_delivery(delivery);
                self.grow_slowly(delivery, growth);
                if growth == Growth::Over {
                    // RFC 9406 §4.2: "enter congestion avoidance by setting the ssthresh to the current cwnd".
                    self.threshold = self.window;
                    self.cubic.forget_maximum(self.window);
                    self.phase = Phase::Steady;
                }
            }
            Phase::Steady => self.grow(delivery, delivery.octets, round_trip, now),
            Phase::Repairing => self.grow(delivery, self.after_timeout(delivery), round_trip, now),
            Phase::Reducing(_) => {}
        }
    }

    /// A loss was found, the first since everything was well.
    ///
    /// `in_flight` is as it was before the acknowledgement that told of it, with what is held for lost since: FlightSize of
    /// RFC 9438 §4.6 and RecoverFS of RFC 9937. That acknowledgement goes to [`Self::on_recovery_delivery`] next; where
    /// there is none, for a timer found the loss, one of no octets. Returns what was before.
    pub(crate) fn on_loss(&mut self, in_flight: u32) -> Saved {
        let saved = self.saved();
        if !matches!(self.phase, Phase::Reducing(_)) {
            self.cubic.on_congestion(self.window);
            self.threshold = self.decreased(in_flight);
            self.phase = Phase::Reducing(Reduction::new(in_flight));
        }
        saved
    }

    /// An acknowledgement came while losses are repaired. `is_progress_without_loss` says that it acknowledges new data
    /// cumulatively, and that nothing more was found lost by it.
    pub(crate) fn on_recovery_delivery(&mut self, delivery: &Delivery, is_progress_without_loss: bool) {
        match &mut self.phase {
            Phase::Reducing(reduction) => {
                let (threshold, segment) = (self.threshold, self.segment);
                if let Some(octets) =
                    reduction.allowance(delivery, threshold, segment, is_progress_without_loss)
                {
                    self.window = delivery.in_flight.saturating_add(octets).min(WINDOW_LIMIT);
                }
            }
            Phase::Repairing => {
                let room = self.threshold.saturating_sub(self.window);
                self.window += self.after_timeout(delivery).min(room);
            }
            Phase::SlowStart(_) | Phase::Steady => {}
        }
    }

    /// These octets were sent while losses are repaired, new or again.
    pub(crate) fn on_sent_in_recovery(&mut self, octets: u32) {
        if let Phase::Reducing(reduction) = &mut self.phase {
            reduction.on_sent(octets);
        }
    }

    /// Everything was acknowledged that had been sent when the loss was found or the timer expired.
    pub(crate) fn on_recovered(&mut self, in_flight: u32) {
        if matches!(self.phase, Phase::Reducing(_)) {
            // RFC 9937: "cwnd = ssthresh". What is in flight may be much less, if much was lost: the rest is made up
            // for by slow start, which begins with no larger burst than a connection does.
            let burst = in_flight.saturating_add(initial_window(self.segment));
            self.window = self.threshold.min(burst);
        }
        if self.is_recovering() {
            self.phase = Phase::Steady;
        }
    }

    /// The peer echoes that a router was congested (RFC 3168 §6.1.2), the first time in a round trip.
    ///
    /// As much is left as after a loss. RFC 8511 lets 0.85 be left, as an experiment; RFC 9438 §4.6 has one β, and what Reno
    /// would do (§4.3) follows from that. While losses are repaired, the window is being reduced.
    pub(crate) fn on_congestion_experienced(&mut self, in_flight: u32) {
        if self.is_recovering() {
            return;
        }
        self.cubic.on_congestion(self.window);
        self.threshold = self.decreased(in_flight);
        // RFC 9438 §4.6: "max(ssthresh, 1)", of segments, before the threshold is made two at least.
        self.window = cubic::decreased(in_flight).clamp(self.segment, self.window.max(self.segment));
        self.phase = Phase::Steady;
    }

    /// Nothing was heard until the timer expired, the first time for what is in flight: `in_flight` is as it was then, with what is
    /// held for lost since. Returns what was before.
    pub(crate) fn on_timeout(&mut self, in_flight: u32) -> Saved {
        // A loss found before was one reduction for the same octets.
        let limit = if matches!(self.phase, Phase::Reducing(_)) { self.threshold } else { UNKNOWN };
        let saved = self.saved();
        self.threshold = self.decreased(in_flight).min(limit);
        self.cubic.forget_maximum(saved.window);
        self.on_timeout_again();
        saved
    }

    /// The timer expired again. RFC 5681 §3.1: when a segment "has already been retransmitted by way of the retransmission timer at
    /// least once, the value of ssthresh is held constant".
    pub(crate) fn on_timeout_again(&mut self) {
        // RFC 5681 §3.1: "cwnd MUST be set to no more than the loss window, LW, which equals 1 full-sized segment".
        self.window = self.segment;
        self.phase = Phase::Repairing;
    }

    /// Nothing was lost: the loss or timeout was for a segment that came late (RFC 4015, RFC 9438 §4.9).
    pub(crate) fn undo(&mut self, saved: Saved) {
        if let Phase::Reducing(_) = self.phase {
            self.window = self.threshold;
        }
        if self.is_recovering() {
            self.phase = Phase::Steady;
        }
        // RFC 9438 §4.9.1: what grew beyond in the meantime stays.
        if self.window >= saved.window {
            return;
        }
        self.window = saved.window;
        self.threshold = self.threshold.max(saved.threshold);
        self.cubic.restore(saved.curve);
        if self.threshold == UNKNOWN {
            self.phase = Phase::SlowStart(SlowStart::new());
        }
    }

    /// Something is to be sent after nothing was for `idle`: for each timeout of that, half as much is known of the path,
    /// down to what a new connection knows (RFC 5681 §4.1, RFC 2861 §3.2, as Linux). The threshold keeps three quarters.
    pub(crate) fn on_idle(&mut self, idle: Duration, timeout: Duration) {
        let halvings = idle.as_nanos().checked_div(timeout.as_nanos()).unwrap_or(0);
        if halvings == 0 || self.is_recovering() {
            return;
        }
        self.threshold = self.threshold.max(self.window / 4 * 3);
        let least = initial_window(self.segment).min(self.window);
        let halvings = u32::try_from(halvings).unwrap_or(u32::MAX);
        self.window = self.window.checked_shr(halvings).unwrap_or(0).max(least);
        self.cubic.begin_anew();
    }

    /// Octets a second, for [`Pacer`]; none before the first sample.
    pub(crate) fn pacing_rate(&self, round_trip: &RoundTrip) -> Option<u64> {
        let gain = if self.is_slow_start() { DOUBLING_GAIN } else { STEADY_GAIN };
        Some(pacing::rate(self.window, gain, round_trip.smoothed()?, round_trip.minimum()?))
    }

    /// Slow start to the threshold, CUBIC with what is left of the octets.
    fn grow(&mut self, delivery: &Delivery, octets: u32, round_trip: &RoundTrip, now: Instant) {
        if !delivery.is_window_limited {
            self.cubic.pass(now);
            return;
        }
        let doubled = octets.min(self.threshold.saturating_sub(self.window));
        self.window = self.window.saturating_add(doubled).min(WINDOW_LIMIT);
        let rest = octets - doubled;
        if rest > 0 {
            self.window =
                self.cubic.grown(self.window, rest, self.segment, round_trip, now).min(WINDOW_LIMIT);
        }
    }

    fn grow_slowly(&mut self, delivery: &Delivery, growth: Growth) {
        if delivery.is_window_limited {
            self.window = self.window.saturating_add(growth.of(delivery.octets)).min(WINDOW_LIMIT);
        }
    }

    /// RFC 3465 §2.3: no more than a segment for each acknowledgement after a timeout, for it may be of octets that had
    /// arrived long before.
    fn after_timeout(&self, delivery: &Delivery) -> u32 {
        delivery.octets.min(self.segment)
    }

    /// The threshold after congestion with this much in flight.
    fn decreased(&self, in_flight: u32) -> u32 {
        cubic::decreased(in_flight).clamp(LEAST_SEGMENTS * self.segment, WINDOW_LIMIT)
    }

    /// What undo restores: the window is what it is, or will be when what is being reduced is reduced.
    fn saved(&self) -> Saved {
        let window = if let Phase::Reducing(_) = self.phase { self.threshold } else { self.window };
        Saved { window, threshold: self.threshold, curve: self.cubic.curve() }
    }
}

/// The largest segment that IP carries is below 2¹⁶.
fn bounded(segment: u32) -> u32 {
    segment.clamp(1, u16::MAX.into())
}

/// RFC 6928 §2: "min (10*MSS, max (2*MSS, 14600))".
fn initial_window(segment: u32) -> u32 {
    (10 * segment).min((2 * segment).max(14_600))
}

#[cfg(test)]
mod tests;
