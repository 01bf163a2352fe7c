//! What a segment does to its connection (RFC 9293 §3.10.7, in its order).

use crate::tcp::connection::{Connection, Route};
use crate::tcp::counters::{Count, Counts};
use crate::tcp::limits;
use crate::tcp::memory::Memory;
use crate::tcp::news::News;
use crate::tcp::options::SackBlock;
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::sequence::Sequence;
use crate::tcp::state::State;
use crate::tcp::tuple::Tuple;
use appliance::End;
use moment::Instant;

/// A segment that came for a connection, or for none.
pub(crate) struct Arrival<'a> {
    pub(crate) tuple: Tuple,
    pub(crate) segment: &'a Segment,
    /// The segment's data.
    pub(crate) octets: &'a [u8],
    /// The way back.
    pub(crate) route: Route,
    /// Whether its packet met congestion on its way (RFC 3168 §5).
    pub(crate) has_met_congestion: bool,
}

/// What becomes of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It did what it says.
    Taken,
    /// It is not what the connection waits for (RFC 9293 §3.10.7.4, first step).
    Unacceptable,
    /// It may be forged: who really sent it is asked to prove itself (RFC 5961).
    Challenged,
    /// It belongs to no connection, and is answered with a reset.
    Refused,
    /// It reset the connection.
    Reset,
}

impl Connection {
    /// A segment came.
    #[inline]
    pub(crate) fn on_segment(
        &mut self,
        arrival: &Arrival<'_>,
        memory: &mut Memory,
        counts: &mut Counts,
        now: Instant,
    ) -> Verdict {
        match self.state {
            State::SynSent => self.on_answer(arrival, memory, counts, now),
            State::Closed(_) => Verdict::Refused,
            _ => self.on_expected_segment(arrival, memory, counts, now),
        }
    }

    /// RFC 9293 §3.10.7.4.
    #[inline]
    fn on_expected_segment(
        &mut self,
        arrival: &Arrival<'_>,
        memory: &mut Memory,
        counts: &mut Counts,
        now: Instant,
    ) -> Verdict {
        let segment = arrival.segment;
        if self.is_crossing(segment) {
            return self.on_crossing(segment, counts, now);
        }
        if let Err(verdict) = self.check(arrival, counts, now) {
            return verdict;
        }
        if segment.has(Flags::RST) {
            return self.on_reset(segment, memory, now);
        }
        // RFC 5961 §4.2.
        if segment.has(Flags::SYN) {
            return self.challenge(now);
        }
        if !segment.has(Flags::ACK) {
            return Verdict::Unacceptable;
        }
        if self.state == State::SynReceived {
            // RFC 9293 §3.10.7.4, fifth step.
            if segment.acknowledgement != self.next {
                return Verdict::Refused;
            }
            self.sample_opening(segment, now);
            self.establish(counts, now);
            self.unacknowledged = segment.acknowledgement;
            self.set_window(
                u32::from(segment.window) << self.shift,
                segment.sequence,
                segment.acknowledgement,
            );
        }
        // RFC 5961 §5.2: acknowledgements of what was never sent, or long ago, may be forged.
        let oldest = self.unacknowledged - self.window_most;
        if segment.acknowledgement.is_after(self.next) || segment.acknowledgement.is_before(oldest) {
            return self.challenge(now);
        }
        self.heard_at = now;
        if self.state != State::TimeWait {
            self.tries = 0;
        }
        self.route = arrival.route;
        self.note_timestamp(segment, now);
        let in_flight = self.in_flight();
        self.on_acknowledgement(segment, memory, counts, now);
        self.on_congestion_bits(arrival, in_flight);
        self.on_octets(arrival, memory, counts, now);
        Verdict::Taken
    }

    /// Whether a segment is what is waited for: by its timestamp, and by its place.
    #[inline]
    fn check(&mut self, arrival: &Arrival<'_>, counts: &mut Counts, now: Instant) -> Result<(), Verdict> {
        let segment = arrival.segment;
        let is_reset = segment.has(Flags::RST);
        if let Some(timestamping) = &self.timestamping {
            // RFC 7323 §5.3 (R1); §3.2 lets what lacks a timestamp be dropped silently.
            match segment.options.timestamps {
                Some(stamps) if !is_reset && timestamping.is_old(stamps.value, now) => {
                    counts.add(Count::TimestampOld);
                    return Err(self.reject(arrival, now));
                }
                None if !is_reset => return Err(Verdict::Unacceptable),
                Some(_) | None => {}
            }
        }
        // The SYN that brought us here came again: so does its answer.
        if self.state == State::SynReceived
            && segment.has(Flags::SYN)
            && segment.sequence + 1 == self.buffer.next()
            && !segment.has(Flags::ACK)
            && !is_reset
        {
            self.urgent.synchronise = true;
            self.note_timestamp(segment, now);
            return Err(Verdict::Unacceptable);
        }
        if self.is_acceptable(segment.sequence, segment.length()) {
            return Ok(());
        }
        Err(if is_reset { Verdict::Unacceptable } else { self.reject(arrival, now) })
    }

    /// RFC 9293 §3.10.7.4, first step. While the window is closed, what begins at its edge is let through for the sake of what it
    /// acknowledges.
    #[inline]
    fn is_acceptable(&self, start: Sequence, length: u32) -> bool {
        let (next, edge) = (self.buffer.next(), self.receive_window.edge());
        let end = start + length;
        let is_new = if length == 0 { start.is_at_least(next) } else { end.is_after(next) };
        is_new && (start.is_before(edge) || start == next || (length == 0 && start == edge))
    }

