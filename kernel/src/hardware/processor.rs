//! Instructions that the language has no words for.

use core::arch::x86_64::{__cpuid_count, _rdtsc, CpuidResult};
use x86_64::instructions::random::RdRand;

/// The time-stamp counter.
#[inline]
pub(crate) fn time_stamp() -> u64 {
    // SAFETY: CR4.TSD is never set: every ring may read the counter.
    unsafe { _rdtsc() }
}

/// The time-stamp counter, read after everything before it: what the clock's page says must not be newer than the counter.
#[cfg(feature = "image")]
#[inline]
pub(crate) fn time_stamp_in_order() -> u64 {
    // SAFETY: a fence touches nothing.
    unsafe { core::arch::x86_64::_mm_lfence() };
    time_stamp()
}

/// A leaf of CPUID; zeros if the processor has no such leaf of its basic range.
pub(crate) fn identify(leaf: u32) -> CpuidResult {
    __cpuid_count(leaf, 0)
}

/// How many bits an address may have: what the processor has for physical ones, and no more than the lower half of virtual ones
/// has, for here both are the same.
#[cfg(feature = "image")]
pub(crate) fn address_bits() -> u32 {
    const ADDRESS_SIZES: u32 = 0x8000_0008;
    const LOWER_HALF: u32 = 47;
    (identify(ADDRESS_SIZES).eax & 0xff).min(LOWER_HALF)
}

/// 64 random bits of the processor's own, or `None` if it has no source or the source fails.
pub(crate) fn random() -> Option<u64> {
    /// Intel's Digital Random Number Generator guide §5.2.1: ten failures in a row are a broken source.
    const TRIES: usize = 10;
    let source = RdRand::new()?;
    (0..TRIES).find_map(|_| source.get_u64())
}

/// The frame pointer of the function that asks.
#[cfg(feature = "image")]
#[inline(always)]
pub(crate) fn frame_pointer() -> u64 {
    let frame: u64;
    // SAFETY: copies a register.
    unsafe { core::arch::asm!("mov {}, rbp", out(reg) frame, options(nomem, nostack, preserves_flags)) };
    frame
}
