//! `isopod stats`.

mod metrics;
mod sample;

use crate::arguments::{Stats, StatsFormat};
use crate::machines::{Listed, Machines, Name};
use crate::status::{Failure, Status};
use anyhow::{Context as _, Result, bail};
use core::fmt::Write as _;
use core::time::Duration;
use operator::{ANSWER, END};
use sample::Sample;
use serde_json::json;
use std::io::{ErrorKind, Read, Write as _, stdout};
use std::thread;
use std::time::Instant;

/// How long to wait for an answer: longer than a supervisor waits for its guest.
const PATIENCE: Duration = Duration::from_secs(4);

/// Prints a machine's statistics.
pub(crate) fn stats(arguments: &Stats) -> Result<Status, Failure> {
    if arguments.format == StatsFormat::Prometheus && arguments.watch.is_some() {
        return Err(Failure::usage("--watch has no meaning for Prometheus, which comes again by itself"));
    }
    let machines = Machines::open()?;
    let mut before: Option<(Instant, Vec<Sample>)> = None;
    loop {
        let now = Instant::now();
        let samples = ask(&machines, &arguments.name)?;
        let text = match arguments.format {
            StatsFormat::Human => {
                table(&samples, before.as_ref().map(|(then, samples)| (now - *then, &**samples)))
            }
            StatsFormat::Json => format!("{}\n", object(&arguments.name, &samples)),
            StatsFormat::Prometheus => metrics::exposition(&arguments.name, &samples),
        };
        let mut output = stdout().lock();
        output.write_all(text.as_bytes())?;
        output.flush()?;
        let Some(seconds) = arguments.watch else { return Ok(Status::Done) };
        before = Some((now, samples));
        thread::sleep(Duration::from_secs(seconds));
    }
}

/// Asks a machine, and adds what its supervisor knows.
fn ask(machines: &Machines, name: &Name) -> Result<Vec<Sample>> {
    let Listed { folder, state, .. } = machines.find(name)?;
    if state.has_ended() {
        bail!("{name} does not run");
    }
    let mut stream = folder.connect().with_context(|| format!("{name} has no line to its operator"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut answer = String::new();
    let read = (&mut stream).take(2 * ANSWER as u64).read_to_string(&mut answer);
    match read {
        Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error.into()),
        _ => {}
    }
    let Some(lines) = answer.strip_suffix(&format!("{END}\n")) else {
        bail!("{name} does not answer: it is busy starting, or its image knows nothing of statistics");
    };
    let samples = Sample::parse_all(lines);
    let mut samples = samples.with_context(|| format!("what {name} answers makes no sense"))?;
    samples.push(Sample::of(metrics::RESTARTS, state.restarts.into()));
    Ok(samples)
}

/// Columns of names, values and, if the values before are known, of how much that was a second; without what never happened.
fn table(samples: &[Sample], before: Option<(Duration, &[Sample])>) -> String {
    let samples = samples.iter().filter(|sample| sample.value > 0);
    let width = samples.clone().map(|sample| sample.name().len()).max().unwrap_or(0);
    let mut table = String::new();
    for sample in samples {
        let _ = write!(table, "{:width$}  {:>12}", sample.name(), sample.value);
        if let Some(rate) =
            before.and_then(|(time, before)| sample.rate(before, time)).filter(|rate| *rate > 0.0)
        {
            let _ = write!(table, "  {rate:>11.1}/s");
        }
        table.push('\n');
    }
    if before.is_some() { format!("\n{table}") } else { table }
}

fn object(name: &Name, samples: &[Sample]) -> serde_json::Value {
    let statistics: Vec<_> = samples
        .iter()
        .map(|sample| {
            let labels: serde_json::Map<_, _> =
                sample.labels.iter().map(|(label, value)| (label.clone(), value.clone().into())).collect();
            json!({ "metric": metrics::full_name(&sample.metric), "labels": labels, "value": sample.value })
        })
        .collect();
    json!({ "name": name, "statistics": statistics })
}

#[cfg(test)]
mod tests;
