//! How a virtual machine ended, told from QEMU's exit status.

use crate::status::Status;
use core::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The guest powered off in order.
    PoweredOff,
    /// The guest panicked or faulted.
    Faulted,
    /// The guest lacked a device or its configuration.
    Lacking,
    /// The guest ended with a status that no image of ours has.
    Unknown(u8),
    /// The guest was reset, as by a triple fault, and QEMU was told not to start it again.
    Reset,
    /// QEMU did not run the guest, or no longer could.
    Qemu(i32),
    /// QEMU was killed.
    Killed(i32),
}

/// What the guest writes to the port of `isa-debug-exit`. QEMU ends with (value << 1) | 1.
pub(crate) mod guest {
    pub(crate) const POWERED_OFF: u8 = 0x10;
    pub(crate) const FAULTED: u8 = 0x11;
    pub(crate) const LACKING: u8 = 0x12;
}

/// The least value that a guest writes. QEMU ends with 1 when it fails itself: that is the value 0.
const LEAST: u8 = 0x10;

impl Outcome {
    pub(crate) fn of(status: ExitStatus) -> Self {
        let Some(code) = status.code() else { return Self::Killed(status.signal().unwrap_or(0)) };
        let value = u8::try_from(code >> 1).unwrap_or(0);
        match (code & 1, value) {
            (1, guest::POWERED_OFF) => Self::PoweredOff,
            (1, guest::FAULTED) => Self::Faulted,
            (1, guest::LACKING) => Self::Lacking,
            (1, value @ LEAST..) => Self::Unknown(value),
            _ if code == 0 => Self::Reset,
            _ => Self::Qemu(code),
        }
    }

    pub(crate) fn status(self) -> Status {
        match self {
            Self::PoweredOff => Status::Done,
            Self::Faulted => Status::Fault,
            Self::Lacking => Status::Lacking,
            Self::Unknown(_) | Self::Reset | Self::Killed(_) => Status::Vanished,
            Self::Qemu(_) => Status::Qemu,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PoweredOff => formatter.write_str("the guest powered off"),
            Self::Faulted => formatter.write_str("the guest panicked or faulted"),
            Self::Lacking => formatter.write_str("the guest lacked a device or its configuration"),
            Self::Unknown(value) => write!(formatter, "the guest ended with the unknown status {value:#x}"),
            Self::Reset => formatter.write_str("the guest was reset without a word, as by a triple fault"),
            Self::Qemu(code) => write!(formatter, "QEMU failed with status {code}"),
            Self::Killed(signal) => write!(formatter, "QEMU was killed by signal {signal}"),
        }
    }
}

#[cfg(test)]
mod tests;
