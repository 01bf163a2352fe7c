//! `isopod bench`.

use crate::arguments::{Accel, Bench};
use crate::bench::{self, Contestant, Entry, Ours, Results, Settings, Stage};
use crate::qemu::accelerator::Choice;
use crate::qemu::command::Accelerator;
use crate::qemu::install::{self, Consent};
use crate::status::{Failure, Status};
use anyhow::{Context as _, Result};
use laboratory::packages::Package;
use laboratory::system::Kvm;
use laboratory::{Folder, Interruption, system, zone};
use std::fs;
use std::io::{Write, stdout};

/// What is needed beside the peers.
const PACKAGES: [Package; 2] = [("dnsperf", "dnsperf"), ("ip", "iproute2")];

/// Measures ours and its peers, and prints what came out.
pub(crate) fn bench(arguments: &Bench) -> Result<Status, Failure> {
    if !rustix::process::geteuid().is_root() {
        return Err(anyhow::anyhow!(
            "a benchmark runs in network namespaces of its own, and making one takes root: try `sudo {}`",
            std::env::args().collect::<Vec<_>>().join(" ")
        )
        .into());
    }
    let consent = if arguments.yes { Consent::Given } else { Consent::Ask };
    let qemu = install::find_or_install(consent)?;
    let peers = arguments.against.iter().map(|peer| peer.package());
    install::require(&PACKAGES.into_iter().chain(peers).collect::<Vec<_>>(), consent)?;

    let choice = Choice::make(Accel::Auto, &qemu)?;
    if let (Accelerator::Tcg, Some(reason)) = (choice.accelerator, &choice.reason) {
        eprintln!("* without KVM: {reason}");
    }
    let interruption = Interruption::watch()?;
    let folder = Folder::new(&std::env::temp_dir(), "isopod-bench")?;
    let configuration = zone::write(folder.path(), arguments.zone_names)?;
    let questions = zone::write_questions(folder.path(), arguments.zone_names, zone::MIXES[0])?;
    let ours = Ours::build(arguments.appliance, &configuration, folder.path(), qemu)?;

    let mut results = Results {
        machine: system::facts().into_iter().collect(),
        settings: Settings {
            zone_names: arguments.zone_names,
            seconds: arguments.seconds,
            rounds: arguments.rounds,
        },
        contestants: contestants(arguments, choice.accelerator, &ours)?,
    };
    results.machine.insert("load at the start", system::load());
    let stage = Stage {
        ours: &ours,
        zone: folder.path().join(zone::FILE),
        questions,
        folder: folder.path(),
        seconds: arguments.seconds,
        interruption: &interruption,
    };
    bench::run(&stage, &mut results.contestants, arguments.rounds)?;
    results.machine.insert("load at the end", system::load());
    report(arguments, &results)?;
    let failed = results.contestants.iter().any(|entry| !entry.failures.is_empty());
    Ok(if failed { Status::Host } else { Status::Done })
}

/// Everybody who takes part: ours first.
fn contestants(arguments: &Bench, accelerator: Accelerator, ours: &Ours) -> Result<Vec<Entry>> {
    let kvm = (accelerator == Accelerator::Kvm).then_some(Contestant::Ours(Accelerator::Kvm));
    let tcg = Contestant::Ours(Accelerator::Tcg);
    let peers = arguments.against.iter().copied().map(Contestant::Native);
    let entry = |contestant: Contestant| {
        let (version, size) = match contestant {
            Contestant::Ours(_) => (env!("CARGO_PKG_VERSION").to_owned(), ours.size),
            Contestant::Native(peer) => (peer.version()?, peer.size()?),
        };
        let name = contestant.name();
        Ok(Entry { contestant, name, version, size, rounds: Vec::new(), failures: Vec::new() })
    };
    kvm.into_iter().chain([tcg]).chain(peers).map(entry).collect()
}

fn report(arguments: &Bench, results: &Results) -> Result<()> {
    write!(stdout(), "{}", bench::text(results))?;
    if Kvm::find() == Kvm::Paravirtualised {
        writeln!(
            stdout(),
            "\nKVM is paravirtualised here: ratios with it are not those of ordinary hardware."
        )?;
    }
    if let Some(path) = &arguments.json {
        let json = serde_json::to_string_pretty(results)?;
        fs::write(path, json + "\n").with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}
