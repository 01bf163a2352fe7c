//! The hash table of a zone's nodes.

use crate::limits::{MULTIPLIERS, PROBES, TABLE_SIZES};
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
    /// The first multiplier, and if need be the first larger table, by which no node is [`PROBES`] or more from home; `None`
    /// if there is none, which takes names that were chosen for it.
    pub(super) fn find(by_hash: &[(u64, u32)]) -> Option<Self> {
        let mut slots = by_hash.len() + by_hash.len() / 2 + 1;
        for _ in 0..TABLE_SIZES {
            // By 1 the nodes are in order of their homes already.
            let mut multiplier = 1_u64;
            for _ in 0..MULTIPLIERS {
                if let Some(placement) = Self::try_with(by_hash, multiplier, u32::try_from(slots).ok()?) {
                    return Some(placement);
                }
                // Odd numbers are bijections, and this step spreads their bits.
                multiplier = multiplier.wrapping_add(0x9e37_79b9_7f4a_7c16);
            }
            slots += slots / 8 + 1;
        }
        None
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
