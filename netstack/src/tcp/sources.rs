//! How many connections each source has, so that none takes them all.

use super::keyed_hash::Key;
use super::tuple::is_mapped;
use alloc::boxed::Box;
use alloc::vec;

/// Counts connections by where they come from: an IPv4 address, or the first 64 bits of an IPv6 address, which is what one
/// subscriber has at least (RFC 6177 §2).
///
/// A source has one counter in each of two rows, by hash, and the lesser counts: it may say more than there are, where other
/// sources share both counters, and never less (a count-min sketch). So memory is bounded, 4 to 8 octets for each connection
/// that there may be, and a source may be refused for others' connections; but hashes are keyed, so nobody can choose whose.
pub(crate) struct Sources {
    /// Each a power of two of counters.
    rows: [Box<[u16]>; 2],
    key: Key,
}

/// The fewest counters of a row.
const FEWEST_COUNTERS: usize = 64;

impl Sources {
    /// The most octets for each connection, where there are many.
    pub(crate) const PLACES_MOST: usize = 2 * 2 * size_of::<u16>();

    /// For so many connections from all sources together.
    pub(crate) fn new(connections: usize, key: Key) -> Self {
        let row: Box<[u16]> = vec![0; connections.max(FEWEST_COUNTERS).next_power_of_two()].into();
        Self { rows: [row.clone(), row], key }
    }

    /// Counts one more connection, if its source has less than `most`. The source is an address in the form of IPv6.
    #[inline]
    pub(crate) fn admit(&mut self, source: u128, most: u16) -> Option<()> {
        if self.is_full(source, most) {
            return None;
        }
        let [first, second] = self.counters(source);
        // A counter that others have filled is not counted beyond, so that it goes down as it went up.
        let counts = (first.checked_add(1)?, second.checked_add(1)?);
        (*first, *second) = counts;
        Some(())
    }

    /// Whether a source has `most` already.
    #[inline]
    pub(crate) fn is_full(&mut self, source: u128, most: u16) -> bool {
        let [first, second] = self.counters(source);
        (*first).min(*second) >= most
    }

    /// Counts one less connection of a source, which was admitted.
    #[inline]
    pub(crate) fn leave(&mut self, source: u128) {
        for counter in self.counters(source) {
            debug_assert!(*counter > 0, "who leaves was admitted");
            *counter = counter.saturating_sub(1);
        }
    }

    #[inline]
    fn counters(&mut self, source: u128) -> [&mut u16; 2] {
        let counted = if is_mapped(source) { source } else { source >> 64 << 64 };
        let hash = self.key.hash(&counted.to_be_bytes());
        let [first, second] = &mut self.rows;
        // The halves of a hash are as good as two hashes.
        let place = |half: u32| half as usize & (first.len() - 1);
        let (in_first, in_second) = (place(hash as u32), place((hash >> 32) as u32));
        [&mut first[in_first], &mut second[in_second]]
    }
}

#[cfg(test)]
mod tests;
