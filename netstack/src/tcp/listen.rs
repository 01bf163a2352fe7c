//! Peers that open a connection (RFC 9293 §3.10.7.2, RFC 4987).

use crate::counters::Counter;
use crate::tcp::arrival::Arrival;
use crate::tcp::connection::{Beginning, Connection};
use crate::tcp::connections::{Connections, Outcome};
use crate::tcp::cookies;
use crate::tcp::counters::Count;
use crate::tcp::limits;
use crate::tcp::news::News;
use crate::tcp::offer::Offer;
use crate::tcp::options::{Timestamps, Written};
use crate::tcp::segment::{Flags, Header};
use crate::tcp::sequence::Sequence;
use crate::tcp::time_wait::Remains;
use appliance::End;
use moment::Instant;

impl Connections {
    /// A SYN came to a port that is listened to; `remains` are those of a connection between the same two.
    #[cold]
    pub(super) fn on_opening(
        &mut self,
        hash: u64,
        arrival: &Arrival<'_>,
        segment_most: u16,
        remains: Option<Remains>,
        now: Instant,
    ) -> Outcome {
        let segment = arrival.segment;
        let has_notification = segment.has(Flags::ECE) && segment.has(Flags::CWR);
        let offer = Offer::new(&segment.options, arrival.tuple.is_v4(), has_notification);
        // Who comes back to what is over knows its numbers, or guessed them.
        if remains.is_none() && !self.has_place_for_half_open() {
            return self.give_cookie(arrival, &offer, segment_most, now);
        }
        // Whoever it comes from has not shown that it does: it is not counted yet (see `Connections::admit`).
        if self.sources.is_full(arrival.tuple.remote, self.streams_per_source) {
            self.counts.add(Count::SourceLimit);
            return Outcome::Silence(Counter::SegmentUnacceptable);
        }
        let fresh = self.identity.sequence(&arrival.tuple, now);
        let sequence = remains.map_or(fresh, |remains| remains.beyond(fresh));
        let beginning = self.beginning(arrival, segment_most, sequence);
        let connection = Connection::answer(&beginning, segment.sequence, &offer, segment.window, now);
        if self.add(hash, connection).is_some() {
            self.half_open += 1;
        }
        Outcome::Silence(Counter::SegmentTaken)
    }

    /// Whether something is kept of who opens a connection. Nobody who may not be where he says takes a place from others.
    pub(super) fn has_place_for_half_open(&self) -> bool {
        let most = limits::BACKLOG.min(self.connections.capacity() / 2);
        self.half_open < most && self.connections.vacant() > self.reserve()
    }

    /// A connection is open, so its peer is where it says, and counts: one too many of its source is reset.
    pub(super) fn admit(&mut self, number: u32) {
        let connection = &mut self.connections[number];
        if connection.is_counted {
            return;
        }
        connection.is_counted =
            self.sources.admit(connection.tuple.remote, self.streams_per_source).is_some();
        if !connection.is_counted {
            self.counts.add(Count::SourceLimit);
            connection.close(End::Shed, &mut self.memory);
            (connection.is_known, connection.news) = (false, News::NONE);
            connection.urgent.reset = true;
            self.count_end(End::Shed);
        }
    }

    fn beginning(&self, arrival: &Arrival<'_>, segment_most: u16, sequence: Sequence) -> Beginning {
        Beginning {
            tuple: arrival.tuple,
            route: arrival.route,
            sequence,
            clock_offset: self.identity.clock_offset(&arrival.tuple),
            segment: segment_most,
        }
    }

