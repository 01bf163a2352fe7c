//! Who takes part, and how each is started.

use super::linux;
use super::peer::Peer;
use crate::appliance::{self, Kind};
use crate::arguments::MachineType;
use crate::image::{Image, elf};
use crate::qemu::cables::{self, Cable, End};
use crate::qemu::command::{self, Accelerator, Machine};
use crate::qemu::sandbox::Sandbox;
use crate::status::Failure;
use anyhow::{Context as _, Result};
use core::slice;
use laboratory::{Network, Patience, Program, TAP};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A server on a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contestant {
    /// Our image in QEMU.
    Ours(Accelerator),
    /// Another's, as a process of this host.
    Native(Peer),
    /// Another's, in an emulated Linux guest.
    Guest(Peer),
}

impl Contestant {
    pub(crate) fn name(self) -> String {
        match self {
            Self::Ours(accelerator) => format!("Isopod, {}", accelerator.name().to_uppercase()),
            Self::Native(peer) => peer.name().to_owned(),
            Self::Guest(peer) => format!("{} in Linux, TCG", peer.name()),
        }
    }

    pub(crate) fn is_ours(self) -> bool {
        matches!(self, Self::Ours(_))
    }

    /// Whether it is a process of this host.
    pub(super) fn is_native(self) -> bool {
        matches!(self, Self::Native(_))
    }

    /// How long it may take to its first answer.
    pub(super) fn patience(self) -> Patience {
        if matches!(self, Self::Guest(_)) { linux::PATIENCE } else { Patience::SHORT }
    }

    /// Whether it is behind a TAP device, as guests are.
    pub(crate) fn is_guest(self) -> bool {
        matches!(self, Self::Ours(_) | Self::Guest(_))
    }
}

/// Our image with the zone in it.
#[derive(Debug)]
pub(crate) struct Ours {
    qemu: PathBuf,
    sandbox: Sandbox,
    image: PathBuf,
    memory_mib: u32,
    cable: Cable,
    /// Octets of the image, the zone aside.
    pub(crate) size: u64,
}

impl Ours {
    /// Builds it into a folder, as `isopod build` would.
    pub(crate) fn build(
        kind: Kind,
        configuration: &Path,
        folder: &Path,
        qemu: PathBuf,
    ) -> Result<Self, Failure> {
        let prepared = appliance::prepare(kind, configuration)?;
        let image = Image::obtain(kind, None)?;
        let complete = elf::append(&image.stripped, &prepared.archive)?;
        let ends = [End::Tap(TAP.to_owned())];
        let cable = cables::lay(&prepared.network, &ends, &[], None)?.pop();
        let path = folder.join("image.elf");
        fs::write(&path, complete).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self {
            sandbox: Sandbox::of(&qemu),
            qemu,
            image: path,
            memory_mib: image.memory_mib(prepared.archive.len())?,
            cable: cable.context("the configuration has no interface")?,
            size: image.stripped.len() as u64,
        })
    }

    fn command(&self, accelerator: Accelerator, memory_mib: Option<u32>) -> Command {
        let machine = Machine {
            accelerator,
            machine: MachineType::Microvm,
            memory_mib: memory_mib.unwrap_or(self.memory_mib),
            image: &self.image,
            archive: None,
            cables: slice::from_ref(&self.cable),
            pcap: None,
            has_operator: false,
            sandbox: self.sandbox,
        };
        let words = command::command(&self.qemu, &machine);
        let (program, arguments) = words.split_first().expect("a command has a program");
        let mut command = Command::new(program);
        command.args(arguments);
        command
    }

    /// Starts it with so many MiB, else with what `isopod build` thinks fit; what it says goes to `log`.
    pub(super) fn start(
        &self,
        accelerator: Accelerator,
        memory_mib: Option<u32>,
        network: &Network,
        log: &Path,
    ) -> Result<Program> {
        network.know_guest(&self.cable.ethernet)?;
        start(network, self.command(accelerator, memory_mib), log)
    }
}

/// Starts a command at the server's end of a network, what it says going to `log`.
pub(super) fn start(network: &Network, mut command: Command, log: &Path) -> Result<Program> {
    let output = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    Program::start(network, command)
}
