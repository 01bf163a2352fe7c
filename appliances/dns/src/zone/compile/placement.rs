//! The hash table of a zone's nodes.

use crate::limits::PROBES;
use crate::zone::format;
use alloc::vec::Vec;

/// Where each node's slot is.
pub(super) struct Placement {
    pub(super) multiplier: u64,
    pub(super) slots: u32,
    /// Slot, hash and number of every node.
    pub(super) nodes: Vec<(usize, u64, u32)>,
}

impl Placement {
    /// The first multiplier, and if need be the first larger table, by which no node is [`PROBES`] or more from home.
    pub(super) fn find(by_hash: &[(u64, u32)]) -> Self {
        let mut slots = by_hash.len() + by_hash.len() / 2 + 1;
        loop {
            // The odd numbers of a sequence that is known to spread (Knuth's multiplier, and others by addition).
            let mut multiplier = 0x9e37_79b9_7f4a_7c15_u64;
            for _ in 0..8 {
                if let Some(placement) = Self::try_with(by_hash, multiplier, slots as u32) {
                    return placement;
                }
                multiplier = multiplier.wrapping_add(0x5851_f42d_4c95_7f2e);
            }
            slots += slots / 8 + 1;
        }
    }

    fn try_with(by_hash: &[(u64, u32)], multiplier: u64, slots: u32) -> Option<Self> {
        let home = |&(hash, node): &(u64, u32)| (format::home_slot(hash, multiplier, slots), hash, node);
        let mut nodes: Vec<(usize, u64, u32)> = by_hash.iter().map(home).collect();
        // In order of their homes all are as near to them as they can be: the effect of Robin Hood hashing.
        nodes.sort_unstable();
        let mut free = 0;
        for (slot, ..) in &mut nodes {
            let distance = free.max(*slot) - *slot;
            if distance >= PROBES {
                return None;
            }
            *slot += distance;
            free = *slot + 1;
        }
        Some(Self { multiplier, slots, nodes })
    }
}
