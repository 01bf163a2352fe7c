//! A token bucket.

use core::time::Duration;
use moment::Instant;

/// Lets `burst` events through at once and one more each `interval`.
///
/// Kept as the moment at which the bucket would be full again (the generic cell rate algorithm): one number, and
/// nothing to do while time passes.
pub(crate) struct TokenBucket {
    interval: Duration,
    burst: Duration,
    full_at: Instant,
}

impl TokenBucket {
    pub(crate) fn new(interval: Duration, burst: u32) -> Self {
        Self { interval, burst: interval.saturating_mul(burst), full_at: Instant::START }
    }

    /// Takes a token, if there is one.
    pub(crate) fn take(&mut self, now: Instant) -> Option<()> {
        let full_at = self.full_at.max(now) + self.interval;
        if full_at.since(now) > self.burst {
            return None;
        }
        self.full_at = full_at;
        Some(())
    }
}

#[cfg(test)]
mod tests;
