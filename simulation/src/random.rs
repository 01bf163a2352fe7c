//! Randomness: all of a world's comes from one seed.

use core::time::Duration;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A source of random values that a seed determines.
#[derive(Clone, Debug)]
pub struct Random(ChaCha8Rng);

impl Random {
    /// The source of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A source for somebody's own use: how much is drawn from it changes nothing for others.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self(ChaCha8Rng::seed_from_u64(self.number()))
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `bound`; zero if that is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.number()) * u128::from(bound)) >> 64) as u64
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }

    /// An index of something that has `length` places.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// One of `choices`, which are some.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.index(choices.len())]
    }

    /// One of `choices`, which are some, to be changed.
    pub fn pick_mut<'a, T>(&mut self, choices: &'a mut [T]) -> &'a mut T {
        &mut choices[self.index(choices.len())]
    }

    /// True in this share of all cases.
    pub fn chance(&mut self, share: f64) -> bool {
        // 53 bits: as many as a float has.
        ((self.number() >> 11) as f64) < share * (1_u64 << 53) as f64
    }

    /// A time up to `most`.
    pub fn duration(&mut self, most: Duration) -> Duration {
        Duration::from_nanos(self.below(most.as_nanos() as u64 + 1))
    }

    /// Fills `octets`.
    pub fn fill(&mut self, octets: &mut [u8]) {
        self.0.fill_bytes(octets);
    }
}
