//! What waits to be sent, and what was sent and is not acknowledged: the appliance's own octets in one block, and regions
//! that it lent in between.

use crate::tcp::limits;
use crate::tcp::memory::{Memory, NOWHERE};
use crate::tcp::pool::{Block, Pool};
use crate::tcp::sequence::Sequence;
use bytes::Bytes;
use core::ops::Range;

/// A lent region in the queue of a connection.
pub(crate) struct Lent {
    /// The sequence number of its first octet.
    start: Sequence,
    region: Bytes,
    next: u32,
}

impl Lent {
    fn end(&self) -> Sequence {
        self.start + self.region.len() as u32
    }
}

/// The octets of one connection from the first that is not acknowledged on.
pub(crate) struct SendQueue {
    /// The sequence number of the first octet.
    first: Sequence,
    /// All octets, lent ones among them.
    length: u32,
    /// The appliance's own octets, in the order of the stream.
    block: Option<Block>,
    start: u32,
    own: u32,
    /// The lent regions, in the order of the stream.
    oldest: u32,
    newest: u32,
    regions: u8,
}

/// Where the next octets of a stream lie.
pub(crate) enum Piece<'a> {
    /// In the block.
    Own(&'a [u8]),
    /// In a lent region.
    Lent(Bytes),
}

impl SendQueue {
    /// An empty queue.
    pub(crate) const fn new(first: Sequence) -> Self {
        Self { first, length: 0, block: None, start: 0, own: 0, oldest: NOWHERE, newest: NOWHERE, regions: 0 }
    }

