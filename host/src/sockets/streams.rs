//! All connections of an appliance: who has news, whose deadline comes, what is over.
//!
//! ```text
//! epoll ──▶ hear ──▶ ready ──▶ exchange: read, write ──▶ Appliance::on_stream ──▶ settle: write, finish, close
//!                      ▲                                                             │
//!                      └──────────── there is more than one turn's worth ◀───────────┘
//! ```
//!
//! Only those that have news are looked at: others cost nothing, however many there are.

mod connection;
mod incoming;
mod network;
mod open;
mod outgoing;

pub(super) use connection::apply;

use super::counters::StreamCounters;
use super::limits::MEMORY;
use super::readiness::{News, Readiness};
use appliance::{Appliance, End, NoRoom, StreamEvent, StreamId};
use connection::{Connection, Phase};
use core::cell::RefCell;
use core::net::SocketAddr;
use moment::{Instant, Moment};
use std::collections::BTreeSet;
use std::net::TcpStream;

/// All connections.
#[derive(Debug)]
pub(super) struct Streams {
    readiness: Readiness,
    places: Vec<Place>,
    free: Vec<usize>,
    /// How many there may be at once.
    limit: usize,
    /// Those that are to be looked at in the next turn.
    ready: Vec<StreamId>,
    /// Those that an appliance did something with since they were last seen to.
    touched: RefCell<Vec<StreamId>>,
    /// What is due, by place.
    alarms: BTreeSet<(Instant, usize, Alarm)>,
    /// The block that is read into: whoever leaves something in it keeps it, or moves that out of it.
    spare: Vec<u8>,
    /// Octets of memory that all hold.
    held: usize,
    pub(super) counters: StreamCounters,
}

/// A place for a connection; the index of its stream's name.
#[derive(Debug, Default)]
struct Place {
    generation: u32,
    connection: Option<Box<Connection>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Alarm {
    /// The deadline that the appliance set.
    Deadline,
    /// It is to be looked whether all is acknowledged.
    Check,
}

impl Streams {
    pub(super) fn new(readiness: Readiness, limit: usize) -> Self {
        Self {
            readiness,
            places: Vec::new(),
            free: Vec::new(),
            limit,
            ready: Vec::new(),
            touched: RefCell::new(Vec::new()),
            alarms: BTreeSet::new(),
            spare: Vec::new(),
            held: 0,
            counters: StreamCounters::default(),
        }
    }

    pub(super) fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// Whether there may be one more.
    pub(super) fn has_room(&self) -> bool {
        self.places.len() - self.free.len() < self.limit
    }

    /// A peer came. Without room for one more it is let go.
    pub(super) fn accept(&mut self, socket: TcpStream, peer: SocketAddr, local: SocketAddr) {
        if self.add(Connection::new(socket, peer, local, Phase::Connected)).is_ok() {
            self.counters.accepted += 1;
        }
    }

