//! Small services over streams, for whoever tries or measures a network stack: an appliance like any other, that stands on every
//! machine and whose every octet says where in its stream it belongs.
//!
//! | port | |
//! |---|---|
//! | 7    | echo (RFC 862): what came goes back |
//! | 9    | discard (RFC 863): what came is thrown away |
//! | 19   | the character generator (RFC 864), from memory that is lent, until the peer has finished |
//! | 1919 | the same, written into the stream's room |
//! | 2000 | exchanges: four octets of a length, and so much of the generator's lines comes back; again and again |

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod exchange;
mod lines;

pub use exchange::Exchange;
pub use lines::{PERIOD, octet, write};

use alloc::boxed::Box;
use alloc::vec;
use appliance::{Appliance, Bytes, Datagram, Listener, Network, Reply, Stream, StreamEvent, StreamId};
use configuration::{Archive, Configure, Unusable};
use moment::Moment;
use operator::Statistic;

/// The ports.
pub const ECHO: u16 = 7;
/// See [`ECHO`].
pub const DISCARD: u16 = 9;
/// See [`ECHO`].
pub const GENERATOR: u16 = 19;
/// See [`ECHO`].
pub const WRITTEN_GENERATOR: u16 = 1919;
/// See [`ECHO`].
pub const EXCHANGES: u16 = 2000;

const LISTENERS: [Listener; 5] = [
    Listener::Stream { port: ECHO },
    Listener::Stream { port: DISCARD },
    Listener::Stream { port: GENERATOR },
    Listener::Stream { port: WRITTEN_GENERATOR },
    Listener::Stream { port: EXCHANGES },
];

/// Streams whose place is remembered: as many as a machine has. One with an index beyond is aborted by a service that has to.
const REMEMBERED: usize = 131_072;

/// What is copied at once from what came to what goes back, in octets.
const PORTION: usize = 16 << 10;

/// A worker of the services.
#[derive(Debug)]
pub struct Services {
    /// How far each stream of a service that remembers something is, by the stream's index.
    exchanges: Box<[Exchange]>,
    portion: Box<[u8]>,
    opened: u64,
    closed: u64,
    received: u64,
}

impl Services {
    /// All of them.
    #[must_use]
    pub fn new() -> Self {
        Self {
            exchanges: vec![Exchange::NEW; REMEMBERED].into(),
            portion: vec![0; PORTION].into(),
            opened: 0,
            closed: 0,
            received: 0,
        }
    }

    /// Does as much on a stream as can be done now.
    fn serve(&mut self, id: StreamId, stream: &mut impl Stream) {
        match stream.local().port() {
            ECHO => self.echo(stream),
            DISCARD => {
                self.discard(stream);
            }
            GENERATOR => {
                self.discard(stream);
                if !stream.is_finished() {
                    while stream.lend(Bytes::from_static(lines::REGION)).is_ok() {}
                }
            }
            WRITTEN_GENERATOR => {
                self.discard(stream);
                match self.exchanges.get_mut(id.index()) {
                    Some(exchange) if !stream.is_finished() => exchange.generate(stream),
                    Some(_) => {}
                    None => stream.abort(),
                }
            }
            _ => match self.exchanges.get_mut(id.index()) {
                Some(exchange) => self.received += exchange.converse(stream),
                None => stream.abort(),
            },
        }
    }

    fn echo(&mut self, stream: &mut impl Stream) {
        loop {
            let came = stream.received();
            let length = came.len().min(self.portion.len());
            if length == 0 {
                break;
            }
            self.portion[..length].copy_from_slice(&came[..length]);
            let room = stream.room(1);
            let length = length.min(room.len());
            if length == 0 {
                // Progress comes when there is room.
                return;
            }
            room[..length].copy_from_slice(&self.portion[..length]);
            stream.commit(length);
            stream.consume(length);
            self.received += length as u64;
        }
        if stream.is_finished() {
            stream.finish();
        }
    }

    /// Throws away what came, and finishes when the peer has.
    fn discard(&mut self, stream: &mut impl Stream) {
        let length = stream.received().len();
        stream.consume(length);
        self.received += length as u64;
        if stream.is_finished() {
            stream.finish();
        }
    }
}

impl Default for Services {
    fn default() -> Self {
        Self::new()
    }
}

impl Appliance for Services {
    fn listeners(&self) -> &[Listener] {
        &LISTENERS
    }

    fn on_datagram(&mut self, _datagram: Datagram<'_>, _now: Moment) -> Reply {
        Reply::Silence
    }

    fn on_stream<N: Network>(&mut self, id: StreamId, event: StreamEvent, network: &mut N, _now: Moment) {
        match event {
            StreamEvent::Opened => {
                self.opened += 1;
                if let Some(exchange) = self.exchanges.get_mut(id.index()) {
                    *exchange = Exchange::NEW;
                }
            }
            StreamEvent::Closed(_) => self.closed += 1,
            StreamEvent::Progress | StreamEvent::DeadlinePassed => {}
        }
        if let Some(mut stream) = network.stream(id) {
            self.serve(id, &mut stream);
        }
    }

    fn statistics(&self) -> impl Iterator<Item = Statistic> {
        [
            ("services_streams_opened_total", self.opened),
            ("services_streams_closed_total", self.closed),
            ("services_received_bytes_total", self.received),
        ]
        .into_iter()
        .map(|(name, value)| Statistic { name, value })
    }
}

impl Configure for Services {
    /// There is nothing to decide.
    fn configure(_archive: &Archive) -> Result<Self, Unusable> {
        Ok(Self::new())
    }
}

#[cfg(test)]
mod tests;
