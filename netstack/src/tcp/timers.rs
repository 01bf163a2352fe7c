//! What happens when nothing comes: repetition, probes, and giving up (RFC 6298, RFC 8985 §7, RFC 9293 §3.8).

use crate::tcp::connection::Connection;
use crate::tcp::counters::{Count, Counts};
use crate::tcp::flight::{Phase, TailProbe};
use crate::tcp::limits;
use crate::tcp::memory::Memory;
use crate::tcp::news::News;
use crate::tcp::state::State;
use appliance::End;
use core::time::Duration;
use moment::Instant;

/// What the retransmission timer is set for: one purpose at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LossTimer {
    Idle,
    /// RFC 6298 §5; of a SYN too.
    Retransmission(Instant),
    /// RFC 8985 §7: the tail may be lost.
    Probe(Instant),
    /// RFC 8985 §6.2: what is late may be lost by then.
    Reordering(Instant),
    /// RFC 9293 §3.8.6.1: the peer's window may be open again.
    Persist(Instant),
}

impl LossTimer {
    #[inline]
    pub(crate) const fn at(self) -> Option<Instant> {
        match self {
            Self::Idle => None,
            Self::Retransmission(at) | Self::Probe(at) | Self::Reordering(at) | Self::Persist(at) => Some(at),
        }
    }
}

