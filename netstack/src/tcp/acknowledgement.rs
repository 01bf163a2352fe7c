//! What an acknowledgement says of what we sent (RFC 9293 §3.10.7.4, fifth step; RFC 5681; RFC 6675; RFC 8985).

use crate::tcp::connection::Connection;
use crate::tcp::counters::{Count, Counts};
use crate::tcp::memory::Memory;
use crate::tcp::news::News;
use crate::tcp::options::SackBlock;
use crate::tcp::scoreboard::Delivered;
use crate::tcp::segment::Segment;
use crate::tcp::sequence::Sequence;
use crate::tcp::state::State;
use crate::tcp::timers::LossTimer;
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
        if self.is_all_acknowledged() && !is_new {
            // The answer to a probe of a closed window, or nothing of interest: no progress while memory is held.
            if self.is_drained() && !self.buffer.holds_memory() {
                self.progress_at = now;
            }
            return;
        }

        let mut delivered = Delivered::default();
        let in_flight = self.in_flight();
        let has_duplicate = self.read_blocks(segment, &mut delivered, memory);
        if is_new {
            self.advance(acknowledged, &mut delivered, memory, now);
        }
        let measured = self.measure(segment, &delivered, is_new, now);
        if is_new && self.is_spurious(segment) {
            counts.add(Count::Spurious);
            self.undo(memory);
        }
        self.on_tail_probe(acknowledged, has_duplicate, in_flight, counts);
        let lost = self.find_losses(&delivered, segment, is_new, memory, now);
        let delivery = self.delivery(delivered.octets, measured);
        self.control(&delivery, lost, in_flight, counts, now);
        if is_new || delivered.octets > 0 || lost > 0 {
            self.restart_loss_timer(is_new, now);
        }
        if let Some(flight) = &mut self.flight {
            flight.limited_until = flight.limited_until.filter(|until| until.is_after(self.unacknowledged));
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
        let Some(flight) = self.flight.as_mut().filter(|_| self.is_sack_permitted) else { return false };
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
                flight.scoreboard.sack(block.start, block.end, delivered, &mut memory.sent);
            }
        }
        if has_duplicate {
            flight.rack.on_duplicate(self.next, &mut self.reordering);
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
        self.unacknowledged = acknowledged;
        let Some(flight) = &mut self.flight else { return };
        flight.scoreboard.acknowledge(acknowledged, delivered, &mut memory.sent);
        let end = flight.queue.end();
        flight.queue.release(acknowledged.min(end), memory);
        flight.rack.on_cumulative(acknowledged);
        // Numbers go round: what is not forgotten in time is ahead again after 2 GiB.
        if self.notification.reduced_until.is_some_and(|until| acknowledged.is_after(until)) {
            self.notification.reduced_until = None;
        }
        self.round_trip.forgive();
        self.progress_at = now;
        if acknowledged.is_after(end) {
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

    /// The appliance may have waited for this.
    #[inline]
    fn on_progress(&mut self) {
        let has_room = || self.queue_most().saturating_sub(self.queued()) >= self.wanted_room;
        if self.is_drained() || (self.wanted_room > 0 && has_room()) {
            self.news.add(News::PROGRESS);
            self.wanted_room = 0;
        }
    }
}
