//! Connections that are over, and remembered so that what is still on its way troubles none that comes after them (RFC 9293
//! §3.6.1, RFC 6191).

use crate::tcp::arrival::Arrival;
use crate::tcp::clock::{Timestamping, is_before};
use crate::tcp::connection::Connection;
use crate::tcp::limits;
use crate::tcp::memory::NOWHERE;
use crate::tcp::options::Written;
use crate::tcp::segment::{Flags, Header};
use crate::tcp::sequence::Sequence;
use crate::tcp::slab::Slab;
use crate::tcp::tuple::Tuple;
use moment::Instant;

/// What is remembered of one connection.
pub(crate) struct Remains {
    pub(crate) tuple: Tuple,
    /// SND.NXT, RCV.NXT.
    next: Sequence,
    receive_next: Sequence,
    /// As the peer was told last: what is promised is never taken back.
    window: u16,
    timestamping: Option<Timestamping>,
    until: Instant,
    /// In the order in which they end.
    earlier: u32,
    later: u32,
}

/// What a segment means to a connection that is over.
pub(crate) enum Revival {
    /// Nothing.
    None,
    /// It is from before: its sender is told how far we were.
    Old,
    /// A new connection begins (RFC 6191 §2, RFC 9293 §3.6.1).
    New,
}

/// All that is remembered.
pub(crate) struct TimeWait {
    remains: Slab<Remains>,
    first: u32,
    last: u32,
}

impl TimeWait {
    /// Octets for what remains of one.
    pub(crate) const PLACE: usize = Slab::<Remains>::PLACE;

    pub(crate) fn new(capacity: usize) -> Self {
        Self { remains: Slab::new(capacity), first: NOWHERE, last: NOWHERE }
    }

    pub(crate) fn get(&self, place: u32) -> Option<&Remains> {
        self.remains.get(place)
    }

    pub(crate) fn length(&self) -> usize {
        self.remains.length()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.remains.is_full()
    }

    /// When the first is forgotten.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.remains.get(self.first).map(|remains| remains.until)
    }

    /// The one that ends first.
    pub(crate) fn first(&self) -> Option<u32> {
        self.remains.get(self.first).map(|_| self.first)
    }

    /// Remembers a connection; `None` if there is no place.
    pub(crate) fn add(&mut self, connection: &Connection, now: Instant) -> Option<u32> {
        let remains = Remains {
            tuple: connection.tuple,
            next: connection.next,
            receive_next: connection.buffer.next(),
            window: connection.receive_window.told(connection.buffer.next()),
            timestamping: connection.timestamping,
            until: now + limits::TIME_WAIT,
            earlier: NOWHERE,
            later: NOWHERE,
        };
        let place = self.remains.insert(remains).ok()?;
        self.append(place);
        Some(place)
    }

    fn append(&mut self, place: u32) {
        let last = self.last;
        let remains = &mut self.remains[place];
        (remains.earlier, remains.later) = (last, NOWHERE);
        match self.remains.get_mut(last) {
            Some(last) => last.later = place,
            None => self.first = place,
        }
        self.last = place;
    }

    fn detach(&mut self, place: u32) {
        let Some(&Remains { earlier, later, .. }) = self.remains.get(place) else { return };
        match self.remains.get_mut(earlier) {
            Some(earlier) => earlier.later = later,
            None => self.first = later,
        }
        match self.remains.get_mut(later) {
            Some(later) => later.earlier = earlier,
            None => self.last = earlier,
        }
    }

    /// Forgets one.
    pub(crate) fn remove(&mut self, place: u32) -> Remains {
        self.detach(place);
        self.remains.remove(place)
    }

    /// A segment came for a connection that is over.
    pub(crate) fn on_segment(&mut self, place: u32, arrival: &Arrival<'_>, now: Instant) -> Revival {
        let (segment, remains) = (arrival.segment, &mut self.remains[place]);
        // RFC 1337 §3: a reset must not end the wait.
        if segment.has(Flags::RST) {
            return Revival::None;
        }
        let is_opening = segment.has(Flags::SYN) && !segment.has(Flags::ACK);
        if is_opening && remains.is_newer(arrival) {
            return Revival::New;
        }
        // RFC 9293 §3.10.7.4, fifth step: what is in its place and acknowledges nothing is dropped.
        let is_in_place = segment.sequence == remains.receive_next;
        let is_dropped = is_in_place && !is_opening && !segment.has(Flags::ACK);
        if is_dropped || segment.length() == 0 {
            return Revival::None;
        }
        // RFC 9293 §3.10.7.4, eighth step: the peer has not heard that we got its FIN, and the wait begins anew.
        if segment.has(Flags::FIN) && segment.sequence + segment.length() == remains.receive_next {
            remains.until = now + limits::TIME_WAIT;
            self.detach(place);
            self.append(place);
        }
        Revival::Old
    }
}

impl Remains {
    /// RFC 9293 §3.6.1: numbers of the next connection are beyond those that were used.
    pub(crate) fn beyond(&self, fresh: Sequence) -> Sequence {
        if fresh.is_after(self.next) { fresh } else { self.next + limits::BEYOND_REMAINS }
    }

    /// RFC 6191 §2: by its timestamp, or else by its place, a SYN is after all that went before.
    fn is_newer(&self, arrival: &Arrival<'_>) -> bool {
        let is_after = arrival.segment.sequence.is_after(self.receive_next);
        match (self.timestamping, arrival.segment.options.timestamps) {
            (Some(timestamping), Some(stamps)) => {
                is_before(timestamping.recent(), stamps.value)
                    || (stamps.value == timestamping.recent() && is_after)
            }
            _ => is_after,
        }
    }

    /// Says how far the connection was.
    pub(crate) fn answer(&self, now: Instant) -> (Header, Written) {
        let mut options = Written::new();
        if let Some(timestamping) = &self.timestamping {
            options.timestamps(timestamping.stamp(now));
        }
        let header = Header {
            source_port: self.tuple.local_port,
            destination_port: self.tuple.remote_port,
            sequence: self.next,
            acknowledgement: self.receive_next,
            flags: Flags::ACK,
            window: self.window,
        };
        (header, options)
    }
}
