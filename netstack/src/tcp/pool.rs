//! One memory for the octets of all connections, given out in blocks (a buddy allocator).

mod vacant;

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::mem;
use core::num::NonZeroU8;
use core::ops::Range;
use vacant::Vacant;

/// A memory that is a block of 2^n units, each block of which is vacant, or taken, or two blocks of half its size: *buddies*.
///
/// Of the vacant blocks the smallest that is long enough is taken, and of those the first, so that long ones stay whole. Both
/// taking and leaving visit each size at most once. Little more than two bits for each unit say what is vacant.
///
/// A few units that were given back last are kept as they are, and given out before all others: most messages need no more, it
/// is done at once, and what they lie in is still in the cache. They become part of longer blocks when those are lacking.
pub(crate) struct Pool {
    memory: Box<[u8]>,
    /// The one that was given back last at the end. Never longer than [`AT_HAND`].
    at_hand: Vec<Block>,
    /// By order. A block that is part of a longer vacant one isn't among them.
    vacant: Box<[Vacant]>,
    /// A bit for each order that has a vacant block.
    vacant_orders: u32,
    available: usize,
}

/// A part of a pool, which has to be given back to it: a block that is dropped is lost for ever.
///
/// It is no reference to the pool, so that connections may keep it; only this pool knows what to do with it.
#[derive(PartialEq, Eq, Debug)]
#[must_use = "a block that is dropped is lost to its pool"]
pub(crate) struct Block {
    /// In units from the start of the memory.
    offset: u32,
    /// Its length is 2^(this - 1) units.
    order_and_one: NonZeroU8,
}

/// No vacant block is long enough.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NoMemory;

/// The shortest block, in octets: most requests and their acknowledgements fit, and less would cost more to keep account of.
const UNIT: usize = 512;

/// The most units that are kept at hand: what a turn takes and gives back.
const AT_HAND: usize = 64;

/// The most units: what the mask of orders has bits for.
const MOST_UNITS: usize = 1 << 31;

impl Block {
    fn new(place: u32, order: u8) -> Self {
        Self { offset: place << order, order_and_one: NonZeroU8::MIN.saturating_add(order) }
    }

    #[inline]
    const fn order(&self) -> u8 {
        self.order_and_one.get() - 1
    }

    /// Its number among the blocks of its size.
    const fn place(&self) -> u32 {
        self.offset >> self.order()
    }

    /// In octets: a power of two.
    #[inline]
    pub(crate) const fn length(&self) -> usize {
        UNIT << self.order()
    }

    #[inline]
    const fn start(&self) -> usize {
        self.offset as usize * UNIT
    }

    #[inline]
    const fn range(&self) -> Range<usize> {
        self.start()..self.start() + self.length()
    }
}

impl Pool {
    /// A pool of `octets`, rounded down to a power of two; of less than a unit, nothing is ever given out.
    pub(crate) fn new(octets: usize) -> Self {
        let Some(orders) = (octets / UNIT).min(MOST_UNITS).checked_ilog2().map(|top| top + 1) else {
            let (memory, vacant) = (Box::default(), Box::default());
            return Self { memory, at_hand: Vec::new(), vacant, vacant_orders: 0, available: 0 };
        };
        let units = 1 << (orders - 1);
        let available = units * UNIT;
        let vacant = (0..orders).map(|order| Vacant::new(units >> order)).collect();
        let (memory, at_hand) = (vec![0; available].into(), Vec::with_capacity(AT_HAND));
        let mut pool = Self { memory, at_hand, vacant, vacant_orders: 0, available };
        pool.vacate(0, orders as u8 - 1);
        pool
    }

    /// Octets that aren't given out. Not all of them need be in one block.
    #[inline]
    pub(crate) const fn available(&self) -> usize {
        self.available
    }

    /// Octets, given out or not.
    #[inline]
    pub(crate) const fn capacity(&self) -> usize {
        self.memory.len()
    }

    /// A block of at least `length` octets, and of one unit at least, if one is vacant. What is in it, whoever had it before
    /// left there.
    #[inline]
    pub(crate) fn allocate(&mut self, length: usize) -> Option<Block> {
        let block = match order(length)? {
            0 => self.at_hand.pop().or_else(|| self.take(0)),
            order => self.take(order).or_else(|| self.take_of_all(order)),
        }?;
        self.available -= block.length();
        Some(block)
    }

    /// Takes back a block that came from this pool.
    #[inline]
    pub(crate) fn release(&mut self, block: Block) {
        debug_assert!(!self.at_hand.contains(&block), "no block is given back twice");
        self.available += block.length();
        if block.order() == 0 && self.at_hand.len() < AT_HAND {
            self.at_hand.push(block);
        } else {
            self.make_vacant(&block);
        }
    }

