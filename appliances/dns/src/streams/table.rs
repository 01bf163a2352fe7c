//! A hash table with its room from the start: nothing is allocated after.

use alloc::boxed::Box;
use alloc::vec;

/// What is looked up.
pub(super) trait Key: Copy + PartialEq {
    /// As different as possible for different keys.
    fn number(self) -> u64;
}

/// Numbers by their keys. Whoever chooses keys so that they collide makes a look-up as slow as there are entries, and no slower.
#[derive(Debug)]
pub(super) struct Table<K> {
    /// A power of two, more than twice as many as there are ever keys. A key is in the first slot that was free from its home on.
    slots: Box<[Option<(K, u32)>]>,
}

impl<K: Key> Table<K> {
    /// A table of at most so many keys.
    pub(super) fn new(most: usize) -> Self {
        Self { slots: vec![None; (2 * most + 1).next_power_of_two()].into() }
    }

    /// The number of a key.
    pub(super) fn get(&self, key: K) -> Option<u32> {
        self.slots[self.slot(key)].map(|(_, number)| number)
    }

    /// Gives a key, new or known, a number.
    pub(super) fn set(&mut self, key: K, number: u32) {
        self.slots[self.slot(key)] = Some((key, number));
    }

    /// Forgets a key, and says its number.
    pub(super) fn remove(&mut self, key: K) -> Option<u32> {
        let mut hole = self.slot(key);
        let (_, number) = self.slots[hole].take()?;
        let mut slot = hole;
        loop {
            slot = self.after(slot);
            let Some((key, _)) = self.slots[slot] else { return Some(number) };
            // Who lies behind the hole, seen from home, would not be found across it.
            if self.distance(self.home(key), slot) >= self.distance(hole, slot) {
                self.slots[hole] = self.slots[slot].take();
                hole = slot;
            }
        }
    }

    /// Where a key is, or the free slot where it would be. There is one: the table is never full.
    fn slot(&self, key: K) -> usize {
        let mut slot = self.home(key);
        while self.slots[slot].is_some_and(|(other, _)| other != key) {
            slot = self.after(slot);
        }
        slot
    }

    fn home(&self, key: K) -> usize {
        // 2^64 by the golden ratio: neighbours come to lie far apart.
        let spread = key.number().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (spread >> 32) as usize & (self.slots.len() - 1)
    }

    fn after(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }

    /// How many slots it is from one to the other, going on only.
    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests;
