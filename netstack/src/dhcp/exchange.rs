//! A message to a server, sent until it is answered (RFC 2131 §4.1).

use crate::limits;
use crate::random::Random;
use moment::Instant;

/// One exchange with whichever servers answer.
pub(super) struct Exchange {
    /// Tells its answers from those of others: `xid`.
    pub(super) number: u32,
    began: Instant,
    /// How long it had been under way when servers were asked for offers.
    pub(super) seconds: u16,
    /// When its message was sent last.
    pub(super) sent: Instant,
    pub(super) attempts: u32,
    /// When its message is to be sent next.
    pub(super) due: Instant,
}

impl Exchange {
    /// One whose first message is due.
    pub(super) fn new(now: Instant, random: &mut Random) -> Self {
        Self { number: random.next() as u32, began: now, seconds: 0, sent: now, attempts: 0, due: now }
    }

    /// The same exchange, with another message that is due.
    pub(super) fn next(self, now: Instant) -> Self {
        Self { attempts: 0, due: now, ..self }
    }

    /// For how long it has been under way.
    pub(super) fn elapsed(&self, now: Instant) -> u16 {
        u16::try_from(now.since(self.began).as_secs()).unwrap_or(u16::MAX)
    }

    /// Its message is sent now, and again after a time that grows.
    pub(super) fn send(self, now: Instant, random: &mut Random) -> Self {
        let wait = random.around(back_off(self.attempts), limits::RETRANSMISSION_SPREAD);
        Self { sent: now, attempts: self.attempts.saturating_add(1), due: now + wait, ..self }
    }

    /// Its message is sent now, and again halfway to `end`, but not every moment (RFC 2131 §4.4.5).
    pub(super) fn send_before(self, end: Instant, now: Instant) -> Self {
        let wait = (end.since(now) / 2).max(limits::SHORTEST_RENEWAL_INTERVAL);
        let due = (now + wait).min(end);
        Self { sent: now, attempts: self.attempts.saturating_add(1), due, ..self }
    }
}

/// RFC 2131 §4.1: 4 seconds, 8, 16, up to 64.
pub(super) fn back_off(attempts: u32) -> core::time::Duration {
    let factor = 1_u32.checked_shl(attempts).unwrap_or(u32::MAX);
    limits::RETRANSMISSION.saturating_mul(factor).min(limits::LONGEST_RETRANSMISSION)
}
