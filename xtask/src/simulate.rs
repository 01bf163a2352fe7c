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
    /// Worlds of this kind alone, whatever the seed would make otherwise.
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
}

/// Makes the chosen worlds; whether all ended well.
pub(crate) fn run(choice: &Choice) -> Result<bool> {
    let (seeds, from) = (choice.seeds.to_string(), choice.from.to_string());
    let seed = choice.seed.map(|seed| seed.to_string());
    let mut arguments = match &seed {
        Some(seed) => vec!["--seed", seed],
        None => vec!["--seeds", &seeds, "--from", &from],
    };
    if let Some(name) = &choice.scenario {
        arguments.extend(["--scenario", name]);
    }
    simulate(&arguments)
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
