//! One value of an answer. A guest may have been taken over: what it says is parsed, not passed on.

use super::metrics::{MACHINE, RESTARTS};
use anyhow::{Context as _, Result, ensure};
use core::time::Duration;
use std::collections::BTreeSet;

/// A metric, its labels, its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) metric: String,
    pub(super) labels: Vec<(String, String)>,
    pub(super) value: u64,
}

impl Sample {
    /// A sample without labels.
    pub(super) fn of(metric: &str, value: u64) -> Self {
        Self { metric: metric.to_owned(), labels: Vec::new(), value }
    }

    /// Reads an answer: a sample in each line, and none of them twice.
    pub(super) fn parse_all(lines: &str) -> Result<Vec<Self>> {
        let samples: Vec<_> = lines.lines().map(Self::parse).collect::<Result<_>>()?;
        let mut seen = BTreeSet::new();
        for sample in &samples {
            // Whatever the order of its labels, it is the same series.
            let labels: BTreeSet<_> = sample.labels.iter().collect();
            ensure!(seen.insert((&sample.metric, labels)), "{} comes twice", sample.name());
        }
        Ok(samples)
    }

    /// Reads `metric{label="value"} 17`.
    fn parse(line: &str) -> Result<Self> {
        let malformed = || format!("in {line:?}");
        let (name, value) = line.rsplit_once(' ').with_context(malformed)?;
        let (metric, labels) = match name.split_once('{') {
            Some((metric, labels)) => (metric, labels.strip_suffix('}').with_context(malformed)?),
            None => (name, ""),
        };
        let labels = labels.split_terminator(',').map(|label| {
            let (label, value) = label.split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            Some((label.to_owned(), value.to_owned()))
        });
        let sample = Self {
            metric: metric.to_owned(),
            labels: labels.collect::<Option<_>>().with_context(malformed)?,
            value: value.parse().with_context(malformed)?,
        };
        let is_label = |(name, value): &(String, String)| {
            is_name(name) && name != MACHINE && !value.is_empty() && value.chars().all(is_plain)
        };
        let is_metric = is_name(&sample.metric) && sample.metric != RESTARTS;
        let labels: BTreeSet<_> = sample.labels.iter().map(|(label, _)| label).collect();
        let is_each_once = labels.len() == sample.labels.len();
        ensure!(is_metric && is_each_once && sample.labels.iter().all(is_label), malformed());
        Ok(sample)
    }

    /// The metric with its labels.
    pub(super) fn name(&self) -> String {
        let labels: Vec<_> =
            self.labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        match &*labels {
            [] => self.metric.clone(),
            labels => format!("{}{{{}}}", self.metric, labels.join(",")),
        }
    }

    /// How much a second was added since `time` ago; `None` of what is not a count, or began anew.
    pub(super) fn rate(&self, before: &[Self], time: Duration) -> Option<f64> {
        let is_same = |earlier: &&Self| (&earlier.metric, &earlier.labels) == (&self.metric, &self.labels);
        let added = self.value.checked_sub(before.iter().find(is_same)?.value)?;
        (self.metric.ends_with(COUNT)).then(|| added as f64 / time.as_secs_f64())
    }
}

fn is_name(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    text.starts_with(is_letter) && text.chars().all(|letter| is_letter(letter) || letter.is_ascii_digit())
}

/// Whether a label's value may have it; quotes and the like would have to be escaped.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "_-.".contains(letter)
}

/// What Prometheus has the name of a count end with.
pub(super) const COUNT: &str = "_total";
