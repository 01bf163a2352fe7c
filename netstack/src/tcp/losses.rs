//! What is lost, or seems to be, and what is done about it (RFC 8985, RFC 6675, RFC 6582, RFC 3522).

use crate::tcp::clock::is_before;
use crate::tcp::congestion::Delivery;
use crate::tcp::connection::Connection;
use crate::tcp::counters::{Count, Counts};
use crate::tcp::flight::{Flight, Phase, TailProbe};
use crate::tcp::memory::Memory;
use crate::tcp::scoreboard::Delivered;
use crate::tcp::segment::Segment;
use crate::tcp::sequence::Sequence;
use crate::tcp::timers::LossTimer;
use core::time::Duration;
use moment::Instant;

impl Connection {
    /// RFC 3522 §3.2: the acknowledgement is of what was sent before anything was repeated, so nothing had been lost.
    pub(super) fn is_spurious(&self, segment: &Segment) -> bool {
        if self.has_no_loss() {
            return false;
        }
        let repeated_at = self.flight.as_ref().and_then(|flight| flight.repeated_at);
        let echo =
            segment.options.timestamps.map(|stamps| stamps.echo).filter(|_| self.timestamping.is_some());
        echo.zip(repeated_at).is_some_and(|(echo, repeated_at)| is_before(echo, repeated_at))
    }

    /// What was held for lost is on its way: none of it is sent again, nor does the window suffer by it (RFC 3522 §3.2, RFC 4015).
    pub(super) fn undo(&mut self, memory: &mut Memory) {
        let Some(flight) = &mut self.flight else { return };
        flight.repeated_at = None;
        flight.scoreboard.lose_nothing(&mut memory.sent);
        // What arrived behind others was only out of order.
        if matches!(flight.phase, Phase::Recovery { .. }) {
            self.reordering.see();
        }
        if let Phase::Recovery { before, .. } | Phase::Loss { before, .. } =
            core::mem::replace(&mut flight.phase, Phase::Open)
        {
            self.congestion.undo(before);
        }
        self.round_trip.forgive();
    }

    /// Whether nothing that is on its way is believed to be lost, nor was when what is on its way went.
    #[inline]
    pub(super) fn has_no_loss(&self) -> bool {
        self.flight.as_ref().is_none_or(|flight| flight.phase.is_open())
    }

    /// RFC 8985 §7.4.2. `in_flight` is as it was before the acknowledgement. Where only the probe's own end is acknowledged, that may
    /// be what was probed for, late: nothing is known yet.
    #[inline]
    pub(super) fn on_tail_probe(
        &mut self,
        acknowledged: Sequence,
        has_duplicate: bool,
        in_flight: u32,
        counts: &mut Counts,
    ) {
        let Some(flight) = &mut self.flight else { return };
        let (end, is_repeated) = match flight.tail_probe {
            TailProbe::None => return,
            TailProbe::New { end } => (end, false),
            TailProbe::Repeated { end } => (end, true),
        };
        let is_known = !is_repeated || has_duplicate || acknowledged.is_after(end);
        if acknowledged.is_before(end) || !is_known {
            return;
        }
        flight.tail_probe = TailProbe::None;
        // The peer did not get it twice, so the first was lost: congestion, though it was repaired at once.
        if is_repeated && !has_duplicate && flight.phase.is_open() {
            counts.add(Count::ProbeRepaired);
            self.congestion.on_loss(in_flight);
            self.congestion.on_recovered(flight.scoreboard.in_flight());
            self.notification.on_reduced(self.next);
        }
    }

    /// RFC 8985 §6.2: how many octets are lost now that were not known to be.
    #[inline]
    pub(super) fn find_losses(
        &mut self,
        delivered: &Delivered,
        segment: &Segment,
        is_new: bool,
        memory: &mut Memory,
        now: Instant,
    ) -> u32 {
        let Some(flight) = &mut self.flight else { return 0 };
        if delivered.latest.is_some() {
            let echo = segment.options.timestamps.map(|stamps| stamps.echo);
            let timestamping = self.timestamping;
            let echoes = move |at: Instant| match (timestamping, echo) {
                (Some(timestamping), Some(echo)) => !is_before(echo, timestamping.value(at)),
                _ => true,
            };
            let (round_trip, reordering) = (&self.round_trip, &mut self.reordering);
            flight.rack.on_delivery(delivered, echoes, round_trip, reordering, now);
        }
        if self.is_sack_permitted {
            self.detect(memory, now)
        } else {
            self.count_duplicates(segment, is_new, memory)
        }
    }

