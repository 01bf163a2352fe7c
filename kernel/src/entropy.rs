//! Randomness: ChaCha20, seeded from every source that the machine has, and refused where it has none.

use crate::hardware::processor;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The machine's generator.
pub(crate) struct Entropy {
    generator: ChaCha20Rng,
}

/// There is no source of randomness, or none that works.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoSource;

impl Entropy {
    /// Seeds the generator.
    pub(crate) fn start() -> Result<Self, NoSource> {
        let mut seed = [0; 32];
        for chunk in seed.chunks_exact_mut(8) {
            let random = processor::random().ok_or(NoSource)?;
            chunk.copy_from_slice(&random.to_le_bytes());
        }
        // Some processors' source got stuck on one value (AMD's after a resume).
        let (first, rest) = seed.split_at(8);
        if rest.chunks_exact(8).all(|chunk| chunk == first) {
            return Err(NoSource);
        }
        Ok(Self { generator: ChaCha20Rng::from_seed(seed) })
    }

    /// Fills `octets`.
    pub(crate) fn fill(&mut self, octets: &mut [u8]) {
        self.generator.fill_bytes(octets);
    }
}
