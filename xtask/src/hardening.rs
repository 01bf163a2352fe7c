//! What a sealed machine must not let its program do: an image that does it, started once for each, has to end in a fault.

mod backtrace;

use crate::dist::{self, Image};
use crate::tally::Tally;
use crate::{image, root, target};
use anyhow::{Context, Result};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Every violation that `kernel/src/hardware/violations.rs` knows, and the fault that has to stop it.
const VIOLATIONS: &[Violation] = &[
    ("write-code", Fault::Page),
    ("write-constants", Fault::Page),
    ("run-constants", Fault::Page),
    ("run-variables", Fault::Page),
    ("run-heap", Fault::Page),
    ("run-stack", Fault::Page),
    ("read-page-zero", Fault::Page),
    ("write-page-zero", Fault::Page),
    ("run-page-zero", Fault::Page),
    ("overflow-stack", Fault::Page),
    ("read-below-stack", Fault::Page),
    ("read-above-stack", Fault::Page),
    ("read-above-emergency-stack", Fault::Page),
    ("read-monitor", Fault::Page),
    ("write-monitor", Fault::Page),
    ("run-monitor", Fault::Page),
    ("read-task-state", Fault::Page),
    ("write-task-state", Fault::Page),
    ("read-page-tables", Fault::Page),
    ("write-page-tables", Fault::Page),
    ("write-boot-page-tables", Fault::Page),
    ("read-local-apic", Fault::Page),
    ("write-local-apic", Fault::Page),
    ("read-io-apic", Fault::Page),
    ("read-below-image", Fault::Page),
    ("read-beyond-memory", Fault::Page),
    ("use-timer-port", Fault::Protection),
    ("use-clock-port", Fault::Protection),
    ("use-interrupt-controller-port", Fault::Protection),
    ("use-pci-port", Fault::Protection),
    ("use-pci-data-port", Fault::Protection),
    ("use-dma-port", Fault::Protection),
    ("use-high-port", Fault::Protection),
    ("use-highest-port", Fault::Protection),
    ("seal-again", Fault::Protection),
    ("halt", Fault::Protection),
    ("enable-interrupts", Fault::Protection),
    ("read-page-table-root", Fault::Protection),
    ("write-page-table-root", Fault::Protection),
    ("write-model-specific-register", Fault::Protection),
    ("load-descriptor-table", Fault::Protection),
    ("store-descriptor-table", Fault::Protection),
];

/// Those that take a machine with PCI.
const ON_PCI: &[Violation] = &[
    ("read-pci-configuration", Fault::Page),
    ("write-pci-configuration", Fault::Page),
    ("read-message-table", Fault::Page),
    ("write-message-table", Fault::Page),
    ("use-pci-port", Fault::Protection),
    ("use-pci-data-port", Fault::Protection),
];

#[derive(Clone, Copy, Debug)]
enum Fault {
    Page,
    Protection,
}

/// QEMU's status when the image ended with a fault: (0x11 << 1) | 1.
const FAULTED: i32 = 35;

