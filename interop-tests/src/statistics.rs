//! What a machine of ours counted, as `isopod stats` tells it.

use crate::process::output;
use anyhow::{Context, Result};
use std::collections::BTreeMap;

/// Values by metric and labels, as Prometheus writes them, without what all have in common.
#[derive(Clone, Debug, Default)]
pub struct Statistics(BTreeMap<String, u64>);

impl Statistics {
    /// Asks the machine that the `isopod run` of this process looks after.
    pub fn of(supervisor: u32) -> Result<Self> {
        let isopod = std::env::var("ISOPOD").context("ISOPOD names no `isopod`")?;
        let list = output(&[&isopod, "ps"])?;
        let name = format!("dns-{supervisor}");
        anyhow::ensure!(list.contains(&name), "{name} is not listed: {list}");
        Self::parse(&output(&[&isopod, "stats", &name, "--format", "prometheus"])?, &name)
    }

    fn parse(exposition: &str, machine: &str) -> Result<Self> {
        let samples = exposition.lines().filter(|line| !line.starts_with('#'));
        let sample = |line: &str| {
            let (name, value) = line.rsplit_once(' ')?;
            let name = name.strip_prefix("isopod_")?;
            let labelled = name.replace(&format!("machine=\"{machine}\""), "");
            Some((labelled.replace("{,", "{").replace("{}", ""), value.parse().ok()?))
        };
        samples
            .map(|line| sample(line).with_context(|| format!("no sample: {line}")))
            .collect::<Result<_>>()
            .map(Self)
    }

    /// One of them; 0 if it is not there.
    pub fn value(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// The values whose name begins like this.
    pub fn of_metric(&self, metric: &str) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().filter(move |(name, _)| name.starts_with(metric)).map(|(name, value)| (&**name, *value))
    }

    /// How much each has grown; what has not is left out.
    pub fn since(&self, before: &Self) -> Self {
        let growth =
            |(name, value): (&String, &u64)| Some((name.clone(), value.checked_sub(before.value(name))?));
        Self(self.0.iter().filter_map(growth).filter(|(_, growth)| *growth > 0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Statistics;

    #[test]
    fn names_are_those_of_the_machine() {
        let text = "# TYPE isopod_a_total counter\nisopod_a_total{machine=\"m\",b=\"c\"} 7\nisopod_d{machine=\"m\"} 1\n";
        let statistics = Statistics::parse(text, "m").expect("sound");
        assert_eq!((statistics.value("a_total{b=\"c\"}"), statistics.value("d")), (7, 1));
        assert!(Statistics::parse("isopod_a seven\n", "m").is_err());
    }
}
