//! An appliance, and how often it was called without a frame: a turn in which it was is good for something.

use appliance::{Appliance, Datagram, Listener, Network, Reply, StreamEvent, StreamId};
use moment::{Instant, Moment};
use operator::Statistic;

/// An appliance whose calls are counted.
#[derive(Debug)]
pub(super) struct Attended<A> {
    pub(super) appliance: A,
    /// How often something happened on its streams, or what it waited for came.
    pub(super) calls: u64,
}

impl<A: Appliance> Appliance for Attended<A> {
    fn listeners(&self) -> &[Listener] {
        self.appliance.listeners()
    }

    fn on_datagram(&mut self, datagram: Datagram<'_>, now: Moment) -> Reply {
        self.appliance.on_datagram(datagram, now)
    }

    fn on_stream<N: Network>(&mut self, id: StreamId, event: StreamEvent, network: &mut N, now: Moment) {
        self.calls += 1;
        self.appliance.on_stream(id, event, network, now);
    }

    fn deadline(&self) -> Option<Instant> {
        self.appliance.deadline()
    }

    fn on_deadline<N: Network>(&mut self, network: &mut N, now: Moment) {
        self.calls += 1;
        self.appliance.on_deadline(network, now);
    }

    fn statistics(&self) -> impl Iterator<Item = Statistic> {
        self.appliance.statistics()
    }
}
