//! How long links are polled before the machine sleeps.
//!
//! A wake-up costs tens of microseconds on a virtual machine, and more on the other side of the cable: under load it is
//! cheaper to look again, and without load it is a waste to look at all. So patience follows what sleeps turned out to be,
//! as Linux's halt polling does: a short one would have been better spent polling.

use crate::limits;
use core::time::Duration;
use moment::Instant;

/// The patience of a machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    length: Duration,
    /// The last turn that had work to do, or the end of the last sleep.
    since: Instant,
}

impl Patience {
    /// As little as there is.
    pub(crate) const LEAST: Self = Self { length: limits::POLL_LEAST, since: Instant::START };

    /// A turn found something to do.
    #[inline]
    pub(crate) fn renew(&mut self, now: Instant) {
        self.since = now;
    }

    /// Whether a turn that found nothing is one too many.
    #[inline]
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        now.since(self.since) >= self.length
    }

    /// A sleep is over: a short one asks for more patience, a long one for less.
    pub(crate) fn learn(&mut self, slept_from: Instant, now: Instant) {
        let would_have_paid = now.since(slept_from) < limits::POLL_MOST;
        let length = if would_have_paid { self.length * 2 } else { self.length / 2 };
        self.length = length.clamp(limits::POLL_LEAST, limits::POLL_MOST);
        self.since = now;
    }
}

#[cfg(test)]
mod tests;
