//! When the first slow start has found what the path carries, before it loses something: HyStart++ (RFC 9406).

use crate::tcp::congestion::Delivery;
use core::time::Duration;

/// Watches round-trip times while the window doubles.
pub(super) struct SlowStart {
    /// currentRoundMinRTT, in microseconds; [`UNKNOWN`] before a sample.
    lowest: u32,
    /// lastRoundMinRTT.
    lowest_before: u32,
    /// The round ends when this is acknowledged: windowEnd.
    round_end: u32,
    /// rttSampleCount; it stops at [`SAMPLES`].
    samples: u8,
    stage: Stage,
}

enum Stage {
    /// The next acknowledgement begins the first round.
    Ahead,
    Doubling,
    /// Conservative slow start: the round trip became longer than this, and is watched for some rounds more.
    Conservative {
        baseline: u32,
        rounds_left: u8,
    },
}

/// How many of the octets delivered the window grows by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Growth {
    All,
    Quarter,
    /// Slow start is over.
    Over,
}

const UNKNOWN: u32 = u32::MAX;

/// MIN_RTT_THRESH and MAX_RTT_THRESH (RFC 9406 §4.3), in microseconds.
const THRESHOLDS: (u32, u32) = (4_000, 16_000);

/// MIN_RTT_DIVISOR.
const DIVISOR: u32 = 8;

/// N_RTT_SAMPLE: a round with fewer says nothing.
const SAMPLES: u8 = 8;

/// CSS_ROUNDS.
const CONSERVATIVE_ROUNDS: u8 = 5;

/// CSS_GROWTH_DIVISOR.
const CONSERVATIVE_DIVISOR: u32 = 4;

impl SlowStart {
    pub(super) const fn new() -> Self {
        Self { lowest: UNKNOWN, lowest_before: UNKNOWN, round_end: 0, samples: 0, stage: Stage::Ahead }
    }

    /// RFC 9406 §4.2, in its order: growth, samples, rounds.
    pub(super) fn on_delivery(&mut self, delivery: &Delivery) -> Growth {
        if matches!(self.stage, Stage::Ahead) {
            self.stage = Stage::Doubling;
            self.round_end = delivery.next;
        }
        let growth = match self.stage {
            Stage::Conservative { .. } => Growth::Quarter,
            Stage::Ahead | Stage::Doubling => Growth::All,
        };
        if let Some(round_trip) = delivery.round_trip {
            self.sample(round_trip);
        }
        // Sequence numbers wrap: what is not before is after.
        let is_round_over = delivery.acknowledged.wrapping_sub(self.round_end) < 1 << 31;
        if is_round_over && self.end_round(delivery.next) { Growth::Over } else { growth }
    }

    fn sample(&mut self, round_trip: Duration) {
        let microseconds = u32::try_from(round_trip.as_micros()).unwrap_or(UNKNOWN);
        self.lowest = self.lowest.min(microseconds);
        self.samples = self.samples.saturating_add(1).min(SAMPLES);
        if self.samples < SAMPLES {
            return;
        }
        match self.stage {
            Stage::Conservative { baseline, .. } if self.lowest < baseline => self.stage = Stage::Doubling,
            Stage::Doubling if self.lowest_before != UNKNOWN => {
                let threshold = (self.lowest_before / DIVISOR).clamp(THRESHOLDS.0, THRESHOLDS.1);
                if self.lowest >= self.lowest_before.saturating_add(threshold) {
                    let (baseline, rounds_left) = (self.lowest, CONSERVATIVE_ROUNDS);
                    self.stage = Stage::Conservative { baseline, rounds_left };
                }
            }
            Stage::Ahead | Stage::Doubling | Stage::Conservative { .. } => {}
        }
    }

    /// Whether it was the last of the conservative ones. RFC 9406 §4.2: "If the transition into CSS happens in the middle of
    /// a round, that partial round counts towards the limit."
    fn end_round(&mut self, next: u32) -> bool {
        self.lowest_before = self.lowest;
        self.lowest = UNKNOWN;
        self.samples = 0;
        self.round_end = next;
        let Stage::Conservative { rounds_left, .. } = &mut self.stage else {
            return false;
        };
        *rounds_left = rounds_left.saturating_sub(1);
        *rounds_left == 0
    }
}

impl Growth {
    /// RFC 9406 §4.2: "cwnd = cwnd + min(N, L * SMSS)". What is sent is paced, and "A paced TCP implementation SHOULD use
    /// L = infinity" (§4.3).
    pub(super) fn of(self, octets: u32) -> u32 {
        match self {
            Self::All => octets,
            Self::Quarter => octets / CONSERVATIVE_DIVISOR,
            Self::Over => 0,
        }
    }
}

#[cfg(test)]
mod tests;
