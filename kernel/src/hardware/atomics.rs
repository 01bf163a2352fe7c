//! Memory that a device shares with its driver, as atomic numbers: reading what the other side writes is defined.

use alloc::vec;
use core::sync::atomic::{AtomicU16, AtomicU32, AtomicU64};

/// Zeroed memory for devices to share, never given back; where the heap lies, addresses are the same for them.
#[derive(Debug)]
pub(crate) struct SharedMemory {
    rest: &'static mut [u64],
}

impl SharedMemory {
    /// Asks the heap for memory of so many octets, beginning at an address that 16 divides, as descriptors do.
    pub(crate) fn allocate(octets: usize) -> Self {
        let memory = vec![0_u128; octets.div_ceil(16)].leak();
        let words = 2 * memory.len();
        // SAFETY: a 128-bit number is two of 64 bits.
        Self { rest: unsafe { core::slice::from_raw_parts_mut(memory.as_mut_ptr().cast(), words) } }
    }

    /// The next `count` 64-bit numbers.
    pub(crate) fn take_u64(&mut self, count: usize) -> &'static [AtomicU64] {
        let rest = core::mem::take(&mut self.rest);
        let (taken, rest) = rest.split_at_mut(count);
        self.rest = rest;
        let first = taken.as_mut_ptr().cast();
        // SAFETY: 1. AtomicU64 has the size and, on this processor, the alignment of u64. 2. The memory was this value's
        // alone, and from here on all access to it is atomic.
        unsafe { core::slice::from_raw_parts(first, count) }
    }

    /// The next `count` 16-bit numbers, beginning at an address that 8 divides.
    pub(crate) fn take_u16(&mut self, count: usize) -> &'static [AtomicU16] {
        let words = self.take_u64(count.div_ceil(4));
        // SAFETY: 1. The words hold at least `count` half-words. 2. All access to them is atomic, and only through this.
        unsafe { core::slice::from_raw_parts(words.as_ptr().cast(), count) }
    }

    /// The next `count` 32-bit numbers, beginning at an address that 8 divides.
    pub(crate) fn take_u32(&mut self, count: usize) -> &'static [AtomicU32] {
        let words = self.take_u64(count.div_ceil(2));
        // SAFETY: as for 16-bit numbers.
        unsafe { core::slice::from_raw_parts(words.as_ptr().cast(), count) }
    }
}
