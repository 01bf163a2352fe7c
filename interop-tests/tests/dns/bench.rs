//! `isopod bench dns`, as short as it can be: what it says, and that nothing of it stays.

use anyhow::{Context, Result, ensure};
use core::time::Duration;
use interop_tests::cable::Cables;
use interop_tests::process::{Folder, Running, output};
use libtest_mimic::Trial;
use serde_json::Value;
use std::path::Path;
use std::time::Instant;

type Test = (&'static str, fn() -> Result<()>);

/// How long a run may take; alone on two processors it takes a quarter of a minute.
const PATIENCE: Duration = Duration::from_secs(180);

/// A trial of each test.
pub(crate) fn trials() -> Vec<Trial> {
    if let Some(reason) = Cables::missing() {
        return vec![Trial::test(format!("bench: {reason}"), || Ok(())).with_ignored_flag(true)];
    }
    let tests: [Test; 2] = [
        ("everybody_is_measured", everybody_is_measured),
        ("an_interrupted_one_leaves_nothing", an_interrupted_one_leaves_nothing),
    ];
    let trial = |(name, test): Test| {
        Trial::test(format!("image-tcg::bench::{name}"), move || {
            test().map_err(|error| format!("{error:#}").into())
        })
    };
    tests.map(trial).into()
}

fn start(folder: &Folder, json: &Path, seconds: &str) -> Result<Running> {
    let isopod = std::env::var("ISOPOD").context("ISOPOD names no `isopod`")?;
    let json = json.to_string_lossy();
    let mut command =
        vec![isopod.as_str(), "bench", "dns", "--against", "nsd", "--rounds", "1", "--seconds", seconds];
    command.extend(["--json", &json, "--yes"]);
    Running::start(&command, &folder.path().join("log"))
}

fn wait_until(running: &mut Running, is_done: impl Fn(&mut Running) -> bool) -> Result<()> {
    let start = Instant::now();
    while !is_done(running) {
        ensure!(start.elapsed() < PATIENCE, "it takes too long; it said: {}", running.said());
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn everybody_is_measured() -> Result<()> {
    let folder = Folder::new("bench")?;
    let json = folder.path().join("bench.json");
    let mut running = start(&folder, &json, "1")?;
    wait_until(&mut running, |running| running.ensure_running().is_err())?;
    ensure_nothing_is_left(&running)?;
    let text = std::fs::read(&json).with_context(|| running.said())?;
    let results: Value = serde_json::from_slice(&text)?;
    let contestants = results["contestants"].as_array().context("nobody took part")?;
    let names: Vec<_> = contestants.iter().filter_map(|one| one["name"].as_str()).collect();
    ensure!(names.contains(&"Isopod, TCG") && names.contains(&"NSD"), "{names:?}");
    for one in contestants {
        check(one).with_context(|| one.to_string())?;
    }
    Ok(())
}

/// No judgement of how fast anybody is: only that every value can be one.
fn check(contestant: &Value) -> Result<()> {
    ensure!(contestant["failures"].as_array().is_some_and(Vec::is_empty), "there are failures");
    ensure!(contestant["size"].as_f64() > Some(65536.0), "the size");
    let round = &contestant["rounds"][0];
    ensure!(round["first_answer_seconds"].as_f64() > Some(0.001), "the first answer");
    ensure!(round["memory"].as_f64() > Some(1e6), "the memory");
    let saturated = round["saturated"].as_array().context("no saturated run")?;
    for run in saturated {
        ensure!(run["rate"].as_f64() > Some(100.0), "the rate");
        ensure!(run["processor_seconds"].as_f64() > Some(0.0), "the server's processor time");
        ensure!(
            run["machine_seconds"].as_f64() >= run["processor_seconds"].as_f64(),
            "the machine's processor time"
        );
    }
    let latency = |name: &str| round["paced"]["latency_seconds"][name].as_f64();
    let latencies = ["p50", "p90", "p99", "p99.9", "greatest"].map(latency);
    ensure!(latencies[0] > Some(0.0) && latencies.is_sorted(), "latencies {latencies:?}");
    Ok(())
}

fn an_interrupted_one_leaves_nothing() -> Result<()> {
    let folder = Folder::new("bench-interrupted")?;
    let mut running = start(&folder, &folder.path().join("bench.json"), "60")?;
    let process = running.id();
    wait_until(&mut running, |_| namespaces(process).is_ok_and(|lines| lines > 0))?;
    output(&["kill", "-INT", &process.to_string()])?;
    wait_until(&mut running, |running| running.ensure_running().is_err())?;
    ensure!(running.said().contains("error: interrupted"), "{}", running.said());
    ensure_nothing_is_left(&running)
}

/// How many namespaces a benchmark has made that are still there.
fn namespaces(process: u32) -> Result<usize> {
    let said = output(&["ip", "netns", "list"])?;
    Ok(said.lines().filter(|line| line.starts_with(&format!("isopod-{process}-"))).count())
}

fn ensure_nothing_is_left(running: &Running) -> Result<()> {
    ensure!(namespaces(running.id())? == 0, "a namespace is left");
    let folder = std::env::temp_dir().join(format!("isopod-bench-{}", running.id()));
    ensure!(!folder.exists(), "{} is left", folder.display());
    Ok(())
}
