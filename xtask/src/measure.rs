//! `cargo xtask measure`: the project's figures, taken on the machine that it runs on. It judges none of them.
//!
//! docs/measurements.md says how each is taken.

mod bench;
mod boot;
mod cycles;
mod footprint;
mod guest;
mod image;
mod system;
mod table;

use crate::{peers, target};
use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use laboratory::{Folder, Interruption, Network};
use std::fs;
use std::path::PathBuf;
use table::{Row, Table};

/// What to measure, and for how long.
#[derive(Args)]
pub(crate) struct Choice {
    /// How long every run of dnsperf takes.
    #[arg(long, value_name = "S", default_value_t = 3)]
    seconds: u64,
    /// How often everything is measured; machines are started at least ten times.
    #[arg(long, value_name = "R", default_value_t = 5)]
    rounds: usize,
    /// Take only these figures; may be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<Group>,
    /// Run the engine's benches too, each for as short as criterion can; by default they are only named.
    #[arg(long)]
    quick: bool,
    /// Write every value that was measured to this file too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// How the table is printed.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

/// Figures that are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Group {
    /// Guest cycles, answers a second, and time of the host's processor per answer.
    Cycles,
    /// Master file text to records, records to a compiled zone, and the zone's size.
    Records,
    /// From entry to ready, and from starting QEMU to the first answer.
    Boot,
    /// The least memory, the image's size, the cost of idling.
    Footprint,
    /// The engine and netstack without a machine, beside other libraries.
    Engine,
}

/// What the table looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Markdown,
}

impl Group {
    fn run(self, bench: &Workbench<'_>) -> Result<Vec<Row>> {
        match self {
            Self::Cycles => cycles::measure(bench),
            Self::Records => bench::records(bench),
            Self::Boot => boot::measure(bench),
            Self::Footprint => footprint::measure(bench),
            Self::Engine => bench::engine(bench),
        }
    }
}

/// What a measurement works with.
struct Workbench<'a> {
    choice: &'a Choice,
    /// Where images and zones lie while they are needed.
    folder: Folder,
    /// Where guests and those who ask them meet, or why they can't.
    network: Result<Network, String>,
    interruption: Interruption,
}

impl Workbench<'_> {
    /// An error once the user has pressed Ctrl-C.
    fn go_on(&self) -> Result<()> {
        self.interruption.go_on()
    }

    /// The network, or a row's reason not to have a value.
    fn network(&self) -> Result<&Network> {
        self.network.as_ref().map_err(|reason| anyhow::anyhow!("{reason}"))
    }
}

/// Takes the figures and prints them.
pub(crate) fn run(choice: &Choice) -> Result<bool> {
    ensure!(choice.seconds > 0 && choice.rounds > 0, "there is nothing to measure in no time");
    let interruption = Interruption::watch()?;
    peers::install(&interruption)?;
    let network = Network::tap().map_err(|error| format!("{error:#}"));
    let folder = Folder::new(&target(), "measure")?;
    let workbench = Workbench { choice, folder, network, interruption };

    let mut table = Table::new(system::facts());
    for group in Group::value_variants() {
        if !choice.only.is_empty() && !choice.only.contains(group) {
            continue;
        }
        match group.run(&workbench) {
            Ok(rows) => table.add(rows),
            Err(error) => table.add(vec![Row::missing(&format!("{group:?}"), &error)]),
        }
        workbench.go_on()?;
    }
    table.finish();
    match choice.format {
        Format::Human => print!("{}", table.text()),
        Format::Markdown => print!("{}", table.markdown()),
    }
    if let Some(path) = &choice.json {
        let json = serde_json::to_string_pretty(&table.json())?;
        fs::write(path, json + "\n").with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(true)
}

/// Says what is going on, on standard error.
fn say(what: &str) {
    eprintln!("* {what}");
}
