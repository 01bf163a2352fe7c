//! The command line. The words here are the manual: `--help` shows them.

mod bench;
mod run;
mod stats;

pub(crate) use bench::Bench;
pub(crate) use run::{Accel, Hardware, MachineType, Net, On, Restart, Run};
pub(crate) use stats::{Stats, StatsFormat};

use crate::appliance::Kind;
use crate::machines::Name;
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

/// Network functions as virtual machines of their own: check, run, build.
///
/// Without a command, inside the source tree: boots the DNS appliance on examples/dns/ and says how to ask it.
#[derive(Debug, Parser)]
#[command(
    name = "isopod",
    version,
    args_conflicts_with_subcommands = true,
    max_term_width = 100,
    after_help = "`isopod help COMMAND` teaches each command, with examples.",
    after_long_help = EXIT_STATUSES
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) demonstration: Demonstration,
}

const EXIT_STATUSES: &str = "\
Exit status:
  0  done; a machine ended in order, or because it was asked to
  1  this host could not do it: a program or file is missing, a port is taken, a build failed
  2  the command line is wrong
  3  the configuration, or a zone that it names, has errors
  4  QEMU itself failed
  5  the guest panicked or faulted
  6  the guest lacked a device or its configuration
  7  the guest ended without saying why, or was killed from outside";

/// What the demonstration may do.
#[derive(Args, Debug)]
pub(crate) struct Demonstration {
    /// Install QEMU through apt, if it is missing, without asking.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Where to run: in a virtual machine, or as a process of this host (needs no QEMU).
    #[arg(long, value_enum, default_value = "vm")]
    pub(crate) on: On,
    /// What executes the guest's instructions.
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) accel: Accel,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(Box<Run>),
    Build(Build),
    Check(Check),
    Bench(Bench),
    Ps(Ps),
    Logs(Logs),
    Stats(Stats),
    Stop(Stop),
    Completions(Completions),
    #[command(hide = true)]
    Supervise(Supervise),
}

/// Build one file that boots with its configuration in it.
///
/// An ELF file; the commands that boot it are printed. It boots on QEMU (PVH), Firecracker and Cloud Hypervisor. Everything that is served lies in it: treat it as you
/// treat the zones.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  isopod build dns --config examples/dns/appliance.toml --output dns.elf
  isopod build dns --config appliance.toml --output dns.elf --format json")]
pub(crate) struct Build {
    /// Which appliance.
    #[arg(value_enum)]
    pub(crate) appliance: Kind,
    /// Its configuration.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: PathBuf,
    /// Where the image goes; replaced whole if it exists.
    #[arg(long, value_name = "IMAGE", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
    /// Put the configuration into this image instead of the appliance's own.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) image: Option<PathBuf>,
    /// How to print what was built.
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}

/// Find every mistake in a configuration.
///
/// In it, and in the zones that it names. Each is shown with its file, line and column. Errors stop `run` and `build`; warnings do not. The exit status is 0
/// if there are no errors and 3 if there are.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  isopod check dns --config examples/dns/appliance.toml
  Before a commit, for an editor or a script:
    isopod check dns --config appliance.toml --format json | jq '.diagnostics[] | .message'")]
pub(crate) struct Check {
    /// Which appliance.
    #[arg(value_enum)]
    pub(crate) appliance: Kind,
    /// Its configuration.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: PathBuf,
    /// How to print what was found.
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}

/// List machines.
///
/// Those that run, and those that failed: their console can still be read with `isopod logs`, and `isopod stop` forgets
/// them. What a killed machine left behind is cleaned up on the way.
#[derive(Args, Debug)]
pub(crate) struct Ps {
    /// How to print them.
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}

/// Print what a detached machine wrote to its console.
#[derive(Args, Debug)]
pub(crate) struct Logs {
    /// The machine's name.
    pub(crate) name: Name,
    /// Go on as more is written, until the machine ends.
    #[arg(long, short)]
    pub(crate) follow: bool,
}

/// End a machine and forget it.
///
/// It is asked with SIGTERM, and killed if it has not ended in time.
#[derive(Args, Debug)]
pub(crate) struct Stop {
    /// The machine's name.
    pub(crate) name: Name,
    /// How long it may take to end, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    pub(crate) timeout: u64,
}

/// Print a completion script for a shell.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  isopod completions bash > ~/.local/share/bash-completion/completions/isopod
  isopod completions fish > ~/.config/fish/completions/isopod.fish
  isopod completions zsh > ~/.zfunc/_isopod     # a folder of your $fpath")]
pub(crate) struct Completions {
    /// Which shell.
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Look after a detached machine. Started by `isopod run --detach`.
#[derive(Args, Debug)]
pub(crate) struct Supervise {
    pub(crate) name: Name,
}

/// For whom to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A person.
    Human,
    /// A program.
    Json,
}

#[cfg(test)]
mod tests;
