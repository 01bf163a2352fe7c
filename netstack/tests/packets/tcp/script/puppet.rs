//! The appliance of scripts.

use appliance::{
    Appliance, Bytes, Datagram, Listener, Network, Policy, Reply, Stream, StreamEvent, StreamId,
};
use moment::{Instant, Moment};
use std::collections::VecDeque;

/// What the appliance does with its last stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Dial(&'static str),
    /// Commits so many octets.
    Write(usize),
    Lend(usize),
    /// Asks for room and does not use it.
    Room(usize),
    Consume(usize),
    Expect(usize),
    Finish,
    Abort,
    Policy(Policy),
}

/// An appliance that does what a script says, and notes what it is told.
#[derive(Default)]
pub(crate) struct Puppet {
    pub(super) acts: VecDeque<Act>,
    pub(crate) last: Option<StreamId>,
    pub(crate) told: Vec<StreamEvent>,
    written: usize,
    /// What was received, of all streams.
    pub(crate) read: Vec<u8>,
}

impl Puppet {
    fn perform<N: Network>(&mut self, act: Act, network: &mut N) {
        if let Act::Dial(to) = act {
            self.last = network.dial(to.parse().expect("an address and a port")).ok();
            self.written = 0;
            return;
        }
        let id = self.last.expect("a stream");
        let Some(mut stream) = network.stream(id) else { return };
        match act {
            Act::Dial(_) => {}
            Act::Room(least) => assert!(stream.room(least).len() >= least, "room"),
            Act::Write(count) => {
                let written = self.written;
                let room = stream.room(count);
                assert!(room.len() >= count, "room");
                room[..count].iter_mut().enumerate().for_each(|(at, place)| *place = octet(written + at));
                stream.commit(count);
                self.written += count;
            }
            Act::Lend(count) => {
                let region: Vec<u8> = (self.written..self.written + count).map(octet).collect();
                stream.lend(Bytes::from(region)).expect("room");
                self.written += count;
            }
            Act::Consume(count) => {
                let octets = stream.received();
                let count = count.min(octets.len());
                self.read.extend_from_slice(&octets[..count]);
                stream.consume(count);
            }
            Act::Expect(least) => stream.expect(least),
            Act::Finish => stream.finish(),
            Act::Abort => stream.abort(),
            Act::Policy(policy) => stream.set_policy(policy),
        }
    }
}

impl Appliance for Puppet {
    fn listeners(&self) -> &[Listener] {
        &[Listener::Stream { port: 7 }]
    }

    fn on_datagram(&mut self, _datagram: Datagram<'_>, _now: Moment) -> Reply {
        Reply::Silence
    }

    fn on_stream<N: Network>(&mut self, id: StreamId, event: StreamEvent, _network: &mut N, _now: Moment) {
        if event == StreamEvent::Opened && self.last != Some(id) {
            (self.last, self.written) = (Some(id), 0);
        }
        self.told.push(event);
    }

    fn deadline(&self) -> Option<Instant> {
        (!self.acts.is_empty()).then_some(Instant::START)
    }

    fn on_deadline<N: Network>(&mut self, network: &mut N, _now: Moment) {
        for act in core::mem::take(&mut self.acts) {
            self.perform(act, network);
        }
    }
}

/// The octet of a stream at this place, in either direction.
pub(super) fn octet(place: usize) -> u8 {
    (place % 251) as u8
}
