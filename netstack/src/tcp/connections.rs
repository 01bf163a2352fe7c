//! All connections of a stack, and how a segment finds its own.

use crate::budget::Budget;
use crate::counters::Counter;
use crate::tcp::arrival::{Arrival, Verdict};
use crate::tcp::connection::Connection;
use crate::tcp::cookies::Cookies;
use crate::tcp::counters::{Count, Counts};
use crate::tcp::identity::Identity;
use crate::tcp::limits;
use crate::tcp::memory::Memory;
use crate::tcp::options::Written;
use crate::tcp::order::Liveliness;
use crate::tcp::rows::{List, Rows};
use crate::tcp::segment::{Flags, Header};
use crate::tcp::slab::Slab;
use crate::tcp::sources::Sources;
use crate::tcp::state::State;
use crate::tcp::table::Table;
use crate::tcp::time_wait::{Remains, Revival, TimeWait};
use crate::tcp::tuple::Tuple;
use crate::tcp::wheel::Wheel;
use alloc::boxed::Box;
use appliance::{End, StreamId};
use moment::Instant;

/// Everything that streams need, allocated once.
pub(crate) struct Connections {
    pub(super) connections: Slab<Connection>,
    /// What else there is of each.
    pub(super) rows: Rows,
    pub(super) table: Table,
    pub(super) wheel: Wheel,
    pub(super) memory: Memory,
    pub(super) time_wait: TimeWait,
    pub(super) sources: Sources,
    pub(super) cookies: Cookies,
    pub(super) identity: Identity,
    pub(super) liveliness: Liveliness,
    /// Where the search for one that holds memory goes on.
    pub(super) looked_at: usize,
    /// How many are half open.
    pub(super) half_open: usize,
    pub(super) streams_per_source: u16,
    pub(super) ports: Box<[u16]>,
    /// How many connections we opened.
    pub(super) dialled: u64,
    pub(super) counts: Counts,
}

/// A number of the table means a connection, or with this bit what remains of one.
const REMAINS: u32 = 1 << 31;

/// What a number of the table means.
enum Found {
    Connection(u32),
    Remains(u32),
}

/// What becomes of a segment's frame.
pub(crate) enum Outcome {
    /// Nothing goes back in it.
    Silence(Counter),
    /// This goes back in it.
    Answer(Header, Written, Counter),
    /// A reset goes back in it (RFC 9293 §3.10.7.1).
    Reset,
}

impl Connections {
    /// Connections of at most this budget, to these ports; `secret` is nobody else's.
    pub(crate) fn new(budget: Budget, ports: Box<[u16]>, secret: [u8; 64]) -> Self {
        let streams = budget.streams.min(REMAINS as usize / 2);
        // Nobody listens where nothing can be opened.
        let ports = if streams == 0 { Box::default() } else { ports };
        let [identity, cookies, table, sources] = Identity::split(secret);
        let per_source = streams / limits::STREAMS_PER_SOURCE_DIVISOR;
        Self {
            connections: Slab::new(streams),
            rows: Rows::new(streams),
            table: Table::new(2 * streams),
            wheel: Wheel::new(streams),
            memory: Memory::new(budget),
            time_wait: TimeWait::new(streams),
            sources: Sources::new(streams, sources),
            cookies: Cookies::new(cookies),
            identity: Identity::new(identity, table),
            liveliness: Liveliness::new(streams),
            looked_at: 0,
            half_open: 0,
            streams_per_source: u16::try_from(per_source).unwrap_or(u16::MAX).max(1),
            ports,
            dialled: 0,
            counts: Counts::new(),
        }
    }

    /// A segment came to one of our addresses. `segment_most` is what the way back lets a segment have.
    #[inline]
    pub(crate) fn on_segment(&mut self, arrival: &Arrival<'_>, segment_most: u16, now: Instant) -> Outcome {
        self.counts.add_many(Count::OctetsReceived, arrival.octets.len() as u64);
        let hash = self.identity.hash(&arrival.tuple);
        match self.find(hash, &arrival.tuple) {
            Some(Found::Connection(number)) => match self.on_segment_of(number, arrival, now) {
                Outcome::Reset if self.connections[number].is_half_open() => {
                    self.on_wrong_acknowledgement(number, hash, arrival, segment_most, now)
                }
                outcome => outcome,
            },
            Some(Found::Remains(place)) => {
                self.on_segment_of_remains(place, hash, arrival, segment_most, now)
            }
            None => self.on_unknown(hash, arrival, segment_most, now),
        }
    }

