//! What a machine offers: Ethernet links, two clocks, randomness, a log, a wait; and, to who needs one, a volume.
//!
//! `kernel` (bare metal), `host` (a Linux process) and tests implement it; `netstack` alone uses the links.

#![no_std]
#![forbid(unsafe_code)]

mod link;
mod volume;

pub use bytes::Bytes;
pub use link::{Checksum, EthernetAddress, Link, Offload, OutgoingFrame, ReceivedFrame, Segmentation, Work};
pub use volume::{Completion, Refusal, RequestId, SECTOR, Volume, VolumeError};

use core::fmt;
use moment::{Instant, Moment};
use operator::{Request, Statistic};

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

    /// Writes one line for the operator to read. Never waits for a reader: a line that finds no room is counted and lost. Where
    /// the machine has no line to its operator but a slow console, it may be slow: for what no peer can cause at will.
    fn log(&mut self, line: fmt::Arguments<'_>);

    /// Sleeps until a frame may be waiting on any link, until a buffer to send from may be free on one that refused one since the last
    /// wait, or until `deadline`; may return early.
    ///
    /// A frame that arrived after the last look at the link ends the wait, and so does a buffer: no wake-up is lost.
    fn wait(&mut self, deadline: Option<Instant>);

    /// The operator's oldest request, once there is room for its answer; also hands on what was logged. A request that came
    /// after the last look ends a [`wait`](Self::wait).
    fn request(&mut self) -> Option<Request> {
        None
    }

    /// Answers a request for statistics with these and the machine's own.
    fn answer(&mut self, _statistics: impl Iterator<Item = Statistic>) {}
}
