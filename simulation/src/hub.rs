//! A hub: what comes in at one port goes out at all others.

use crate::node::{Node, Outbox};
use anyhow::Result;
use moment::Instant;

/// Joins cables; every frame reaches everybody, as on a wire that all share.
#[derive(Debug)]
pub(crate) struct Hub {
    ports: usize,
    frames: Vec<(usize, Vec<u8>)>,
}

impl Hub {
    /// A hub of so many ports.
    #[must_use]
    pub(crate) const fn new(ports: usize) -> Self {
        Self { ports, frames: Vec::new() }
    }
}

impl Node for Hub {
    fn receive(&mut self, port: usize, frame: Vec<u8>, _now: Instant) {
        self.frames.push((port, frame));
    }

    fn turn(&mut self, _now: Instant, outbox: &mut Outbox) -> Result<Option<Instant>> {
        for (from, frame) in self.frames.drain(..) {
            outbox.extend((0..self.ports).filter(|port| *port != from).map(|port| (port, frame.clone())));
        }
        Ok(None)
    }
}
