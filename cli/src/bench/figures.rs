//! What is made of the values of rounds.

use super::results::{Entry, Round};
use laboratory::statistics::median;

/// One figure of every contestant.
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    /// How many digits behind the point mean something.
    pub(super) digits: usize,
    /// Whether a ratio says anything.
    is_comparable: bool,
    /// What a round says of it, if it does.
    value: fn(&Entry, &Round) -> Option<f64>,
}

const MEBIBYTE: f64 = 1024.0 * 1024.0;
const MICROSECONDS: f64 = 1e6;

/// In the order in which they are printed.
pub(super) const FIGURES: &[Figure] = &[
    Figure {
        name: "answers a second",
        unit: "/s",
        digits: 0,
        is_comparable: true,
        value: |_, round| Some(round.best()?.rate),
    },
    Figure {
        name: "lost at 80 % of that",
        unit: "%",
        digits: 3,
        is_comparable: false,
        value: |_, round| {
            let lost = round.paced.sent.saturating_sub(round.paced.answered);
            Some(lost as f64 * 100.0 / round.paced.sent as f64)
        },
    },
    Figure {
        name: "latency at 80 %, half of the answers within",
        unit: "µs",
        digits: 0,
        is_comparable: true,
        value: |_, round| Some(round.paced.latency_seconds.p50 * MICROSECONDS),
    },
    Figure {
        name: "latency at 80 %, 99 of 100 answers within",
        unit: "µs",
        digits: 0,
        is_comparable: true,
        value: |_, round| Some(round.paced.latency_seconds.p99 * MICROSECONDS),
    },
    Figure {
        name: "latency at 80 %, 999 of 1,000 answers within",
        unit: "µs",
        digits: 0,
        is_comparable: true,
        value: |_, round| Some(round.paced.latency_seconds.p999 * MICROSECONDS),
    },
    Figure {
        name: "the server's processor time an answer",
        unit: "µs",
        digits: 2,
        is_comparable: true,
        value: |_, round| {
            let best = round.best()?;
            Some(best.processor_seconds * MICROSECONDS / best.answered as f64)
        },
    },
    Figure {
        name: "the whole machine's processor time an answer, dnsperf included",
        unit: "µs",
        digits: 2,
        is_comparable: true,
        value: |_, round| {
            let best = round.best()?;
            Some(best.machine_seconds * MICROSECONDS / best.answered as f64)
        },
    },
    Figure {
        name: "memory held after the load",
        unit: "MiB",
        digits: 1,
        is_comparable: true,
        value: |_, round| Some(round.memory as f64 / MEBIBYTE),
    },
    Figure {
        name: "from its start to the first answer",
        unit: "ms",
        digits: 1,
        is_comparable: true,
        value: |_, round| Some(round.first_answer_seconds * 1e3),
    },
    Figure {
        name: "size of what is installed",
        unit: "MiB",
        digits: 2,
        is_comparable: true,
        value: |entry, round| (round.number == 1).then_some(entry.size as f64 / MEBIBYTE),
    },
];

impl Figure {
    /// Its values of all rounds.
    pub(super) fn values(&self, entry: &Entry) -> Vec<f64> {
        entry.rounds.iter().filter_map(|round| (self.value)(entry, round)).collect()
    }

    /// The median over rounds of what `ours` is to `other` in the same round: what slowed one down in a round slowed down
    /// the other, too.
    pub(super) fn ratio(&self, ours: &Entry, other: &Entry) -> Option<f64> {
        if !self.is_comparable {
            return None;
        }
        let ratios = ours.rounds.iter().filter_map(|round| {
            let same = other.rounds.iter().find(|same| same.number == round.number)?;
            let ratio = (self.value)(ours, round)? / (self.value)(other, same)?;
            ratio.is_finite().then_some(ratio)
        });
        let ratios: Vec<f64> = ratios.collect();
        (!ratios.is_empty()).then(|| median(&ratios))
    }
}
