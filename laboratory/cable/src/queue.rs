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

    /// The next, if it has arrived.
    pub(crate) fn next_until(&self, now: Instant) -> Option<&[u8]> {
        let Reverse(next) = self.waiting.peek().filter(|Reverse(next)| next.at <= now)?;
        Some(&next.frame)
    }

    /// The next was handed over.
    pub(crate) fn forget_next(&mut self) {
        self.waiting.pop();
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
