//! A stream as an appliance sees it.

use super::Streams;
use super::connection::{Connection, Finish};
use appliance::{Bytes, Policy, Stream, StreamId};
use core::net::SocketAddr;
use moment::Instant;

/// A stream, lent to an appliance. Aborted, it is empty and takes nothing.
#[derive(Debug)]
pub(in super::super) struct OpenStream<'a> {
    pub(super) streams: &'a mut Streams,
    pub(super) id: StreamId,
    pub(super) peer: SocketAddr,
    pub(super) local: SocketAddr,
}

impl OpenStream<'_> {
    /// The connection, which is to be seen to when the appliance is done.
    fn touch(&mut self) -> Option<&mut Connection> {
        self.streams.touch(self.id);
        self.streams.connection(self.id)
    }
}

impl Stream for OpenStream<'_> {
    fn peer(&self) -> SocketAddr {
        self.peer
    }

    fn local(&self) -> SocketAddr {
        self.local
    }

    fn received(&mut self) -> &mut [u8] {
        self.streams.connection(self.id).map_or(&mut [], |connection| connection.incoming.octets())
    }

    fn consume(&mut self, count: usize) {
        if let Some(connection) = self.touch() {
            connection.incoming.consume(count);
        }
    }

    fn expect(&mut self, least: usize) {
        if let Some(connection) = self.streams.connection(self.id) {
            connection.expected = least;
        }
    }

    fn is_finished(&self) -> bool {
        self.streams.peek(self.id).is_none_or(|connection| connection.has_peer_finished)
    }

    fn room(&mut self, least: usize) -> &mut [u8] {
        match self.streams.connection(self.id) {
            Some(connection) if connection.finish == Finish::Open => connection.outgoing.room(least),
            _ => &mut [],
        }
    }

    fn commit(&mut self, count: usize) {
        if let Some(connection) = self.touch()
            && connection.finish == Finish::Open
        {
            connection.outgoing.commit(count);
        }
    }

    fn lend(&mut self, region: Bytes) -> Result<(), Bytes> {
        match self.touch() {
            Some(connection) if connection.finish == Finish::Open => connection.outgoing.lend(region),
            _ => Err(region),
        }
    }

    fn is_drained(&self) -> bool {
        let is_drained = self.streams.peek(self.id).is_none_or(Connection::is_drained);
        if !is_drained {
            self.streams.touch(self.id);
        }
        is_drained
    }

    fn finish(&mut self) {
        if let Some(connection) = self.touch()
            && connection.finish == Finish::Open
        {
            connection.finish = Finish::Asked;
        }
    }

    fn abort(&mut self) {
        self.streams.abort(self.id);
    }

    fn set_deadline(&mut self, at: Option<Instant>) {
        self.streams.set_deadline(self.id, at);
    }

    fn set_policy(&mut self, policy: Policy) {
        if let Some(connection) = self.streams.connection(self.id) {
            connection.set_policy(policy);
        }
    }
}
