//! What is looked at with every segment of a connection, besides the connection itself: in one place for each, so that it comes
//! into the cache together.

use crate::tcp::memory::NOWHERE;
use alloc::boxed::Box;
use alloc::vec;
use moment::Instant;

/// Lists of connections by their numbers. In each a number is once or not at all, and who came first goes first.
#[derive(Clone, Copy)]
pub(crate) enum List {
    /// Those of which the appliance has something to be told.
    Telling,
    /// Those that may have something to send.
    Sending,
    /// Those whose peer's station is asked for.
    Awaiting,
}

const LISTS: usize = 3;

/// A row for each number.
pub(crate) struct Rows {
    rows: Box<[Row]>,
    ends: [Ends; LISTS],
}

#[derive(Clone, Copy)]
struct Row {
    /// Whom it is before, on each list.
    next: [u32; LISTS],
    /// How many connections had this number before.
    generation: u32,
    /// What its timer is set for, or [`NEVER`].
    timer: Instant,
}

/// Of a list.
#[derive(Clone, Copy)]
struct Ends {
    first: u32,
    last: u32,
}

/// Not in a list.
const ABSENT: u32 = u32::MAX - 1;

const EMPTY: Ends = Ends { first: NOWHERE, last: NOWHERE };

/// No timer is set.
const NEVER: Instant = Instant::from_nanoseconds(u64::MAX);

impl Rows {
    /// Octets for each number.
    pub(crate) const PLACE: usize = size_of::<Row>();

    pub(crate) fn new(capacity: usize) -> Self {
        let row = Row { next: [ABSENT; LISTS], generation: 0, timer: NEVER };
        Self { rows: vec![row; capacity].into(), ends: [EMPTY; LISTS] }
    }

    #[inline]
    pub(crate) const fn is_empty(&self, list: List) -> bool {
        self.ends[list as usize].first == NOWHERE
    }

    /// Puts a number at the end of a list, unless it is in already.
    #[inline]
    pub(crate) fn push(&mut self, list: List, number: u32) {
        match self.next(list, number) {
            Some(next) if *next == ABSENT => *next = NOWHERE,
            _ => return,
        }
        let last = core::mem::replace(&mut self.ends[list as usize].last, number);
        match self.next(list, last) {
            Some(last) => *last = number,
            None => self.ends[list as usize].first = number,
        }
    }

    /// Takes the number at the front of a list.
    #[inline]
    pub(crate) fn pop(&mut self, list: List) -> Option<u32> {
        let number = self.ends[list as usize].first;
        let next = core::mem::replace(self.next(list, number)?, ABSENT);
        let ends = &mut self.ends[list as usize];
        ends.first = next;
        if next == NOWHERE {
            ends.last = NOWHERE;
        }
        Some(number)
    }

    #[inline]
    fn next(&mut self, list: List, number: u32) -> Option<&mut u32> {
        self.rows.get_mut(number as usize).map(|row| &mut row.next[list as usize])
    }

    /// How many connections had a number before; `None` if none can have it.
    #[inline]
    pub(crate) fn generation(&self, number: usize) -> Option<u32> {
        self.rows.get(number).map(|row| row.generation)
    }

    /// A number is free for another connection.
    pub(crate) fn end_generation(&mut self, number: u32) {
        if let Some(row) = self.rows.get_mut(number as usize) {
            row.generation = row.generation.wrapping_add(1);
            row.timer = NEVER;
        }
    }

    /// The timer of a number has to go off at `at`, or sooner: whether it has to be set, because it would be later. One that goes
    /// off too soon costs less than setting it anew with every segment.
    #[inline]
    pub(crate) fn hasten_timer(&mut self, number: u32, at: Instant) -> bool {
        self.rows.get_mut(number as usize).is_some_and(|row| {
            let is_sooner = at < row.timer;
            row.timer = row.timer.min(at);
            is_sooner
        })
    }

    /// The timer of a number went off.
    #[inline]
    pub(crate) fn forget_timer(&mut self, number: u32) {
        if let Some(row) = self.rows.get_mut(number as usize) {
            row.timer = NEVER;
        }
    }
}

#[cfg(test)]
mod tests;
