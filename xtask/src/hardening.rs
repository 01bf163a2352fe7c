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
const VIOLATIONS: &[(&str, Fault)] = &[
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
    ("read-pci-configuration", Fault::Page),
    ("read-below-image", Fault::Page),
    ("read-beyond-memory", Fault::Page),
    ("use-timer-port", Fault::Protection),
    ("use-clock-port", Fault::Protection),
    ("use-interrupt-controller-port", Fault::Protection),
    ("use-pci-port", Fault::Protection),
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

#[derive(Clone, Copy, Debug)]
enum Fault {
    Page,
    Protection,
}

/// QEMU's status when the image ended with a fault: (0x11 << 1) | 1.
const FAULTED: i32 = 35;

/// Commits every violation, on QEMU's translator and, where it works, on KVM.
pub(crate) fn check() -> Result<Tally> {
    let image = Image { package: "violations", binary: "violations-image" };
    let image = dist::build_image(root(), image::home().as_deref(), &target().join("image"), &image)?;
    let mut tally = backtrace::check(&image)?;
    for accelerator in [Accelerator::Tcg, Accelerator::Kvm] {
        if matches!(accelerator, Accelerator::Kvm) && !is_stopped(&image, accelerator, VIOLATIONS[0])? {
            println!("hardening on KVM: skipped, KVM is not usable here");
            continue;
        }
        for &violation in VIOLATIONS {
            let is_stopped = is_stopped(&image, accelerator, violation)?;
            println!(
                "hardening on {accelerator:?}: {} … {}",
                violation.0,
                if is_stopped { "stopped" } else { "FAILED" }
            );
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

fn is_stopped(image: &Path, accelerator: Accelerator, (name, fault): (&str, Fault)) -> Result<bool> {
    let archive = target().join("violation.tar");
    write_archive(&archive, name)?;
    let output = start(image, &archive, accelerator)?;
    let console = String::from_utf8_lossy(&output.stdout);
    let expected = match fault {
        Fault::Page => "fault: page fault",
        Fault::Protection => "fault: general protection fault",
    };
    let was_tried = console.contains(&format!("violation: {name}"));
    Ok(was_tried && console.contains(expected) && output.status.code() == Some(FAULTED))
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
fn start(image: &Path, archive: &Path, accelerator: Accelerator) -> Result<Output> {
    const SECONDS: &str = "20";
    let (machine, processor) = match accelerator {
        Accelerator::Tcg => ("microvm,accel=tcg", "max"),
        Accelerator::Kvm => ("microvm,accel=kvm", "host,-arch-capabilities"),
    };
    let mut command = Command::new("timeout");
    command.args([SECONDS, "qemu-system-x86_64", "-M"]);
    command.arg(format!("{machine},acpi=off,pit=on,pic=off,rtc=on,isa-serial=on,auto-kernel-cmdline=on"));
    command.args(["-cpu", processor, "-m", "16M", "-nodefaults", "-no-user-config", "-no-reboot"]);
    command.args(["-display", "none", "-serial", "stdio", "-global", "virtio-mmio.force-legacy=false"]);
    command.args(["-netdev", "hubport,hubid=0,id=net0", "-device", "virtio-net-device,netdev=net0"]);
    command
        .args(["-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-kernel"])
        .arg(image)
        .arg("-initrd")
        .arg(archive);
    command.stdin(Stdio::null()).current_dir(root()).output().context("running QEMU")
}
