//! What is made of the values of rounds.

use super::results::{Entry, Round};
use laboratory::statistics::median;

/// One figure of every contestant.
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    /// Over its bars, if it is drawn.
    pub(super) caption: Option<&'static str>,
    /// How many digits behind the point mean something.
    pub(super) digits: usize,
    /// Whether a ratio says anything.
    is_comparable: bool,
    value: Value,
}

/// Where its values come from, if there are any.
enum Value {
    /// One from each round.
    Round(fn(&Round) -> Option<f64>),
    /// One for all.
    Whole(fn(&Entry) -> Option<f64>),
}

const MEBIBYTE: f64 = 1024.0 * 1024.0;
const MICROSECONDS: f64 = 1e6;

/// In the order in which they are printed.
pub(super) const FIGURES: &[Figure] = &[
    Figure {
        name: "answers a second",
        unit: "/s",
        caption: Some("Answers a second"),
        digits: 0,
        is_comparable: true,
        value: Value::Round(|round| Some(round.best()?.rate)),
    },
    Figure {
        name: "lost at 80 % of that",
        unit: "%",
        caption: None,
        digits: 3,
        is_comparable: false,
        value: Value::Round(|round| {
            let lost = round.paced.sent.saturating_sub(round.paced.answered);
            Some(lost as f64 * 100.0 / round.paced.sent as f64)
        }),
    },
    Figure {
        name: "latency at 80 %, half of the answers within",
        unit: "µs",
        caption: None,
        digits: 0,
        is_comparable: true,
        value: Value::Round(|round| Some(round.paced.latency_seconds.p50 * MICROSECONDS)),
    },
    Figure {
        name: "latency at 80 %, 99 of 100 answers within",
        unit: "µs",
        caption: Some("99 of 100 answers within (at 80 % of that)"),
        digits: 0,
        is_comparable: true,
        value: Value::Round(|round| Some(round.paced.latency_seconds.p99 * MICROSECONDS)),
    },
    Figure {
        name: "latency at 80 %, 999 of 1,000 answers within",
        unit: "µs",
        caption: None,
        digits: 0,
        is_comparable: true,
        value: Value::Round(|round| Some(round.paced.latency_seconds.p999 * MICROSECONDS)),
    },
    Figure {
        name: "the server's processor time an answer",
        unit: "µs",
        caption: Some("Server’s processor time an answer"),
        digits: 2,
        is_comparable: true,
        value: Value::Round(|round| {
            let best = round.best()?;
            Some(best.processor_seconds * MICROSECONDS / best.answered as f64)
        }),
    },
    Figure {
        name: "the whole machine's processor time an answer, dnsperf included",
        unit: "µs",
        caption: None,
        digits: 2,
        is_comparable: true,
        value: Value::Round(|round| {
            let best = round.best()?;
            Some(best.machine_seconds * MICROSECONDS / best.answered as f64)
        }),
    },
    Figure {
        name: "memory held after the load",
        unit: "MiB",
        caption: Some("Memory held after the load"),
        digits: 1,
        is_comparable: true,
        value: Value::Round(|round| Some(round.memory as f64 / MEBIBYTE)),
    },
    Figure {
        name: "least memory of a guest that answers",
        unit: "MiB",
        caption: None,
        digits: 0,
        is_comparable: true,
        value: Value::Whole(|entry| entry.least_memory_mib.map(f64::from)),
    },
    Figure {
        name: "from its start to the first answer",
        unit: "ms",
        caption: Some("From its start to the first answer"),
        digits: 1,
        is_comparable: true,
        value: Value::Round(|round| Some(round.first_answer_seconds * 1e3)),
    },
    Figure {
        name: "size of what is installed",
        unit: "MiB",
        caption: Some("Size of what is installed"),
        digits: 2,
        is_comparable: true,
        value: Value::Whole(|entry| Some(entry.size as f64 / MEBIBYTE)),
    },
];

impl Figure {
    /// All its values.
    pub(super) fn values(&self, entry: &Entry) -> Vec<f64> {
        match self.value {
            Value::Round(value) => entry.rounds.iter().filter_map(value).collect(),
            Value::Whole(value) => value(entry).into_iter().collect(),
        }
    }

    /// The median over rounds of what `ours` is to `other` in the same round: what slowed one down in a round slowed down
    /// the other, too.
    pub(super) fn ratio(&self, ours: &Entry, other: &Entry) -> Option<f64> {
        if !self.is_comparable {
            return None;
        }
        let ratios: Vec<f64> = match self.value {
            Value::Round(value) => {
                let of_round = |round: &Round| {
                    let same = other.rounds.iter().find(|same| same.number == round.number)?;
                    Some(value(round)? / value(same)?)
                };
                ours.rounds.iter().filter_map(of_round).filter(|ratio| ratio.is_finite()).collect()
            }
            Value::Whole(value) => {
                value(ours).zip(value(other)).map(|(ours, other)| ours / other).into_iter().collect()
            }
        };
        (!ratios.is_empty()).then(|| median(&ratios))
    }
}
