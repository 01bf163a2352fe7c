//! An appliance that does with a stream what its port says.

use appliance::{Appliance, Bytes, Datagram, Listener, Network, Reply, Stream, StreamEvent, StreamId};
use core::net::SocketAddr;
use core::time::Duration;
use moment::Moment;
use std::collections::{HashMap, HashSet};

/// Sends back what came; finishes when the peer has.
pub(super) const ECHO: u16 = 7;
/// Sends [`AMOUNT`] octets, some copied and some lent, and finishes.
pub(super) const SOURCE: u16 = 19;
/// Says "late" after [`PATIENCE`], and finishes.
pub(super) const DEADLINE: u16 = 20;
/// Aborts when something came.
pub(super) const ABORT: u16 = 21;
/// Expects 65,537 octets, and says how many there are; consumes nothing.
pub(super) const COUNT: u16 = 22;
/// Dials the target, and carries octets to and fro.
pub(super) const PROXY: u16 = 23;
/// Sends [`AMOUNT`] octets, waits until all are acknowledged, says "drained", finishes.
pub(super) const DRAIN: u16 = 24;

pub(super) const AMOUNT: usize = 24 << 20;
pub(super) const PATIENCE: Duration = Duration::from_millis(80);

const LISTENERS: [Listener; 7] = {
    let ports = [ECHO, SOURCE, DEADLINE, ABORT, COUNT, PROXY, DRAIN];
    let mut listeners = [Listener::Stream { port: 0 }; 7];
    let mut index = 0;
    while index < ports.len() {
        listeners[index] = Listener::Stream { port: ports[index] };
        index += 1;
    }
    listeners
};

/// So many octets of a sequence that doesn't repeat soon, from its octet `from` on.
pub(super) fn pattern(from: usize, count: usize) -> Vec<u8> {
    (from..from + count).map(|index| (index / 251 + index % 251) as u8).collect()
}

pub(super) struct Trial {
    target: Option<SocketAddr>,
    pub(super) told: Vec<StreamEvent>,
    pub(super) locals: Vec<SocketAddr>,
    sent: HashMap<StreamId, usize>,
    pairs: HashMap<StreamId, StreamId>,
    drained: HashSet<StreamId>,
}

impl Trial {
    pub(super) fn new(target: Option<SocketAddr>) -> Self {
        let (told, locals) = (Vec::new(), Vec::new());
        Self { target, told, locals, sent: HashMap::new(), pairs: HashMap::new(), drained: HashSet::new() }
    }

    /// Sends the pattern as far as there is room; whether all of it was sent.
    fn pour(&mut self, id: StreamId, stream: &mut impl Stream) -> bool {
        let sent = self.sent.entry(id).or_default();
        while *sent < AMOUNT {
            let count = (AMOUNT - *sent).min(60_000);
            let octets = pattern(*sent, count);
            if (*sent / 60_000).is_multiple_of(2) {
                if stream.lend(Bytes::from(octets)).is_err() {
                    return false;
                }
            } else {
                let room = stream.room(count);
                let Some(room) = room.get_mut(..count) else { return false };
                room.copy_from_slice(&octets);
                stream.commit(count);
            }
            *sent += count;
        }
        true
    }

    fn proxy<N: Network>(&mut self, id: StreamId, event: StreamEvent, network: &mut N) {
        if event == StreamEvent::Opened && !self.pairs.contains_key(&id) {
            let other = network.dial(self.target.unwrap()).unwrap();
            self.pairs.insert(id, other);
            self.pairs.insert(other, id);
        }
        let other = self.pairs[&id];
        if matches!(event, StreamEvent::Closed(_)) {
            if let Some(mut stream) = network.stream(other)
                && event != StreamEvent::Closed(appliance::End::Finished)
            {
                stream.abort();
            }
            return;
        }
        carry(network, id, other);
        carry(network, other, id);
    }
}

/// Carries what came from one to another.
fn carry<N: Network>(network: &mut N, from: StreamId, to: StreamId) {
    let came = network.stream(from).map(|mut stream| (stream.received().to_vec(), stream.is_finished()));
    let Some((octets, is_finished)) = came else { return };
    let Some(carried) = network.stream(to).map(|mut stream| {
        let room = stream.room(1);
        let count = octets.len().min(room.len());
        room[..count].copy_from_slice(&octets[..count]);
        stream.commit(count);
        if is_finished && count == octets.len() {
            stream.finish();
        }
        count
    }) else {
        return;
    };
    if let Some(mut stream) = network.stream(from) {
        stream.consume(carried);
    }
}

fn echo(stream: &mut impl Stream) {
    loop {
        let octets = stream.received().to_vec();
        if octets.is_empty() {
            break;
        }
        let room = stream.room(1);
        let count = octets.len().min(room.len());
        if count == 0 {
            return;
        }
        room[..count].copy_from_slice(&octets[..count]);
        stream.commit(count);
        stream.consume(count);
    }
    if stream.is_finished() {
        stream.finish();
    }
}

fn say(stream: &mut impl Stream, words: &[u8]) {
    stream.room(words.len())[..words.len()].copy_from_slice(words);
    stream.commit(words.len());
}

impl Appliance for Trial {
    fn listeners(&self) -> &[Listener] {
        &LISTENERS
    }

    fn on_datagram(&mut self, _datagram: Datagram<'_>, _now: Moment) -> Reply {
        Reply::Silence
    }

    fn on_stream<N: Network>(&mut self, id: StreamId, event: StreamEvent, network: &mut N, now: Moment) {
        self.told.push(event);
        let is_proxy = network.stream(id).is_some_and(|stream| stream.local().port() == PROXY)
            || self.pairs.contains_key(&id);
        if is_proxy {
            return self.proxy(id, event, network);
        }
        let Some(mut stream) = network.stream(id) else { return };
        if event == StreamEvent::Opened {
            self.locals.push(stream.local());
        }
        match stream.local().port() {
            ECHO => echo(&mut stream),
            SOURCE if self.pour(id, &mut stream) => stream.finish(),
            DEADLINE if event == StreamEvent::Opened => stream.set_deadline(Some(now.instant + PATIENCE)),
            DEADLINE if event == StreamEvent::DeadlinePassed => {
                say(&mut stream, b"late");
                stream.finish();
            }
            ABORT if !stream.received().is_empty() => stream.abort(),
            COUNT if event == StreamEvent::Opened => stream.expect(65_537),
            COUNT if event == StreamEvent::Progress && self.sent.insert(id, 0).is_none() => {
                let count = stream.received().len() as u32;
                say(&mut stream, &[&count.to_be_bytes()[..], b"."].concat());
                stream.set_deadline(Some(now.instant));
            }
            DRAIN if self.pour(id, &mut stream) && stream.is_drained() && self.drained.insert(id) => {
                say(&mut stream, b"drained");
                stream.finish();
            }
            _ => {}
        }
    }
}
