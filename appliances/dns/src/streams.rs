//! DNS over TCP (RFC 7766): messages out of streams, and their replies into them, in order.
//!
//! A stream is served for as long as there are whole messages in it, room for their replies, and it is its turn: whichever
//! ends first names the event that it goes on with. Nothing of a message is kept between events: it lies in the stream
//! until its reply is written.

mod client;
mod connections;
mod table;

pub(crate) use connections::Connections;

use crate::Dns;
use crate::counters::Count;
use crate::limits::{CLOSED_PER_TURN, LINGERING, MESSAGES_PER_EVENT, USER_TIMEOUT};
use crate::message::HEADER;
use crate::transport::Transport;
use appliance::{End, Network, Policy, Stream, StreamEvent, StreamId};
use client::Client;
use connections::{Connection, Place};
use moment::Instant;

/// Octets of a message's length (RFC 1035 §4.2.2).
const LENGTH: usize = 2;

/// Replies are small and written whole: none waits for another's acknowledgement. Idle streams are closed, not kept alive.
const POLICY: Policy = Policy { nagle: false, keep_alive: None, user_timeout: USER_TIMEOUT };

/// Why a stream is not served any further for now.
enum Pause {
    /// Until there are so many octets.
    Octets(usize),
    /// Until there is room for the next reply.
    Room,
    /// It has had its turn.
    Turn,
    /// For ever: what it says is a message's length is none.
    Length,
}

/// What a stream begins with.
enum Next<'s> {
    /// A whole message.
    Message(&'s [u8]),
    /// Less than that: so many octets are needed.
    Octets(usize),
    /// The length of a message that would be shorter than a header.
    Length,
}

impl<'s> Next<'s> {
    /// Reads the length, and the message behind it (RFC 7766 §8).
    fn read(octets: &'s [u8]) -> Self {
        let Some((length, rest)) = octets.split_first_chunk::<LENGTH>() else { return Self::Octets(LENGTH) };
        let length = usize::from(u16::from_be_bytes(*length));
        match rest.get(..length) {
            _ if length < HEADER => Self::Length,
            Some(message) => Self::Message(message),
            None => Self::Octets(LENGTH + length),
        }
    }
}

impl Dns {
    /// Something happened on a stream.
    pub(crate) fn on_stream_event<N: Network>(
        &mut self,
        id: StreamId,
        event: StreamEvent,
        network: &mut N,
        now: Instant,
    ) {
        match event {
            StreamEvent::Opened => self.admit(id, network, now),
            StreamEvent::Progress | StreamEvent::DeadlinePassed => match self.connections.find(id) {
                Some(place) => self.serve(id, place, network, now),
                None => linger(id, event, network),
            },
            StreamEvent::Closed(end) => {
                if self.connections.remove(id).is_some() {
                    self.counters.add(end.into());
                }
            }
        }
    }

    /// Lets a new stream in, if need be in another's place, and serves what came with it.
    fn admit<N: Network>(&mut self, id: StreamId, network: &mut N, now: Instant) {
        let Some(mut stream) = network.stream(id) else { return };
        let client = Client::new(stream.peer().ip());
        self.counters.add(if client.is_ipv4() { Count::Connection4 } else { Count::Connection6 });
        // "servers MAY impose limits on the number of concurrent TCP connections being handled for any particular client IP
        // address or subnet" (RFC 7766 §6.2.2).
        if self.connections.has_enough_of(client) {
            self.counters.add(Count::ClientLimit);
            return stream.abort();
        }
        stream.set_policy(POLICY);
        drop(stream);
        if self.connections.is_full() {
            self.displace_oldest(network);
        }
        match self.connections.add(Connection::new(id, client, now)) {
            Some(place) => self.serve(id, place, network, now),
            None => self.refuse(id, network),
        }
    }

    /// Resets the stream that has been idle for longest: it gives its place to a newer one. "A unilateral close or reset may
    /// be used instead of a graceful close" (RFC 1035 §4.2.2), and needs the least of a server that has no more to give.
    #[cold]
    fn displace_oldest<N: Network>(&mut self, network: &mut N) {
        if let Some((oldest, _)) = self.connections.oldest() {
            self.connections.remove(oldest);
            self.refuse(oldest, network);
        }
    }

    #[cold]
    fn refuse<N: Network>(&mut self, id: StreamId, network: &mut N) {
        self.counters.add(Count::ServerLimit);
        if let Some(mut stream) = network.stream(id) {
            stream.abort();
        }
    }

