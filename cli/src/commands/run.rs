//! `isopod run`.

mod cables;
mod detach;
mod dry_run;
mod plan;

use crate::appliance::{self, Prepared};
use crate::arguments::{On, Run};
use crate::image::Image;
use crate::machines::{Engine, Folder, Machines, Name, Plan};
use crate::qemu;
use crate::qemu::install::{self, Consent};
use crate::status::{Failure, Status};
use crate::supervise::{self, Console};
use anyhow::{Context as _, Result};
use host::Termination;
use std::fs;
use std::path::PathBuf;

/// Runs an appliance as the command line says.
pub(crate) fn run(arguments: &Run) -> Result<Status, Failure> {
    plan::check_arguments(arguments)?;
    let prepared = appliance::prepare(arguments.appliance, &arguments.config)?;
    let vm = match arguments.on {
        // QEMU comes first: whoever has to be asked should not have to wait for that.
        On::Vm => Some(Vm {
            qemu: find_qemu(arguments)?,
            image: Image::obtain(arguments.appliance, arguments.hardware.image.as_deref())?,
        }),
        On::Host => None,
    };
    let name = name(arguments);
    let folder = Machines::folder(&name);
    let plan = plan::make(arguments, &prepared, vm.as_ref(), &folder)?;
    if arguments.dry_run {
        dry_run::print(arguments.format, &plan, &folder)?;
        return Ok(Status::Done);
    }
    // From here on there is something to clean up: no signal may end this process at once.
    let termination = Termination::watch()?;
    let machines = Machines::open()?;
    let folder = machines.claim(&name, &plan)?;
    let started =
        check_ports(&plan).and_then(|()| write_inputs(&folder, &prepared, vm.as_ref())).and_then(|()| {
            if arguments.detach {
                detach::detach(&name, &plan, &folder, &termination)
            } else {
                supervise::supervise(&plan, &folder, &mut Console::Terminal, &termination)
            }
        });
    let is_kept = arguments.detach && matches!(started, Ok(Status::Done));
    if !is_kept {
        machines.forget(&folder)?;
    }
    Ok(started?)
}

/// What only a virtual machine needs.
struct Vm {
    qemu: PathBuf,
    image: Image,
}

fn find_qemu(arguments: &Run) -> Result<PathBuf, Failure> {
    if arguments.dry_run {
        return Ok(install::find(qemu::PROGRAM).unwrap_or_else(|| qemu::PROGRAM.into()));
    }
    install::find_or_install(if arguments.yes { Consent::Given } else { Consent::Ask })
}

/// The name given, or one that no other machine has.
fn name(arguments: &Run) -> Name {
    let made_up = if arguments.detach {
        arguments.appliance.name().to_owned()
    } else {
        format!("{}-{}", arguments.appliance, std::process::id())
    };
    arguments.name.clone().unwrap_or_else(|| made_up.parse().expect("it is made of letters and digits"))
}

/// Finds a port that is taken before anything is started, and says which.
fn check_ports(plan: &Plan) -> Result<()> {
    appliance::bind(&plan.published).map(|_| ())
}

fn write_inputs(folder: &Folder, prepared: &Prepared, vm: Option<&Vm>) -> Result<()> {
    let write = |path: PathBuf, content: &[u8]| {
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))
    };
    write(folder.archive(), &prepared.archive)?;
    if let Some(Vm { image, .. }) = vm {
        write(folder.image(), &image.stripped)?;
        write(folder.symbols(), &image.complete)?;
    }
    Ok(())
}

/// How a plan's engine is called on the command line.
pub(crate) fn engine_name(engine: &Engine) -> &'static str {
    match engine {
        Engine::Vm { .. } => "vm",
        Engine::Host | Engine::Taps { .. } => "host",
    }
}
