//! Numbers that are the same for the same seed: SplitMix64 (Steele, Lea, Flood 2014).

/// A generator.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below a bound, which is not zero.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("64 bits");
        usize::try_from(self.word() % bound).expect("64 bits")
    }

    pub(super) fn octet(&mut self) -> u8 {
        let [octet, ..] = self.word().to_le_bytes();
        octet
    }

    pub(super) fn octets<const COUNT: usize>(&mut self) -> [u8; COUNT] {
        core::array::from_fn(|_| self.octet())
    }
}
