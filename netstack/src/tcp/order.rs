//! All connections, by their numbers, in the order in which they last got on.

use crate::tcp::limits;
use crate::tcp::memory::NOWHERE;
use alloc::boxed::Box;
use alloc::vec;
use moment::Instant;

/// Not in the list.
const ABSENT: u32 = u32::MAX - 1;

/// A period is 2^30 ns, or 1.07 s: a part of how long nothing has to come before a connection is given up.
const PERIOD_SHIFT: u32 = 30;
const _: () = assert!(1 << PERIOD_SHIFT < limits::STALLED_BEFORE_SHED.as_nanos(), "or order says nothing");

/// Numbers by when they were last touched, or, of those that get on all the time, by the period in which they last did: so most
/// segments leave their neighbours alone.
pub(crate) struct Liveliness {
    links: Box<[Neighbours]>,
    /// Touched longest ago, ...
    oldest: u32,
    /// ... and last.
    newest: u32,
}

#[derive(Clone, Copy)]
struct Neighbours {
    older: u32,
    newer: u32,
}

const OUTSIDE: Neighbours = Neighbours { older: ABSENT, newer: ABSENT };

impl Liveliness {
    /// Octets for each number.
    pub(crate) const PLACE: usize = size_of::<Neighbours>();

    pub(crate) fn new(capacity: usize) -> Self {
        Self { links: vec![OUTSIDE; capacity].into(), oldest: NOWHERE, newest: NOWHERE }
    }

    /// This number gets on, and did before at `last`.
    #[inline]
    pub(crate) fn get_on(&mut self, number: u32, last: Instant, now: Instant) {
        let period = |at: Instant| at.nanoseconds() >> PERIOD_SHIFT;
        if period(last) != period(now) {
            self.touch(number);
        }
    }

    /// Something was done for this number, which may be new.
    #[inline]
    pub(crate) fn touch(&mut self, number: u32) {
        if self.newest == number {
            return;
        }
        self.remove(number);
        let older = self.newest;
        let Some(link) = self.links.get_mut(number as usize) else { return };
        *link = Neighbours { older, newer: NOWHERE };
        match self.links.get_mut(older as usize) {
            Some(older) => older.newer = number,
            None => self.oldest = number,
        }
        self.newest = number;
    }

    /// Takes a number out, if it is in.
    pub(crate) fn remove(&mut self, number: u32) {
        let Some(link) = self.links.get_mut(number as usize) else { return };
        let Neighbours { older, newer } = core::mem::replace(link, OUTSIDE);
        if older == ABSENT {
            return;
        }
        match self.links.get_mut(older as usize) {
            Some(older) => older.newer = newer,
            None => self.oldest = newer,
        }
        match self.links.get_mut(newer as usize) {
            Some(newer) => newer.older = older,
            None => self.newest = older,
        }
    }

    /// All numbers, the one first that was touched longest ago.
    pub(crate) fn oldest_first(&self) -> impl Iterator<Item = u32> + '_ {
        let next =
            |number: &u32| Some(self.links.get(*number as usize)?.newer).filter(|next| *next != NOWHERE);
        core::iter::successors(Some(self.oldest).filter(|oldest| *oldest != NOWHERE), next)
    }
}

#[cfg(test)]
mod tests;
