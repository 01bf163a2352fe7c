//! The project's own automation: `cargo xtask --help`.

mod abuse;
mod architecture;
mod differential;
mod dist;
mod fuzz;
mod hardening;
#[path = "../../cli/src/image/cargo.rs"]
mod image;
mod measure;
mod peers;
mod program;
mod simulate;
mod soak;
mod streams;
mod tally;
mod test;
mod volume;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The project's own automation.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything that must hold: format, lints, architecture, tests, dependencies, the wire.
    ///
    /// Installs the programs that the tests talk to through apt where they are missing. Ends with one line: how many
    /// checks passed, how many failed.
    Test(test::Choice),
    /// The lines of ARCHITECTURE.md: who may depend on whom, where `unsafe` is.
    Architecture,
    /// One static `isopod` that carries every image, and a package with licences, guides and examples, in target/dist.
    Dist,
    /// Feeds the parsers with what nobody would write, guided by coverage, for a bounded time.
    Fuzz(fuzz::Choice),
    /// Worlds in memory, each made from a seed: bad cables, floods, impostors, and checks of what must hold always.
    Simulate(simulate::Choice),
    /// Asks ours and BIND, NSD and Knot the same of generated zones, and shows where they differ, shrunk.
    ///
    /// A seed makes forty zones and some 14,000 queries; the same seed makes the same.
    #[command(disable_help_flag = true)]
    Differential(differential::Choice),
    /// The figures of this project, taken on this machine: cycles, rates, sizes, times.
    Measure(measure::Choice),
    /// Streams of ours beside those of Linux: bulk, through bad cables, many and short, question and answer; and 100,000 that stay. Takes root.
    Streams(streams::Choice),
    /// A process of the clients of `streams`.
    #[command(hide = true)]
    StreamsClient(streams::Member),
    /// A machine under load and every kind of abuse in turn, for an hour unless told otherwise: it has to stand it.
    ///
    /// On KVM where that works. Takes root. Ends with one line: whether it stood it.
    Soak(soak::Choice),
}

fn main() -> ExitCode {
    match run(&CommandLine::parse().command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does as told; whether all of it went well.
fn run(command: &Command) -> Result<bool> {
    match command {
        Command::Test(choice) => test::run(choice),
        Command::Dist => dist::build().map(|_| true),
        Command::Fuzz(choice) => fuzz::run(choice),
        Command::Simulate(choice) => simulate::run(choice),
        Command::Differential(choice) => differential::run(choice, &test::isopod()?),
        Command::Measure(choice) => measure::run(choice),
        Command::Streams(choice) => streams::run(choice),
        Command::StreamsClient(member) => streams::join(member),
        Command::Soak(choice) => soak::run(choice),
        Command::Architecture => Ok(architecture::check(root())?.failed == 0),
    }
}

/// The top of the project.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the project")
}

/// Where cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
