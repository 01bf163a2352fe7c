//! What criterion measures: its benches are run, and what they leave in cargo's target folder is read.

use super::image::Image;
use super::table::{Row, Values};
use super::{Workbench, say};
use crate::program::cargo;
use crate::target;
use anyhow::{Context, Result, ensure};
use laboratory::statistics::number;
use laboratory::zone;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::SystemTime;

/// One bench's values.
#[derive(Debug)]
struct Estimate {
    name: String,
    /// How many elements an iteration takes.
    elements: f64,
    /// Nanoseconds of an iteration, for each sample.
    samples: Vec<f64>,
}

/// How the engine's benches are run by hand.
const BENCHES: [(&str, &str, &str); 3] =
    [("dns", "answer", ""), ("netstack", "turn", ""), ("netstack", "streams", "")];

/// How many names the zone has whose size is measured.
const NAMES: u32 = 1_000_000;

/// Master file text to records, records to a zone, and how large that is.
pub(super) fn records(bench: &Workbench<'_>) -> Result<Vec<Row>> {
    let rate = |figure: &str, goal, method: &str, measured: Result<Vec<Estimate>>| Row {
        figure: figure.to_owned(),
        goal,
        measured: measured
            .and_then(|estimates| estimates.into_iter().next().context("criterion left nothing"))
            .map(|estimate| estimate.millions_a_second())
            .map_err(|error| format!("{error:#}")),
        method: method.to_owned(),
    };
    let mut rows = vec![
        rate(
            "master file text to records",
            "≥ 8 M/s",
            "criterion, a million lines of A records in memory, time of one processor",
            run(bench, "dns-protocol", "master_file", "^hosts/isopod$"),
        ),
        rate(
            "records to a compiled zone",
            "apart",
            "criterion, a million A records",
            run(bench, "dns", "compile", "^compile/"),
        ),
    ];
    bench.go_on()?;
    rows.push(Row {
        figure: "octets a record, 1,000,000 A records".to_owned(),
        goal: "≤ 70",
        measured: octets(bench).map_err(|error| format!("{error:#}")),
        method: "the archive of `isopod build` over its records".to_owned(),
    });
    Ok(rows)
}

/// The engine and netstack alone: named, or run for as short as can be.
pub(super) fn engine(bench: &Workbench<'_>) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (package, name, filter) in BENCHES {
        let command = format!("cargo bench -p {package} --bench {name}");
        if !bench.choice.quick {
            let reason = "not asked for: give --quick, or run it".to_owned();
            rows.push(Row { figure: command, goal: "", measured: Err(reason), method: String::new() });
            continue;
        }
        bench.go_on()?;
        let estimates = run(bench, package, name, filter)?;
        rows.extend(estimates.into_iter().map(|estimate| Row {
            figure: format!("alone: {}", estimate.name),
            goal: "",
            measured: Ok(estimate.nanoseconds()),
            method: format!("{command} -- --quick"),
        }));
    }
    Ok(rows)
}

impl Estimate {
    fn millions_a_second(&self) -> Values {
        let values = self.samples.iter().map(|nanoseconds| self.elements * 1e3 / nanoseconds).collect();
        Values { values, unit: "million/s", digits: 2, note: String::new() }
    }

    fn nanoseconds(self) -> Values {
        let note =
            if self.elements > 1.0 { format!("for {}", number(self.elements, 0)) } else { String::new() };
        Values { values: self.samples, unit: "ns", digits: 1, note }
    }
}

/// Runs a bench; what it measured, in the order of names.
fn run(bench: &Workbench<'_>, package: &str, name: &str, filter: &str) -> Result<Vec<Estimate>> {
    bench.go_on()?;
    say(&format!("cargo bench -p {package} --bench {name}"));
    let started = SystemTime::now();
    let mut command = cargo(&["bench", "--quiet", "--package", package, "--bench", name, "--", "--noplot"]);
    if package == "netstack" {
        // What a stack allocates lies in large pages on the kernel, too.
        command.env("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
    }
    if !filter.is_empty() {
        command.arg(filter);
    }
    if bench.choice.quick {
        command.arg("--quick");
    }
    let status = command.stdout(Stdio::null()).status().context("running cargo bench")?;
    ensure!(status.success(), "cargo bench -p {package} --bench {name} ended with {status}");
    let mut folders = Vec::new();
    find(&target().join("criterion"), started, &mut folders)?;
    folders.sort();
    folders.iter().map(|folder| Estimate::read(folder)).collect()
}

/// Finds the folders of results that are no older than this.
fn find(folder: &Path, since: SystemTime, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if !path.is_dir() {
            continue;
        }
        let sample = path.join("sample.json");
        let is_new = path.ends_with("new") && sample.is_file() && fs::metadata(&sample)?.modified()? >= since;
        if is_new {
            found.push(path);
        } else {
            find(&path, since, found)?;
        }
    }
    Ok(())
}

impl Estimate {
    fn read(folder: &Path) -> Result<Self> {
        let json = |name: &str| -> Result<Value> {
            let path = folder.join(name);
            let text = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            Ok(serde_json::from_slice(&text)?)
        };
        Self::from_json(&json("benchmark.json")?, &json("sample.json")?)
    }

    fn from_json(benchmark: &Value, sample: &Value) -> Result<Self> {
        let numbers = |key: &str| {
            let array = sample[key].as_array().with_context(|| format!("criterion left no {key}"))?;
            Ok::<_, anyhow::Error>(array.iter().filter_map(Value::as_f64).collect::<Vec<_>>())
        };
        let (iterations, times) = (numbers("iters")?, numbers("times")?);
        Ok(Self {
            name: benchmark["full_id"].as_str().context("criterion left no name")?.to_owned(),
            elements: benchmark["throughput"]["Elements"].as_f64().unwrap_or(1.0),
            samples: times.iter().zip(&iterations).map(|(time, count)| time / count).collect(),
        })
    }
}

/// What a record of a large zone takes in an image.
fn octets(bench: &Workbench<'_>) -> Result<Values> {
    let folder = bench.folder.path().join("octets");
    fs::create_dir_all(&folder)?;
    let image = Image::build(&zone::write(&folder, NAMES)?, &folder.join("dns.elf"))?;
    fs::remove_dir_all(folder)?;
    let octets = image.configuration as f64 / f64::from(NAMES + zone::OTHER_RECORDS);
    Ok(Values { values: vec![octets], unit: "octets", digits: 1, note: String::new() })
}

#[cfg(test)]
mod tests {
    use super::Estimate;
    use serde_json::json;

    #[test]
    fn what_criterion_leaves_is_read() {
        let benchmark = json!({ "full_id": "hosts/isopod", "throughput": { "Elements": 1_000_000 } });
        let sample = json!({ "iters": [1.0, 2.0], "times": [100_000_000.0, 250_000_000.0] });
        let estimate = Estimate::from_json(&benchmark, &sample).expect("criterion's files");
        assert_eq!(estimate.name, "hosts/isopod");
        assert_eq!(estimate.millions_a_second().values, [10.0, 8.0]);
    }
}
