//! Which segment a connection sends next (RFC 9293 §3.8, RFC 5681, RFC 6675 §5).

use crate::tcp::connection::Connection;
use crate::tcp::limits;
use crate::tcp::memory::Memory;
use crate::tcp::options::SACK_BLOCKS;
use crate::tcp::plan::{Planned, Purpose};
use crate::tcp::segment::Flags;
use crate::tcp::state::State;
use crate::tcp::timers::LossTimer;
use moment::Instant;

impl Connection {
    /// The next segment, of at most `long` octets of data where that is more than a full segment; `None` if none is due.
    #[inline]
    pub(crate) fn next_segment(&mut self, long: u32, memory: &mut Memory, now: Instant) -> Option<Planned> {
        match self.state {
            State::Closed(_) => self.urgent.reset.then(|| self.plan_reset()),
            State::SynSent | State::SynReceived => {
                self.urgent.synchronise.then(|| self.plan_synchronise(now))
            }
            _ => {
                if self.urgent.probe {
                    let before = self.unacknowledged - 1;
                    return Some(self.plan(before, 0, Flags::ACK, Purpose::Empty, memory, now));
                }
                self.plan_repetition(long, memory, now)
                    .or_else(|| self.plan_fresh(long, memory, now))
                    .or_else(|| self.plan_acknowledgement(memory, now))
            }
        }
    }

    /// What was believed to be lost first.
    #[inline]
    fn plan_repetition(&mut self, long: u32, memory: &mut Memory, now: Instant) -> Option<Planned> {
        let flight = self.flight.as_mut().filter(|flight| flight.scoreboard.lost() > 0)?;
        let (start, end) = flight.scoreboard.first_lost(&memory.sent)?;
        let last = flight.queue.end();
        let data = last.min(end).since(start);
        let segment = self.segment_beside_blocks();
        let allowed = self.allowance(data.min(segment), long, now)?;
        let length = whole_segments(data.min(allowed), data, segment);
        let has_finish = end.is_after(last) && length == data;
        let flags = Flags::ACK.with(Flags::FIN, has_finish).with(Flags::PSH, length > 0);
        Some(self.plan(start, length, flags, Purpose::Repetition, memory, now))
    }

    /// What was not sent before, as far as both windows and pacing let it.
    #[inline]
    fn plan_fresh(&mut self, long: u32, memory: &mut Memory, now: Instant) -> Option<Planned> {
        if self.has_sent_finish() || !self.state.can_send() {
            return None;
        }
        let available = self.end().since(self.next);
        let wants_finish = self.is_finishing;
        if available == 0 && !wants_finish {
            return None;
        }
        let flight = self.begin_flight(&mut memory.flights);
        let Some(flight) = flight.filter(|_| !memory.sent.is_full()) else {
            self.paced_until = Some(now + limits::MEMORY_RETRY);
            return None;
        };
        // An acknowledgement, or the timer of what is on its way, makes place.
        if flight.scoreboard.is_full() {
            return None;
        }
        let is_first = flight.scoreboard.is_empty();
        // RFC 5681 §4.1: since something was sent last, not since something came.
        let (idle, timeout) = (self.pacer.idle(now), self.round_trip.timeout());
        if is_first && idle > timeout {
            self.congestion.on_idle(idle, timeout);
            self.pacer.begin_anew(now);
        }
        let segment = self.segment_beside_blocks();
        let length = if available == 0 { 0 } else { self.fresh_length(available, segment, long, now)? };
        let is_last = length == available;
        // RFC 9293 §3.8.6: a FIN takes its place in the peer's window, too. Alone it may ask whether that is still closed.
        let has_place = length == 0 || length < self.window_left();
        let flags = Flags::ACK
            .with(Flags::PSH, is_last && length > 0)
            .with(Flags::FIN, is_last && wants_finish && has_place)
            .with(Flags::CWR, self.notification.says_reduced && length > 0);
        Some(self.plan(self.next, length, flags, Purpose::Fresh, memory, now))
    }

    /// How many of the octets that wait may be sent in one segment, or in one that the device cuts.
    #[inline]
    fn fresh_length(&mut self, available: u32, segment: u32, long: u32, now: Instant) -> Option<u32> {
        let is_idle = self.is_all_acknowledged();
        let fitting = available.min(self.window_left());
        if fitting == 0 {
            // RFC 9293 §3.8.6.1: the peer's window is closed, and only asking finds out when it opens.
            if is_idle && self.loss_timer == LossTimer::Idle {
                self.loss_timer = LossTimer::Persist(now + self.round_trip.timeout());
            }
            return None;
        }
        // RFC 9293 §3.8.6.2.1: a window that opens a little is waited for, unless nothing else would tell of more.
        let is_silly = fitting < segment && fitting < available && fitting < self.window_most / 2;
        // RFC 9293 §3.7.4 (Nagle), where the appliance wants it.
        let is_small = fitting < segment && self.manner.nagle && !self.is_finishing;
        if (is_silly || is_small) && !is_idle {
            return None;
        }
        let length = fitting.min(self.allowance(fitting.min(segment), long, now)?);
        Some(whole_segments(length, available, segment))
    }

