//! What will happen, in order.

use crate::cable::Conditions;
use core::cmp::{Ordering, Reverse};
use moment::Instant;
use std::collections::BinaryHeap;

/// Something that happens.
#[derive(Debug)]
pub(super) enum Event {
    Arrival { node: usize, port: usize, frame: Vec<u8> },
    Wake { node: usize },
    Change { direction: usize, conditions: Box<Conditions> },
}

/// Events by their time; of those at one instant, the one that was added first comes first.
#[derive(Debug, Default)]
pub(super) struct Events {
    queue: BinaryHeap<Reverse<Due>>,
    added: u64,
}

#[derive(Debug)]
struct Due {
    at: Instant,
    number: u64,
    event: Event,
}

impl Events {
    pub(super) fn add(&mut self, at: Instant, event: Event) {
        self.added += 1;
        self.queue.push(Reverse(Due { at, number: self.added, event }));
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn next_until(&mut self, end: Instant) -> Option<(Instant, Event)> {
        self.queue.peek().filter(|Reverse(next)| next.at <= end)?;
        self.queue.pop().map(|Reverse(next)| (next.at, next.event))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Due {}
