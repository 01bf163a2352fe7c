//! An authoritative DNS server as a pure state machine: a query in, its reply written over it.
//!
//! [`prepare`] makes an archive from a configuration on a host, zones compiled; [`Dns`] is configured from it, and from then
//! on allocates nothing. A reply is the query with records behind its question: nothing of it is moved.
//!
//! ```text
//! stream → messages                (streams)
//! query → Query | Rejection        (query, edns)
//!       → Zones → Zone → LookUp    (zone)
//!       → records behind the question, verdict into the header    (answer, reply, message)
//! ```

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod answer;
mod chaos;
mod counters;
mod edns;
mod limits;
mod message;
mod prepare;
mod query;
mod reply;
mod settings;
mod snapshot;
mod streams;
mod transport;
mod tsig;
mod zone;

pub use prepare::prepare;
pub use zone::{CompileError, Fault, compile};

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use appliance::{Appliance, Datagram, Listener, Network, Reply, StreamEvent, StreamId};
use configuration::{Archive, Configure, Unusable};
use counters::{Count, Counters};
use limits::STREAM_MESSAGE;
use moment::{Instant, Moment};
use operator::Statistic;
use snapshot::Snapshot;
use streams::Connections;
use transport::Transport;

/// A worker of the server.
#[derive(Debug)]
pub struct Dns {
    snapshot: Arc<Snapshot>,
    listeners: [Listener; 2],
    counters: Counters,
    connections: Connections,
    /// Where a message of a stream is while its reply is written over it.
    scratch: Box<[u8]>,
    /// Goes nowhere.
    counted_twice: Counters,
}

impl Dns {
    fn new(snapshot: Snapshot) -> Self {
        let port = snapshot.port();
        let (connections, per_client) = snapshot.connections();
        Self {
            snapshot: Arc::new(snapshot),
            // "All general-purpose DNS implementations MUST support both UDP and TCP transport" (RFC 7766 §5).
            listeners: [Listener::Datagram { port }, Listener::Stream { port }],
            counters: Counters::new(),
            connections: Connections::new(connections, per_client),
            scratch: vec![0; STREAM_MESSAGE].into(),
            counted_twice: Counters::new(),
        }
    }
}

#[cfg(test)]
impl Dns {
    /// A server of these compiled zones, all else as it is by default.
    fn of(compiled: &bytes::Bytes) -> Self {
        Self::new(Snapshot::of(compiled))
    }
}

impl Appliance for Dns {
    fn listeners(&self) -> &[Listener] {
        &self.listeners
    }

    fn on_datagram(&mut self, datagram: Datagram<'_>, _now: Moment) -> Reply {
        self.counters.add(if datagram.source.is_ipv4() { Count::Udp4 } else { Count::Udp6 });
        match self.snapshot.reply(datagram.buffer, datagram.length, Transport::Datagram, &mut self.counters) {
            Some(length) => Reply::Send { length },
            None => Reply::Silence,
        }
    }

    fn on_stream<N: Network>(&mut self, id: StreamId, event: StreamEvent, network: &mut N, now: Moment) {
        self.on_stream_event(id, event, network, now.instant);
    }

    fn deadline(&self) -> Option<Instant> {
        self.next_idle_deadline()
    }

    fn on_deadline<N: Network>(&mut self, network: &mut N, now: Moment) {
        self.close_idle(network, now.instant);
    }

    fn statistics(&self) -> impl Iterator<Item = Statistic> {
        let open = Statistic { name: "dns_connections", value: self.connections.count() as u64 };
        self.counters.statistics().chain([open])
    }
}

impl Configure for Dns {
    fn configure(archive: &Archive) -> Result<Self, Unusable> {
        Snapshot::load(archive).map(Self::new)
    }
}

#[cfg(test)]
mod tests;
