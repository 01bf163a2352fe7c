//! A machine with nothing to do sleeps.

use crate::limits;
use anyhow::{Result, ensure};
use core::time::Duration;
use moment::Instant;

/// Counts the turns that were good for nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    since: Option<Instant>,
    turns: u32,
}

impl Pace {
    /// There was a turn; `was_of_use`: it took a frame or sent one, or could not for want of buffers.
    pub fn on_turn(&mut self, was_of_use: bool, now: Instant) -> Result<()> {
        const SECOND: Duration = Duration::from_secs(1);
        if was_of_use {
            return Ok(());
        }
        let since = *self.since.get_or_insert(now);
        if now.since(since) >= SECOND {
            *self = Self { since: Some(now), turns: 0 };
        }
        self.turns += 1;
        ensure!(
            self.turns <= limits::FRUITLESS_TURNS,
            "{} turns in a second found nothing to do",
            self.turns
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests;
