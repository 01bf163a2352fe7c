//! What a sealed machine must not let its program do: an image that does it, started once for each, has to end in a fault.

use crate::program::{cargo, succeeds};
use crate::tally::Tally;
use crate::{root, target};
use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::path::{Path, PathBuf};
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
    let image = build()?;
    let mut tally = Tally::default();
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

/// Builds the image, in an invocation and a folder of its own: features of other crates must not leak in.
fn build() -> Result<PathBuf> {
    const TRIPLE: &str = "x86_64-unknown-linux-gnu";
    let folder = target().join("image");
    let mut command = cargo(&["build", "--quiet", "--profile", "image", "--package", "violations"]);
    command.args(["--features", "image", "--bin", "violations-image", "--target", TRIPLE]);
    command.env("CARGO_TARGET_DIR", &folder);
    ensure!(succeeds(command)?, "the image can't be built");
    Ok(folder.join(TRIPLE).join("image/violations-image"))
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
    header.set_size(violation.len().try_into()?);
    header.set_mode(0o644);
    archive.append_data(&mut header, "violation", violation.as_bytes())?;
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
