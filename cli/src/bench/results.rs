//! What was measured: every single value.

use super::contestant::Contestant;
use serde::Serialize;
use std::collections::BTreeMap;

/// A whole run.
#[derive(Debug, Serialize)]
pub(crate) struct Results {
    /// Where it was taken.
    pub(crate) machine: BTreeMap<&'static str, String>,
    pub(crate) settings: Settings,
    pub(crate) contestants: Vec<Entry>,
}

/// What was asked, and how.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Settings {
    pub(crate) zone_names: u32,
    /// What questions went over.
    pub(crate) over: &'static str,
    /// How long every run of dnsperf took.
    pub(crate) seconds: u64,
    pub(crate) rounds: u32,
}

/// What was measured of one contestant.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    #[serde(skip)]
    pub(crate) contestant: Contestant,
    pub(crate) name: String,
    pub(crate) version: String,
    /// Octets of what is installed: an image, or a program and its libraries.
    pub(crate) size: u64,
    /// The least memory in MiB that a guest answers in, if that was asked for.
    pub(crate) least_memory_mib: Option<u32>,
    pub(crate) rounds: Vec<Round>,
    /// Why a round has no values.
    pub(crate) failures: Vec<String>,
}

/// What was measured in one round.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Round {
    /// Counted from 1.
    pub(crate) number: u32,
    /// From the start of the process to its first answer.
    pub(crate) first_answer_seconds: f64,
    /// As many questions as it answers, with so many on the way.
    pub(crate) saturated: Vec<Saturated>,
    pub(crate) paced: Paced,
    /// Octets that its processes held after all of this.
    pub(crate) memory: u64,
}

/// A run with as many questions as are answered.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Saturated {
    /// How many questions were on the way at most.
    pub(crate) depth: u32,
    pub(crate) sent: u64,
    pub(crate) answered: u64,
    /// Answers a second.
    pub(crate) rate: f64,
    /// Time that its processes took of this machine's processors.
    pub(crate) processor_seconds: f64,
    /// Time that all of this machine's processors were busy.
    pub(crate) machine_seconds: f64,
}

/// A run with a part of the questions that it could answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Paced {
    /// Questions a second.
    pub(crate) pace: u32,
    pub(crate) sent: u64,
    pub(crate) answered: u64,
    pub(crate) latency_seconds: Latency,
}

/// How long so many of a hundred answers took at most.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    #[serde(rename = "p99.9")]
    pub(crate) p999: f64,
    pub(crate) greatest: f64,
}

impl Round {
    /// The run with the most answers a second.
    pub(crate) fn best(&self) -> Option<&Saturated> {
        self.saturated.iter().max_by(|one, other| one.rate.total_cmp(&other.rate))
    }
}
