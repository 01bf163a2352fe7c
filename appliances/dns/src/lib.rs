//! An authoritative DNS server as a pure state machine: a query in, its reply written over it.
//!
//! [`prepare`] makes an archive from a configuration on a host, zones compiled; [`Dns`] is configured from it, and from then
//! on allocates nothing. A reply is the query with records behind its question: nothing of it is moved.
//!
//! ```text
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
mod tsig;
mod zone;

pub use prepare::prepare;
pub use zone::{CompileError, Fault, compile};

use alloc::sync::Arc;
use appliance::{Appliance, Datagram, Listener, Reply};
use configuration::{Archive, Configure, Unusable};
use counters::{Count, Counters};
use moment::Moment;
use operator::Statistic;
use snapshot::Snapshot;

/// A worker of the server.
#[derive(Debug)]
pub struct Dns {
    snapshot: Arc<Snapshot>,
    listeners: [Listener; 1],
    counters: Counters,
}

#[cfg(test)]
impl Dns {
    /// A server of these compiled zones, all else as it is by default.
    fn of(compiled: &bytes::Bytes) -> Self {
        let snapshot = Snapshot::of(compiled);
        let listeners = [Listener::Datagram { port: snapshot.port() }];
        Self { snapshot: Arc::new(snapshot), listeners, counters: Counters::new() }
    }
}

impl Appliance for Dns {
    fn listeners(&self) -> &[Listener] {
        &self.listeners
    }

    fn on_datagram(&mut self, datagram: Datagram<'_>, _now: Moment) -> Reply {
        self.counters.add(if datagram.source.is_ipv4() { Count::Udp4 } else { Count::Udp6 });
        match self.snapshot.reply(datagram.buffer, datagram.length, &mut self.counters) {
            Some(length) => Reply::Send { length },
            None => Reply::Silence,
        }
    }

    fn statistics(&self) -> impl Iterator<Item = Statistic> {
        self.counters.statistics()
    }
}

impl Configure for Dns {
    fn configure(archive: &Archive) -> Result<Self, Unusable> {
        let snapshot = Snapshot::load(archive)?;
        let listeners = [Listener::Datagram { port: snapshot.port() }];
        Ok(Self { snapshot: Arc::new(snapshot), listeners, counters: Counters::new() })
    }
}

#[cfg(test)]
mod tests;
