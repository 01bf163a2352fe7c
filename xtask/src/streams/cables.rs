//! Through cables in bad weather: ours and Linux, Linux and Linux, on the same cable.

use super::bulk::{megabits, rate};
use super::report::{Report, Whose};
use super::stage::Stage;
use anyhow::Result;
use laboratory::Network;
use laboratory::cable::Weather;
use laboratory::streams::{self, Way};

/// Bits in a second: little enough that neither the processors here nor the cable's own program bound anything.
const BANDWIDTH: u64 = 100_000_000;

/// Octets that wait for them: 40 ms' worth.
const QUEUE: u64 = 500_000;

/// Frames that are held back on a cable that reorders, and for how many milliseconds at most.
const REORDERING: (f64, f64) = (0.02, 5.0);

pub(super) fn measure(stage: &Stage<'_>, round: u32, report: &mut Report) {
    for &delay in &stage.choice.delay {
        for &loss in &stage.choice.loss {
            let weather = weather(delay, loss / 100.0, (0.0, 0.0), round);
            compare(stage, &format!("{delay} ms, {loss} % lost"), weather, round, report);
        }
        let weather = weather(delay, 0.0, REORDERING, round);
        compare(stage, &format!("{delay} ms, reordering"), weather, round, report);
    }
}

fn weather(delay: f64, loss: f64, reordering: (f64, f64), round: u32) -> Weather {
    Weather { delay, loss, reordering, bandwidth: BANDWIDTH, queue: QUEUE, seed: round.into() }
}

/// Either goes first every other round.
fn compare(stage: &Stage<'_>, name: &str, weather: Weather, round: u32, report: &mut Report) {
    let mut order = [Whose::Ours, Whose::Linux];
    if round.is_multiple_of(2) {
        order.reverse();
    }
    for whose in order {
        let measured = match whose {
            Whose::Ours => ours(stage, weather),
            Whose::Linux => theirs(stage, weather),
        };
        match measured {
            Ok([from, to]) => {
                report.add(megabits(format!("cable, {name}, from")), whose, round, from);
                report.add(megabits(format!("cable, {name}, to")), whose, round, to);
            }
            Err(error) => report.fail(&format!("cable, {name}"), whose, round, &error),
        }
    }
}

fn ours(stage: &Stage<'_>, weather: Weather) -> Result<[f64; 2]> {
    let mut ours = stage.ours(Some(weather))?;
    let rates = both(stage, &ours.network)?;
    ours.ensure_whole()?;
    Ok(rates)
}

fn theirs(stage: &Stage<'_>, weather: Weather) -> Result<[f64; 2]> {
    let mut theirs = stage.theirs(Some(weather))?;
    let rates = both(stage, &theirs.network)?;
    theirs.ensure_whole()?;
    Ok(rates)
}

fn both(stage: &Stage<'_>, network: &Network) -> Result<[f64; 2]> {
    let measure = |way| Ok(rate(&streams::bulk(network, way, stage.time(), stage.interruption)?));
    let from: Result<f64> = measure(Way::Down);
    Ok([from?, measure(Way::Up)?])
}
