//! Buffers that go back and forth between a driver and its device.

use alloc::alloc::handle_alloc_error;
use core::alloc::Layout;
use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
use core::ptr::NonNull;

/// A row of buffers of equal length, a power of two or whole pages, lent to a device one by one.
#[derive(Debug)]
pub(crate) struct Buffers<const LENGTH: usize> {
    base: NonNull<u8>,
    count: usize,
}

/// Buffers in which a header of the device's and a frame of 1,514 octets fit; two make a page.
pub(crate) type Frames = Buffers<2048>;

impl<const LENGTH: usize> Buffers<LENGTH> {
    /// Octets of one buffer.
    pub(crate) const LENGTH: usize = LENGTH;

    /// Asks the heap for so many buffers, never given back; where the heap lies, addresses are the same for devices.
    pub(crate) fn allocate(count: usize) -> Self {
        const PAGE: usize = 4096;
        const { assert!(LENGTH.is_power_of_two() || LENGTH.is_multiple_of(PAGE), "or buffers share pages") };
        // Aligned so that no two buffers share a cache line, and none has more pages than it has to.
        let align = if LENGTH < PAGE { LENGTH } else { PAGE };
        let layout = Layout::from_size_align(count * LENGTH, align).expect("a few hundred buffers");
        assert!(count > 0, "a row of no buffers");
        // SAFETY: the size is not zero, as just asserted.
        let memory = unsafe { alloc::alloc::alloc_zeroed(layout) };
        let base = NonNull::new(memory).unwrap_or_else(|| handle_alloc_error(layout));
        Self { base, count }
    }

    /// Where a device finds a buffer.
    pub(crate) fn address(&self, index: u16) -> u64 {
        self.start(index).expose_provenance().get() as u64
    }

    /// What is in a buffer.
    #[inline]
    pub(crate) fn read(&self, index: u16) -> &[u8] {
        let start = self.start(index);
        // SAFETY: 1. The buffer is inside the memory that this value owns. 2. Its driver calls this for buffers that it owns;
        // a device that writes to one all the same is hostile, and the octets that it changes have no invariants.
        unsafe { core::slice::from_raw_parts(start.as_ptr(), Self::LENGTH) }
    }

    /// Begins to load the front of a buffer, which the device's processor wrote last, into this processor's cache.
    #[inline]
    pub(crate) fn prefetch(&self, index: u16) {
        /// A header of the device's, headers of packets and a short question.
        const FRONT: usize = 128;
        const CACHE_LINE: usize = 64;
        let front = self.read(index)[..FRONT].as_chunks::<CACHE_LINE>().0;
        for line in front {
            // SAFETY: a hint; any address may be given.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
        }
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
