//! `cargo xtask simulate`: worlds of many seeds, or one of them again.

use crate::program::{cargo, succeeds};
use crate::tally::Tally;
use crate::target;
use anyhow::Result;
use clap::Args;

/// Which seeds.
#[derive(Args)]
pub(crate) struct Choice {
    /// How many seeds.
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Only this one, with all that happens in it written to `target/worlds`: a log, and every frame for tcpdump.
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
}

/// Makes the chosen worlds; whether all ended well.
pub(crate) fn run(choice: &Choice) -> Result<bool> {
    match choice.seed {
        Some(seed) => simulate(&["--seed", &seed.to_string()]),
        None => simulate(&["--seeds", &choice.seeds.to_string(), "--from", &choice.from.to_string()]),
    }
}

/// The same worlds each time.
pub(crate) fn share(seeds: u64) -> Result<Tally> {
    Ok(Tally::one(simulate(&["--seeds", &seeds.to_string()])?))
}

/// The profile has overflow checks: a panic is a finding.
fn simulate(arguments: &[&str]) -> Result<bool> {
    let output = target().join("worlds").to_string_lossy().into_owned();
    let mut command = cargo(&["run", "--quiet", "--profile", "simulation", "--package", "simulation", "--"]);
    command.args(arguments).args(["--output", &output]);
    succeeds(command)
}