    #[inline]
    fn find(&self, hash: u64, tuple: &Tuple) -> Option<Found> {
        let is_it = |number: u32| {
            if number & REMAINS == 0 {
                self.connections.get(number).is_some_and(|connection| connection.tuple == *tuple)
            } else {
                self.time_wait.get(number & !REMAINS).is_some_and(|remains| remains.tuple == *tuple)
            }
        };
        let number = self.table.find(hash, is_it)?;
        Some(if number & REMAINS == 0 {
            Found::Connection(number)
        } else {
            Found::Remains(number & !REMAINS)
        })
    }

    /// The number of the connection between these two ends, if there is one.
    pub(super) fn number_of(&self, tuple: &Tuple) -> Option<u32> {
        match self.find(self.identity.hash(tuple), tuple)? {
            Found::Connection(number) => Some(number),
            Found::Remains(_) => None,
        }
    }

    /// Whether a tuple is taken.
    pub(super) fn is_taken(&self, tuple: &Tuple) -> bool {
        self.find(self.identity.hash(tuple), tuple).is_some()
    }

    #[inline]
    pub(super) fn on_segment_of(&mut self, number: u32, arrival: &Arrival<'_>, now: Instant) -> Outcome {
        // First, so that its row comes into the cache while the connection does.
        self.rows.push(List::Sending, number);
        let connection = &mut self.connections[number];
        let (was_half_open, heard_at) = (connection.is_half_open(), connection.heard_at);
        let verdict = connection.on_segment(arrival, &mut self.memory, &mut self.counts, now);
        if !connection.news.is_empty() {
            self.rows.push(List::Telling, number);
        }
        if was_half_open && !connection.is_half_open() {
            self.half_open -= 1;
            if connection.is_known {
                self.admit(number);
            }
        }
        match verdict {
            Verdict::Taken => {
                self.liveliness.get_on(number, heard_at, now);
                Outcome::Silence(Counter::SegmentTaken)
            }
            Verdict::Unacceptable => Outcome::Silence(Counter::SegmentUnacceptable),
            Verdict::Challenged => Outcome::Silence(Counter::SegmentChallenged),
            Verdict::Reset => Outcome::Silence(Counter::SegmentReset),
            Verdict::Refused => Outcome::Reset,
        }
    }

    #[cold]
    fn on_segment_of_remains(
        &mut self,
        place: u32,
        hash: u64,
        arrival: &Arrival<'_>,
        segment_most: u16,
        now: Instant,
    ) -> Outcome {
        let revival = match self.time_wait.on_segment(place, arrival, now) {
            // We dialled, and nobody listens there: whom we called can't call back.
            Revival::New if !self.ports.contains(&arrival.segment.destination_port) => Revival::Old,
            // As long as nothing could be kept of who comes, what is over is not forgotten: he asks again.
            Revival::New if self.connections.is_full() => Revival::None,
            revival => revival,
        };
        match revival {
            Revival::None => Outcome::Silence(Counter::SegmentUnacceptable),
            Revival::Old => match self.time_wait.get(place) {
                Some(remains) => {
                    let (header, options) = remains.answer(now);
                    Outcome::Answer(header, options, Counter::SegmentChallenged)
                }
                None => Outcome::Silence(Counter::SegmentUnacceptable),
            },
            Revival::New => {
                let remains = self.forget_remains(place);
                self.on_opening(hash, arrival, segment_most, Some(remains), now)
            }
        }
    }