impl Connection {
    /// Does what is due.
    pub(crate) fn on_time(&mut self, memory: &mut Memory, counts: &mut Counts, now: Instant) {
        self.acknowledging.expire(now);
        if self.retry_at.is_some_and(|at| at <= now) {
            self.retry_at = None;
            // What the appliance wanted to write may find memory by now.
            if core::mem::take(&mut self.wanted_room) > 0 {
                self.news.add(News::PROGRESS);
            }
        }
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            self.news.add(News::DEADLINE);
        }
        if self.loss_timer.at().is_some_and(|at| at <= now) {
            self.on_loss_timer(memory, counts, now);
        }
        if self.keep_alive_at().is_some_and(|at| at <= now) {
            self.on_silence(memory, counts);
        }
    }

    #[cold]
    fn on_loss_timer(&mut self, memory: &mut Memory, counts: &mut Counts, now: Instant) {
        match core::mem::replace(&mut self.loss_timer, LossTimer::Idle) {
            LossTimer::Idle => {}
            LossTimer::Retransmission(_) if self.state.is_synchronised() => {
                self.on_retransmission_timeout(memory, counts, now);
            }
            LossTimer::Retransmission(_) => self.on_opening_timeout(memory, counts, now),
            LossTimer::Probe(_) => self.probe_tail(memory, counts, now),
            LossTimer::Reordering(_) => self.on_reordering_timeout(memory, counts, now),
            LossTimer::Persist(_) => self.probe_window(memory, counts, now),
        }
    }

    /// RFC 9293 §3.8.3, RFC 6298 §5.7: the SYN, or its answer, is sent again.
    fn on_opening_timeout(&mut self, memory: &mut Memory, counts: &mut Counts, _now: Instant) {
        let most = if self.state == State::SynSent { limits::SYN_TRIES } else { limits::SYN_ANSWERS };
        self.tries += 1;
        if self.tries > most {
            self.close(if self.route.station.is_some() { End::TimedOut } else { End::Unreachable }, memory);
            return;
        }
        counts.add(Count::Timeout);
        self.round_trip.back_off();
        self.urgent.synchronise = true;
    }

    /// RFC 6298 §5.4 to §5.6, RFC 5681 §3.1.
    fn on_retransmission_timeout(&mut self, memory: &mut Memory, counts: &mut Counts, now: Instant) {
        if now.since(self.progress_at) >= self.manner.user_timeout() {
            self.close(End::TimedOut, memory);
            self.urgent.reset = true;
            return;
        }
        let Some(flight) = &mut self.flight else { return };
        counts.add(Count::Timeout);
        let until = self.next;
        flight.phase = match flight.phase {
            Phase::Loss { before, .. } => {
                self.congestion.on_timeout_again();
                Phase::Loss { until, before }
            }
            Phase::Open | Phase::Recovery { .. } => {
                flight.repeated_at = None;
                let before = self.congestion.on_timeout(flight.scoreboard.in_flight());
                Phase::Loss { until, before }
            }
        };
        flight.tail_probe = TailProbe::None;
        self.notification.on_reduced(until);
        flight.scoreboard.lose_all(&mut memory.sent);
        self.round_trip.back_off();
        self.suspect_black_hole(memory, counts);
        self.set_retransmission_timer(now);
    }

    /// RFC 4821 §7.7, RFC 2923 §2.1: long segments may fall into a hole that no router tells of.
    fn suspect_black_hole(&mut self, memory: &Memory, counts: &mut Counts) {
        if self.round_trip.backed_off() < limits::TIMEOUTS_TO_BLACK_HOLE {
            return;
        }
        let first = self.flight.as_mut().and_then(|flight| flight.scoreboard.first_lost(&memory.sent));
        let longest = first.map_or(0, |(start, end)| end.since(start).min(self.segment.into()));
        let shorter = limits::BLACK_HOLE_SEGMENTS.into_iter().find(|segment| u32::from(*segment) < longest);
        if let Some(shorter) = shorter {
            counts.add(Count::BlackHole);
            self.segment = shorter;
            self.congestion.set_segment(shorter.into());
            // Whether these get through is another question: the wait for its answer does not begin where the last ended. Once: what
            // is congestion after all has to be backed off from (RFC 6298 §5.5).
            if shorter == limits::BLACK_HOLE_SEGMENTS[0] {
                self.round_trip.forgive();
            }
        }
    }

    /// RFC 8985 §7.3: the last segment may be lost, and nothing after it can tell. New data asks best; else it goes out again.
    fn probe_tail(&mut self, memory: &mut Memory, counts: &mut Counts, now: Instant) {
        counts.add(Count::TailProbe);
        self.urgent.segment = true;
        let has_new = self.end().is_after(self.next) && self.window_left() > 0;
        let Some(flight) = &mut self.flight else { return };
        flight.tail_probe = if has_new {
            TailProbe::New { end: self.next }
        } else {
            flight.scoreboard.lose_last(self.segment.into(), &mut memory.sent);
            TailProbe::Repeated { end: self.next }
        };
        self.set_retransmission_timer(now);
    }

    /// RFC 8985 §6.2, step 5: what was late is lost by now.
    fn on_reordering_timeout(&mut self, memory: &mut Memory, counts: &mut Counts, now: Instant) {
        let in_flight = self.in_flight();
        let lost = self.detect(memory, now);
        if lost > 0 && self.has_no_loss() {
            // Nothing was delivered: it lets one segment out.
            self.begin_recovery(&self.delivery(0, None), in_flight, counts);
        }
        if self.loss_timer == LossTimer::Idle {
            self.set_retransmission_timer(now);
        }
    }

    /// RFC 9293 §3.8.6.1: the peer is asked for its window, however long it stays closed.
    fn probe_window(&mut self, memory: &mut Memory, counts: &mut Counts, now: Instant) {
        if now.since(self.heard_at) >= self.manner.user_timeout() {
            self.close(End::TimedOut, memory);
            self.urgent.reset = true;
            return;
        }
        counts.add(Count::WindowProbe);
        self.urgent.probe = true;
        self.round_trip.back_off();
        self.loss_timer = LossTimer::Persist(now + self.round_trip.timeout());
    }

    /// RFC 9293 §3.8.4.
    #[cold]
    fn on_silence(&mut self, memory: &mut Memory, counts: &mut Counts) {
        if self.tries >= limits::KEEP_ALIVE_PROBES {
            self.close(End::TimedOut, memory);
            self.urgent.reset = true;
            return;
        }
        counts.add(Count::KeepAliveProbe);
        self.tries += 1;
        self.urgent.probe = true;
    }

    /// Something new was sent, acknowledged or found lost: the timer begins anew (RFC 6298 §5.1 to §5.3, RFC 8985 §7.2).
    #[inline]
    pub(super) fn restart_loss_timer(&mut self, has_advanced: bool, now: Instant) {
        let Some(flight) = self.flight.as_ref().filter(|flight| !flight.scoreboard.is_empty()) else {
            if !matches!(self.loss_timer, LossTimer::Persist(_)) {
                self.loss_timer = LossTimer::Idle;
            }
            return;
        };
        if matches!(self.loss_timer, LossTimer::Reordering(_)) {
            return;
        }
        let may_probe = flight.phase.is_open()
            && self.is_sack_permitted
            && flight.tail_probe == TailProbe::None
            && flight.scoreboard.sacked() == 0
            && flight.scoreboard.lost() == 0;
        if may_probe {
            // RFC 8985 §7.2: no later than the retransmission timeout, which more that is sent does not put off (RFC 6298 §5.1).
            let latest = (self.progress_at + self.round_trip.timeout()).max(now);
            self.loss_timer = LossTimer::Probe((now + self.probe_timeout()).min(latest));
        } else if has_advanced || matches!(self.loss_timer, LossTimer::Idle | LossTimer::Probe(_)) {
            self.set_retransmission_timer(now);
        }
    }

    #[inline]
    pub(super) fn set_retransmission_timer(&mut self, now: Instant) {
        self.loss_timer = LossTimer::Retransmission(now + self.round_trip.timeout());
    }

    /// The same, at an instant that other connections have too: for what is done to many at once.
    pub(super) fn set_shared_timer(&mut self, now: Instant) {
        let at = (now + self.round_trip.timeout()).nanoseconds();
        let grain = limits::SHARED_GRAIN.as_nanos() as u64;
        let shared = at.checked_next_multiple_of(grain).unwrap_or(at);
        self.loss_timer = LossTimer::Retransmission(Instant::from_nanoseconds(shared));
    }

    /// RFC 8985 §7.2.
    #[inline]
    fn probe_timeout(&self) -> Duration {
        let timeout = self.round_trip.timeout();
        let Some(smoothed) = self.round_trip.smoothed() else { return timeout.min(Duration::from_secs(1)) };
        let is_alone = self.in_flight() <= self.segment.into();
        let delay = if is_alone { limits::PEER_ACKNOWLEDGEMENT_DELAY } else { limits::PROBE_LEAST };
        (smoothed * 2 + delay).min(timeout)
    }
}
