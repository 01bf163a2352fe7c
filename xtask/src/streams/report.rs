//! What was measured: every value, medians of them, and what ours are to Linux's of the same round.

use core::fmt;
use laboratory::statistics::{median, number, range};
use serde_json::{Value, json};

/// Whose stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Ours,
    Linux,
}

/// A figure: what it is called, its unit, and how many digits behind the point mean something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) unit: &'static str,
    pub(super) digits: usize,
}

/// All values, in the order in which they were measured.
pub(super) struct Report {
    facts: Vec<(&'static str, String)>,
    figures: Vec<Figure>,
    values: Vec<Measured>,
    failures: Vec<String>,
}

struct Measured {
    figure: usize,
    whose: Whose,
    round: u32,
    value: f64,
}

impl Report {
    pub(super) fn new(facts: Vec<(&'static str, String)>) -> Self {
        Self { facts, figures: Vec::new(), values: Vec::new(), failures: Vec::new() }
    }

    pub(super) fn fact(&mut self, name: &'static str, value: String) {
        self.facts.push((name, value));
    }

    /// A value of a round.
    pub(super) fn add(&mut self, figure: Figure, whose: Whose, round: u32, value: f64) {
        eprintln!("  {}, {whose:?}: {} {}", figure.name, number(value, figure.digits), figure.unit);
        let known = self.figures.iter().position(|one| *one == figure);
        let figure = known.unwrap_or_else(|| {
            self.figures.push(figure);
            self.figures.len() - 1
        });
        self.values.push(Measured { figure, whose, round, value });
    }

    /// Something could not be measured.
    pub(super) fn fail(&mut self, what: &str, whose: Whose, round: u32, error: &anyhow::Error) {
        let failure = format!("round {round}, {what}, {whose:?}: {error:#}");
        eprintln!("  {failure}");
        self.failures.push(failure);
    }

    /// Whether everything could be measured.
    pub(super) fn is_whole(&self) -> bool {
        self.failures.is_empty()
    }

    fn values(&self, figure: usize, whose: Whose) -> Vec<f64> {
        let of = self.values.iter().filter(|one| one.figure == figure && one.whose == whose);
        of.map(|one| one.value).collect()
    }

    /// The median over rounds of what ours is to Linux's.
    fn ratio(&self, figure: usize) -> Option<f64> {
        let of = |whose| self.values.iter().filter(move |one| one.figure == figure && one.whose == whose);
        let ratios: Vec<f64> = of(Whose::Ours)
            .filter_map(|ours| {
                let same = of(Whose::Linux).find(|linux| linux.round == ours.round)?;
                Some(ours.value / same.value)
            })
            .filter(|ratio| ratio.is_finite())
            .collect();
        (!ratios.is_empty()).then(|| median(&ratios))
    }

    pub(super) fn json(&self) -> Value {
        let name = |whose| if whose == Whose::Ours { "ours" } else { "linux" };
        let values = self.values.iter().map(|one| {
            let Figure { name: figure, unit, .. } = &self.figures[one.figure];
            json!({ "figure": figure, "unit": unit, "stack": name(one.whose), "round": one.round, "value": one.value })
        });
        let facts: serde_json::Map<_, _> =
            self.facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({ "machine": facts, "values": values.collect::<Vec<_>>(), "failures": self.failures })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.facts {
            writeln!(formatter, "{name:18} {value}")?;
        }
        writeln!(
            formatter,
            "\nmedian (least–greatest); ratios are ours over Linux's in the same round, their median\n"
        )?;
        writeln!(formatter, "{:58}{:>30}{:>30}{:>10}", "", "ours", "Linux", "ratio")?;
        for (number_of, figure) in self.figures.iter().enumerate() {
            let shown = |whose| show(&self.values(number_of, whose), figure);
            let ratio = self.ratio(number_of).map_or_else(|| "–".to_owned(), |ratio| number(ratio, 2));
            let (ours, linux) = (shown(Whose::Ours), shown(Whose::Linux));
            writeln!(formatter, "{:58}{ours:>30}{linux:>30}{ratio:>10}", figure.name)?;
        }
        self.failures.iter().try_for_each(|failure| writeln!(formatter, "\n{failure}"))
    }
}

fn show(values: &[f64], figure: &Figure) -> String {
    let shown = |value| number(value, figure.digits);
    match values {
        [] => "–".to_owned(),
        [value] => format!("{} {}", shown(*value), figure.unit),
        _ => {
            let (least, greatest) = range(values);
            format!("{} ({}–{}) {}", shown(median(values)), shown(least), shown(greatest), figure.unit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Figure, Report, Whose};

    #[test]
    fn ratios_are_of_the_same_round() {
        let figure = || Figure { name: "rate".to_owned(), unit: "/s", digits: 1 };
        let mut report = Report::new(Vec::new());
        for (round, ours, linux) in [(1, 10.0, 20.0), (2, 30.0, 20.0), (3, 8.0, 10.0)] {
            report.add(figure(), Whose::Ours, round, ours);
            report.add(figure(), Whose::Linux, round, linux);
        }
        report.add(figure(), Whose::Ours, 4, 1000.0);
        assert_eq!(report.ratio(0), Some(0.8));
        assert!(report.is_whole() && report.to_string().contains("20.0 (8.0–1,000.0) /s"));
        report.fail("rate", Whose::Linux, 4, &anyhow::anyhow!("no"));
        assert!(!report.is_whole());
    }
}
