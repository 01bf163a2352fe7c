//! The command line. The words here are the manual: `--help` shows them.

use crate::appliance::Kind;
use crate::bench::Peer;
use crate::machines::Name;
use crate::publish::Published;
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use core::str::FromStr;
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

/// Run an appliance until Ctrl-C, or detached.
///
/// Checks the configuration, compiles it into an archive, and boots the appliance's image in QEMU (an `isopod` that
/// carries no images builds it first, where it has changed); or, with `--on host`, serves the same appliance from
/// ordinary sockets of this host.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  Ask it with `dig @127.0.0.1 -p 5300 example.com`, end it with Ctrl-C:
    isopod run dns --config examples/dns/appliance.toml
  In the background, restarted when it fails:
    isopod run dns --config appliance.toml --detach --name ns1 --restart on-failure
    isopod ps; isopod logs ns1 --follow; isopod stop ns1
  On a TAP device, under its own address, with every frame recorded:
    isopod run dns --config appliance.toml --net tap=tap0 --pcap frames.pcap
  Without virtual machine, on two addresses of this host:
    isopod run dns --config appliance.toml --on host --publish 192.0.2.1:53:53/udp --publish '[::1]:53:53/udp'
  Only show the QEMU command:
    isopod run dns --config appliance.toml --dry-run")]
pub(crate) struct Run {
    /// Which appliance.
    #[arg(value_enum)]
    pub(crate) appliance: Kind,
    /// Its configuration, usually named appliance.toml; files that it names lie beside it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: PathBuf,
    /// In a virtual machine, or as a process of this host.
    #[arg(long, value_enum, default_value = "vm")]
    pub(crate) on: On,
    /// Publish a port of the guest: [ADDRESS:]PORT:GUEST-PORT/udp, the address being 127.0.0.1 unless given.
    ///
    /// Needed for `--net user` and `--on host`, where it is 127.0.0.1:5300:53/udp if it is never given.
    #[arg(long, value_name = "HOST:GUEST/udp")]
    pub(crate) publish: Vec<Published>,
    /// Start again, after a pause that grows up to half a minute, when it ends with a failure.
    #[arg(long, value_enum, default_value = "never")]
    pub(crate) restart: Restart,
    /// Go to the background once it answers. `isopod ps`, `logs` and `stop` find it by its name.
    #[arg(long)]
    pub(crate) detach: bool,
    /// The machine's name; made up unless given.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<Name>,
    /// Print what would be run and where its files would lie, and do nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How to print a dry run.
    #[arg(long, value_enum, default_value = "human", requires = "dry_run")]
    pub(crate) format: Format,
    /// Install QEMU through apt, if it is missing, without asking.
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) hardware: Hardware,
}

/// What only a virtual machine has.
#[derive(Args, Debug)]
#[command(next_help_heading = "Virtual machine")]
pub(crate) struct Hardware {
    /// What executes the guest's instructions: the processor by KVM, or QEMU's translator (tcg).
    ///
    /// `auto` finds out by starting a tiny guest, and says what it chose.
    #[arg(long, value_enum)]
    pub(crate) accel: Option<Accel>,
    /// The kind of machine: microvm starts in a few milliseconds; q35 is a PC, with firmware and devices on PCI.
    #[arg(long, value_enum)]
    pub(crate) machine: Option<MachineType>,
    /// Its network: QEMU's own, which needs no rights, or a TAP device that exists already. Once for each link.
    #[arg(long, value_name = "user|tap=IF")]
    pub(crate) net: Vec<Net>,
    /// Its memory; what the image and its configuration need unless given.
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    pub(crate) memory: Option<u32>,
    /// Record every frame, for Wireshark and tcpdump; each of several links in a file of its own: FILE.0, FILE.1 ...
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) pcap: Option<PathBuf>,
    /// Boot this image instead of the appliance's own.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) image: Option<PathBuf>,
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

