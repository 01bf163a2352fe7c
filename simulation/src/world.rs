//! The world: a clock that moves from event to event, nodes, and cables between them.
//!
//! Nothing in it reads a real clock or a real source of randomness: the same seed makes the same world, to the last octet.

mod events;

use crate::cable::{Conditions, Direction, Fate};
use crate::limits;
use crate::node::{Node, Outbox};
use crate::random::Random;
use crate::record::Record;
use anyhow::{Context, Result, ensure};
use core::any::Any;
use core::marker::PhantomData;
use core::ops::{Index, IndexMut};
use events::{Event, Events};
use moment::Instant;

/// Everything there is.
pub struct World {
    now: Instant,
    random: Random,
    events: Events,
    places: Vec<Place>,
    directions: Vec<Direction>,
    record: Record,
    happened: u64,
}

/// A node and what it is attached to.
struct Place {
    name: &'static str,
    node: Box<dyn Node>,
    /// Which direction of which cable each port sends into, and what is at its far end.
    ports: Vec<Attachment>,
    /// When it wants to be called, if no frame arrives before.
    wake: Option<Instant>,
    /// How often it was called since a frame came or time moved, and when.
    calls: (u32, Instant),
}

#[derive(Clone, Copy)]
struct Attachment {
    port: usize,
    direction: usize,
    to: (usize, usize),
}

/// A node of a known kind in a world.
pub struct Handle<N>(usize, PhantomData<fn() -> N>);

/// A cable in a world: both its directions, that from its first end to the second first.
#[derive(Clone, Copy, Debug)]
pub struct CableHandle([usize; 2]);

/// A port of a node.
pub type Socket<N> = (Handle<N>, usize);

impl World {
    /// An empty world.
    #[must_use]
    pub fn new(random: Random, record: Record) -> Self {
        Self {
            now: Instant::START,
            random,
            events: Events::default(),
            places: Vec::new(),
            directions: Vec::new(),
            record,
            happened: 0,
        }
    }

    /// What time it is.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Puts a node somewhere; it gets its first turn when the world moves.
    pub fn place<N: Node>(&mut self, name: &'static str, node: N) -> Handle<N> {
        let number = self.places.len();
        let place = Place { name, node: Box::new(node), ports: Vec::new(), wake: None, calls: (0, self.now) };
        self.places.push(place);
        self.wake(number, self.now);
        Handle(number, PhantomData)
    }

    /// Lays a cable between two ports, both directions under these conditions.
    pub fn lay<A: Node, B: Node>(
        &mut self,
        one: Socket<A>,
        other: Socket<B>,
        conditions: Conditions,
    ) -> CableHandle {
        let ends = [(one.0.0, one.1), (other.0.0, other.1)];
        let first = self.directions.len();
        for (direction, (from, to)) in [(ends[0], ends[1]), (ends[1], ends[0])].into_iter().enumerate() {
            self.directions.push(Direction::new(conditions, self.random.fork()));
            let attachment = Attachment { port: from.1, direction: first + direction, to };
            self.places[from.0].ports.push(attachment);
        }
        CableHandle([first, first + 1])
    }

    /// Changes a cable's conditions, both directions', at some time from now on.
    pub fn change_at(&mut self, at: Instant, cable: CableHandle, conditions: [Conditions; 2]) {
        for (direction, conditions) in cable.0.into_iter().zip(conditions) {
            self.events.add(at, Event::Change { direction, conditions: Box::new(conditions) });
        }
    }

    /// Lets everything happen that happens until `end`.
    pub fn run_until(&mut self, end: Instant) -> Result<()> {
        while let Some((at, event)) = self.events.next_until(end) {
            self.now = at;
            self.happened += 1;
            let is_bounded = self.happened < limits::EVENTS && self.events.len() < limits::WAITING_EVENTS;
            ensure!(is_bounded, "the world does not come to rest");
            self.happen(event).with_context(|| format!("at {} ns", at.nanoseconds()))?;
        }
        self.now = end;
        Ok(())
    }

    fn happen(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Arrival { node, port, frame } => {
                let place = &mut self.places[node];
                self.record.note(self.now, format_args!("{} gets {} octets", place.name, frame.len()))?;
                place.calls.0 = 0;
                place.node.receive(port, frame, self.now);
                self.call(node)
            }
            Event::Wake { node } if self.places[node].wake == Some(self.now) => self.call(node),
            Event::Wake { .. } => Ok(()),
            Event::Change { direction, conditions } => {
                self.record.note(self.now, format_args!("direction {direction}: {conditions:?}"))?;
                self.directions[direction].change(*conditions);
                Ok(())
            }
        }
    }

    /// Gives a node its turn.
    fn call(&mut self, number: usize) -> Result<()> {
        let now = self.now;
        let place = &mut self.places[number];
        place.calls = if place.calls.1 == now { (place.calls.0 + 1, now) } else { (1, now) };
        ensure!(place.calls.0 <= limits::IDLE_CALLS, "{} runs in a circle", place.name);
        let mut outbox = Outbox::new();
        let next = place.node.turn(now, &mut outbox).with_context(|| place.name)?;
        place.wake = None;
        for (port, frame) in outbox {
            self.send(number, port, frame)?;
        }
        if let Some(next) = next {
            self.wake(number, next.max(now));
        }
        Ok(())
    }

    fn wake(&mut self, node: usize, at: Instant) {
        self.places[node].wake = Some(at);
        self.events.add(at, Event::Wake { node });
    }

    fn send(&mut self, from: usize, port: usize, frame: Vec<u8>) -> Result<()> {
        let Place { name, ports, .. } = &self.places[from];
        self.record.keep(self.now, &frame)?;
        let Some(&Attachment { direction, to: (node, to), .. }) = ports.iter().find(|one| one.port == port)
        else {
            return self.record.note(self.now, format_args!("{name} sends into port {port}, which is open"));
        };
        let length = frame.len();
        let fate = self.directions[direction].carry(frame, self.now);
        if self.record.is_kept() {
            let to = self.places[node].name;
            self.record.note(self.now, format_args!("{name} sends {to} {length} octets: {}", fate))?;
        }
        if let Fate::Carried(arrivals) = fate {
            for arrival in arrivals {
                self.events.add(arrival.at, Event::Arrival { node, port: to, frame: arrival.frame });
            }
        }
        Ok(())
    }

    fn node(&self, number: usize) -> &dyn Any {
        &*self.places[number].node
    }
}

impl<N> Clone for Handle<N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Handle<N> {}

impl<N: Node> Index<Handle<N>> for World {
    type Output = N;

    fn index(&self, handle: Handle<N>) -> &N {
        self.node(handle.0).downcast_ref().expect("a handle is of its world")
    }
}

impl<N: Node> IndexMut<Handle<N>> for World {
    fn index_mut(&mut self, handle: Handle<N>) -> &mut N {
        let node: &mut dyn Any = &mut *self.places[handle.0].node;
        node.downcast_mut().expect("a handle is of its world")
    }
}

impl core::fmt::Debug for World {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("World").field("now", &self.now).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
