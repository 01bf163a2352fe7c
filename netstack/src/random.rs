//! Numbers that differ between machines.

use core::time::Duration;

/// xorshift64: spreads what many machines would otherwise do at once, and tells our exchanges from others'. Whoever could
/// use a guess sees the frames themselves. It is linear: who has seen a few numbers knows all, so nothing that has to stay
/// unknown is made from it or from its seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A time from nothing to `most`.
    pub(crate) fn up_to(&mut self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(((u128::from(self.next()) * u128::from(most)) >> 64) as u64)
    }

    /// A time not more than `spread` away from `middle`, which is not the lesser.
    pub(crate) fn around(&mut self, middle: Duration, spread: Duration) -> Duration {
        middle.saturating_sub(spread) + self.up_to(spread * 2)
    }
}