    /// A block joins its buddy, if that is vacant, and both theirs.
    fn make_vacant(&mut self, block: &Block) {
        let (mut place, mut order) = (block.place(), block.order());
        debug_assert!(!self.vacant[usize::from(order)].contains(place), "no block is vacant twice");
        while self.is_buddy_vacant(place, order) {
            self.occupy(place ^ 1, order);
            place >>= 1;
            order += 1;
        }
        self.vacate(place, order);
    }

    /// All of a block.
    #[inline]
    pub(crate) fn bytes(&self, block: &Block) -> &[u8] {
        &self.memory[block.range()]
    }

    /// All of a block.
    #[inline]
    pub(crate) fn bytes_mut(&mut self, block: &Block) -> &mut [u8] {
        &mut self.memory[block.range()]
    }

    /// Makes a block at least `length` octets long, and never shorter than it was, with those of its octets that `keep` says at
    /// its front.
    ///
    /// # Errors
    ///
    /// The block is as it was, if none that is long enough is vacant.
    ///
    /// # Panics
    ///
    /// If `keep` is not within the block.
    pub(crate) fn grow(
        &mut self,
        block: &mut Block,
        length: usize,
        keep: Range<usize>,
    ) -> Result<(), NoMemory> {
        let wanted = order(length).ok_or(NoMemory)?.max(block.order());
        assert!(keep.start <= keep.end && keep.end <= block.length(), "only what is in a block can be kept");
        let kept = block.start() + keep.start..block.start() + keep.end;
        let joined = match self.join(block, wanted) {
            // What it lacks may be at hand.
            None if self.vacant_orders.checked_shr(wanted.into()).unwrap_or(0) == 0 => {
                self.put_away();
                self.join(block, wanted)
            }
            joined => joined,
        };
        if let Some(grown) = joined {
            *block = grown;
            self.memory.copy_within(kept, block.start());
        } else {
            let grown = self.take(wanted).ok_or(NoMemory)?;
            self.available -= grown.length();
            self.memory.copy_within(kept, grown.start());
            self.release(mem::replace(block, grown));
        }
        Ok(())
    }

    /// A block of this order, when none is vacant: those at hand may make one.
    #[cold]
    fn take_of_all(&mut self, order: u8) -> Option<Block> {
        self.put_away();
        self.take(order)
    }

    /// Nothing is at hand any more.
    fn put_away(&mut self) {
        while let Some(block) = self.at_hand.pop() {
            self.make_vacant(&block);
        }
    }

    /// The block that a block becomes by taking its buddy, and the buddy of both, and so on, if all are vacant: without it, a
    /// block that is half of all memory could not be doubled.
    fn join(&mut self, block: &Block, wanted: u8) -> Option<Block> {
        let orders = block.order()..wanted;
        if !orders.clone().all(|order| self.is_buddy_vacant(block.offset >> order, order)) {
            return None;
        }
        orders.for_each(|order| self.occupy((block.offset >> order) ^ 1, order));
        let grown = Block::new(block.offset >> wanted, wanted);
        self.available -= grown.length() - block.length();
        Some(grown)
    }

    fn take(&mut self, order: u8) -> Option<Block> {
        let long_enough = self.vacant_orders.checked_shr(order.into())? << order;
        let mut found = u8::try_from(long_enough.trailing_zeros()).ok()?;
        let mut place = self.vacant.get(usize::from(found))?.first()?;
        self.occupy(place, found);
        while found > order {
            found -= 1;
            place <<= 1;
            self.vacate(place ^ 1, found);
        }
        Some(Block::new(place, order))
    }

    fn is_buddy_vacant(&self, place: u32, order: u8) -> bool {
        // The whole memory has no buddy.
        usize::from(order) + 1 < self.vacant.len() && self.vacant[usize::from(order)].contains(place ^ 1)
    }

    fn vacate(&mut self, place: u32, order: u8) {
        self.vacant[usize::from(order)].insert(place);
        self.vacant_orders |= 1 << order;
    }

    fn occupy(&mut self, place: u32, order: u8) {
        let vacant = &mut self.vacant[usize::from(order)];
        vacant.remove(place);
        if vacant.is_empty() {
            self.vacant_orders &= !(1 << order);
        }
    }
}

/// Of the shortest block that `length` octets fit.
fn order(length: usize) -> Option<u8> {
    let units = length.div_ceil(UNIT).checked_next_power_of_two()?;
    u8::try_from(units.trailing_zeros()).ok()
}

#[cfg(test)]
mod tests;
