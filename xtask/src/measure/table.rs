//! What was measured, as one table.

use core::fmt::Write;
use laboratory::statistics::{median, number, range};
use laboratory::system;
use serde_json::{Value, json};

/// One figure.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) figure: String,
    /// What the project wants to reach; empty if it only wants to know.
    pub(super) goal: &'static str,
    /// What was measured, or why nothing was.
    pub(super) measured: Result<Values, String>,
    /// How, in one line.
    pub(super) method: String,
}

/// What was measured: a value for each round.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    pub(super) values: Vec<f64>,
    pub(super) unit: &'static str,
    /// How many digits behind the point mean something.
    pub(super) digits: usize,
    /// What else there is to say.
    pub(super) note: String,
}

impl Row {
    /// A figure that could not be taken.
    pub(super) fn missing(figure: &str, reason: &anyhow::Error) -> Self {
        Self {
            figure: figure.to_owned(),
            goal: "",
            measured: Err(format!("{reason:#}")),
            method: String::new(),
        }
    }

    fn measured(&self) -> String {
        match &self.measured {
            Ok(values) => values.text(),
            Err(reason) => format!("not measured: {reason}"),
        }
    }

    fn json(&self) -> Value {
        let mut json = json!({ "figure": self.figure, "goal": self.goal, "method": self.method });
        match &self.measured {
            Ok(values) => {
                json["unit"] = values.unit.into();
                json["median"] = median(&values.values).into();
                json["values"] = values.values.clone().into();
                json["note"] = values.note.as_str().into();
            }
            Err(reason) => json["missing"] = reason.as_str().into(),
        }
        json
    }
}

impl Values {
    /// Median, range and note.
    fn text(&self) -> String {
        let show = |value| number(value, self.digits);
        let mut text = show(median(&self.values));
        if self.values.len() > 1 {
            let (least, greatest) = range(&self.values);
            let _ = write!(text, " ({}–{})", show(least), show(greatest));
        }
        let _ = write!(text, " {}", self.unit);
        if !self.note.is_empty() {
            let _ = write!(text, "; {}", self.note);
        }
        text
    }
}

/// All of them, and where they were taken.
#[derive(Debug)]
pub(super) struct Table {
    facts: Vec<(&'static str, String)>,
    rows: Vec<Row>,
}

const HEADING: [&str; 4] = ["Figure", "Goal", "Measured: median (least–greatest)", "How"];

impl Table {
    pub(super) fn new(facts: Vec<(&'static str, String)>) -> Self {
        Self { facts, rows: Vec::new() }
    }

    pub(super) fn add(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows);
    }

    /// Notes what else the machine did meanwhile.
    pub(super) fn finish(&mut self) {
        self.facts.push(("load at the end", system::load()));
    }

    /// For a terminal.
    pub(super) fn text(&self) -> String {
        let cells = self.cells();
        let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<_> = (0..HEADING.len() - 1).map(width).collect();
        let mut text = self.facts.iter().fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(text, "{name:18} {value}");
            text
        });
        text.push('\n');
        for row in &cells {
            for (cell, width) in row.iter().zip(&widths) {
                let _ = write!(text, "{cell:width$}  ");
            }
            let _ = writeln!(text, "{}", row[HEADING.len() - 1]);
        }
        text
    }

    /// For a document.
    pub(super) fn markdown(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.facts {
            let _ = writeln!(text, "* {name}: {value}");
        }
        text.push('\n');
        for (number, row) in self.cells().iter().enumerate() {
            let _ = writeln!(text, "| {} |", row.each_ref().map(|cell| cell.replace('|', "\\|")).join(" | "));
            if number == 0 {
                text.push_str("|---|---|---|---|\n");
            }
        }
        text
    }

    /// For a program.
    pub(super) fn json(&self) -> Value {
        let facts: serde_json::Map<_, _> =
            self.facts.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({ "machine": facts, "figures": self.rows.iter().map(Row::json).collect::<Vec<_>>() })
    }

    fn cells(&self) -> Vec<[String; 4]> {
        let rows = self
            .rows
            .iter()
            .map(|row| [row.figure.clone(), row.goal.to_owned(), row.measured(), row.method.clone()]);
        core::iter::once(HEADING.map(str::to_owned)).chain(rows).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, Table, Values};

    #[test]
    fn a_row_says_what_was_measured_or_why_not() {
        let values =
            Values { values: vec![610.0, 590.0, 1600.0], unit: "cycles", digits: 0, note: "best 580".into() };
        let row = |measured| Row { figure: "f".into(), goal: "≤ 600", measured, method: "m | n".into() };
        let mut table = Table::new(vec![("QEMU", "7.2".into())]);
        table.add(vec![row(Ok(values)), row(Err("no KVM".into()))]);
        let text = table.markdown();
        assert!(text.contains("| f | ≤ 600 | 610 (590–1,600) cycles; best 580 | m \\| n |\n"), "{text}");
        assert!(text.contains("| f | ≤ 600 | not measured: no KVM | m \\| n |\n"), "{text}");
        assert_eq!(table.json()["figures"][0]["median"], 610.0);
        assert_eq!(table.json()["figures"][1]["missing"], "no KVM");
    }
}