    /// Looks for what is late, and sets the timer for what is not quite late enough.
    pub(super) fn detect(&mut self, memory: &mut Memory, now: Instant) -> u32 {
        let Some(flight) = &mut self.flight else { return 0 };
        let Flight { scoreboard, rack, phase, .. } = &mut **flight;
        let sacked = scoreboard.sacked() / u32::from(self.segment);
        let window = self.reordering.window(&self.round_trip, !phase.is_open(), sacked);
        let detection = rack.detect(scoreboard, &mut memory.sent, window, now);
        match detection.again {
            Some(at) => self.loss_timer = LossTimer::Reordering(at),
            None if matches!(self.loss_timer, LossTimer::Reordering(_)) => self.set_retransmission_timer(now),
            None => {}
        }
        detection.lost
    }

    /// RFC 5681 §3.2, RFC 6582: a peer without selective acknowledgements says the same again and again.
    #[cold]
    fn count_duplicates(&mut self, segment: &Segment, is_new: bool, memory: &mut Memory) -> u32 {
        const DUPLICATES: u8 = 3;
        let Some(flight) = &mut self.flight else { return 0 };
        let (before, most) = (flight.scoreboard.lost(), self.segment.into());
        if is_new {
            flight.duplicates = 0;
            // RFC 6582 §3.2, step 3: a partial acknowledgement shows the next loss.
            if let Phase::Recovery { until, .. } = flight.phase
                && self.unacknowledged.is_before(until)
            {
                flight.scoreboard.lose_first(most, &mut memory.sent);
            }
        } else if segment.payload.is_empty() {
            flight.duplicates = flight.duplicates.saturating_add(1);
            if flight.duplicates == DUPLICATES && flight.phase.is_open() {
                flight.scoreboard.lose_first(most, &mut memory.sent);
            }
        }
        flight.scoreboard.lost() - before
    }

    /// What congestion control is told.
    #[inline]
    pub(super) fn delivery(&self, octets: u32, round_trip: Option<Duration>) -> Delivery {
        Delivery {
            octets,
            in_flight: self.in_flight(),
            acknowledged: self.unacknowledged.0,
            next: self.next.0,
            round_trip,
            is_window_limited: self.flight.as_ref().is_some_and(|flight| flight.limited_until.is_some()),
        }
    }

    /// Congestion control (RFC 5681, RFC 6675, RFC 9438). `in_flight` is as it was before the acknowledgement.
    #[inline]
    pub(super) fn control(
        &mut self,
        delivery: &Delivery,
        lost: u32,
        in_flight: u32,
        counts: &mut Counts,
        now: Instant,
    ) {
        let Some(flight) = &mut self.flight else { return };
        match flight.phase {
            Phase::Recovery { until, .. } | Phase::Loss { until, .. }
                if self.unacknowledged.is_at_least(until) =>
            {
                if matches!(flight.phase, Phase::Recovery { .. }) {
                    self.reordering.on_recovered();
                }
                (flight.phase, flight.repeated_at) = (Phase::Open, None);
                self.congestion.on_recovered(delivery.in_flight);
                if lost > 0 {
                    self.begin_recovery(delivery, in_flight, counts);
                }
            }
            Phase::Open if lost > 0 => self.begin_recovery(delivery, in_flight, counts),
            Phase::Recovery { .. } => self.congestion.on_recovery_delivery(delivery, lost == 0),
            Phase::Open | Phase::Loss { .. } => {
                self.congestion.on_delivery(delivery, &self.round_trip, now);
            }
        }
    }

    /// A loss was found, the first since everything was well.
    #[cold]
    pub(super) fn begin_recovery(&mut self, delivery: &Delivery, in_flight: u32, counts: &mut Counts) {
        let Some(flight) = &mut self.flight else { return };
        counts.add(Count::Recovery);
        let before = self.congestion.on_loss(in_flight);
        flight.phase = Phase::Recovery { until: self.next, before };
        flight.repeated_at = None;
        self.notification.on_reduced(self.next);
        self.congestion.on_recovery_delivery(delivery, false);
    }

    /// Whether losses are being recovered from, that did not take a timeout to be found.
    #[inline]
    pub(super) fn is_recovering(&self) -> bool {
        self.flight.as_ref().is_some_and(|flight| matches!(flight.phase, Phase::Recovery { .. }))
    }
}
