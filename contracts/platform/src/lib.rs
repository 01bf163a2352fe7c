//! What a machine offers: Ethernet links, two clocks, randomness, a log, a wait.
//!
//! `kernel` (bare metal), `host` (a Linux process) and tests implement it; `netstack` alone uses it.

#![no_std]
#![forbid(unsafe_code)]

mod link;

pub use link::{Checksum, EthernetAddress, Link, OutgoingFrame, ReceivedFrame};

use core::fmt;
use moment::{Instant, Moment};

/// A machine, as the network stack sees it.
pub trait Platform {
    /// The kind of link that this machine has.
    type Link: Link;

    /// Every link, in the order in which the machine found them; never empty, never changing.
    fn links(&mut self) -> &mut [Self::Link];

    /// Reads both clocks.
    fn now(&self) -> Moment;

    /// Fills `bytes` from a cryptographically secure source; a machine without one does not start.
    fn fill_random(&mut self, bytes: &mut [u8]);

    /// Writes one line to the operator's console. May be slow: for starts, stops and faults.
    fn log(&mut self, line: fmt::Arguments<'_>);

    /// Sleeps until a frame may be waiting on any link, or until `deadline`; may return early.
    ///
    /// A frame that arrived after the last look at the link ends the wait: no wake-up is lost.
    fn wait(&mut self, deadline: Option<Instant>);
}
