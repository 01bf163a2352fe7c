//! The Linux-process machine: an appliance as a process, on ordinary sockets or on TAP devices.
//!
//! [`Sockets`] stand in for the network stack and the bare-metal machine at once: Linux turns frames into datagrams and streams, which
//! go to the very appliance that an image would carry. [`Taps`] stand in for the bare-metal machine alone: frames go to the
//! very network stack of an image, and that to its appliance.

#![deny(unsafe_code)]

mod clock;
mod sockets;
#[expect(unsafe_code, reason = "the system calls that no safe crate offers")]
mod sys;
mod taps;
mod telling;
mod termination;

pub use sockets::{BindError, Protocol, Publication, ServeError, Sockets};
pub use sys::process::end_with_parent;
pub use sys::tap::attach_tap;
pub use taps::{AttachError, Taps};
pub use termination::Termination;
