//! A network in memory, as strict as the contract lets one be: the peers' ends are the test's.
//!
//! Knows of nothing but the contract: the fuzz target `stream` uses it too.

extern crate alloc;

use self::alloc::vec::Vec;
use appliance::{Appliance, Bytes, End, Network, NoRoom, Policy, Stream, StreamEvent, StreamId};
use core::net::SocketAddr;
use core::time::Duration;
use moment::{Instant, Moment};

/// As many octets as a stream holds that were not consumed: the least that a machine may have.
const RECEIVED: usize = 128 << 10;

/// The longest message and its length: for so much there is room at some time.
const ROOM: usize = 65_537;

/// All streams there ever were, by index, and the time.
pub(crate) struct Wires {
    wires: Vec<Wire>,
    now: Instant,
    /// Where whatever is sent next is written.
    room: Vec<u8>,
}

/// A stream, and what became of it.
pub(crate) struct Wire {
    peer: SocketAddr,
    /// What the appliance has not seen, and what it has and did not consume.
    waiting: Vec<u8>,
    received: Vec<u8>,
    is_finished: bool,
    /// Whether something came of which the appliance was not told.
    has_news: bool,
    expected: usize,
    /// What the appliance sent, ...
    pub(crate) sent: Vec<u8>,
    /// ... how much more it may send, ...
    room: usize,
    /// ... and how much it asked for in vain.
    wanted: Option<usize>,
    pub(crate) state: State,
    deadline: Option<Instant>,
}

/// How the appliance left a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    /// It sends no more.
    Finished,
    /// It was reset, or is over.
    Closed,
}

/// A stream as the appliance sees it.
pub(crate) struct Endpoint<'a> {
    wire: &'a mut Wire,
    room: &'a mut Vec<u8>,
}

impl Network for Wires {
    type Stream<'a> = Endpoint<'a>;

    fn stream(&mut self, id: StreamId) -> Option<Endpoint<'_>> {
        let wire = self.wires.get_mut(id.index()).filter(|wire| wire.state != State::Closed)?;
        Some(Endpoint { wire, room: &mut self.room })
    }

    fn dial(&mut self, _: SocketAddr) -> Result<StreamId, NoRoom> {
        Err(NoRoom)
    }
}

impl Stream for Endpoint<'_> {
    fn peer(&self) -> SocketAddr {
        self.wire.peer
    }

    fn local(&self) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 53], 53))
    }

    fn received(&mut self) -> &mut [u8] {
        &mut self.wire.received
    }

    fn consume(&mut self, count: usize) {
        self.wire.received.drain(..count.min(self.wire.received.len()));
    }

    fn expect(&mut self, least: usize) {
        self.wire.expected = least;
    }

    fn is_finished(&self) -> bool {
        self.wire.is_finished && self.wire.waiting.is_empty()
    }

    fn room(&mut self, least: usize) -> &mut [u8] {
        assert!(least <= ROOM, "more than is always possible");
        if least > self.wire.room {
            self.wire.wanted = Some(least);
            return &mut [];
        }
        self.room.resize(self.wire.room.min(ROOM), 0xa5);
        self.room
    }

    fn commit(&mut self, count: usize) {
        assert_eq!(self.wire.state, State::Open, "nothing is sent after the end");
        let count = count.min(self.wire.room).min(self.room.len());
        self.wire.sent.extend_from_slice(&self.room[..count]);
        self.wire.room -= count;
    }

    fn lend(&mut self, region: Bytes) -> Result<(), Bytes> {
        Err(region)
    }

    fn is_drained(&self) -> bool {
        true
    }

    fn finish(&mut self) {
        self.wire.state = State::Finished;
    }

    fn abort(&mut self) {
        self.wire.state = State::Closed;
    }

    fn set_deadline(&mut self, at: Option<Instant>) {
        self.wire.deadline = at;
    }

    fn set_policy(&mut self, policy: Policy) {
        assert!(!policy.nagle && policy.user_timeout >= Duration::from_secs(1));
    }
}

