//! Frames on their way to an end, by when they arrive.

use core::cmp::{Ordering, Reverse};
use moment::Instant;
use simulation::cable::Arrival;
use std::collections::BinaryHeap;

/// Of those that arrive at one instant, the one that was added first comes first.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: BinaryHeap<Reverse<Waiting>>,
    added: u64,
}

struct Waiting {
    at: Instant,
    number: u64,
    frame: Vec<u8>,
}

impl Queue {
    pub(crate) fn add(&mut self, arrival: Arrival) {
        self.added += 1;
        self.waiting.push(Reverse(Waiting { at: arrival.at, number: self.added, frame: arrival.frame }));
    }

    /// When the next arrives.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.waiting.peek().map(|Reverse(next)| next.at)
    }

    pub(crate) fn next_until(&mut self, now: Instant) -> Option<Vec<u8>> {
        self.waiting.peek().filter(|Reverse(next)| next.at <= now)?;
        self.waiting.pop().map(|Reverse(next)| next.frame)
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Waiting {}
