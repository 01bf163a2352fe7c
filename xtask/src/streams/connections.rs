//! Many short connections, and questions and answers on ones that stay.

use super::report::{Figure, Report, Whose};
use super::stage::Stage;
use anyhow::{Result, ensure};
use laboratory::Network;
use laboratory::statistics::quantile;
use laboratory::streams;

/// Connections a minute.
const EACH_MINUTE: u64 = 50_000;

/// Octets of an answer.
const ANSWER: u32 = 100;

/// How many ask at once.
const ASKING: [usize; 2] = [1, 10];

const MICROSECONDS: f64 = 1e6;

fn microseconds(name: String) -> Figure {
    Figure { name, unit: "µs", digits: 0 }
}

/// Ours, then Linux.
fn each(stage: &Stage<'_>, name: &str, round: u32, report: &mut Report, measure: Measure) {
    let ours = stage.ours(None).and_then(|ours| measure(stage, &ours.network, Whose::Ours, round, report));
    if let Err(error) = ours {
        report.fail(name, Whose::Ours, round, &error);
    }
    let theirs = stage.theirs(None);
    let theirs = theirs.and_then(|theirs| measure(stage, &theirs.network, Whose::Linux, round, report));
    if let Err(error) = theirs {
        report.fail(name, Whose::Linux, round, &error);
    }
}

type Measure = fn(&Stage<'_>, &Network, Whose, u32, &mut Report) -> Result<()>;

pub(super) fn measure(stage: &Stage<'_>, round: u32, report: &mut Report) {
    each(stage, "short connections", round, report, short);
}

pub(super) fn latency(stage: &Stage<'_>, round: u32, report: &mut Report) {
    each(stage, "latency", round, report, exchange);
}

fn short(stage: &Stage<'_>, network: &Network, whose: Whose, round: u32, report: &mut Report) -> Result<()> {
    let short = streams::open_and_close(network, EACH_MINUTE, ANSWER, stage.time(), stage.interruption)?;
    let per_minute = short.latencies.len() as f64 * 60.0 / short.time.as_secs_f64();
    let count = |name: &str| Figure { name: format!("short connections, {name}"), unit: "", digits: 0 };
    report.add(count("a minute"), whose, round, per_minute);
    report.add(count("failed"), whose, round, short.failed as f64);
    for (name, of_a_thousand) in [("half", 500), ("99 of 100", 990)] {
        let within = quantile(&short.latencies, of_a_thousand) * MICROSECONDS;
        report.add(microseconds(format!("short connections, {name} within")), whose, round, within);
    }
    ensure!(short.failed == 0, "{} failed: {}", short.failed, short.failures.join("; "));
    Ok(())
}

fn exchange(
    stage: &Stage<'_>,
    network: &Network,
    whose: Whose,
    round: u32,
    report: &mut Report,
) -> Result<()> {
    for asking in ASKING {
        let exchanges = streams::exchange(network, asking, ANSWER, stage.time(), stage.interruption)?;
        let rate = exchanges.latencies.len() as f64 / exchanges.time.as_secs_f64();
        let figure = Figure { name: format!("exchanges, {asking} at once"), unit: "/s", digits: 0 };
        report.add(figure, whose, round, rate);
        for (name, of_a_thousand) in [("half", 500), ("99 of 100", 990)] {
            let within = quantile(&exchanges.latencies, of_a_thousand) * MICROSECONDS;
            report.add(
                microseconds(format!("exchanges, {asking} at once, {name} within")),
                whose,
                round,
                within,
            );
        }
    }
    Ok(())
}
