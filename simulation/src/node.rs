//! What stands at the ends of cables.

use anyhow::Result;
use core::any::Any;
use moment::Instant;

/// Anything that frames reach and that sends some.
pub trait Node: Any {
    /// A frame arrives at a port.
    fn receive(&mut self, port: usize, frame: Vec<u8>, now: Instant);

    /// Does what is to be done now. Frames to be sent go to `outbox`; what comes back is when to call again if no frame
    /// arrives before. An error is something that must never be.
    fn turn(&mut self, now: Instant, outbox: &mut Outbox) -> Result<Option<Instant>>;
}

/// Frames to be sent, each with its port.
pub type Outbox = Vec<(usize, Vec<u8>)>;
