//! The one place where QEMU's command line is put together.

use super::cables::Cable;
use super::sandbox::{self, Sandbox};
use crate::arguments::MachineType;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// A virtual machine.
#[derive(Clone, Debug)]
pub(crate) struct Machine<'a> {
    pub(crate) accelerator: Accelerator,
    pub(crate) machine: MachineType,
    pub(crate) memory_mib: u32,
    pub(crate) image: &'a Path,
    /// The configuration, unless it lies in the image.
    pub(crate) archive: Option<&'a Path>,
    /// One for each link.
    pub(crate) cables: &'a [Cable],
    /// Where to record every frame.
    pub(crate) pcap: Option<&'a Path>,
    /// Whether somebody looks after it, to whom it has a line.
    pub(crate) has_operator: bool,
    pub(crate) sandbox: Sandbox,
}

/// The operator's line to nobody: whoever starts the machine puts their end of it in its place.
pub(crate) const NO_OPERATOR: &str = "null,id=operator";

/// What executes the guest's instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accelerator {
    Kvm,
    Tcg,
}

/// The port that ends QEMU with a status of the guest's choice (`isa-debug-exit`).
pub(crate) const EXIT_DEVICE: &str = "isa-debug-exit,iobase=0xf4,iosize=4";

impl Accelerator {
    /// The processor that the guest sees.
    pub(crate) fn processor(self) -> &'static str {
        match self {
            // ARCH_CAPABILITIES can't be read on a KVM that is itself paravirtualised, and nothing here needs it.
            Self::Kvm => "host,-arch-capabilities",
            Self::Tcg => "max",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kvm => "kvm",
            Self::Tcg => "tcg",
        }
    }
}

/// The program and its arguments.
pub(crate) fn command(program: &Path, machine: &Machine<'_>) -> Vec<OsString> {
    let mut arguments = vec![program.into()];
    let mut add = |option: &str, value: &OsStr| {
        arguments.push(option.into());
        arguments.push(value.into());
    };
    let accelerator = machine.accelerator.name();
    let (kind, transport) = match machine.machine {
        MachineType::Microvm => (
            format!(
                "microvm,accel={accelerator},acpi=off,pit=on,pic=off,rtc=on,isa-serial=on,auto-kernel-cmdline=on"
            ),
            "device",
        ),
        MachineType::Q35 => (format!("q35,accel={accelerator}"), "pci,disable-legacy=on"),
    };
    add("-M", kind.as_ref());
    add("-cpu", machine.accelerator.processor().as_ref());
    add("-m", format!("{}M", machine.memory_mib).as_ref());
    add("-smp", "1".as_ref());
    add("-display", "none".as_ref());
    add("-serial", "stdio".as_ref());
    add("-kernel", machine.image.as_os_str());
    if let Some(archive) = machine.archive {
        add("-initrd", archive.as_os_str());
    }
    if machine.machine == MachineType::Microvm {
        add("-global", "virtio-mmio.force-legacy=false".as_ref());
    }
    for (number, cable) in machine.cables.iter().enumerate() {
        add("-netdev", &cable.backend);
        let ethernet = &cable.ethernet;
        add("-device", format!("virtio-net-{transport},netdev=net{number},mac={ethernet}").as_ref());
    }
    add("-object", "rng-builtin,id=rng0".as_ref());
    add("-device", format!("virtio-rng-{transport},rng=rng0").as_ref());
    if machine.has_operator {
        add("-chardev", NO_OPERATOR.as_ref());
        add("-device", format!("virtio-serial-{transport},max_ports=1").as_ref());
        add("-device", "virtconsole,chardev=operator".as_ref());
    }
    add("-device", EXIT_DEVICE.as_ref());
    if let Some(file) = machine.pcap {
        for number in 0..machine.cables.len() {
            let dump = format!("filter-dump,id=dump{number},netdev=net{number},file=");
            add("-object", &with_path(&dump, &record(file, number, machine.cables.len())));
        }
    }
    match machine.sandbox {
        Sandbox::Filter => add("-sandbox", sandbox::FILTER.as_ref()),
        Sandbox::Missing => {}
    }
    arguments.extend(["-nodefaults", "-no-user-config", "-no-reboot"].map(OsString::from));
    arguments
}

/// Where the frames of one cable are recorded: QEMU has a file for each.
fn record(file: &Path, number: usize, cables: usize) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    if cables > 1 {
        name.push(format!(".{number}"));
    }
    name.into()
}

/// An option that ends with a path; a comma in it is doubled, as QEMU wants it.
fn with_path(option: &str, path: &Path) -> OsString {
    let mut value = OsString::from(option);
    let mut parts = path.as_os_str().as_encoded_bytes().split(|&octet| octet == b',');
    value.push(os_str(parts.next().unwrap_or_default()));
    for part in parts {
        value.push(",,");
        value.push(os_str(part));
    }
    value
}

fn os_str(octets: &[u8]) -> &OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(octets)
}

#[cfg(test)]
mod tests;
