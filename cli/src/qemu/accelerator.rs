//! Whether KVM works here, found out by trying.
//!
//! That /dev/kvm exists proves little: it may not be ours to open, another hypervisor may hold the processor, or the
//! processor may lack what QEMU is told to offer. So a tiny guest is run just as the appliance will be.

use super::command::{Accelerator, EXIT_DEVICE};
use crate::arguments::Accel;
use crate::processes;
use anyhow::{Context as _, Result};
use core::time::Duration;
use object::elf::{PF_R, PF_X, PT_LOAD, PT_NOTE};
use rustix::fs::{MemfdFlags, memfd_create};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Command, Stdio};

/// An accelerator, and why it is this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) accelerator: Accelerator,
    /// One clause; `None` if it was asked for.
    pub(crate) reason: Option<String>,
}

impl Choice {
    /// Follows a wish.
    pub(crate) fn make(wish: Accel, qemu: &Path) -> Result<Self> {
        match wish {
            Accel::Kvm => Ok(Self { accelerator: Accelerator::Kvm, reason: None }),
            Accel::Tcg => Ok(Self { accelerator: Accelerator::Tcg, reason: None }),
            Accel::Auto => Self::try_out(qemu, Path::new("/dev/kvm")),
        }
    }

    fn try_out(qemu: &Path, device: &Path) -> Result<Self> {
        Ok(match obstacle(qemu, device)? {
            None => Self { accelerator: Accelerator::Kvm, reason: Some("a trial guest ran on KVM".into()) },
            Some(obstacle) => Self { accelerator: Accelerator::Tcg, reason: Some(obstacle) },
        })
    }
}

/// Why KVM can't be used, if it can't.
fn obstacle(qemu: &Path, device: &Path) -> Result<Option<String>> {
    match File::options().read(true).write(true).open(device) {
        Ok(_) => run_trial(qemu),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Ok(Some(format!("this host has no {}", device.display())))
        }
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(Some(format!(
            "{} may not be opened; `sudo usermod -aG kvm $USER` and a new login change that",
            device.display()
        ))),
        Err(error) => Ok(Some(format!("{} can't be opened: {error}", device.display()))),
    }
}

/// Runs the trial guest under KVM; says what went wrong, if anything did.
fn run_trial(qemu: &Path) -> Result<Option<String>> {
    let guest = memfd_create("trial", MemfdFlags::empty()).context("no memory for a trial guest")?;
    let mut guest = File::from(guest);
    guest.write_all(&trial_image())?;
    let accelerator = Accelerator::Kvm;
    let mut child = Command::new(qemu)
        .args(["-M", "microvm,accel=kvm,acpi=off", "-cpu", accelerator.processor(), "-m", "16M"])
        .args(["-display", "none", "-nodefaults", "-no-user-config", "-no-reboot", "-device", EXIT_DEVICE])
        .args(["-kernel", &format!("/dev/fd/{}", guest.as_raw_fd())])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", qemu.display()))?;

    let Some(status) = processes::wait(&mut child, TRIAL_TIME)? else {
        child.kill()?;
        child.wait()?;
        return Ok(Some(format!("a trial guest did nothing on KVM for {} s", TRIAL_TIME.as_secs())));
    };
    if status.code() == Some(i32::from(TRIAL_STATUS) << 1 | 1) {
        return Ok(None);
    }
    let mut complaint = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        let _ = stderr.read_to_string(&mut complaint);
    }
    let complaint = complaint.lines().next().map_or_else(|| status.to_string(), str::to_owned);
    Ok(Some(format!("a trial guest failed on KVM: {complaint}")))
}

/// A working KVM takes 60 ms.
const TRIAL_TIME: Duration = Duration::from_secs(5);

/// What the trial guest writes to the exit device; no image of ours does.
const TRIAL_STATUS: u8 = 0x2a;

/// A guest of seven octets in the smallest ELF that QEMU boots by PVH.
fn trial_image() -> Vec<u8> {
    const BASE: u64 = 0x10_0000;
    const HEADERS: u64 = 64 + 2 * 56;
    const NOTE: u64 = 24;
    const ENTRY: u64 = BASE + HEADERS + NOTE;
    // mov al, TRIAL_STATUS; out 0xf4, al; again: hlt; jmp again
    let code = [0xb0, TRIAL_STATUS, 0xe6, 0xf4, 0xf4, 0xeb, 0xfd];
    let length = HEADERS + NOTE + code.len() as u64;

    let mut image = Vec::new();
    // The ELF header: 64-bit, little-endian, an executable for x86-64.
    image.extend(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0");
    image.extend(ENTRY.to_le_bytes());
    image.extend(64_u64.to_le_bytes()); // program headers
    image.extend([0; 12]); // no section headers, no flags
    for half in [64_u16, 56, 2, 64, 0, 0] {
        image.extend(half.to_le_bytes());
    }
    // Type and flags, offset, virtual and physical address, length in the file and in memory, alignment.
    let mut add_segment = |kind: u32, flags: u32, offset: u64, length: u64, alignment: u64| {
        image.extend(kind.to_le_bytes());
        image.extend(flags.to_le_bytes());
        for word in [offset, BASE + offset, BASE + offset, length, length, alignment] {
            image.extend(word.to_le_bytes());
        }
    };
    add_segment(PT_LOAD.0, (PF_R | PF_X).0, 0, length, 0x1000);
    add_segment(PT_NOTE.0, PF_R.0, HEADERS, NOTE, 4);
    // XEN_ELFNOTE_PHYS32_ENTRY, the note by which QEMU knows a PVH guest.
    for word in [4_u32, 8, 18] {
        image.extend(word.to_le_bytes());
    }
    image.extend(b"Xen\0");
    image.extend(ENTRY.to_le_bytes());
    image.extend(code);
    image
}

#[cfg(test)]
mod tests;
