//! `isopod bench`.

use crate::appliance::Kind;
use crate::bench::Peer;
use clap::{Args, ValueEnum, ValueHint};
use laboratory::load::Transport;
use std::path::PathBuf;

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
  Over streams instead of datagrams:
    isopod bench dns --over tcp
  A large zone:
    isopod bench dns --zone-names 1000000")]
pub(crate) struct Bench {
    /// Which appliance.
    #[arg(value_enum)]
    pub(crate) appliance: Kind,
    /// Beside whom; all of them unless given.
    #[arg(long, value_enum, value_name = "SERVER,…", value_delimiter = ',', default_value = "bind,nsd,knot")]
    pub(crate) against: Vec<Peer>,
    /// What questions go over: datagrams, or four streams that last.
    #[arg(long, value_enum, value_name = "PROTOCOL", default_value = "udp")]
    pub(crate) over: Over,
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

/// What questions go over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Over {
    /// Datagrams.
    Udp,
    /// Streams.
    Tcp,
}

impl Over {
    /// What dnsperf is told.
    pub(crate) const fn transport(self) -> Transport {
        match self {
            Self::Udp => Transport::Udp,
            Self::Tcp => Transport::Tcp,
        }
    }

    /// What people call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        }
    }
}
