//! What came and was not consumed: in one block, in order, with the ranges that came too early behind it.

use crate::tcp::limits;
use crate::tcp::memory::{Memory, NOWHERE};
use crate::tcp::options::{SACK_BLOCKS, SackBlock};
use crate::tcp::pool::{Block, Pool};
use crate::tcp::sequence::Sequence;
use crate::tcp::slab::Slab;

/// A range of octets that came before what is in front of it.
#[derive(Clone, Copy)]
pub(crate) struct Island {
    start: Sequence,
    end: Sequence,
    /// When it last grew, in segments of its connection that came early: the latest is told of first (RFC 2018 §4).
    grown: u32,
    next: u32,
}

/// The octets of one connection from the first that is not consumed on.
pub(crate) struct ReceiveBuffer {
    /// RCV.NXT: the sequence number behind the last octet in order.
    next: Sequence,
    block: Option<Block>,
    start: u32,
    /// Octets in order.
    length: u32,
    /// The islands, in the order of the stream.
    first: u32,
    last: u32,
    islands: u16,
    grown: u32,
}

/// There was no memory, or no place, for what came: it is as if it had been lost.
pub(crate) struct Overflow;

impl ReceiveBuffer {
    /// An empty buffer.
    pub(crate) const fn new(next: Sequence) -> Self {
        Self { next, block: None, start: 0, length: 0, first: NOWHERE, last: NOWHERE, islands: 0, grown: 0 }
    }

    /// RCV.NXT.
    #[inline]
    pub(crate) const fn next(&self) -> Sequence {
        self.next
    }

    /// Octets that can be read.
    #[inline]
    pub(crate) const fn length(&self) -> u32 {
        self.length
    }

    /// Whether something came that can't be read yet.
    #[inline]
    pub(crate) const fn has_islands(&self) -> bool {
        self.islands > 0
    }

    /// Whether anything lies here, read or not.
    #[inline]
    pub(crate) const fn holds_memory(&self) -> bool {
        self.block.is_some()
    }

    fn block_length(&self) -> usize {
        self.block.as_ref().map_or(0, Block::length)
    }

