//! How many: connections that stay open by the hundred thousand, asked by chance, beside ten.

use super::report::{Figure, Report, Whose};
use super::stage::{Ours, Stage};
use anyhow::{Context as _, Result, ensure};
use clap::Args;
use core::ops::Range;
use core::time::Duration;
use laboratory::statistics::quantile;
use laboratory::streams::{Crowd, serve};
use std::process::Command;
use std::{env, io, thread};

/// Connections that stay: few, and as many as a machine is to hold.
const CONNECTIONS: [usize; 2] = [10, 100_000];

/// How many are asked at once.
const ASKED: [usize; 2] = [1, 10];

/// A guest's memory in MiB: so that there may be that many, half of all from each address.
const MEMORY: u32 = 1024;

/// How long it goes on before it counts, and how long a guest is left alone before it says what it counted.
const WARM_UP: Duration = Duration::from_millis(500);
const SETTLING: Duration = Duration::from_millis(100);

const MICROSECONDS: f64 = 1e6;
const MIB: f64 = (1 << 20) as f64;

pub(super) fn measure(stage: &Stage<'_>, round: u32, report: &mut Report) {
    for connections in CONNECTIONS {
        if let Err(error) = measure_with(stage, connections, round, report) {
            report.fail(&format!("{connections} connections"), Whose::Ours, round, &error);
        }
    }
}

fn measure_with(stage: &Stage<'_>, connections: usize, round: u32, report: &mut Report) -> Result<()> {
    let mut ours = stage.ours_anyhow(MEMORY)?;
    let idle = ours.guest.memory()?;
    let mut crowd = Crowd::open(&ours.network, connections, member, stage.interruption)?;
    let mut add = |name: &str, unit, digits, value| {
        let figure = Figure { name: format!("{connections} connections, {name}"), unit, digits };
        report.add(figure, Whose::Ours, round, value);
    };
    add("opened", "/s", 0, connections as f64 / crowd.opening.as_secs_f64());
    for at_once in ASKED {
        exchange(stage, &mut ours, &mut crowd, at_once, &mut add)?;
    }
    crowd.ask_all(stage.interruption)?;
    let counted = ours.guest.statistics()?;
    let count = |name: &str| counted.get(name).copied().unwrap_or_default();
    let open = count("network_streams");
    add("there at the end", "", 0, open as f64);
    add("segments repeated", "", 0, count("network_segments_repeated_total") as f64);
    add("buffers used", "octets", 0, count("network_stream_buffers_used_bytes") as f64);
    let grown = ours.guest.memory()?.saturating_sub(idle);
    add("QEMU's memory, beyond an idle guest's", "MiB", 1, grown as f64 / MIB);
    ensure!(open >= connections as u64, "{open} connections are left of {connections}");
    Ok(())
}

fn exchange(
    stage: &Stage<'_>,
    ours: &mut Ours,
    crowd: &mut Crowd,
    at_once: usize,
    add: &mut impl FnMut(&str, &'static str, usize, f64),
) -> Result<()> {
    crowd.exchange(at_once, WARM_UP, stage.interruption)?;
    thread::sleep(SETTLING);
    ours.guest.busy_ticks();
    let before = segments(ours)?;
    let exchanges = crowd.exchange(at_once, stage.time(), stage.interruption)?;
    thread::sleep(SETTLING);
    let ticks = ours.guest.busy_ticks();
    let pairs = exchanges.latencies.len() as f64;
    let mut add =
        |name: &str, unit, digits, value| add(&format!("{at_once} at once, {name}"), unit, digits, value);
    add("answers", "/s", 0, pairs / exchanges.time.as_secs_f64());
    for (name, of_a_thousand) in [("half within", 500), ("99 of 100 within", 990)] {
        add(name, "µs", 0, quantile(&exchanges.latencies, of_a_thousand) * MICROSECONDS);
    }
    add("guest's ticks a pair", "ticks", 0, ticks as f64 / pairs);
    // Beside a question, an acknowledgement where no question follows that could bring it.
    add("segments that came, a pair", "", 2, (segments(ours)? - before) as f64 / pairs);
    Ok(())
}

/// How many came so far for connections.
fn segments(ours: &Ours) -> Result<u64> {
    let counted = ours.guest.statistics()?;
    counted
        .get("network_frames_total{fate=\"segment_taken\"}")
        .copied()
        .context("the guest does not count segments")
}

/// The connections that a process of the crowd has.
#[derive(Args)]
pub(crate) struct Member {
    first: usize,
    behind: usize,
}

fn member(Range { start, end }: Range<usize>) -> Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.arg("streams-client").args([start, end].map(|number| number.to_string()));
    Ok(command)
}

/// Is one of the crowd.
pub(crate) fn join(&Member { first, behind }: &Member) -> Result<bool> {
    serve(first..behind, io::stdin().lock(), io::stdout().lock())?;
    Ok(true)
}
