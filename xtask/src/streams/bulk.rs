//! As much as goes: ours over a TAP device with all that it offers to do for a guest, iperf3 over a pair of veth devices.

use super::report::{Figure, Report, Whose};
use super::stage::{Ours, Stage};
use anyhow::{Context as _, Result, ensure};
use core::time::Duration;
use laboratory::streams::{self, Bulk, Way};
use laboratory::{Network, Program, SERVER};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

/// How long a guest is left alone before it says what it counted, so that it finds itself idle.
const SETTLING: Duration = Duration::from_millis(100);

/// How long a stream goes on before it counts.
const WARM_UP: Duration = Duration::from_millis(500);

const WAYS: [(Way, &str); 3] =
    [(Way::Down, "from ours, lent memory"), (Way::DownWritten, "from ours, written"), (Way::Up, "to ours")];

pub(super) fn rate(bulk: &Bulk) -> f64 {
    bulk.octets as f64 * 8.0 / bulk.time.as_secs_f64() / 1e6
}

pub(super) fn megabits(name: String) -> Figure {
    Figure { name, unit: "Mbit/s", digits: 1 }
}

pub(super) fn measure(stage: &Stage<'_>, round: u32, report: &mut Report) {
    match stage.ours(None) {
        Ok(mut ours) => {
            for (way, name) in WAYS {
                if let Err(error) = measure_ours(stage, &mut ours, (way, name), round, report) {
                    report.fail(name, Whose::Ours, round, &error);
                }
            }
        }
        Err(error) => report.fail("bulk", Whose::Ours, round, &error),
    }
    for is_reverse in [true, false] {
        match measure_iperf(stage, is_reverse) {
            Ok(rate) => {
                let ways = WAYS.iter().filter(|(way, _)| (*way == Way::Up) != is_reverse);
                for (_, name) in ways {
                    report.add(megabits(format!("bulk, {name}")), Whose::Linux, round, rate);
                }
            }
            Err(error) => report.fail("iperf3", Whose::Linux, round, &error),
        }
    }
}

fn measure_ours(
    stage: &Stage<'_>,
    ours: &mut Ours,
    (way, name): (Way, &str),
    round: u32,
    report: &mut Report,
) -> Result<()> {
    streams::bulk(&ours.network, way, WARM_UP, stage.interruption)?;
    thread::sleep(SETTLING);
    ours.guest.busy_ticks();
    let before = ours.guest.processor_time()?;
    let bulk = streams::bulk(&ours.network, way, stage.time(), stage.interruption)?;
    let processor = ours.guest.processor_time()?.saturating_sub(before);
    thread::sleep(SETTLING);
    let ticks = ours.guest.busy_ticks();
    let octets = bulk.octets as f64;
    report.add(megabits(format!("bulk, {name}")), Whose::Ours, round, rate(&bulk));
    let each = |name: String, unit| Figure { name, unit, digits: 3 };
    report.add(
        each(format!("guest's ticks an octet, {name}"), "ticks"),
        Whose::Ours,
        round,
        ticks as f64 / octets,
    );
    let nanoseconds = processor.as_nanos() as f64 / octets;
    report.add(each(format!("processor time an octet, {name}"), "ns"), Whose::Ours, round, nanoseconds);
    Ok(())
}

/// Megabits a second that arrived.
fn measure_iperf(stage: &Stage<'_>, is_reverse: bool) -> Result<f64> {
    let network = Network::veth()?;
    let mut server = Command::new("iperf3");
    server.args(["--server", "--one-off"]).stdin(Stdio::null()).stdout(Stdio::null());
    let _server = Program::start(&network, server)?;
    thread::sleep(SETTLING * 3);
    let folder = laboratory::Folder::new(&std::env::temp_dir(), "isopod-iperf3")?;
    let said = folder.path().join("said");
    let mut client = Command::new("iperf3");
    client.args([
        "--client",
        SERVER,
        "--congestion",
        "cubic",
        "--json",
        "--time",
        &stage.choice.seconds.to_string(),
    ]);
    client.args(is_reverse.then_some("--reverse")).stdin(Stdio::null()).stdout(File::create(&said)?);
    let mut client = Program::start_at_client(&network, client)?;
    let status = client.end_within(stage.time() + Duration::from_secs(20), stage.interruption)?;
    ensure!(status.success(), "iperf3 ended with {status}");
    read(&said)
}

fn read(said: &Path) -> Result<f64> {
    let said: serde_json::Value = serde_json::from_str(&fs::read_to_string(said)?)?;
    let rate = said["end"]["sum_received"]["bits_per_second"].as_f64();
    Ok(rate.context("iperf3 does not say how much arrived")? / 1e6)
}
