//! Buffers that go back and forth between a driver and its device.

use alloc::vec;
use core::ptr::NonNull;

/// Aligned so that no two buffers share a cache line and none more pages than it has to.
#[derive(Clone)]
#[repr(align(2048))]
struct Buffer(#[expect(dead_code, reason = "only as memory")] [u8; Frames::LENGTH]);

/// A row of equal buffers, lent to a device one by one.
#[derive(Debug)]
pub(crate) struct Frames {
    base: NonNull<u8>,
    count: usize,
}

impl Frames {
    /// Octets of one buffer: a header of the device's and a frame of 1,514 octets fit in, and two make a page.
    pub(crate) const LENGTH: usize = 2048;

    /// Asks the heap for so many buffers, never given back; where the heap lies, addresses are the same for devices.
    pub(crate) fn allocate(count: usize) -> Self {
        let memory = vec![Buffer([0; Self::LENGTH]); count].leak();
        Self { base: NonNull::from(memory).cast(), count }
    }

    /// Where a device finds a buffer.
    pub(crate) fn address(&self, index: u16) -> u64 {
        self.start(index).addr().get() as u64
    }

    /// What is in a buffer.
    #[inline]
    pub(crate) fn read(&self, index: u16) -> &[u8] {
        let start = self.start(index);
        // SAFETY: 1. The buffer is inside the memory that this value owns. 2. Its driver calls this for buffers that it owns;
        // a device that writes to one all the same is hostile, and the octets that it changes have no invariants.
        unsafe { core::slice::from_raw_parts(start.as_ptr(), Self::LENGTH) }
    }

    /// A buffer to write to.
    #[inline]
    pub(crate) fn write(&mut self, index: u16) -> &mut [u8] {
        let start = self.start(index);
        // SAFETY: as for reading; `&mut self` makes it the only reference.
        unsafe { core::slice::from_raw_parts_mut(start.as_ptr(), Self::LENGTH) }
    }

    #[inline]
    fn start(&self, index: u16) -> NonNull<u8> {
        let index = usize::from(index);
        assert!(index < self.count, "there is no buffer {index}");
        // SAFETY: the buffer is inside the memory, as just asserted.
        unsafe { self.base.add(index * Self::LENGTH) }
    }
}
