//! The vacant blocks of one size.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

/// A set of places that finds its first: a bit for each place, a bit for each word of those that isn't zero, and so on.
pub(super) struct Vacant {
    /// Places first, one word last.
    pub(super) levels: Box<[Box<[u64]>]>,
}

impl Vacant {
    /// An empty set of places below `places`.
    pub(super) fn new(places: usize) -> Self {
        let mut levels = Vec::new();
        let mut bits = places;
        loop {
            let words = bits.div_ceil(64).max(1);
            levels.push(vec![0; words].into());
            if words == 1 {
                return Self { levels: levels.into() };
            }
            bits = words;
        }
    }

    #[inline]
    pub(super) fn contains(&self, place: u32) -> bool {
        self.levels[0][word(place)] & bit(place) != 0
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.levels[self.levels.len() - 1][0] == 0
    }

    pub(super) fn insert(&mut self, place: u32) {
        let mut place = place;
        for level in &mut self.levels {
            let word = &mut level[word(place)];
            let was_empty = *word == 0;
            *word |= bit(place);
            if !was_empty {
                return;
            }
            place /= 64;
        }
    }

    pub(super) fn remove(&mut self, place: u32) {
        let mut place = place;
        for level in &mut self.levels {
            let word = &mut level[word(place)];
            *word &= !bit(place);
            if *word != 0 {
                return;
            }
            place /= 64;
        }
    }

    pub(super) fn first(&self) -> Option<u32> {
        if self.is_empty() {
            return None;
        }
        let levels = self.levels.iter().rev();
        Some(levels.fold(0, |place, level| place * 64 + level[place as usize].trailing_zeros()))
    }
}

#[inline]
const fn word(place: u32) -> usize {
    (place / 64) as usize
}

#[inline]
const fn bit(place: u32) -> u64 {
    1 << (place % 64)
}
