//! Which connection has a key (a hash table of numbers, whose keys are kept elsewhere).

use alloc::boxed::Box;
use alloc::vec;

/// As many numbers as it was made for, each found by the hash of a key.
///
/// A number is in the place that its hash says or in one of the next, with no empty place between. It takes up to half of the
/// places, so few are looked at. One that leaves is filled from behind, so nothing marks where something was, and the table is
/// never made anew. Hashes have to be keyed: whoever could foresee them would make all numbers neighbours.
pub(crate) struct Table {
    /// A power of two, of which at least one is empty.
    places: Box<[Place]>,
    capacity: usize,
    length: usize,
}

#[derive(Clone, Copy)]
struct Place {
    /// The lower half of the hash. Its last bits say the place where looking begins.
    hash: u32,
    number: u32,
}

/// Not a number that can be in a table.
const NONE: u32 = u32::MAX;

const EMPTY: Place = Place { hash: 0, number: NONE };

impl Table {
    /// The most octets for each number: up to half of the places are taken, and they are a power of two.
    pub(crate) const PLACES_MOST: usize = 4 * size_of::<Place>();

    /// # Panics
    ///
    /// If `capacity` is more than 2^31, for which the half of a hash that is kept has too few bits.
    pub(crate) fn new(capacity: usize) -> Self {
        assert!(capacity <= 1 << 31, "places are found by 32 bits of a hash");
        Self { places: vec![EMPTY; (2 * capacity).next_power_of_two()].into(), capacity, length: 0 }
    }

    /// The number under `hash` of which `is_it` says that it is the one.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.search(hash, is_it).map(|place| self.places[place].number)
    }

    /// The number that is most likely under `hash`, if any is: whoever stands where it would stand first.
    #[inline]
    pub(crate) fn guess(&self, hash: u64) -> u32 {
        self.places[self.home(hash as u32)].number
    }

    /// Puts a number in that isn't in yet.
    ///
    /// # Panics
    ///
    /// If there are already as many as the table was made for.
    #[inline]
    pub(crate) fn insert(&mut self, hash: u64, number: u32) {
        assert!(self.length < self.capacity && number != NONE, "a table is as large as what it is for");
        let mut place = self.home(hash as u32);
        while self.places[place].number != NONE {
            place = self.after(place);
        }
        self.places[place] = Place { hash: hash as u32, number };
        self.length += 1;
    }

    /// Takes a number out, and says whether it was in.
    #[inline]
    pub(crate) fn remove(&mut self, hash: u64, number: u32) -> bool {
        let Some(mut hole) = self.search(hash, |other| other == number) else { return false };
        let mut place = self.after(hole);
        while self.places[place].number != NONE {
            // What is at least as far from where it is looked for first as from the hole is still found in the hole.
            let from_home = self.distance(self.home(self.places[place].hash), place);
            if from_home >= self.distance(hole, place) {
                self.places[hole] = self.places[place];
                hole = place;
            }
            place = self.after(place);
        }
        self.places[hole] = EMPTY;
        self.length -= 1;
        true
    }

    /// Puts `new` in place of `old`, of the same hash.
    ///
    /// # Panics
    ///
    /// If `old` isn't in the table.
    #[inline]
    pub(crate) fn replace(&mut self, hash: u64, old: u32, new: u32) {
        let place = self.search(hash, |number| number == old).expect("what is replaced is there");
        self.places[place].number = new;
    }

    #[inline]
    fn search(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<usize> {
        let mut place = self.home(hash as u32);
        loop {
            let Place { hash: kept, number } = self.places[place];
            if number == NONE {
                return None;
            }
            if kept == hash as u32 && is_it(number) {
                return Some(place);
            }
            place = self.after(place);
        }
    }

    /// The place where looking begins.
    #[inline]
    fn home(&self, hash: u32) -> usize {
        hash as usize & self.mask()
    }

    #[inline]
    fn after(&self, place: usize) -> usize {
        (place + 1) & self.mask()
    }

    /// How many places `to` is after `from`: the last is followed by the first.
    #[inline]
    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & self.mask()
    }

    #[inline]
    fn mask(&self) -> usize {
        self.places.len() - 1
    }
}

#[cfg(test)]
mod tests;