impl Wires {
    pub(crate) fn new() -> Self {
        Self { wires: Vec::new(), now: Instant::START, room: Vec::new() }
    }

    pub(crate) fn wire(&self, id: StreamId) -> &Wire {
        &self.wires[id.index()]
    }

    fn moment(&self) -> Moment {
        Moment { instant: self.now, unix_time: None }
    }

    fn tell(&mut self, appliance: &mut impl Appliance, id: StreamId, event: StreamEvent) {
        let now = self.moment();
        appliance.on_stream(id, event, self, now);
    }

    /// A peer opens a stream, on which the appliance may send `room` octets before the peer [takes](Self::take) them, and has
    /// sent `octets` already.
    pub(crate) fn open(
        &mut self,
        appliance: &mut impl Appliance,
        peer: SocketAddr,
        room: usize,
        octets: &[u8],
    ) -> StreamId {
        let id = StreamId::new(self.wires.len() as u32, 1);
        self.wires.push(Wire {
            peer,
            waiting: Vec::new(),
            received: octets.to_vec(),
            is_finished: false,
            has_news: false,
            expected: 1,
            sent: Vec::new(),
            room,
            wanted: None,
            state: State::Open,
            deadline: None,
        });
        self.tell(appliance, id, StreamEvent::Opened);
        self.settle(appliance, id);
        id
    }

    /// The peer sends.
    pub(crate) fn send(&mut self, appliance: &mut impl Appliance, id: StreamId, octets: &[u8]) {
        self.wires[id.index()].waiting.extend_from_slice(octets);
        self.settle(appliance, id);
    }

    /// The peer finishes.
    pub(crate) fn finish(&mut self, appliance: &mut impl Appliance, id: StreamId) {
        let wire = &mut self.wires[id.index()];
        (wire.is_finished, wire.has_news) = (true, true);
        self.settle(appliance, id);
    }

    /// The stream is over.
    pub(crate) fn end(&mut self, appliance: &mut impl Appliance, id: StreamId, end: End) {
        self.wires[id.index()].state = State::Closed;
        self.tell(appliance, id, StreamEvent::Closed(end));
    }

    /// The peer takes what was sent, and has room for so many octets more.
    pub(crate) fn take(&mut self, appliance: &mut impl Appliance, id: StreamId, octets: usize) {
        self.wires[id.index()].room += octets;
        self.settle(appliance, id);
    }

    /// Time passes.
    pub(crate) fn pass(&mut self, appliance: &mut impl Appliance, time: Duration) {
        self.now = self.now + time;
        let now = self.moment();
        if appliance.deadline().is_some_and(|deadline| deadline <= self.now) {
            appliance.on_deadline(self, now);
        }
        for index in 0..self.wires.len() {
            self.settle(appliance, StreamId::new(index as u32, 1));
        }
    }

    /// Tells of a stream whatever there is to be told, turn by turn.
    fn settle(&mut self, appliance: &mut impl Appliance, id: StreamId) {
        for _ in 0..1_000_000 {
            let now = self.now;
            let wire = &mut self.wires[id.index()];
            if wire.state == State::Closed {
                return;
            }
            let space = (RECEIVED - wire.received.len()).min(wire.waiting.len());
            wire.received.extend(wire.waiting.drain(..space));
            wire.has_news |= space > 0;
            let is_enough = wire.received.len() >= wire.expected.min(RECEIVED) || wire.is_finished;
            let has_come = wire.has_news && is_enough;
            wire.has_news &= !has_come;
            let has_room = wire.wanted.is_some_and(|wanted| wanted <= wire.room);
            if has_room {
                wire.wanted = None;
            }
            let is_due = wire.deadline.is_some_and(|deadline| deadline <= now);
            if has_come || has_room {
                self.tell(appliance, id, StreamEvent::Progress);
            } else if is_due {
                wire.deadline = None;
                self.tell(appliance, id, StreamEvent::DeadlinePassed);
            } else {
                return;
            }
        }
        panic!("there is no end to it");
    }
}
