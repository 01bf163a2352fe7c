//! What an appliance is: a pure state machine. Bytes and the time in; bytes and a deadline out.
//!
//! An appliance serves an immutable, reference-counted *snapshot* (zones, routes, a site), made whole from an archive;
//! what it is doing is the state of one *worker*, which owns it alone. It can't tell which machine it stands on.

#![no_std]
#![forbid(unsafe_code)]

mod datagram;
mod network;
mod stream;

pub use bytes::Bytes;
pub use datagram::{Datagram, Reply};
pub use network::{Network, NoRoom, StreamId};
pub use stream::{End, Policy, Stream, StreamEvent};

use moment::{Instant, Moment};
use operator::Statistic;

/// A worker of an appliance.
pub trait Appliance {
    /// What it wants to be reached by, on every address of the machine. Never changes while it runs.
    fn listeners(&self) -> &[Listener];

    /// A datagram came to one of its listeners. The answer, if any, is written over it (see [`Datagram`]).
    fn on_datagram(&mut self, datagram: Datagram<'_>, now: Moment) -> Reply;

    /// Something happened on a stream. The first event of each is [`StreamEvent::Opened`], the last [`StreamEvent::Closed`].
    ///
    /// An appliance that has no use for streams drops them.
    fn on_stream<N: Network>(&mut self, id: StreamId, _event: StreamEvent, network: &mut N, _now: Moment) {
        if let Some(mut stream) = network.stream(id) {
            stream.abort();
        }
    }

    /// When [`Appliance::on_deadline`] is to be called: a deadline that belongs to no stream. Asked for after every turn.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    /// What [`Appliance::deadline`] named has come.
    fn on_deadline<N: Network>(&mut self, _network: &mut N, _now: Moment) {}

    /// How often everything happened that it counts; each name begins with the appliance's own.
    fn statistics(&self) -> impl Iterator<Item = Statistic> {
        core::iter::empty()
    }
}

/// A port that an appliance answers on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listener {
    /// A UDP port.
    Datagram {
        /// The port.
        port: u16,
    },
    /// A TCP port.
    Stream {
        /// The port.
        port: u16,
    },
}
