//! `isopod bench`.

use crate::arguments::{Accel, Bench};
use crate::bench::{self, Contestant, Entry, LINUX_PACKAGES, Linux, Ours, Results, Settings, Stage};
use crate::qemu::accelerator::Choice;
use crate::qemu::command::Accelerator;
use crate::qemu::install::{self, Consent};
use crate::status::{Failure, Status};
use anyhow::{Context as _, Result};
use laboratory::packages::{self, Package};
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
    let mut packages: Vec<_> = arguments.against.iter().map(|peer| peer.package()).collect();
    packages.extend(PACKAGES);
    if arguments.linux_vm {
        packages.extend(LINUX_PACKAGES);
    }
    let missing = install::agree_on(&packages, consent)?;
    // From here on Ctrl-C is an error like others, and whatever was begun is undone.
    let interruption = Interruption::watch()?;
    packages::install(&missing, &interruption)?;

    let choice = Choice::make(Accel::Auto, &qemu)?;
    if let (Accelerator::Tcg, Some(reason)) = (choice.accelerator, &choice.reason) {
        eprintln!("* without KVM: {reason}");
    }
    let folder = Folder::new(&std::env::temp_dir(), "isopod-bench")?;
    let configuration = zone::write(folder.path(), arguments.zone_names)?;
    let questions = zone::write_questions(folder.path(), arguments.zone_names, zone::MIXES[0])?;
    let ours = Ours::build(arguments.appliance, &configuration, folder.path(), qemu.clone())?;
    let linux = if arguments.linux_vm {
        Some(Linux::obtain(qemu, arguments.zone_names, &interruption)?)
    } else {
        None
    };

    let mut results = Results {
        machine: system::facts().into_iter().collect(),
        settings: Settings {
            zone_names: arguments.zone_names,
            over: arguments.over.name(),
            seconds: arguments.seconds,
            rounds: arguments.rounds,
        },
        contestants: contestants(arguments, choice.accelerator, &ours, linux.as_ref())?,
    };
    results.machine.insert("load at the start", system::load());
    let stage = Stage {
        ours: &ours,
        linux: linux.as_ref(),
        zone: folder.path().join(zone::FILE),
        questions,
        over: arguments.over.transport(),
        folder: folder.path(),
        seconds: arguments.seconds,
        interruption: &interruption,
    };
    bench::run(&stage, &mut results.contestants, arguments.rounds)?;
    if arguments.linux_vm {
        bench::find_least_memory(&stage, &mut results.contestants)?;
    }
    results.machine.insert("load at the end", system::load());
    report(arguments, &results)?;
    let failed = results.contestants.iter().any(|entry| !entry.failures.is_empty());
    Ok(if failed { Status::Host } else { Status::Done })
}

/// Everybody who takes part: ours first.
fn contestants(
    arguments: &Bench,
    accelerator: Accelerator,
    ours: &Ours,
    linux: Option<&Linux>,
) -> Result<Vec<Entry>> {
    let kvm = (accelerator == Accelerator::Kvm).then_some(Contestant::Ours(Accelerator::Kvm));
    let tcg = Contestant::Ours(Accelerator::Tcg);
    let peers = arguments.against.iter().copied();
    let guests = linux.iter().flat_map(|_| peers.clone()).map(Contestant::Guest);
    let entry = |contestant: Contestant| {
        let (version, size) = match contestant {
            Contestant::Ours(_) => (env!("CARGO_PKG_VERSION").to_owned(), ours.size),
            Contestant::Native(peer) => (peer.version()?, peer.size()?),
            Contestant::Guest(peer) => {
                let linux = linux.context("there is no Linux guest")?;
                (linux.version(peer), linux.size())
            }
        };
        let name = contestant.name();
        Ok(Entry {
            contestant,
            name,
            version,
            size,
            least_memory_mib: None,
            rounds: Vec::new(),
            failures: Vec::new(),
        })
    };
    kvm.into_iter()
        .chain([tcg])
        .chain(peers.clone().map(Contestant::Native))
        .chain(guests)
        .map(entry)
        .collect()
}

fn report(arguments: &Bench, results: &Results) -> Result<()> {
    write!(stdout(), "{}", bench::text(results))?;
    if Kvm::find() == Kvm::Paravirtualised {
        writeln!(
            stdout(),
            "\nKVM is paravirtualised here: ratios with it are not those of ordinary hardware."
        )?;
    }
    if let Some(path) = &arguments.plot {
        fs::write(path, bench::svg(results)).with_context(|| format!("writing {}", path.display()))?;
    }
    if let Some(path) = &arguments.json {
        let json = serde_json::to_string_pretty(results)?;
        fs::write(path, json + "\n").with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}