    /// A segment came for no connection (RFC 9293 §3.10.7.1, §3.10.7.2).
    fn on_unknown(&mut self, hash: u64, arrival: &Arrival<'_>, segment_most: u16, now: Instant) -> Outcome {
        let segment = arrival.segment;
        if segment.has(Flags::RST) {
            return Outcome::Silence(Counter::SegmentReset);
        }
        if !self.ports.contains(&segment.destination_port) {
            return Outcome::Reset;
        }
        match (segment.has(Flags::SYN), segment.has(Flags::ACK)) {
            // RFC 9293 §3.10.7.2: a SYN with a FIN, or with no port to answer to, is nobody's.
            (true, false) if segment.has(Flags::FIN) || segment.source_port == 0 => {
                Outcome::Silence(Counter::SegmentUnacceptable)
            }
            (true, false) => self.on_opening(hash, arrival, segment_most, None, now),
            (false, true) => self.on_cookie(hash, arrival, segment_most, now),
            (true, true) => Outcome::Reset,
            (false, false) => Outcome::Silence(Counter::SegmentUnacceptable),
        }
    }

    /// A new connection has a place from now on, if there is one.
    pub(super) fn add(&mut self, hash: u64, connection: Connection) -> Option<u32> {
        let number = self.connections.insert(connection).ok()?;
        self.table.insert(hash, number);
        self.liveliness.touch(number);
        self.rows.push(List::Sending, number);
        Some(number)
    }

    /// The name of a stream.
    pub(super) fn id(&self, number: u32) -> StreamId {
        StreamId::new(number, self.rows.generation(number as usize).unwrap_or(0))
    }

    /// The number of the connection that a name means, if it still has it.
    pub(super) fn number(&self, id: StreamId) -> Option<u32> {
        let number = id.index() as u32;
        let is_same = self.rows.generation(id.index()) == Some(id.generation());
        (is_same && self.connections.get(number).is_some()).then_some(number)
    }

    /// A neighbour said which station it is: those that wait for one look again.
    pub(crate) fn on_neighbour(&mut self) {
        while let Some(number) = self.rows.pop(List::Awaiting) {
            self.rows.push(List::Sending, number);
        }
    }

    /// A connection is over: what has to be remembered of it is, and its number is free.
    pub(super) fn forget(&mut self, number: u32, now: Instant) {
        let mut connection = self.connections.remove(number);
        connection.forget(&mut self.memory);
        self.wheel.cancel(number);
        self.liveliness.remove(number);
        if connection.is_counted {
            self.sources.leave(connection.tuple.remote);
        }
        self.rows.end_generation(number);
        if connection.is_aborted {
            self.counts.add(Count::Aborted);
        }
        let hash = self.identity.hash(&connection.tuple);
        if connection.state == State::TimeWait {
            if self.time_wait.is_full()
                && let Some(first) = self.time_wait.first()
            {
                self.forget_remains(first);
            }
            if let Some(place) = self.time_wait.add(&connection, now) {
                self.table.replace(hash, number, place | REMAINS);
                return;
            }
        }
        self.table.remove(hash, number);
    }

    /// The appliance is told how a stream ended.
    pub(super) fn count_end(&mut self, end: End) {
        self.counts.add(match end {
            End::Finished => Count::Finished,
            End::Reset => Count::Reset,
            End::TimedOut => Count::TimedOut,
            End::Unreachable => Count::Unreachable,
            End::Shed => Count::Shed,
        });
    }

    pub(super) fn forget_remains(&mut self, place: u32) -> Remains {
        let remains = self.time_wait.remove(place);
        self.table.remove(self.identity.hash(&remains.tuple), place | REMAINS);
        remains
    }

    /// How many connections there are, and what they have of the memory.
    pub(crate) fn statistics(&self) -> impl Iterator<Item = operator::Statistic> {
        let pool = &self.memory.pool;
        let gauges = [
            ("network_streams", self.connections.length()),
            ("network_streams_half_open", self.half_open),
            ("network_streams_in_time_wait", self.time_wait.length()),
            ("network_stream_buffers_used_bytes", pool.capacity() - pool.available()),
            ("network_stream_buffers_bytes", pool.capacity()),
        ];
        let gauges = gauges.map(|(name, value)| operator::Statistic { name, value: value as u64 });
        self.counts.statistics().chain(gauges)
    }
}
