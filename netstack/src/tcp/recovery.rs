//! Which segments are lost, by when others arrived that were sent later (RFC 8985, RACK-TLP).

use crate::tcp::round_trip::RoundTrip;
use crate::tcp::scoreboard::{Delivered, Latest, Scoreboard, Sent};
use crate::tcp::sequence::Sequence;
use crate::tcp::slab::Slab;
use core::time::Duration;
use moment::Instant;

/// RFC 8985 §5.2: what is known of what is on its way.
#[derive(Debug)]
pub(crate) struct Rack {
    /// RACK.xmit_ts: when the segment was sent that was sent last of those delivered, ...
    sent_at: Instant,
    /// ... RACK.end_seq: and where it ends.
    end: Sequence,
    /// RACK.rtt, in microseconds.
    round_trip: u32,
    /// RACK.fack: the highest sequence number delivered.
    forward: Sequence,
    /// RACK.dsack_round: while set, what was sent before it says nothing new about reordering.
    round: Option<Sequence>,
}

/// RFC 8985 §6.2, step 4: what is known of the path, even while nothing is on its way.
#[derive(Debug)]
pub(crate) struct Reordering {
    /// RACK.reordering_seen.
    is_seen: bool,
    /// RACK.reo_wnd_mult.
    quarters: u8,
    /// RACK.reo_wnd_persist.
    persist: u8,
}

/// What looking for losses found.
pub(crate) struct Detection {
    /// Octets that were found to be lost.
    pub(crate) lost: u32,
    /// When to look again for what may still be on its way (RFC 8985 §6.2, step 5).
    pub(crate) again: Option<Instant>,
}

/// A window of reordering is kept for this many recoveries without a duplicate reported (RFC 8985 §6.2, step 4).
const PERSIST: u8 = 16;

/// Segments delivered out of order that tell a loss from reordering, while none was seen (RFC 8985 §6.2, step 4).
const DUPLICATES: u32 = 3;

impl Reordering {
    pub(crate) const fn new() -> Self {
        Self { is_seen: false, quarters: 1, persist: PERSIST }
    }

    /// Something arrived behind what was sent later, and had not been lost.
    pub(crate) fn see(&mut self) {
        self.is_seen = true;
    }

    /// A recovery is over.
    pub(crate) fn on_recovered(&mut self) {
        self.persist = self.persist.saturating_sub(1);
        if self.persist == 0 {
            (self.quarters, self.persist) = (1, PERSIST);
        }
    }

    /// How much later than another sent later a segment may arrive. `sacked` is how many were acknowledged selectively.
    pub(crate) fn window(&self, round_trip: &RoundTrip, is_recovering: bool, sacked: u32) -> Duration {
        let is_certain = is_recovering || sacked >= DUPLICATES;
        if !self.is_seen && is_certain {
            return Duration::ZERO;
        }
        let minimum = round_trip.minimum().unwrap_or_default();
        let smoothed = round_trip.smoothed().unwrap_or_default();
        (minimum / 4).saturating_mul(self.quarters.into()).min(smoothed)
    }
}

impl Rack {
    pub(crate) const fn new(first: Sequence) -> Self {
        Self { sent_at: Instant::START, end: first, round_trip: 0, forward: first, round: None }
    }

    /// RFC 8985 §6.2, steps 1 to 3: something was delivered. `echoes_repetition` says whether the peer's timestamps let it be a
    /// repetition that arrived.
    pub(crate) fn on_delivery(
        &mut self,
        delivered: &Delivered,
        echoes_repetition: impl Fn(Instant) -> bool,
        round_trip: &RoundTrip,
        reordering: &mut Reordering,
        now: Instant,
    ) {
        if let Some(latest) =
            delivered.latest.filter(|latest| self.is_believed(latest, &echoes_repetition, round_trip, now))
            && latest.is_sent_after(self.sent_at, self.end)
        {
            (self.sent_at, self.end) = (latest.at, latest.end);
            self.round_trip = u32::try_from(now.since(latest.at).as_micros()).unwrap_or(u32::MAX);
        }
        if delivered.lowest_once.is_some_and(|lowest| lowest.is_before(self.forward)) {
            reordering.see();
        }
        if let Some(latest) = delivered.latest {
            self.forward = self.forward.max(latest.end);
        }
    }

    /// Step 2: an acknowledgement of what was sent twice may be of the first time.
    fn is_believed(
        &self,
        latest: &Latest,
        echoes_repetition: impl Fn(Instant) -> bool,
        round_trip: &RoundTrip,
        now: Instant,
    ) -> bool {
        let is_too_soon = || round_trip.minimum().is_some_and(|minimum| now.since(latest.at) < minimum);
        !latest.is_repeated || (echoes_repetition(latest.at) && !is_too_soon())
    }

    /// The cumulative acknowledgement reached at least this.
    pub(crate) fn on_cumulative(&mut self, acknowledged: Sequence) {
        self.forward = self.forward.max(acknowledged);
        if self.round.is_some_and(|round| acknowledged.is_at_least(round)) {
            self.round = None;
        }
    }

    /// Step 4: the peer got something twice (RFC 2883), so what we sent again had not been lost.
    pub(crate) fn on_duplicate(&mut self, next: Sequence, reordering: &mut Reordering) {
        if self.round.is_none() {
            self.round = Some(next);
            reordering.quarters = reordering.quarters.saturating_add(1);
            reordering.persist = PERSIST;
        }
    }

    /// Step 5: finds what is lost. `window` is what [`Reordering::window`] says.
    pub(crate) fn detect(
        &self,
        scoreboard: &mut Scoreboard,
        ranges: &mut Slab<Sent>,
        window: Duration,
        now: Instant,
    ) -> Detection {
        let patience = Duration::from_micros(self.round_trip.into()) + window;
        let latest = Latest { at: self.sent_at, end: self.end, is_repeated: false };
        let before = scoreboard.lost();
        while let Some(oldest) = scoreboard.oldest(ranges)
            && latest.is_sent_after(oldest.at, oldest.end)
        {
            let until = oldest.at + patience;
            if until > now {
                return Detection { lost: scoreboard.lost() - before, again: Some(until) };
            }
            scoreboard.lose_oldest(ranges);
        }
        Detection { lost: scoreboard.lost() - before, again: None }
    }
}

#[cfg(test)]
mod tests;
