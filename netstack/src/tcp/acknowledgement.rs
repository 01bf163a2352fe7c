//! What an acknowledgement says of what we sent (RFC 9293 §3.10.7.4, fifth step; RFC 5681; RFC 6675; RFC 8985).

use crate::tcp::clock::is_before;
use crate::tcp::congestion::Delivery;
use crate::tcp::connection::{Connection, LossTimer, Phase, State, TailProbe};
use crate::tcp::counters::{Count, Counts};
use crate::tcp::memory::Memory;
use crate::tcp::news::News;
use crate::tcp::options::SackBlock;
use crate::tcp::scoreboard::Delivered;
use crate::tcp::segment::Segment;
use crate::tcp::sequence::Sequence;
use appliance::End;
use core::time::Duration;
use moment::Instant;

impl Connection {
    /// A segment acknowledges no less than SND.UNA - MAX.SND.WND, and nothing that was not sent.
    #[inline]
    pub(super) fn on_acknowledgement(
        &mut self,
        segment: &Segment,
        memory: &mut Memory,
        counts: &mut Counts,
        now: Instant,
    ) {
        let acknowledged = segment.acknowledgement;
        if acknowledged.is_before(self.unacknowledged) {
            return;
        }
        self.update_window(segment);
        let is_new = acknowledged.is_after(self.unacknowledged);
        if self.scoreboard.is_empty() && !is_new {
            // The answer to a probe of a closed window, or nothing of interest: no progress while memory is held.
            if self.queue.length() == 0 && !self.buffer.has_islands() {
                self.progress_at = now;
            }
            return;
        }

        let mut delivered = Delivered::default();
        let in_flight = self.scoreboard.in_flight();
        let has_duplicate = self.read_blocks(segment, &mut delivered, memory);
        if is_new {
            self.advance(acknowledged, &mut delivered, memory, now);
        }
        let measured = self.measure(segment, &delivered, is_new, now);
        if is_new && self.is_spurious(segment) {
            counts.add(Count::Spurious);
            self.undo();
        }
        self.on_tail_probe(acknowledged, has_duplicate, counts, now);
        let lost = self.find_losses(&delivered, segment, is_new, memory, now);
        let delivery = self.delivery(delivered.octets, measured);
        self.control(&delivery, lost, in_flight, counts, now);
        if is_new || delivered.octets > 0 || lost > 0 {
            self.restart_loss_timer(is_new, now);
        }
        if self.scoreboard.is_empty() {
            self.is_window_limited = false;
        }
        if is_new {
            self.on_progress();
        }
    }

    /// RFC 9293 §3.10.7.4: the window is taken from the latest segment only. One that acknowledges more is later, even if it repeats
    /// what came before: its window counts from there.
    #[inline]
    fn update_window(&mut self, segment: &Segment) {
        let is_later = segment.acknowledgement.is_after(self.unacknowledged)
            || self.window_sequence.is_before(segment.sequence)
            || (self.window_sequence == segment.sequence
                && self.window_acknowledgement.is_at_most(segment.acknowledgement));
        if !is_later {
            return;
        }
        let window = u32::from(segment.window) << self.shift;
        self.set_window(window, segment.sequence, segment.acknowledgement);
        if window > 0 && matches!(self.loss_timer, LossTimer::Persist(_)) {
            self.loss_timer = LossTimer::Idle;
            self.round_trip.forgive();
        }
    }

    /// RFC 2018 §5, RFC 2883 §4: notes what was acknowledged selectively; whether something is reported to have come twice.
    #[inline]
    fn read_blocks(&mut self, segment: &Segment, delivered: &mut Delivered, memory: &mut Memory) -> bool {
        let blocks = segment.options.sack();
        if blocks.is_empty() || !self.is_sack_permitted {
            return false;
        }
        let mut has_duplicate = false;
        for (index, block) in blocks.iter().enumerate() {
            let is_inside =
                |outer: &SackBlock| block.start.is_at_least(outer.start) && block.end.is_at_most(outer.end);
            let is_first = index == 0;
            if is_first
                && (block.start.is_before(segment.acknowledgement) || blocks.get(1).is_some_and(is_inside))
            {
                has_duplicate = true;
                continue;
            }
            let is_sound = block.start.is_before(block.end)
                && block.start.is_after(segment.acknowledgement)
                && block.end.is_at_most(self.next);
            if is_sound {
                self.scoreboard.sack(block.start, block.end, delivered, &mut memory.sent);
            }
        }
        if has_duplicate {
            self.rack.on_duplicate(self.next);
        }
        has_duplicate
    }

