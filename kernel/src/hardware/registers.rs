//! Device registers in memory.

use core::ptr::NonNull;

/// A window of registers that belongs to one driver.
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
    /// 1. Every octet of the window is a device's register, mapped for as long as it is used.
    /// 2. Nobody else has the window, and it begins at an address that 4 divides, or 2 where none of 32 bits is used.
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

    /// The register of 16 bits at `offset` octets.
    pub(crate) fn read_half(&self, offset: usize) -> u16 {
        let register = self.register(offset);
        // SAFETY: as for 32 bits.
        unsafe { register.read_volatile() }
    }

    /// Writes the register of 16 bits at `offset` octets.
    #[inline]
    pub(crate) fn write_half(&mut self, offset: usize, value: u16) {
        let register = self.register(offset);
        // SAFETY: as for 32 bits.
        unsafe { register.write_volatile(value) }
    }

    /// The register of eight bits at `offset` octets.
    pub(crate) fn read_octet(&self, offset: usize) -> u8 {
        let register = self.register(offset);
        // SAFETY: as for 32 bits.
        unsafe { register.read_volatile() }
    }

    /// Writes the register of eight bits at `offset` octets.
    pub(crate) fn write_octet(&mut self, offset: usize, value: u8) {
        let register = self.register(offset);
        // SAFETY: as for 32 bits.
        unsafe { register.write_volatile(value) }
    }

    /// Octets of the window.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    #[inline]
    fn register<T>(&self, offset: usize) -> NonNull<T> {
        let size = size_of::<T>();
        assert!(
            offset.is_multiple_of(size) && offset + size <= self.length,
            "register {offset:#x} is outside the window"
        );
        // SAFETY: the offset is inside the window, as just asserted.
        unsafe { self.base.add(offset) }.cast()
    }
}