/// Measure an appliance beside its peers.
///
/// Each in turn, round after round, alone on this machine, behind a cable in network namespaces of its own: ours in QEMU,
/// under KVM where that works and emulated; BIND, NSD and Knot as processes with one worker. dnsperf asks all of them the same.
/// Prints answers a second, losses, latency, processor time, memory, time to the first answer and size, and what ours are to
/// the others'. Leave the machine alone meanwhile. Needs root. docs/benchmarks.md says how each figure is taken.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  Whether it works at all, in a minute:
    isopod bench dns --against nsd --rounds 1 --seconds 1
  Figures to be quoted, every value kept:
    isopod bench dns --rounds 9 --seconds 3 --json bench.json --plot bench.svg
  Beside guests with Linux, which are emulated as ours is then:
    isopod bench dns --linux-vm --against nsd
  A large zone:
    isopod bench dns --zone-names 1000000")]
pub(crate) struct Bench {
    /// Which appliance.
    #[arg(value_enum)]
    pub(crate) appliance: Kind,
    /// Beside whom; all of them unless given.
    #[arg(long, value_enum, value_name = "SERVER,…", value_delimiter = ',', default_value = "bind,nsd,knot")]
    pub(crate) against: Vec<Peer>,
    /// How many names the zone has, each with one address.
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    pub(crate) zone_names: u32,
    /// How long every run of dnsperf takes; there are four in a round, and one of a second before.
    #[arg(long, value_name = "S", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) seconds: u64,
    /// How often everybody is measured.
    #[arg(long, value_name = "R", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) rounds: u32,
    /// Measure the others in an emulated Debian guest as well.
    ///
    /// The guest is made by debootstrap, once: a few hundred MiB in the cache folder of this user.
    #[arg(long)]
    pub(crate) linux_vm: bool,
    /// Write every single value to this file, too.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) json: Option<PathBuf>,
    /// Draw the medians into this file.
    #[arg(long, value_name = "FILE.svg", value_hint = ValueHint::FilePath)]
    pub(crate) plot: Option<PathBuf>,
    /// Install through apt what is missing, without asking.
    #[arg(long)]
    pub(crate) yes: bool,
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

/// Print how often everything happened in a machine.
///
/// Queries by type, responses by rcode, frames by what became of them, and more, since the machine started. docs/dns.md says
/// what each counter means and which one to look at when.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  isopod stats ns1
  What happens now, every two seconds:
    isopod stats ns1 --watch 2
  For node_exporter's textfile collector:
    isopod stats ns1 --format prometheus > /var/lib/node_exporter/isopod.prom")]
pub(crate) struct Stats {
    /// The machine's name.
    pub(crate) name: Name,
    /// How to print them; `human` leaves out what never happened.
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: StatsFormat,
    /// Print them again and again, this far apart, each with how often it happened a second meanwhile.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) watch: Option<u64>,
}

/// How statistics are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatsFormat {
    /// For people.
    Human,
    /// For programs: one object in a line.
    Json,
    /// For Prometheus, in its text format.
    Prometheus,
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

/// Where an appliance runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum On {
    /// In a virtual machine, by QEMU.
    Vm,
    /// As a process of this host, on ordinary sockets.
    Host,
}

/// What executes the guest's instructions, as wished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Accel {
    /// KVM where it works, else tcg.
    Auto,
    /// The processor.
    Kvm,
    /// QEMU's translator.
    Tcg,
}

/// The kind of machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MachineType {
    /// With hardly any firmware, and devices by virtio-mmio.
    Microvm,
    /// A PC with PCI Express, and devices on it.
    Q35,
}

/// When to start again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Restart {
    /// Never.
    Never,
    /// After every end but an orderly one.
    OnFailure,
}

/// For whom to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A person.
    Human,
    /// A program.
    Json,
}

/// The network of one link of a virtual machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Net {
    /// QEMU's own.
    User,
    /// A TAP device of this host.
    Tap(String),
}

/// `IFNAMSIZ` of Linux, less the octet that ends it.
const INTERFACE_NAME: usize = 15;

impl FromStr for Net {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            None if text == "user" => Ok(Self::User),
            Some(("tap", name)) if is_interface_name(name) => Ok(Self::Tap(name.into())),
            Some(("tap", name)) => Err(format!("`{name}` is no name of a network interface")),
            _ => Err("it is `user`, or `tap=` and the name of a TAP device".into()),
        }
    }
}

/// Stricter than Linux, so that no name can mean something else inside a QEMU option.
fn is_interface_name(name: &str) -> bool {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.' | b'@');
    (1..=INTERFACE_NAME).contains(&name.len()) && name.bytes().all(is_plain)
}

#[cfg(test)]
mod tests;