    /// SND.UNA moves.
    #[inline]
    fn advance(
        &mut self,
        acknowledged: Sequence,
        delivered: &mut Delivered,
        memory: &mut Memory,
        now: Instant,
    ) {
        self.scoreboard.acknowledge(acknowledged, delivered, &mut memory.sent);
        self.unacknowledged = acknowledged;
        let has_finish = acknowledged.is_after(self.queue.end());
        self.queue.release(acknowledged.min(self.queue.end()), memory);
        self.rack.on_cumulative(acknowledged);
        // Numbers go round: what is not forgotten in time is ahead again after 2 GiB.
        if self.notification.reduced_until.is_some_and(|until| acknowledged.is_after(until)) {
            self.notification.reduced_until = None;
        }
        self.round_trip.forgive();
        self.progress_at = now;
        if has_finish {
            self.on_finish_acknowledged();
        }
    }

    /// Our FIN has arrived.
    #[cold]
    fn on_finish_acknowledged(&mut self) {
        self.state = match self.state {
            State::FinWait1 => State::FinWait2,
            State::Closing => State::TimeWait,
            State::LastAck => State::Closed(End::Finished),
            other => other,
        };
        if matches!(self.state, State::TimeWait | State::Closed(_)) {
            self.news.add(News::CLOSED);
        }
    }

    /// RFC 6298 §3, §4; RFC 7323 §4.1: what was sent once tells how long it took; otherwise the echoed timestamp does.
    #[inline]
    fn measure(
        &mut self,
        segment: &Segment,
        delivered: &Delivered,
        is_new: bool,
        now: Instant,
    ) -> Option<Duration> {
        let exactly = delivered.latest_once.map(|latest| now.since(latest.at));
        let by_echo = || {
            let (timestamping, stamps) = self.timestamping.zip(segment.options.timestamps)?;
            timestamping.elapsed(stamps.echo, now).filter(|_| is_new)
        };
        // A repetition that was delivered with it may have been answered instead.
        let measured = exactly.filter(|_| delivered.latest == delivered.latest_once).or_else(by_echo)?;
        self.round_trip.sample(measured, now);
        Some(measured)
    }

    /// RFC 3522 §3.2: the acknowledgement is of what was sent before anything was repeated, so nothing had been lost.
    fn is_spurious(&self, segment: &Segment) -> bool {
        if self.phase == Phase::Open {
            return false;
        }
        let (Some(repeated_at), Some(stamps)) = (self.repeated_at, segment.options.timestamps) else {
            return false;
        };
        self.timestamping.is_some() && is_before(stamps.echo, repeated_at)
    }

    fn undo(&mut self) {
        self.congestion.undo();
        self.round_trip.forgive();
        (self.phase, self.repeated_at) = (Phase::Open, None);
    }

    /// RFC 8985 §7.4.
    #[inline]
    fn on_tail_probe(
        &mut self,
        acknowledged: Sequence,
        has_duplicate: bool,
        counts: &mut Counts,
        now: Instant,
    ) {
        let (end, is_repeated) = match self.tail_probe {
            TailProbe::None => return,
            TailProbe::New { end } => (end, false),
            TailProbe::Repeated { end } => (end, true),
        };
        if acknowledged.is_before(end) {
            return;
        }
        self.tail_probe = TailProbe::None;
        // The peer did not get it twice, so the first was lost: congestion, though it was repaired at once.
        if is_repeated && !has_duplicate && self.phase == Phase::Open {
            counts.add(Count::ProbeRepaired);
            self.congestion.on_loss(self.scoreboard.in_flight(), now);
            self.congestion.on_recovered(self.scoreboard.in_flight(), now);
        }
    }