type Violation = (&'static str, Fault);

type On = (Machine, Accelerator);

/// What a violation is committed on.
#[derive(Clone, Copy, Debug)]
enum Machine {
    /// QEMU's microvm with devices in memory.
    Mmio,
    /// And with devices on PCI, where the image gives out addresses.
    Pci,
    /// QEMU's q35, where the firmware does; that takes 8 s on a KVM that emulates it.
    Q35,
}

const MACHINES: &[(On, &[Violation])] = &[
    ((Machine::Mmio, Accelerator::Tcg), VIOLATIONS),
    ((Machine::Mmio, Accelerator::Kvm), VIOLATIONS),
    ((Machine::Pci, Accelerator::Tcg), ON_PCI),
    ((Machine::Pci, Accelerator::Kvm), ON_PCI),
    ((Machine::Q35, Accelerator::Tcg), ON_PCI),
];

/// Commits every violation, on QEMU's translator and, where it works, on KVM.
pub(crate) fn check() -> Result<Tally> {
    let image = Image { package: "violations", binary: "violations-image" };
    let image = dist::build_image(root(), image::home().as_deref(), &target().join("image"), &image)?;
    let mut tally = backtrace::check(&image)?;
    let kvm_works = is_stopped(&image, (Machine::Mmio, Accelerator::Kvm), VIOLATIONS[0])?;
    for &((machine, accelerator), violations) in MACHINES {
        if matches!(accelerator, Accelerator::Kvm) && !kvm_works {
            println!("hardening on {machine:?}, {accelerator:?}: skipped, KVM is not usable here");
            continue;
        }
        for &violation in violations {
            let is_stopped = is_stopped(&image, (machine, accelerator), violation)?;
            let outcome = if is_stopped { "stopped" } else { "FAILED" };
            println!("hardening on {machine:?}, {accelerator:?}: {} … {outcome}", violation.0);
            tally += Tally::one(is_stopped);
        }
    }
    Ok(tally)
}

#[derive(Clone, Copy, Debug)]
enum Accelerator {
    Tcg,
    Kvm,
}

fn is_stopped(image: &Path, on: On, (name, fault): Violation) -> Result<bool> {
    let archive = target().join("violation.tar");
    write_archive(&archive, name)?;
    let output = start(image, &archive, on)?;
    let console = String::from_utf8_lossy(&output.stdout);
    let expected = match fault {
        Fault::Page => "fault: page fault",
        Fault::Protection => "fault: general protection fault",
    };
    let was_tried = console.contains(&format!("violation: {name}"));
    // Where the image says which address it touches, that is the one that has to fault.
    let address = console.lines().find_map(|line| line.strip_prefix("violation: at "));
    let is_there =
        address.is_none_or(|address| console.contains(&format!("fault: address {}", address.trim())));
    Ok(was_tried && is_there && console.contains(expected) && output.status.code() == Some(FAULTED))
}

fn write_archive(path: &Path, violation: &str) -> Result<()> {
    let mut archive = tar::Builder::new(File::create(path)?);
    let mut header = tar::Header::new_ustar();
    let document = format!("# violation: {violation}\n");
    header.set_size(document.len().try_into()?);
    header.set_mode(0o644);
    archive.append_data(&mut header, "appliance.toml", document.as_bytes())?;
    Ok(archive.finish()?)
}

/// Starts QEMU and waits for its end, which `timeout` makes sure of.
fn start(image: &Path, archive: &Path, (machine, accelerator): On) -> Result<Output> {
    const SECONDS: &str = "20";
    let (accelerator, processor) = match accelerator {
        Accelerator::Tcg => ("tcg", "max"),
        Accelerator::Kvm => ("kvm", "host,-arch-capabilities"),
    };
    let (kind, card) = match machine {
        Machine::Mmio => ("microvm,acpi=off,pit=on,pic=off,rtc=on", "virtio-net-device"),
        Machine::Pci => ("microvm,acpi=on,pcie=on,pit=on,pic=off,rtc=on", "virtio-net-pci"),
        Machine::Q35 => ("q35", "virtio-net-pci"),
    };
    let mut command = Command::new("timeout");
    command.args([SECONDS, "qemu-system-x86_64", "-M", &format!("{kind},accel={accelerator}")]);
    command.args(["-cpu", processor, "-m", "16M", "-nodefaults", "-no-user-config", "-no-reboot"]);
    command.args(["-display", "none", "-serial", "stdio", "-global", "virtio-mmio.force-legacy=false"]);
    command.args(["-netdev", "hubport,hubid=0,id=net0", "-device", &format!("{card},netdev=net0")]);
    command
        .args(["-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-kernel"])
        .arg(image)
        .arg("-initrd")
        .arg(archive);
    command.stdin(Stdio::null()).current_dir(root()).output().context("running QEMU")
}
