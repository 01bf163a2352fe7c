//! `cargo xtask streams`: streams of ours beside those of Linux, in rounds that are interleaved: how fast, through what weather, how
//! many, how soon. docs/streams.md says how each figure is taken.

mod bulk;
mod cables;
mod check;
mod connections;
mod report;
mod scale;
mod stage;

pub(crate) use check::check;
pub(crate) use scale::{Member, join};

use crate::peers;
use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueEnum};
use laboratory::guest::Accelerator;
use laboratory::{Interruption, system};
use report::Report;
use stage::Stage;
use std::fs;
use std::path::PathBuf;

/// What to measure, and for how long.
#[derive(Args, Clone)]
pub(crate) struct Choice {
    /// How long every stream is measured.
    #[arg(long, value_name = "S", default_value_t = 5)]
    seconds: u64,
    /// How often everything is measured.
    #[arg(long, value_name = "R", default_value_t = 3)]
    rounds: u32,
    /// Take only these figures; may be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<Group>,
    /// Only cables of these delays, in milliseconds each way.
    #[arg(long, value_name = "MS,…", value_delimiter = ',', default_value = "1,20,100")]
    delay: Vec<f64>,
    /// Only cables that lose these shares, in per cent.
    #[arg(long, value_name = "%,…", value_delimiter = ',', default_value = "0,0.1,1,3")]
    loss: Vec<f64>,
    /// What executes our guest's instructions.
    #[arg(long, default_value = "kvm")]
    accel: Accel,
    /// The guest's memory in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 128)]
    memory: u32,
    /// Write every value that was measured to this file too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Figures that are taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Group {
    /// As much as goes over a TAP device, and what that takes of the guest; iperf3 over a pair of veth devices.
    Bulk,
    /// As much as goes through cables that delay, lose and reorder.
    Cables,
    /// 50,000 connections a minute.
    Connections,
    /// A question and its answer.
    Latency,
    /// 100,000 connections that stay, asked by chance, and 10.
    Scale,
}

/// See [`Accelerator`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Accel {
    Kvm,
    Tcg,
}

impl Choice {
    const fn accelerator(&self) -> Accelerator {
        match self.accel {
            Accel::Kvm => Accelerator::Kvm,
            Accel::Tcg => Accelerator::Tcg,
        }
    }
}

/// Takes the figures and prints them.
pub(crate) fn run(choice: &Choice) -> Result<bool> {
    ensure!(choice.seconds > 0 && choice.rounds > 0, "there is nothing to measure in no time");
    let interruption = Interruption::watch()?;
    peers::install(&interruption)?;
    let stage = Stage::build(choice.clone(), &interruption)?;
    let mut report = Report::new(system::facts());
    report.fact("load at the start", system::load());
    for round in 1..=choice.rounds {
        for group in Group::value_variants() {
            if !choice.only.is_empty() && !choice.only.contains(group) {
                continue;
            }
            eprintln!("* round {round} of {}: {group:?}", choice.rounds);
            match group {
                Group::Bulk => bulk::measure(&stage, round, &mut report),
                Group::Cables => cables::measure(&stage, round, &mut report),
                Group::Connections => connections::measure(&stage, round, &mut report),
                Group::Latency => connections::latency(&stage, round, &mut report),
                Group::Scale => scale::measure(&stage, round, &mut report),
            }
            interruption.go_on()?;
        }
    }
    report.fact("load at the end", system::load());
    print!("{report}");
    if let Some(path) = &choice.json {
        let json = serde_json::to_string_pretty(&report.json())?;
        fs::write(path, json + "\n").with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(report.is_whole())
}