    fn add(&mut self, connection: Connection) -> Result<StreamId, NoRoom> {
        if !self.has_room() {
            return Err(NoRoom);
        }
        let index = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place::default());
            self.places.len() - 1
        });
        let place = &mut self.places[index];
        let id = StreamId::new(index as u32, place.generation);
        if self.readiness.watch_changes(&connection.socket, id).is_err() {
            self.free.push(index);
            return Err(NoRoom);
        }
        place.connection = Some(Box::new(connection));
        self.list(id);
        Ok(id)
    }

    /// Something became possible on a stream's socket, unless that is over.
    pub(super) fn hear(&mut self, id: StreamId, news: News) {
        if let Some(connection) = self.connection(id) {
            connection.hear(news);
            self.list(id);
        }
    }

    /// Has a stream looked at in the next turn.
    fn list(&mut self, id: StreamId) {
        if let Some(connection) = self.connection(id)
            && !core::mem::replace(&mut connection.is_listed, true)
        {
            self.ready.push(id);
        }
    }

    /// Whether a turn is worth it at once.
    pub(super) fn are_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// When a turn is due though nothing comes.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.alarms.first().map(|(at, ..)| *at)
    }

    /// Tells the appliance of every stream that has news, each once, and of deadlines that have come.
    pub(super) fn turn(&mut self, appliance: &mut impl Appliance, now: Moment) {
        for id in core::mem::take(&mut self.ready) {
            self.look(id, appliance, now);
        }
        let due: Vec<_> = self.alarms.iter().take_while(|(at, ..)| *at <= now.instant).copied().collect();
        for alarm in due {
            // One that was set anew meanwhile is not due.
            if self.alarms.remove(&alarm) {
                let (_, index, kind) = alarm;
                self.ring(index, kind, appliance, now);
            }
        }
    }

    fn look(&mut self, id: StreamId, appliance: &mut impl Appliance, now: Moment) {
        let Self { places, spare, counters, .. } = self;
        let Some(connection) = find(places, id) else { return };
        connection.is_listed = false;
        let event = match connection.exchange(spare, counters) {
            Ok(event) => event,
            Err(end) => return self.close(id, end, appliance, now),
        };
        if let Some(event) = event {
            appliance.on_stream(id, event, self, now);
        }
        self.touch(id);
        self.settle(appliance, now);
    }

    fn ring(&mut self, index: usize, alarm: Alarm, appliance: &mut impl Appliance, now: Moment) {
        let Some(Place { generation, connection: Some(connection) }) = self.places.get_mut(index) else {
            return;
        };
        let id = StreamId::new(index as u32, *generation);
        match alarm {
            Alarm::Check => connection.check = None,
            Alarm::Deadline => {
                connection.deadline = None;
                appliance.on_stream(id, StreamEvent::DeadlinePassed, self, now);
            }
        }
        self.touch(id);
        self.settle(appliance, now);
    }

    /// Notes that a stream is to be seen to when the appliance is done.
    fn touch(&self, id: StreamId) {
        let mut touched = self.touched.borrow_mut();
        if touched.last() != Some(&id) {
            touched.push(id);
        }
    }

    /// Sees to every stream that the appliance did something with.
    pub(super) fn settle(&mut self, appliance: &mut impl Appliance, now: Moment) {
        loop {
            let touched = self.touched.borrow_mut().pop();
            let Some(id) = touched else { return };
            if let Err(end) = self.settle_one(id, now.instant) {
                self.close(id, end, appliance, now);
            }
        }
    }

    /// Sends what waits, and has the stream looked at again where that is worth it; an error is its end.
    fn settle_one(&mut self, id: StreamId, now: Instant) -> Result<(), End> {
        let Self { places, spare, counters, alarms, held, .. } = self;
        let Some(connection) = find(places, id) else { return Ok(()) };
        connection.incoming.settle(spare);
        connection.send(counters)?;
        if connection.check.is_none()
            && let Some(interval) = connection.check_acknowledged()
        {
            connection.check = Some(now + interval);
            alarms.insert((now + interval, id.index(), Alarm::Check));
        }
        *held = *held + connection.held() - connection.counted;
        connection.counted = connection.held();
        if *held > MEMORY {
            return Err(End::Shed);
        }
        if connection.is_over() {
            return Err(End::Finished);
        }
        if connection.has_more() {
            self.list(id);
        }
        Ok(())
    }

    /// A stream is over, and the appliance is told so.
    fn close(&mut self, id: StreamId, end: End, appliance: &mut impl Appliance, now: Moment) {
        if let Some(connection) = self.remove(id) {
            if end == End::Shed {
                connection.reset_on_close();
            }
            self.counters.count(end);
            drop(connection);
            appliance.on_stream(id, StreamEvent::Closed(end), self, now);
        }
    }

    /// A stream is given up by the appliance, which is told nothing of it any more.
    fn abort(&mut self, id: StreamId) {
        if let Some(connection) = self.remove(id) {
            connection.reset_on_close();
            self.counters.aborted += 1;
        }
    }

    fn remove(&mut self, id: StreamId) -> Option<Box<Connection>> {
        let place = self.places.get_mut(id.index()).filter(|place| place.generation == id.generation())?;
        let connection = place.connection.take()?;
        place.generation = place.generation.wrapping_add(1);
        self.free.push(id.index());
        self.held -= connection.counted;
        for (at, alarm) in [(connection.deadline, Alarm::Deadline), (connection.check, Alarm::Check)] {
            if let Some(at) = at {
                self.alarms.remove(&(at, id.index(), alarm));
            }
        }
        Some(connection)
    }

    fn set_deadline(&mut self, id: StreamId, at: Option<Instant>) {
        let Some(connection) = find(&mut self.places, id) else { return };
        let before = core::mem::replace(&mut connection.deadline, at);
        if let Some(before) = before {
            self.alarms.remove(&(before, id.index(), Alarm::Deadline));
        }
        if let Some(at) = at {
            self.alarms.insert((at, id.index(), Alarm::Deadline));
        }
    }

    fn connection(&mut self, id: StreamId) -> Option<&mut Connection> {
        find(&mut self.places, id)
    }

    fn peek(&self, id: StreamId) -> Option<&Connection> {
        let place = self.places.get(id.index()).filter(|place| place.generation == id.generation())?;
        place.connection.as_deref()
    }
}

fn find(places: &mut [Place], id: StreamId) -> Option<&mut Connection> {
    let place = places.get_mut(id.index()).filter(|place| place.generation == id.generation())?;
    place.connection.as_deref_mut()
}
