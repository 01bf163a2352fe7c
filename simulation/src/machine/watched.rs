//! An appliance, and whether its turn was of use to it.

use appliance::{Appliance, Datagram, Listener, Network, Reply, StreamEvent, StreamId};
use moment::{Instant, Moment};
use operator::Statistic;

/// An appliance of which is known whether it was told of anything.
#[derive(Debug)]
pub(super) struct Watched<A> {
    pub(super) appliance: A,
    was_told: bool,
}

impl<A> Watched<A> {
    pub(super) const fn new(appliance: A) -> Self {
        Self { appliance, was_told: false }
    }

    /// Whether it was told of anything on a stream, or that its deadline had come, since this was asked last.
    pub(super) const fn was_told(&mut self) -> bool {
        core::mem::replace(&mut self.was_told, false)
    }
}

impl<A: Appliance> Appliance for Watched<A> {
    fn listeners(&self) -> &[Listener] {
        self.appliance.listeners()
    }

    fn on_datagram(&mut self, datagram: Datagram<'_>, now: Moment) -> Reply {
        self.appliance.on_datagram(datagram, now)
    }

    fn on_stream<N: Network>(&mut self, id: StreamId, event: StreamEvent, network: &mut N, now: Moment) {
        self.was_told = true;
        self.appliance.on_stream(id, event, network, now);
    }

    fn deadline(&self) -> Option<Instant> {
        self.appliance.deadline()
    }

    fn on_deadline<N: Network>(&mut self, network: &mut N, now: Moment) {
        self.was_told = true;
        self.appliance.on_deadline(network, now);
    }

    fn statistics(&self) -> impl Iterator<Item = Statistic> {
        self.appliance.statistics()
    }
}