    /// Answers what can be answered, and says what it waits for then.
    fn serve<N: Network>(&mut self, id: StreamId, place: Place, network: &mut N, now: Instant) {
        let Some(mut stream) = network.stream(id) else { return };
        match self.answer_some(place, &mut stream, now) {
            // What will come no more is not waited for. All that came whole has been answered: the client may have closed its
            // side, "all outstanding client requests have been satisfied" (RFC 1035 §4.2.2).
            Pause::Octets(_) if stream.is_finished() => {
                self.close(id, &mut stream, Count::ClosedByClient, now);
            }
            Pause::Octets(least) => stream.expect(least),
            Pause::Room => {}
            Pause::Turn => stream.set_deadline(Some(now)),
            Pause::Length => self.close(id, &mut stream, Count::ClosedForLength, now),
        }
    }

    fn answer_some<S: Stream>(&mut self, place: Place, stream: &mut S, now: Instant) -> Pause {
        for _ in 0..MESSAGES_PER_EVENT {
            if let Err(pause) = self.answer_next(place, stream, now) {
                return pause;
            }
        }
        Pause::Turn
    }

    /// Answers the message that the stream begins with, which stays there if there is no room for its reply.
    fn answer_next<S: Stream>(&mut self, place: Place, stream: &mut S, now: Instant) -> Result<(), Pause> {
        let connection = self.connections.at(place);
        let owed = connection.owed;
        if owed.is_some_and(|length| stream.room(LENGTH + usize::from(length)).is_empty()) {
            return Err(Pause::Room);
        }
        let length = match Next::read(stream.received()) {
            Next::Message(message) => {
                self.scratch[..message.len()].copy_from_slice(message);
                message.len()
            }
            Next::Octets(least) => return Err(Pause::Octets(least)),
            Next::Length => return Err(Pause::Length),
        };
        // A query that is answered once more, for there was no room, counts once.
        let counters = if owed.is_none() { &mut self.counters } else { &mut self.counted_twice };
        counters.add(if connection.client.is_ipv4() { Count::Tcp4 } else { Count::Tcp6 });
        if let Some(reply) = self.snapshot.reply(&mut self.scratch, length, Transport::Stream, counters) {
            let Some(reply) = self.scratch.get(..reply) else { return Err(Pause::Room) };
            let reply_length = u16::try_from(reply.len()).unwrap_or(u16::MAX);
            let Some(room) = stream.room(LENGTH + reply.len()).get_mut(..LENGTH + reply.len()) else {
                connection.owed = Some(reply_length);
                return Err(Pause::Room);
            };
            // Length and message go together (RFC 7766 §8).
            let (before, behind) = room.split_at_mut(LENGTH);
            before.copy_from_slice(&reply_length.to_be_bytes());
            behind.copy_from_slice(reply);
            stream.commit(LENGTH + reply.len());
            connection.owed = None;
            self.connections.note_answer(place, now);
        }
        stream.consume(LENGTH + length);
        Ok(())
    }

    /// Ends a stream once the peer has what was written for it; from here on it is nobody's, and [`linger`]s.
    fn close<S: Stream>(&mut self, id: StreamId, stream: &mut S, reason: Count, now: Instant) {
        self.connections.remove(id);
        self.counters.add(reason);
        stream.consume(usize::MAX);
        stream.expect(usize::MAX);
        stream.finish();
        stream.set_deadline(Some(now + LINGERING));
    }

    /// When the next stream will have been idle for too long.
    pub(crate) fn next_idle_deadline(&self) -> Option<Instant> {
        self.connections.oldest().map(|(_, idle_since)| idle_since + self.snapshot.idle_timeout())
    }

    /// Closes streams that have been idle for too long, some at a time.
    pub(crate) fn close_idle<N: Network>(&mut self, network: &mut N, now: Instant) {
        for _ in 0..CLOSED_PER_TURN {
            let Some((oldest, _)) = self.connections.oldest() else { return };
            if self.next_idle_deadline().is_none_or(|deadline| now < deadline) {
                return;
            }
            match network.stream(oldest) {
                Some(mut stream) => self.close(oldest, &mut stream, Count::ClosedIdle, now),
                None => _ = self.connections.remove(oldest),
            }
        }
    }
}

/// A stream that was closed here: what still comes is thrown away, and a peer that does not close its side for too long is
/// not waited for.
fn linger<N: Network>(id: StreamId, event: StreamEvent, network: &mut N) {
    let Some(mut stream) = network.stream(id) else { return };
    match event {
        StreamEvent::DeadlinePassed => stream.abort(),
        _ => stream.consume(usize::MAX),
    }
}

impl From<End> for Count {
    /// Of a stream that was being served.
    fn from(end: End) -> Self {
        match end {
            End::Finished => Self::ClosedByClient,
            End::Reset => Self::ClosedByReset,
            End::TimedOut => Self::ClosedSilent,
            End::Unreachable => Self::ClosedUnreachable,
            End::Shed => Self::ClosedByMachine,
        }
    }
}