    /// What can be read.
    pub(crate) fn received<'m>(&self, pool: &'m mut Pool) -> &'m mut [u8] {
        let range = self.start as usize..(self.start + self.length) as usize;
        self.block.as_ref().and_then(|block| pool.bytes_mut(block).get_mut(range)).unwrap_or_default()
    }

    /// The first `count` octets were read.
    pub(crate) fn consume(&mut self, count: usize, pool: &mut Pool) -> u32 {
        let count = u32::try_from(count).unwrap_or(u32::MAX).min(self.length);
        self.start += count;
        self.length -= count;
        if self.length == 0 && self.islands == 0 {
            self.start = 0;
            self.block.take().into_iter().for_each(|block| pool.release(block));
        }
        count
    }

    /// Octets came whose first has the number `at`, at or behind RCV.NXT, within the window.
    #[inline]
    pub(crate) fn insert(
        &mut self,
        at: Sequence,
        octets: &[u8],
        memory: &mut Memory,
    ) -> Result<(), Overflow> {
        let Memory { pool, islands, .. } = memory;
        let offset = at.since(self.next);
        if offset > 0 {
            return self.insert_early(at, octets, pool, islands);
        }
        self.write(0, octets, pool)?;
        self.advance(octets.len() as u32);
        if self.islands > 0 {
            self.join(islands);
        }
        Ok(())
    }

    fn advance(&mut self, count: u32) {
        self.next = self.next + count;
        self.length += count;
    }

    /// Writes octets so far behind those in order.
    #[inline]
    fn write(&mut self, offset: u32, octets: &[u8], pool: &mut Pool) -> Result<(), Overflow> {
        let before = (self.length + offset) as usize;
        let needed = before + octets.len();
        self.make_room(needed, pool)?;
        let at = self.start as usize + before;
        let block = self.block.as_ref().ok_or(Overflow)?;
        let place = pool.bytes_mut(block).get_mut(at..at + octets.len()).ok_or(Overflow)?;
        place.copy_from_slice(octets);
        Ok(())
    }

    /// Makes the block long enough for `needed` octets from the first unread one on.
    #[inline]
    fn make_room(&mut self, needed: usize, pool: &mut Pool) -> Result<(), Overflow> {
        let Some(block) = &mut self.block else {
            self.block = Some(pool.allocate(needed).ok_or(Overflow)?);
            self.start = 0;
            return Ok(());
        };
        let start = self.start as usize;
        if start + needed <= block.length() {
            return Ok(());
        }
        // Islands lie anywhere behind: everything that is kept moves.
        let fits = needed <= block.length();
        let is_cheap = start >= block.length() / 2;
        let kept = start..block.length();
        // Without memory for more, what fits is moved whatever that costs.
        let moves = fits && (is_cheap || pool.grow(block, block.length() + 1, kept.clone()).is_err());
        if moves {
            pool.bytes_mut(block).copy_within(kept, 0);
        } else if !fits {
            pool.grow(block, needed, kept).map_err(|_| Overflow)?;
        }
        self.start = 0;
        Ok(())
    }

    /// What came early becomes an island, or part of some.
    #[cold]
    fn insert_early(
        &mut self,
        at: Sequence,
        octets: &[u8],
        pool: &mut Pool,
        islands: &mut Slab<Island>,
    ) -> Result<(), Overflow> {
        let end = at + octets.len() as u32;
        // The last island that begins at or before it, and those that it reaches.
        // Most often that is the last of all.
        let follows = islands.get(self.last).is_some_and(|last| last.start.is_at_most(at));
        let (mut before, mut place) = if follows { (self.last, NOWHERE) } else { (NOWHERE, self.first) };
        while let Some(island) = islands.get(place).filter(|island| island.start.is_at_most(at)) {
            (before, place) = (place, island.next);
        }
        let touches = islands.get(before).is_some_and(|island| island.end.is_at_least(at));
        let needs_place = !touches && islands.get(place).is_none_or(|island| island.start.is_after(end));
        if needs_place && (self.islands >= limits::ISLANDS || islands.is_full()) {
            return Err(Overflow);
        }
        let offset = at.since(self.next);
        // A single octet at the end of a window takes memory for all of it.
        if self.block_length() < (self.start + self.length + offset) as usize + octets.len()
            && pool.available() <= pool.capacity() / limits::KEPT_FOR_ORDER
        {
            return Err(Overflow);
        }
        self.write(offset, octets, pool)?;
        self.grown = self.grown.wrapping_add(1);
        let mut grown = Island { start: at, end, grown: self.grown, next: place };
        if touches && let Some(island) = islands.get(before) {
            grown.start = island.start;
            grown.end = island.end.max(end);
        }
        while let Some(island) = islands.get(grown.next).filter(|island| island.start.is_at_most(grown.end)) {
            let island = *island;
            islands.remove(grown.next);
            self.islands -= 1;
            grown.end = grown.end.max(island.end);
            grown.next = island.next;
        }
        if touches {
            islands[before] = grown;
            if grown.next == NOWHERE {
                self.last = before;
            }
            return Ok(());
        }
        let place = islands.insert(grown).map_err(|_| Overflow)?;
        if grown.next == NOWHERE {
            self.last = place;
        }
        match islands.get_mut(before) {
            Some(island) => island.next = place,
            None => self.first = place,
        }
        self.islands += 1;
        Ok(())
    }

    /// The islands that what is in order has reached belong to it.
    #[cold]
    fn join(&mut self, islands: &mut Slab<Island>) {
        while let Some(island) = islands.get(self.first).filter(|island| island.start.is_at_most(self.next)) {
            let island = *island;
            if island.end.is_after(self.next) {
                self.advance(island.end.since(self.next));
            }
            islands.remove(self.first);
            self.first = island.next;
            self.islands -= 1;
        }
        if self.first == NOWHERE {
            self.last = NOWHERE;
        }
    }

    /// RFC 2018 §4: the islands, the one that grew last first.
    #[cold]
    pub(crate) fn blocks(&self, islands: &Slab<Island>) -> ([SackBlock; SACK_BLOCKS], usize) {
        let nothing = SackBlock { start: self.next, end: self.next };
        let mut latest = [(nothing, 0); SACK_BLOCKS];
        let mut count = 0;
        let mut place = self.first;
        while let Some(island) = islands.get(place) {
            let age = self.grown.wrapping_sub(island.grown);
            let at = latest[..count].iter().position(|(_, other)| age < *other).unwrap_or(count);
            if at < SACK_BLOCKS {
                count = (count + 1).min(SACK_BLOCKS);
                latest[at..count].rotate_right(1);
                latest[at] = (SackBlock { start: island.start, end: island.end }, age);
            }
            place = island.next;
        }
        (latest.map(|(block, _)| block), count)
    }

    /// The peer finished, and that is in order.
    pub(crate) fn finish(&mut self) {
        self.next = self.next + 1;
    }

    /// Gives everything back.
    pub(crate) fn clear(&mut self, memory: &mut Memory) {
        while memory.islands.get(self.first).is_some() {
            self.first = memory.islands.remove(self.first).next;
        }
        (self.islands, self.length, self.start, self.last) = (0, 0, 0, NOWHERE);
        self.block.take().into_iter().for_each(|block| memory.pool.release(block));
    }
}

#[cfg(test)]
mod tests;