    /// RFC 8985 §6.2: how many octets are lost now that were not known to be.
    #[inline]
    fn find_losses(
        &mut self,
        delivered: &Delivered,
        segment: &Segment,
        is_new: bool,
        memory: &mut Memory,
        now: Instant,
    ) -> u32 {
        if delivered.latest.is_some() {
            let echo = segment.options.timestamps.map(|stamps| stamps.echo);
            let timestamping = self.timestamping;
            let echoes = move |at: Instant| match (timestamping, echo) {
                (Some(timestamping), Some(echo)) => !is_before(echo, timestamping.value(at)),
                _ => true,
            };
            self.rack.on_delivery(delivered, echoes, &self.round_trip, now);
        }
        if self.is_sack_permitted {
            self.detect(memory, now)
        } else {
            self.count_duplicates(segment, is_new, memory)
        }
    }

    /// Looks for what is late, and sets the timer for what is not quite late enough.
    pub(super) fn detect(&mut self, memory: &mut Memory, now: Instant) -> u32 {
        let sacked = self.scoreboard.sacked() / u32::from(self.segment);
        let how = (self.phase != Phase::Open, sacked);
        let detection = self.rack.detect(&mut self.scoreboard, &mut memory.sent, &self.round_trip, how, now);
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
        let before = self.scoreboard.lost();
        if is_new {
            self.duplicates = 0;
            // RFC 6582 §3.2, step 3: a partial acknowledgement shows the next loss.
            if let Phase::Recovery { until } = self.phase
                && self.unacknowledged.is_before(until)
            {
                self.scoreboard.lose_first(self.segment.into(), &mut memory.sent);
            }
        } else if segment.payload.is_empty() {
            self.duplicates = self.duplicates.saturating_add(1);
            if self.duplicates == DUPLICATES && self.phase == Phase::Open {
                self.scoreboard.lose_first(self.segment.into(), &mut memory.sent);
            }
        }
        self.scoreboard.lost() - before
    }

    /// What congestion control is told.
    #[inline]
    pub(super) fn delivery(&self, octets: u32, round_trip: Option<Duration>) -> Delivery {
        Delivery {
            octets,
            in_flight: self.scoreboard.in_flight(),
            acknowledged: self.unacknowledged.0,
            next: self.next.0,
            round_trip,
            is_window_limited: self.is_window_limited,
        }
    }

    /// Congestion control (RFC 5681, RFC 6675, RFC 9438).
    #[inline]
    fn control(&mut self, delivery: &Delivery, lost: u32, in_flight: u32, counts: &mut Counts, now: Instant) {
        match self.phase {
            Phase::Open if lost > 0 => {
                counts.add(Count::Recovery);
                self.phase = Phase::Recovery { until: self.next };
                self.repeated_at = None;
                self.congestion.on_loss(in_flight, now);
                self.congestion.on_recovery_delivery(delivery, false);
            }
            Phase::Open => self.congestion.on_delivery(delivery, &self.round_trip, now),
            Phase::Recovery { until } | Phase::Loss { until } if self.unacknowledged.is_at_least(until) => {
                if self.is_recovering() {
                    self.rack.on_recovered();
                }
                self.congestion.on_recovered(delivery.in_flight, now);
                (self.phase, self.repeated_at) = (Phase::Open, None);
                if lost > 0 {
                    self.control(delivery, lost, in_flight, counts, now);
                }
            }
            Phase::Recovery { .. } => self.congestion.on_recovery_delivery(delivery, lost == 0),
            Phase::Loss { .. } => self.congestion.on_delivery(delivery, &self.round_trip, now),
        }
    }

    /// RFC 3168 §6.1.2: as if something had been lost, at most once a window.
    #[cold]
    pub(super) fn on_echoed_congestion(&mut self, now: Instant) {
        let is_new = self.notification.reduced_until.is_none_or(|until| self.unacknowledged.is_after(until));
        if !is_new || self.phase != Phase::Open {
            return;
        }
        self.congestion.on_congestion_experienced(self.scoreboard.in_flight(), now);
        self.notification.reduced_until = Some(self.next);
        self.notification.says_reduced = true;
    }

    /// The appliance may have waited for this.
    #[inline]
    fn on_progress(&mut self) {
        let has_room = || self.queue_most().saturating_sub(self.queue.length()) >= self.wanted_room;
        if self.is_drained() || (self.wanted_room > 0 && has_room()) {
            self.news.add(News::PROGRESS);
            self.wanted_room = 0;
        }
    }
}
