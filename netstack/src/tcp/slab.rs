//! A fixed number of places, found by number.

use alloc::vec::Vec;
use core::mem;
use core::ops::{Index, IndexMut};

/// As many values as it was made for; each keeps its number until it is removed.
///
/// Memory for all is there from the start, but untouched until a value comes: a number is used again before a new one is.
pub(crate) struct Slab<T> {
    /// Those that were ever taken. Never longer than `capacity`, which there is memory for.
    places: Vec<Place<T>>,
    capacity: u32,
    length: u32,
    /// The place that was left last, or [`NONE`].
    vacant: u32,
}

enum Place<T> {
    Taken(T),
    /// Leads to the one that was left before, or to [`NONE`].
    Vacant(u32),
}

/// No place has this number.
const NONE: u32 = u32::MAX;

impl<T> Slab<T> {
    /// Octets of each place.
    pub(crate) const PLACE: usize = size_of::<Place<T>>();

    /// # Panics
    ///
    /// If `capacity` is 2^32 or more.
    pub(crate) fn new(capacity: usize) -> Self {
        let places = Vec::with_capacity(capacity);
        let capacity = u32::try_from(capacity).expect("places are numbered by 32 bits");
        Self { places, capacity, length: 0, vacant: NONE }
    }

    /// Keeps a value, and says where.
    ///
    /// # Errors
    ///
    /// Gives the value back, if every place is taken.
    #[inline]
    pub(crate) fn insert(&mut self, value: T) -> Result<u32, T> {
        if self.is_full() {
            return Err(value);
        }
        self.length += 1;
        if let Some(place) = self.places.get_mut(self.vacant as usize)
            && let Place::Vacant(next) = *place
        {
            *place = Place::Taken(value);
            return Ok(mem::replace(&mut self.vacant, next));
        }
        self.places.push(Place::Taken(value));
        Ok(self.places.len() as u32 - 1)
    }

    /// Gives a value away, and its number free.
    ///
    /// # Panics
    ///
    /// If there is none of this number.
    #[inline]
    pub(crate) fn remove(&mut self, number: u32) -> T {
        let place = &mut self.places[number as usize];
        let Place::Taken(value) = mem::replace(place, Place::Vacant(self.vacant)) else {
            absent(number);
        };
        self.vacant = number;
        self.length -= 1;
        value
    }

    #[inline]
    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        match self.places.get(number as usize)? {
            Place::Taken(value) => Some(value),
            Place::Vacant(_) => None,
        }
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        match self.places.get_mut(number as usize)? {
            Place::Taken(value) => Some(value),
            Place::Vacant(_) => None,
        }
    }

    /// How many values there are.
    #[inline]
    pub(crate) fn length(&self) -> usize {
        self.length as usize
    }

    /// How many values there may be.
    #[inline]
    pub(crate) fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// How many more there may be.
    #[inline]
    pub(crate) fn vacant(&self) -> usize {
        (self.capacity - self.length) as usize
    }

    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.length == self.capacity
    }
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    #[inline]
    fn index(&self, number: u32) -> &T {
        self.get(number).unwrap_or_else(|| absent(number))
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, number: u32) -> &mut T {
        self.get_mut(number).unwrap_or_else(|| absent(number))
    }
}

/// A mistake of ours: numbers come from `insert` alone.
#[cold]
fn absent(number: u32) -> ! {
    panic!("nothing has the number {number}")
}

#[cfg(test)]
mod tests;
