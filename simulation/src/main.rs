//! Makes worlds of many seeds, or one again: `cargo xtask simulate`.

use anyhow::{Context as _, Result};
use clap::Parser;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use simulation::record::Record;
use simulation::scenarios::{ALL, Outcome, Scenario, of};
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

/// Worlds in memory: which seeds.
#[derive(Parser)]
struct Choice {
    /// How many seeds.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Only this one, with a log of all that happens and every frame in files.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// Worlds of this kind alone, whatever the seed would make otherwise.
    #[arg(long, value_name = "NAME", value_parser = named)]
    scenario: Option<Scenario>,
    /// Where these files are written.
    #[arg(long, default_value = "target/worlds")]
    output: PathBuf,
}

/// The kind of this name.
fn named(name: &str) -> Result<Scenario, String> {
    let known = || ALL.iter().map(|one| one.name).collect::<Vec<_>>().join(", ");
    ALL.iter().find(|one| one.name == name).copied().ok_or_else(|| format!("there are {}", known()))
}

impl Choice {
    fn scenario(&self, seed: u64) -> Scenario {
        self.scenario.unwrap_or_else(|| of(seed))
    }

    /// What makes the world of a seed again.
    fn again(&self, seed: u64) -> String {
        let scenario = self.scenario.map(|one| format!(" --scenario {}", one.name)).unwrap_or_default();
        format!("cargo xtask simulate --seed {seed}{scenario}")
    }
}

fn main() -> ExitCode {
    let choice = Choice::parse();
    let went_well = match choice.seed {
        Some(seed) => replay(seed, &choice),
        None => run_all(&choice),
    };
    if went_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One world, recorded.
fn replay(seed: u64, choice: &Choice) -> bool {
    let result = Record::create(&choice.output, &seed.to_string())
        .and_then(|record| run(choice.scenario(seed), seed, record));
    match &result {
        Ok(outcome) => println!("seed {seed} ({:?}) ends well: {outcome:?}", choice.scenario(seed)),
        Err(error) => println!("seed {seed} ({:?}) goes wrong: {error:#}", choice.scenario(seed)),
    }
    println!("what happened: {0}/{seed}.log, {0}/{seed}.pcap", choice.output.display());
    result.is_ok()
}

/// Every seed, on as many threads as there are processors.
fn run_all(choice: &Choice) -> bool {
    let start = Instant::now();
    let next = AtomicU64::new(choice.from);
    let end = choice.from + choice.seeds;
    let total = Mutex::new((Outcome::default(), Vec::new()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                break;
            }
            let result = run(choice.scenario(seed), seed, Record::none());
            let mut total = total.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match result {
                Ok(outcome) => total.0 += outcome,
                Err(error) => {
                    println!("seed {seed} ({:?}) goes wrong: {error:#}", choice.scenario(seed));
                    println!("  again, with its frames: {}", choice.again(seed));
                    total.1.push(seed);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, core::num::NonZero::get) {
            scope.spawn(work);
        }
    });
    let (outcome, failed) = total.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let took = start.elapsed();
    report(outcome, took);
    println!("{} worlds ended well, {} went wrong", choice.seeds - failed.len() as u64, failed.len());
    failed.is_empty()
}

fn report(outcome: Outcome, took: Duration) {
    let Outcome { simulated, answered, octets } = outcome;
    println!(
        "{:.1} hours in {:.1} s: {answered} questions answered, {octets} octets of streams arrived",
        simulated.as_secs_f64() / 3600.0,
        took.as_secs_f64()
    );
}

/// One world; a panic in it is what went wrong.
fn run(scenario: Scenario, seed: u64, record: Record) -> Result<Outcome> {
    let result = catch_unwind(AssertUnwindSafe(|| scenario.run(seed, record)));
    result.unwrap_or_else(|_| Err(anyhow::anyhow!("it panics"))).with_context(|| format!("seed {seed}"))
}