    /// What is not acceptable is answered with how far we are: data always, if its sender has shown that it is where it says; the rest
    /// now and then (RFC 5961 §7).
    #[cold]
    fn reject(&mut self, arrival: &Arrival<'_>, now: Instant) -> Verdict {
        let segment = arrival.segment;
        let is_known = self.state != State::SynReceived;
        if segment.length() > 0 && !segment.has(Flags::SYN) && is_known {
            let end = (segment.sequence + segment.length()).min(self.buffer.next());
            if segment.sequence.is_before(end) && !arrival.octets.is_empty() {
                self.acknowledging.on_duplicate(SackBlock { start: segment.sequence, end });
            }
            self.acknowledging.at_once();
            // A FIN that comes again restarts the wait (RFC 9293 §3.10.7.4, eighth step).
            return Verdict::Unacceptable;
        }
        match self.challenge(now) {
            Verdict::Challenged if segment.has(Flags::SYN) => Verdict::Challenged,
            _ => Verdict::Unacceptable,
        }
    }

    /// RFC 5961 §3.2: a reset counts at RCV.NXT alone; elsewhere in the window it is questioned.
    #[cold]
    fn on_reset(&mut self, segment: &Segment, memory: &mut Memory, now: Instant) -> Verdict {
        if segment.sequence != self.buffer.next() {
            return self.challenge(now);
        }
        // RFC 1337: nothing shortens the wait.
        if self.state == State::TimeWait {
            return Verdict::Unacceptable;
        }
        self.close(End::Reset, memory);
        Verdict::Reset
    }

    /// Says how far we are, at most once in a while (RFC 5961 §7).
    #[cold]
    fn challenge(&mut self, now: Instant) -> Verdict {
        if self.challenged_at.is_some_and(|last| now.since(last) < limits::CHALLENGE_INTERVAL) {
            return Verdict::Unacceptable;
        }
        self.challenged_at = Some(now);
        self.say_how_far();
        Verdict::Challenged
    }

    /// A SYN that is not acknowledged yet says it again, another segment says it else.
    fn say_how_far(&mut self) {
        if self.state == State::SynReceived {
            self.urgent.synchronise = true;
        } else {
            self.acknowledging.at_once();
        }
    }

    /// RFC 7323 §4.3.
    #[inline]
    fn note_timestamp(&mut self, segment: &Segment, now: Instant) {
        if let (Some(timestamping), Some(stamps)) = (&mut self.timestamping, segment.options.timestamps)
            && segment.sequence.is_at_most(self.acknowledging.last())
        {
            timestamping.note(stamps.value, now);
        }
    }

    /// RFC 9293 §3.10.7.4, seventh and eighth step.
    #[inline]
    fn on_octets(&mut self, arrival: &Arrival<'_>, memory: &mut Memory, counts: &mut Counts, now: Instant) {
        let segment = arrival.segment;
        let mut octets = arrival.octets;
        if octets.is_empty() && !segment.has(Flags::FIN) {
            return;
        }
        if !self.state.can_receive() {
            // Behind the peer's FIN nothing comes.
            self.acknowledging.at_once();
            return;
        }
        let (next, edge) = (self.buffer.next(), self.receive_window.edge());
        let mut start = segment.sequence;
        let had_islands = self.buffer.has_islands();
        if start.is_before(next) {
            let old = next.since(start) as usize;
            self.acknowledging.on_duplicate(SackBlock { start, end: next });
            octets = octets.get(old.min(octets.len())..).unwrap_or_default();
            start = next;
        }
        let most = edge.since(start) as usize;
        let is_whole = octets.len() <= most;
        octets = &octets[..octets.len().min(most)];
        if !is_whole {
            self.acknowledging.at_once();
        }
        if !octets.is_empty() && self.take_octets(start, octets, had_islands, memory, counts, now).is_none() {
            return;
        }
        let end = segment.sequence + arrival.octets.len() as u32;
        if segment.has(Flags::FIN) && is_whole && self.buffer.next() == end && !self.buffer.has_islands() {
            self.on_finish();
        }
    }

    #[inline]
    fn take_octets(
        &mut self,
        start: Sequence,
        octets: &[u8],
        had_islands: bool,
        memory: &mut Memory,
        counts: &mut Counts,
        now: Instant,
    ) -> Option<()> {
        let before = self.buffer.next();
        // Octets that come take memory; that they are read is what gives it back.
        if !self.buffer.holds_memory() && self.is_all_acknowledged() {
            self.progress_at = now;
        }
        if self.buffer.insert(start, octets, memory).is_err() {
            counts.add(Count::NoMemory);
            self.acknowledging.at_once();
            return None;
        }
        let count = self.buffer.next().since(before);
        if count == 0 || had_islands {
            // RFC 5681 §4.2: a gap is reported at once, and that it closes.
            self.acknowledging.at_once();
        } else {
            self.acknowledging.on_received(count, self.segment.into(), now);
        }
        let (unread, segment) = (self.buffer.length(), self.segment.into());
        let is_enough = unread >= self.expected || self.receive_window.is_full(unread, segment, &memory.pool);
        if count > 0 && is_enough {
            self.news.add(News::PROGRESS);
        }
        Some(())
    }

    /// The peer's FIN is in order.
    #[cold]
    fn on_finish(&mut self) {
        self.buffer.finish();
        self.acknowledging.at_once();
        self.news.add(News::PROGRESS);
        self.state = match self.state {
            State::Established => State::CloseWait,
            State::FinWait1 => State::Closing,
            State::FinWait2 => State::TimeWait,
            other => other,
        };
        if self.state == State::TimeWait {
            self.news.add(News::CLOSED);
        }
    }
}