    /// How many octets the congestion window and pacing allow now, if at least `least`, and at most `long` or a segment.
    #[inline]
    fn allowance(&mut self, least: u32, long: u32, now: Instant) -> Option<u32> {
        let segment = u32::from(self.segment);
        let in_flight = self.in_flight();
        let most = long.max(segment);
        if self.urgent.segment {
            return Some(segment);
        }
        let left = self.congestion.window().saturating_sub(in_flight);
        // A window of less than a segment sends one all the same, when nothing is on its way.
        let left = if in_flight == 0 { left.max(segment) } else { left };
        if left < least {
            if let Some(flight) = &mut self.flight {
                flight.limited_until = Some(self.next);
            }
            return None;
        }
        let Some(rate) = self.congestion.pacing_rate(&self.round_trip) else { return Some(left.min(most)) };
        let paced = self.pacer.allowance(rate, segment, now);
        if paced < least {
            self.paced_until = Some(self.pacer.next(rate, segment, now));
            return None;
        }
        Some(left.min(paced).min(most))
    }

    /// What is left of the peer's window.
    #[inline]
    pub(super) fn window_left(&self) -> u32 {
        let edge = self.unacknowledged + self.window;
        if edge.is_after(self.next) { edge.since(self.next) } else { 0 }
    }

    /// What a segment carries beside the blocks that are to be acknowledged selectively.
    #[inline]
    fn segment_beside_blocks(&self) -> u32 {
        /// Two octets of padding, kind, length; two sequence numbers each.
        const BLOCKS: u32 = 4 + 8 * SACK_BLOCKS as u32;
        let segment = u32::from(self.segment);
        if self.buffer.has_islands() { segment - BLOCKS.min(segment / 2) } else { segment }
    }

    #[inline]
    fn plan_acknowledgement(&mut self, memory: &mut Memory, now: Instant) -> Option<Planned> {
        let is_due = self.acknowledging.is_due()
            || (self.state.can_receive()
                && self.receive_window.is_worth_telling(
                    self.buffer.next(),
                    self.buffer.length(),
                    self.segment.into(),
                    &memory.pool,
                ));
        is_due.then(|| self.plan(self.next, 0, Flags::ACK, Purpose::Empty, memory, now))
    }

    /// A segment is on its way.
    #[inline]
    pub(crate) fn on_sent(&mut self, planned: &Planned, memory: &mut Memory, now: Instant) {
        let span = planned.span();
        match planned.purpose {
            Purpose::Synchronise => return self.on_synchronise_sent(now),
            Purpose::Reset => {
                self.urgent.reset = false;
                return;
            }
            Purpose::Empty => self.urgent.probe = false,
            Purpose::Repetition => {
                let Some(flight) = &mut self.flight else { return };
                flight.scoreboard.repeat_first_lost(span, now, &mut memory.sent);
                if let Some(timestamping) = &self.timestamping {
                    flight.repeated_at.get_or_insert(timestamping.value(now));
                }
            }
            Purpose::Fresh => {
                let Some(flight) = &mut self.flight else { return };
                if flight.scoreboard.is_empty() {
                    self.progress_at = now;
                }
                let end = self.next + span;
                // There was a place a moment ago; without one the octets are sent again when the timer says so.
                let _ = flight.scoreboard.push(self.next, end, now, &mut memory.sent);
                self.next = end;
                self.notification.says_reduced &= planned.length == 0;
            }
        }
        self.acknowledging.on_sent(self.buffer.next());
        if span > 0 {
            self.on_data_sent(span, now);
        }
    }

    #[inline]
    fn on_data_sent(&mut self, span: u32, now: Instant) {
        self.urgent.segment = false;
        if self.is_recovering() {
            self.congestion.on_sent_in_recovery(span);
        }
        if let Some(rate) = self.congestion.pacing_rate(&self.round_trip) {
            self.pacer.on_sent(span, rate, now);
        }
        self.restart_loss_timer(false, now);
    }

    fn on_synchronise_sent(&mut self, now: Instant) {
        if self.loss_timer == LossTimer::Idle && self.tries == 0 {
            self.progress_at = now;
        }
        self.urgent.synchronise = false;
        match self.state {
            // Whoever asks again and again does not have the answer given up later by that.
            State::SynReceived if self.loss_timer != LossTimer::Idle => {
                self.round_trip.on_first_retransmitted()
            }
            // Those that a flood began are given up together, not one by one.
            State::SynReceived => self.set_shared_timer(now),
            _ => self.set_retransmission_timer(now),
        }
    }

    /// The appliance sends nothing more (RFC 9293 §3.10.4).
    pub(crate) fn finish(&mut self) {
        self.is_finishing = true;
        self.state = match self.state {
            State::Established => State::FinWait1,
            State::CloseWait => State::LastAck,
            other => other,
        };
    }
}

/// Full segments, but for the last.
#[inline]
const fn whole_segments(length: u32, available: u32, segment: u32) -> u32 {
    if length < available && length > segment { length - length % segment } else { length }
}