    /// RFC 4987 §3.6: answers a SYN of which nothing is kept.
    fn give_cookie(
        &mut self,
        arrival: &Arrival<'_>,
        offer: &Offer,
        segment_most: u16,
        now: Instant,
    ) -> Outcome {
        self.counts.add(Count::CookieGiven);
        let (tuple, segment) = (&arrival.tuple, arrival.segment);
        let most = offer.segment.min(segment_most);
        let cookie = self.cookies.give(tuple, segment.sequence, most, now);
        let mut options = Written::new();
        options.maximum_segment_size(segment_most.min(limits::SEGMENT_MOST));
        let mut has_notification = false;
        // Only timestamps bring back what else was agreed on.
        if let Some(echo) = offer.timestamp {
            has_notification = offer.has_notification;
            let timestamping = crate::tcp::clock::Timestamping::new(self.identity.clock_offset(tuple));
            let value = cookies::mark_timestamp(timestamping.value(now), offer);
            if offer.is_sack_permitted {
                options.sack_permitted();
            }
            options.timestamps(Timestamps { value, echo });
            if offer.shift.is_some() {
                options.window_scale(limits::WINDOW_SHIFT);
            }
        }
        let header = Header {
            source_port: tuple.local_port,
            destination_port: tuple.remote_port,
            sequence: cookie,
            acknowledgement: segment.sequence + 1,
            flags: (Flags::SYN | Flags::ACK).with(Flags::ECE, has_notification),
            window: u16::MAX,
        };
        Outcome::Answer(header, options, Counter::SegmentAnsweredByCookie)
    }

    /// Of what is half open something else was acknowledged: perhaps a cookie that was given before there was a place.
    #[cold]
    pub(super) fn on_wrong_acknowledgement(
        &mut self,
        number: u32,
        hash: u64,
        arrival: &Arrival<'_>,
        segment_most: u16,
        now: Instant,
    ) -> Outcome {
        let segment = arrival.segment;
        let (first, cookie) = (segment.sequence - 1, segment.acknowledgement - 1);
        if self.cookies.check(&arrival.tuple, first, cookie, now).is_some() {
            self.half_open -= 1;
            self.forget(number, now);
            return self.on_cookie(hash, arrival, segment_most, now);
        }
        let is_early = self.cookies.has_given_lately(now);
        if is_early { Outcome::Silence(Counter::SegmentUnacceptable) } else { Outcome::Reset }
    }

    /// An acknowledgement came for no connection: perhaps of a cookie.
    #[cold]
    pub(super) fn on_cookie(
        &mut self,
        hash: u64,
        arrival: &Arrival<'_>,
        segment_most: u16,
        now: Instant,
    ) -> Outcome {
        let (segment, tuple) = (arrival.segment, &arrival.tuple);
        let (first, cookie) = (segment.sequence - 1, segment.acknowledgement - 1);
        let Some(most) = self.cookies.check(tuple, first, cookie, now) else {
            // It may be behind one that brings a cookie: who is sent away now would have been taken then.
            let is_early = self.cookies.has_given_lately(now);
            return if is_early { Outcome::Silence(Counter::SegmentUnacceptable) } else { Outcome::Reset };
        };
        if !self.make_place(now) {
            self.counts.add(Count::Full);
            return Outcome::Silence(Counter::SegmentUnacceptable);
        }
        if self.sources.is_full(tuple.remote, self.streams_per_source) {
            self.counts.add(Count::SourceLimit);
            return Outcome::Reset;
        }
        let beginning = self.beginning(arrival, segment_most, cookie);
        let echo = segment.options.timestamps.map(|stamps| (stamps.value, stamps.echo));
        let offer = cookies::read_offer(most, echo);
        let mut connection = Connection::answer(&beginning, first, &offer, segment.window, now);
        connection.on_cookie(now);
        let Some(number) = self.add(hash, connection) else {
            return Outcome::Silence(Counter::SegmentUnacceptable);
        };
        self.counts.add(Count::CookieTaken);
        // It is half open for as long as it takes to look at the segment that brought the cookie.
        self.half_open += 1;
        self.on_segment_of(number, arrival, now)
    }
}

impl Connection {
    /// Its SYN was answered with a cookie that came back.
    fn on_cookie(&mut self, now: Instant) {
        self.urgent.synchronise = false;
        // Nobody knows how often the SYN was answered, nor when: no round trip is measured but by the timestamp.
        (self.tries, self.progress_at) = (1, now);
        let next = self.buffer.next();
        self.receive_window.announce_first(next);
    }
}
