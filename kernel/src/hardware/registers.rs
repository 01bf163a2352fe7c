//! Device registers in memory.

use core::ptr::NonNull;

/// A window of 32-bit registers that belongs to one driver.
#[derive(Debug)]
pub(crate) struct Registers {
    base: NonNull<u8>,
    length: usize,
}

impl Registers {
    /// The window of `length` octets at `base`.
    ///
    /// # Safety
    ///
    /// 1. Every octet of the window is a device's register, mapped for as long as the program runs.
    /// 2. Nobody else has the window.
    #[cfg(feature = "image")]
    pub(crate) unsafe fn new(base: NonNull<u8>, length: usize) -> Self {
        Self { base, length }
    }

    /// A window over ordinary memory that is never given back: for tests.
    #[cfg(test)]
    pub(crate) fn over(memory: &'static mut [u32]) -> Self {
        Self { length: memory.len() * 4, base: NonNull::from(memory).cast() }
    }

    /// The register at `offset` octets.
    #[inline]
    pub(crate) fn read(&self, offset: usize) -> u32 {
        let register = self.register(offset);
        // SAFETY: 1. `register` is aligned and inside the window, which is mapped.
        unsafe { register.read_volatile() }
    }

    /// Writes the register at `offset` octets.
    #[inline]
    pub(crate) fn write(&mut self, offset: usize, value: u32) {
        let register = self.register(offset);
        // SAFETY: as for reading; what a device does with the value is its driver's concern.
        unsafe { register.write_volatile(value) }
    }

    #[inline]
    fn register(&self, offset: usize) -> NonNull<u32> {
        assert!(
            offset.is_multiple_of(4) && offset + 4 <= self.length,
            "register {offset:#x} is outside the window"
        );
        // SAFETY: the offset is inside the window, as just asserted.
        unsafe { self.base.add(offset) }.cast()
    }
}
