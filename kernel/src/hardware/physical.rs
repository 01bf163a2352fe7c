//! Memory that no language gave us: what the loader left, and what is free.
//!
//! Addresses are physical and virtual alike. Until the machine is sealed all of the first GiB is mapped.

use super::registers::Registers;
use crate::memory::PAGE;
use core::ops::Range;
use core::ptr::NonNull;

/// What is mapped before sealing, devices aside.
const MAPPED: u64 = 1 << 30;

/// Octets that the loader left: never changed by anybody while they are looked at.
///
/// Every loader leaves it below the image (Firecracker, Cloud Hypervisor and QEMU below 1 MiB), where nothing is ever written;
/// the rest is refused.
pub(crate) fn left_by_loader(address: u64, length: u64) -> Option<&'static [u8]> {
    let end = address.checked_add(length)?;
    if address == 0 || end > super::image::whole().start {
        return None;
    }
    let start = core::ptr::with_exposed_provenance(usize::try_from(address).ok()?);
    // SAFETY: 1. The octets are mapped until the machine is sealed, before which the last of them is looked at. 2. Free memory
    // lies above the image. 3. Reading what is no RAM gives octets too.
    Some(unsafe { core::slice::from_raw_parts(start, usize::try_from(length).ok()?) })
}

/// A module or archive that was left anywhere in memory and is mapped by the sealed tables.
///
/// # Safety
///
/// The octets are RAM, mapped for reading from now on, and nobody writes to them.
pub(crate) unsafe fn mapped(range: Range<u64>) -> &'static [u8] {
    let start = core::ptr::with_exposed_provenance(usize::try_from(range.start).expect("64 bits"));
    let length = usize::try_from(range.end - range.start).expect("64 bits");
    // SAFETY: the caller's promise.
    unsafe { core::slice::from_raw_parts(start, length) }
}

/// The registers of a device.
///
/// # Safety
///
/// The window is a device's, is mapped from now on, and is nobody else's.
pub(crate) unsafe fn device(window: &Range<u64>) -> Registers {
    let start = usize::try_from(window.start).expect("64 bits");
    let length = usize::try_from(window.end - window.start).expect("64 bits");
    let base = NonNull::new(core::ptr::with_exposed_provenance_mut(start)).expect("no device lies at 0");
    // SAFETY: the caller's promise.
    unsafe { Registers::new(base, length) }
}

/// RAM that nobody uses.
#[derive(Debug)]
pub(crate) struct FreeMemory {
    range: Range<u64>,
}

impl FreeMemory {
    /// The pages of a range, which begins and ends with one.
    ///
    /// # Safety
    ///
    /// The range is RAM, and nobody uses it.
    pub(crate) unsafe fn new(range: Range<u64>) -> Self {
        Self { range }
    }

    /// What is left of it.
    pub(crate) fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// Takes whole pages that hold `octets`; `None` if so many are not left.
    pub(crate) fn take(&mut self, octets: u64) -> Option<&'static mut [u64]> {
        let octets = octets.checked_next_multiple_of(PAGE)?;
        if self.range.start.checked_add(octets)? > self.range.end.min(MAPPED) {
            return None;
        }
        let start = usize::try_from(self.range.start).ok()?;
        self.range.start += octets;
        let start = core::ptr::with_exposed_provenance_mut(start);
        // SAFETY: 1. The pages are RAM and mapped, and were nobody's. 2. They leave the range and are handed out once.
        Some(unsafe { core::slice::from_raw_parts_mut(start, usize::try_from(octets / 8).ok()?) })
    }
}

/// Two words of a stack, or `None` if the address is none of a stack's: for backtraces.
pub(crate) fn stack_words(address: u64) -> Option<[u64; 2]> {
    let end = address.checked_add(16)?;
    let is_within = |range: Range<u64>| address >= range.start && end <= range.end;
    let is_stack = is_within(super::image::stack()) || is_within(super::image::emergency_stack());
    if !is_stack || !address.is_multiple_of(8) {
        return None;
    }
    let words = core::ptr::with_exposed_provenance::<[u64; 2]>(usize::try_from(address).ok()?);
    // SAFETY: both words are of a stack, which is always mapped, and aligned. Nobody but this processor writes there.
    Some(unsafe { words.read_volatile() })
}
