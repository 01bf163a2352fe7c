//! Lists of connections by their numbers: those that something is due for, and all by when they last got on.

use crate::tcp::memory::NOWHERE;
use alloc::boxed::Box;
use alloc::vec;

/// Not in the list.
const ABSENT: u32 = u32::MAX - 1;

/// First in, first out; nobody twice.
pub(crate) struct Queue {
    next: Box<[u32]>,
    first: u32,
    last: u32,
}

impl Queue {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { next: vec![ABSENT; capacity].into(), first: NOWHERE, last: NOWHERE }
    }

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.first == NOWHERE
    }

    /// Puts a number at the end, unless it is in already.
    #[inline]
    pub(crate) fn push(&mut self, number: u32) {
        match self.next.get_mut(number as usize) {
            Some(next) if *next == ABSENT => *next = NOWHERE,
            _ => return,
        }
        match self.next.get_mut(self.last as usize) {
            Some(last) => *last = number,
            None => self.first = number,
        }
        self.last = number;
    }

    /// Takes the number at the front.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<u32> {
        let number = self.first;
        let next = self.next.get_mut(number as usize)?;
        self.first = core::mem::replace(next, ABSENT);
        if self.first == NOWHERE {
            self.last = NOWHERE;
        }
        Some(number)
    }
}

/// Numbers by when they were last touched.
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
    pub(crate) fn new(capacity: usize) -> Self {
        Self { links: vec![OUTSIDE; capacity].into(), oldest: NOWHERE, newest: NOWHERE }
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
