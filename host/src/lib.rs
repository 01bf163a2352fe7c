//! The Linux-process machine: an appliance on the ordinary sockets of an unprivileged process.
//!
//! It stands in for the network stack and the bare-metal machine at once: Linux turns frames into datagrams and
//! streams, and [`Sockets`] hands them to the very appliance that an image would carry.

#![deny(unsafe_code)]

mod sockets;
#[expect(unsafe_code, reason = "the system calls that no safe crate offers")]
mod sys;
mod termination;

pub use sockets::{BindError, Protocol, Publication, ServeError, Sockets};
pub use sys::process::end_with_parent;
pub use sys::tap::attach_tap;
pub use termination::Termination;
