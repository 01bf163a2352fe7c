//! QEMU's own sandbox: a filter of system calls, for the day when a guest takes QEMU over.

use std::path::Path;
use std::process::{Command, Stdio};

/// Whether QEMU filters its system calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sandbox {
    Filter,
    /// It was built without.
    Missing,
}

/// No programs, no other identity, no other share of the processor, nothing that is kept for old programs alone.
pub(crate) const FILTER: &str = "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

impl Sandbox {
    /// What this QEMU can do. It reads its options in order, and ends at the first that it does not know, or at its version.
    pub(crate) fn of(qemu: &Path) -> Self {
        let mut command = Command::new(qemu);
        command.args(["-sandbox", FILTER, "-version"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.status() {
            Ok(status) if !status.success() => Self::Missing,
            // One that is not there yet will most likely be of a distribution, and these have it.
            Ok(_) | Err(_) => Self::Filter,
        }
    }
}

#[cfg(test)]
mod tests;
