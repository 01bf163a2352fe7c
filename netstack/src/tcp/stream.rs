//! A connection as its appliance sees it.

use crate::tcp::connection::Connection;
use crate::tcp::connections::Connections;
use crate::tcp::limits;
use crate::tcp::memory::Memory;
use crate::tcp::news::News;
use crate::tcp::rows::{List, Rows};
use crate::tcp::state::State;
use appliance::{Bytes, End, Policy, Stream, StreamId};
use core::net::SocketAddr;
use moment::Instant;

/// A stream of this stack, lent to its appliance for as long as it looks at it.
pub(crate) struct TcpStream<'a> {
    number: u32,
    connection: &'a mut Connection,
    memory: &'a mut Memory,
    rows: &'a mut Rows,
    now: Instant,
}

impl Connections {
    /// The stream of this name, unless it is over.
    #[inline]
    pub(crate) fn stream(&mut self, id: StreamId, now: Instant) -> Option<TcpStream<'_>> {
        let number = self.number(id)?;
        let connection = self.connections.get_mut(number)?;
        // What was given up is nobody's any more.
        if !connection.is_known {
            return None;
        }
        Some(TcpStream { number, connection, memory: &mut self.memory, rows: &mut self.rows, now })
    }
}

impl TcpStream<'_> {
    /// Whether more may be sent.
    fn is_open(&self) -> bool {
        let can = matches!(
            self.connection.state,
            State::SynSent | State::SynReceived | State::Established | State::CloseWait
        );
        can && !self.connection.is_finishing
    }

    fn wait_for_room(&mut self, least: usize) {
        self.connection.wanted_room = u32::try_from(least).unwrap_or(u32::MAX);
        let (queued, most) = (self.connection.queued(), self.connection.queue_most());
        if queued == 0 || queued as usize + least <= most as usize {
            // It is memory that is lacking: others may give some back.
            self.connection.retry_at = Some(self.now + limits::MEMORY_RETRY);
            self.rows.push(List::Sending, self.number);
        }
    }
}

impl Stream for TcpStream<'_> {
    fn peer(&self) -> SocketAddr {
        self.connection.tuple.remote_address()
    }

    fn local(&self) -> SocketAddr {
        self.connection.tuple.local_address()
    }

    #[inline]
    fn received(&mut self) -> &mut [u8] {
        self.connection.buffer.received(&mut self.memory.pool)
    }

    #[inline]
    fn consume(&mut self, count: usize) {
        let count = self.connection.buffer.consume(count, &mut self.memory.pool);
        if count > 0 && self.connection.is_all_acknowledged() {
            self.connection.progress_at = self.now;
        }
        let round_trip = self.connection.round_trip.smoothed();
        self.connection.receive_window.on_consumed(count, round_trip, self.now);
        self.rows.push(List::Sending, self.number);
    }

    fn expect(&mut self, least: usize) {
        let least = u32::try_from(least).unwrap_or(u32::MAX).max(1);
        self.connection.expected = least;
        self.connection.receive_window.expect(least);
    }

    fn is_finished(&self) -> bool {
        matches!(
            self.connection.state,
            State::CloseWait
                | State::Closing
                | State::LastAck
                | State::TimeWait
                | State::Closed(End::Finished)
        )
    }

    fn room(&mut self, least: usize) -> &mut [u8] {
        if !self.is_open() {
            return &mut [];
        }
        let most = self.connection.queue_most();
        // What is not used of it is given back.
        self.rows.push(List::Sending, self.number);
        let Memory { pool, flights, .. } = &mut *self.memory;
        let flight = self.connection.begin_flight(flights);
        // Asked for twice, since what was lent once can't be asked about again.
        if flight.is_none_or(|flight| flight.queue.room(least, most, pool).is_none()) {
            self.wait_for_room(least.max(1));
            return &mut [];
        }
        let flight = self.connection.flight.as_mut();
        flight.and_then(|flight| flight.queue.room(least, most, &mut self.memory.pool)).unwrap_or_default()
    }

    #[inline]
    fn commit(&mut self, count: usize) {
        let most = self.connection.queue_most();
        if self.is_open()
            && let Some(flight) = &mut self.connection.flight
        {
            flight.queue.commit(count, most);
            self.rows.push(List::Sending, self.number);
        }
    }

    fn lend(&mut self, region: Bytes) -> Result<(), Bytes> {
        if !self.is_open() || region.len() > limits::QUEUE_MOST as usize {
            return Err(region);
        }
        let most = self.connection.queue_most();
        let lent = match self.connection.begin_flight(&mut self.memory.flights) {
            Some(flight) => flight.queue.lend(region, most, self.memory),
            None => Err(region),
        };
        match lent {
            Ok(()) => self.rows.push(List::Sending, self.number),
            Err(_) => self.wait_for_room(1),
        }
        lent
    }

    fn is_drained(&self) -> bool {
        self.connection.is_drained()
    }

    fn finish(&mut self) {
        if !self.connection.is_finishing {
            self.connection.finish();
            self.rows.push(List::Sending, self.number);
        }
    }

    fn abort(&mut self) {
        self.connection.forget(self.memory);
        // RFC 9293 §3.10.5: a peer that has finished, and whom we have told that we have, is not reset. What has to be remembered is.
        if !matches!(self.connection.state, State::Closed(_) | State::TimeWait) {
            self.connection.urgent.reset = self.connection.state != State::SynSent;
            // What the end is called doesn't matter: nobody is told.
            self.connection.state = State::Closed(End::Reset);
        }
        self.connection.is_aborted = true;
        self.connection.is_known = false;
        self.connection.news = News::NONE;
        self.rows.push(List::Sending, self.number);
    }

    fn set_deadline(&mut self, at: Option<Instant>) {
        self.connection.deadline = at;
        self.rows.push(List::Sending, self.number);
    }

    fn set_policy(&mut self, policy: Policy) {
        self.connection.manner = policy.into();
        self.rows.push(List::Sending, self.number);
    }
}

impl core::fmt::Debug for TcpStream<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("TcpStream").field("peer", &self.peer()).finish_non_exhaustive()
    }
}
