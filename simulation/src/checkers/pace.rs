//! A machine with nothing to do sleeps.

use crate::limits;
use anyhow::{Result, ensure};
use core::time::Duration;
use moment::Instant;
use std::collections::VecDeque;

/// Remembers the turns that were good for nothing.
#[derive(Clone, Debug)]
pub struct Pace {
    /// When the last of them were.
    turns: VecDeque<Instant>,
    most: usize,
}

impl Default for Pace {
    /// Of a machine without streams.
    fn default() -> Self {
        Self { turns: VecDeque::new(), most: limits::FRUITLESS_TURNS }
    }
}

impl Pace {
    /// Of a machine with streams: a wheel of timers is looked at now and then, and many of them come to nothing.
    #[must_use]
    pub fn with_streams() -> Self {
        Self { most: limits::FRUITLESS_TURNS_WITH_STREAMS, ..Self::default() }
    }

    /// There was a turn; `was_of_use`: it took a frame or sent one, or could not for want of buffers.
    pub fn on_turn(&mut self, was_of_use: bool, now: Instant) -> Result<()> {
        const SECOND: Duration = Duration::from_secs(1);
        if was_of_use {
            return Ok(());
        }
        self.turns.push_back(now);
        if self.turns.len() > self.most {
            let oldest = self.turns.pop_front();
            let rested = oldest.is_none_or(|oldest| now.since(oldest) >= SECOND);
            ensure!(rested, "{} turns in a second found nothing to do", self.most + 1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
