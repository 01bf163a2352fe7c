//! `cargo xtask differential`: generated zones and queries, asked of ours and of reference servers.

use crate::program::{cargo, succeeds};
use crate::tally::Tally;
use crate::target;
use anyhow::{Result, ensure};
use clap::Args;
use std::path::Path;
use std::process::Command;

/// What to compare.
#[derive(Args)]
pub(crate) struct Choice {
    /// What the program is told: `--seeds N --seed S --subject image-tcg --against bind,nsd,knot …`; `--help` lists all.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// The worlds of every run of the tests.
const SHARE: &[&str] = &["--seed", "1", "--seeds", "6"];

/// Compares as chosen; whether nothing was found.
pub(crate) fn run(choice: &Choice, isopod: &Path) -> Result<bool> {
    succeeds(program(isopod, choice.arguments.iter().map(String::as_str))?)
}

/// The same little each time.
pub(crate) fn share(isopod: &Path) -> Result<Tally> {
    Ok(Tally::one(succeeds(program(isopod, SHARE.iter().copied())?)?))
}

fn program<'a>(isopod: &Path, arguments: impl Iterator<Item = &'a str>) -> Result<Command> {
    let build =
        cargo(&["build", "--quiet", "--release", "--package", "interop-tests", "--bin", "differential"]);
    ensure!(succeeds(build)?, "the program can't be built");
    let mut command = Command::new(target().join("release/differential"));
    command.args(arguments).env("ISOPOD", isopod);
    Ok(command)
}
