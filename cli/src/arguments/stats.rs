//! `isopod stats`.

use crate::machines::Name;
use clap::{Args, ValueEnum};

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