    /// How many octets are not acknowledged.
    #[inline]
    pub(crate) const fn length(&self) -> u32 {
        self.length
    }

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.length == 0 && self.block.is_none()
    }

    #[inline]
    pub(crate) const fn has_regions(&self) -> bool {
        self.regions > 0
    }

    /// The sequence number behind the last octet.
    #[inline]
    pub(crate) fn end(&self) -> Sequence {
        self.first + self.length
    }

    /// At least `least` octets to write to in one piece, unless that would be more than `most` in the queue, or memory is
    /// short.
    pub(crate) fn room<'m>(&mut self, least: usize, most: u32, pool: &'m mut Pool) -> Option<&'m mut [u8]> {
        let least = least.max(1);
        let allowed = most.saturating_sub(self.length) as usize;
        if least > allowed {
            return None;
        }
        self.make_room(least, pool)?;
        let end = (self.start + self.own) as usize;
        let room = pool.bytes_mut(self.block.as_ref()?).get_mut(end..)?;
        let length = room.len().min(allowed);
        Some(&mut room[..length])
    }

    /// What is behind the own octets already.
    fn spare(&self) -> usize {
        self.block.as_ref().map_or(0, |block| block.length() - (self.start + self.own) as usize)
    }

    fn make_room(&mut self, least: usize, pool: &mut Pool) -> Option<()> {
        if self.spare() >= least {
            return Some(());
        }
        let Some(block) = &mut self.block else {
            self.block = Some(pool.allocate(least)?);
            self.start = 0;
            return Some(());
        };
        let own = self.start as usize..(self.start + self.own) as usize;
        let fits = block.length() - own.len() >= least;
        // Moving costs no more than what was acknowledged since the last move.
        let is_cheap = own.start >= own.len();
        let moves = fits && (is_cheap || pool.grow(block, 2 * block.length(), own.clone()).is_err());
        if moves {
            pool.bytes_mut(block).copy_within(own, 0);
        } else if !fits {
            pool.grow(block, own.len() + least, own).ok()?;
        }
        self.start = 0;
        Some(())
    }

    /// The first `count` octets of [`SendQueue::room`] join the queue, as many as there were.
    pub(crate) fn commit(&mut self, count: usize, most: u32) {
        let allowed = most.saturating_sub(self.length) as usize;
        let count = count.min(self.spare()).min(allowed) as u32;
        self.own += count;
        self.length += count;
    }

    /// Gives back room that was asked for and not used.
    #[inline]
    pub(crate) fn give_back_room(&mut self, pool: &mut Pool) {
        if self.own == 0
            && let Some(block) = self.block.take()
        {
            self.start = 0;
            pool.release(block);
        }
    }

    /// A region joins the queue; given back if that would be too many, or more than `most` octets.
    pub(crate) fn lend(&mut self, region: Bytes, most: u32, memory: &mut Memory) -> Result<(), Bytes> {
        if region.is_empty() {
            return Ok(());
        }
        // A region is as long as it is; what is bounded is what was there before.
        if region.len() > limits::QUEUE_MOST as usize
            || self.length >= most
            || self.regions >= limits::LENT_REGIONS
        {
            return Err(region);
        }
        let length = region.len() as u32;
        let lent = Lent { start: self.end(), region, next: NOWHERE };
        let place = memory.lent.insert(lent).map_err(|lent| lent.region)?;
        match memory.lent.get_mut(self.newest) {
            Some(newest) => newest.next = place,
            None => self.oldest = place,
        }
        self.newest = place;
        self.regions += 1;
        self.length += length;
        Ok(())
    }

    /// Everything before `acknowledged` is done with.
    pub(crate) fn release(&mut self, acknowledged: Sequence, memory: &mut Memory) {
        let count = acknowledged.since(self.first).min(self.length);
        let end = self.first + count;
        let mut own = count;
        let mut at = self.first;
        while let Some(lent) = memory.lent.get(self.oldest).filter(|lent| lent.start.is_before(end)) {
            let from = lent.start.max(at);
            let to = lent.end().min(end);
            own -= to.since(from);
            at = to;
            if lent.end().is_after(end) {
                break;
            }
            let lent = memory.lent.remove(self.oldest);
            self.oldest = lent.next;
            self.regions -= 1;
            if lent.next == NOWHERE {
                self.newest = NOWHERE;
            }
        }
        self.first = end;
        self.length -= count;
        self.start += own;
        self.own -= own;
        self.give_back_room(&mut memory.pool);
    }

    /// Gives everything back.
    pub(crate) fn clear(&mut self, memory: &mut Memory) {
        self.release(self.end(), memory);
    }

    /// The octets from `at` on, up to `most` of them, as far as they lie in one piece; `None` behind the last.
    pub(crate) fn piece<'m>(&self, at: Sequence, most: usize, memory: &'m Memory) -> Option<Piece<'m>> {
        let offset = at.since(self.first);
        let most = most.min(self.length.checked_sub(offset)? as usize);
        if most == 0 {
            return None;
        }
        // Own octets between here and there are those that are not lent.
        let mut lent_before = 0;
        let mut place = self.oldest;
        while let Some(lent) = memory.lent.get(place) {
            if at.is_before(lent.start) {
                return self.own(offset - lent_before, most.min(lent.start.since(at) as usize), memory);
            }
            if at.is_before(lent.end()) {
                let from = at.since(lent.start) as usize;
                let to = lent.region.len().min(from + most);
                return Some(Piece::Lent(lent.region.slice(from..to)));
            }
            // Of the first region some may be acknowledged.
            lent_before += lent.end().since(lent.start.max(self.first));
            place = lent.next;
        }
        self.own(offset - lent_before, most, memory)
    }

    fn own<'m>(&self, offset: u32, length: usize, memory: &'m Memory) -> Option<Piece<'m>> {
        let start = (self.start + offset) as usize;
        let range: Range<usize> = start..start + length;
        memory.pool.bytes(self.block.as_ref()?).get(range).map(Piece::Own)
    }

    /// Copies the octets from `at` on to `target`, which no more than those that are there fill.
    pub(crate) fn copy(&self, mut at: Sequence, mut target: &mut [u8], memory: &Memory) {
        while let Some(piece) = self.piece(at, target.len(), memory) {
            let octets: &[u8] = match &piece {
                Piece::Own(octets) => octets,
                Piece::Lent(region) => region,
            };
            let (front, rest) = target.split_at_mut(octets.len());
            front.copy_from_slice(octets);
            at = at + octets.len() as u32;
            target = rest;
        }
    }
}

#[cfg(test)]
mod tests;
