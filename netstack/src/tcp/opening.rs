//! How a connection gets from a SYN to being open (RFC 9293 §3.5, §3.10.7.3).

use crate::tcp::acknowledging::Acknowledging;
use crate::tcp::arrival::{Arrival, Verdict};
use crate::tcp::connection::Connection;
use crate::tcp::counters::{Count, Counts};
use crate::tcp::limits;
use crate::tcp::memory::Memory;
use crate::tcp::news::News;
use crate::tcp::offer::Offer;
use crate::tcp::receive::ReceiveBuffer;
use crate::tcp::segment::{Flags, Segment};
use crate::tcp::sequence::Sequence;
use crate::tcp::state::State;
use crate::tcp::timers::LossTimer;
use appliance::End;
use moment::Instant;

impl Connection {
    /// RFC 9293 §3.10.7.3.
    #[cold]
    pub(super) fn on_answer(
        &mut self,
        arrival: &Arrival<'_>,
        memory: &mut Memory,
        counts: &mut Counts,
        now: Instant,
    ) -> Verdict {
        let segment = arrival.segment;
        let acknowledges = segment.has(Flags::ACK);
        if acknowledges && segment.acknowledgement != self.next {
            return if segment.has(Flags::RST) { Verdict::Unacceptable } else { Verdict::Refused };
        }
        if segment.has(Flags::RST) {
            if !acknowledges {
                return Verdict::Unacceptable;
            }
            self.close(End::Reset, memory);
            return Verdict::Reset;
        }
        if !segment.has(Flags::SYN) {
            return Verdict::Unacceptable;
        }

        let has_notification = segment.has(Flags::ECE) && segment.has(Flags::CWR) != acknowledges;
        let offer = Offer::new(&segment.options, self.tuple.is_v4(), has_notification);
        self.begin_receiving(segment.sequence + 1, now);
        self.accept(&offer, now);
        self.set_window(segment.window.into(), segment.sequence, segment.acknowledgement);
        self.route = arrival.route;
        self.heard_at = now;
        if acknowledges {
            self.unacknowledged = segment.acknowledgement;
            self.sample_opening(segment, now);
            self.establish(counts, now);
            self.acknowledging.at_once();
        } else {
            // Both sides opened at the same time (RFC 9293 §3.5, figure 7).
            self.state = State::SynReceived;
            self.urgent.synchronise = true;
        }
        if arrival.octets.is_empty() && !segment.has(Flags::FIN) {
            return Verdict::Taken;
        }
        // RFC 9293 §3.10.7.3: what comes with the SYN comes again; nobody does that before he knows us.
        Verdict::Taken
    }

    /// The round trip of the SYN, if it was sent once (RFC 6298 §3), or if the peer's timestamp says which was answered. Where that is one from
    /// long ago, others were answered since, and the answers lost.
    pub(super) fn sample_opening(&mut self, segment: &Segment, now: Instant) {
        let echoed = segment.options.timestamps.zip(self.timestamping);
        let by_echo = echoed.and_then(|(stamps, own)| own.elapsed(stamps.echo, now));
        let by_echo = by_echo.filter(|elapsed| *elapsed < limits::OPENING_ROUND_TRIP);
        let was_sent_once = self.tries == 0 && !self.round_trip.was_first_retransmitted();
        let measured = if was_sent_once { Some(now.since(self.progress_at)) } else { by_echo };
        match measured {
            Some(measured) => self.round_trip.sample(measured, now),
            None => self.round_trip.on_first_retransmitted(),
        }
    }

    /// The connection is open.
    pub(super) fn establish(&mut self, counts: &mut Counts, now: Instant) {
        self.state = State::Established;
        self.loss_timer = LossTimer::Idle;
        (self.tries, self.progress_at) = (0, now);
        self.urgent.synchronise = false;
        self.is_known = true;
        self.news.add(News::OPENED);
        counts.add(Count::Opened);
        if self.is_finishing {
            self.finish();
        }
    }

    /// Whether a segment is the peer's answer to our SYN, which crossed its own (RFC 9293 §3.5, figure 7).
    #[inline]
    pub(super) fn is_crossing(&self, segment: &Segment) -> bool {
        self.state == State::SynReceived
            && segment.has(Flags::SYN | Flags::ACK)
            && !segment.has(Flags::RST)
            && segment.sequence + 1 == self.buffer.next()
            && segment.acknowledgement == self.next
    }

    /// Both sides have opened. The window of a SYN is not scaled (RFC 7323 §2.2).
    #[cold]
    pub(super) fn on_crossing(&mut self, segment: &Segment, counts: &mut Counts, now: Instant) -> Verdict {
        self.sample_opening(segment, now);
        self.establish(counts, now);
        (self.unacknowledged, self.heard_at) = (segment.acknowledgement, now);
        self.set_window(segment.window.into(), segment.sequence, segment.acknowledgement);
        self.acknowledging.at_once();
        Verdict::Taken
    }

    /// RCV.NXT is known.
    fn begin_receiving(&mut self, next: Sequence, now: Instant) {
        self.buffer = ReceiveBuffer::new(next);
        self.receive_window.begin(next, now);
        self.acknowledging = Acknowledging::new(next);
    }
}
