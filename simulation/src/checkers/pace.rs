//! A machine with nothing to do sleeps.

use crate::limits;
use anyhow::{Result, ensure};
use core::time::Duration;
use moment::Instant;

/// Remembers the turns that were good for nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    /// When the last of them were, in a ring.
    turns: [Option<Instant>; limits::FRUITLESS_TURNS],
    /// The place of the oldest.
    oldest: usize,
}

impl Pace {
    /// There was a turn; `was_of_use`: it took a frame or sent one, or could not for want of buffers.
    pub fn on_turn(&mut self, was_of_use: bool, now: Instant) -> Result<()> {
        const SECOND: Duration = Duration::from_secs(1);
        if was_of_use {
            return Ok(());
        }
        let oldest = self.turns[self.oldest].replace(now);
        self.oldest = (self.oldest + 1) % limits::FRUITLESS_TURNS;
        ensure!(
            oldest.is_none_or(|oldest| now.since(oldest) >= SECOND),
            "{} turns in a second found nothing to do",
            limits::FRUITLESS_TURNS + 1
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests;
