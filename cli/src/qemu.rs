//! QEMU: how to start it, what it means by its exit status, whether KVM works here, and what it can do without.

pub(crate) mod accelerator;
pub(crate) mod cables;
pub(crate) mod command;
pub(crate) mod install;
pub(crate) mod network;
pub(crate) mod outcome;
pub(crate) mod sandbox;

/// The program, as it is looked for in `PATH`.
pub(crate) const PROGRAM: &str = "qemu-system-x86_64";
