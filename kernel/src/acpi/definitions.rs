//! Constants of the differentiated definition block (DSDT), which is AML: found by the octets that they are written as. A name
//! that is computed is not found.

use crate::boot_information::{long, word};
use core::ops::Range;

/// Octets of AML (ACPI 6.5 §20.2).
mod code {
    pub(super) const ZERO: u8 = 0x00;
    pub(super) const ONE: u8 = 0x01;
    pub(super) const OCTET: u8 = 0x0a;
    pub(super) const WORD: u8 = 0x0b;
    pub(super) const LONG: u8 = 0x0c;
    pub(super) const QUAD: u8 = 0x0e;
}

/// The first number of the package `_S5_` (ACPI 6.5 §7.4.2), which is what tells the registers to switch off: three bits.
pub(super) fn s5(definitions: &[u8]) -> Option<u8> {
    let package = behind(definitions, b"\x08_S5_\x12")?;
    // The two upper bits of a package's length say how many octets of it follow; then comes the count of its elements.
    let length = 1 + usize::from(package.first()? >> 6);
    u8::try_from(number(package.get(length + 1..)?)? & 7).ok()
}

/// What the method `_CBA` returns: where configuration space lies (PCI Firmware Specification 3.3 §4.1.3). QEMU's microvm says it
/// here alone.
pub(super) fn base_address(definitions: &[u8]) -> Option<u64> {
    number(behind(definitions, b"_CBA\x00\xa4")?)
}

/// The largest range of 32-bit addresses that a bridge passes on to PCI, of the resource descriptors (ACPI 6.5 §6.4.3.5.2).
pub(super) fn window(definitions: &[u8]) -> Option<Range<u32>> {
    /// Octets of one; it says how many follow its first three.
    const LENGTH: usize = 26;
    const HEAD: &[u8] = b"\x87\x17\x00\x00";
    let descriptors = definitions.windows(LENGTH).filter(|window| window.starts_with(HEAD));
    let ranges = descriptors.filter_map(|descriptor| {
        let (first, last, length) = (word(descriptor, 10)?, word(descriptor, 14)?, word(descriptor, 22)?);
        let end = last.checked_add(1)?;
        (end.checked_sub(first)? == length && length > 0).then_some(first..end)
    });
    ranges.max_by_key(|range| range.end - range.start)
}

fn behind<'a>(octets: &'a [u8], pattern: &[u8]) -> Option<&'a [u8]> {
    let at = octets.windows(pattern.len()).position(|window| window == pattern)?;
    octets.get(at + pattern.len()..)
}

/// A number that is written out.
fn number(code: &[u8]) -> Option<u64> {
    let (&kind, rest) = code.split_first()?;
    match kind {
        code::ZERO => Some(0),
        code::ONE => Some(1),
        code::OCTET => rest.first().copied().map(u64::from),
        code::WORD => rest.first_chunk().copied().map(u16::from_le_bytes).map(u64::from),
        code::LONG => word(rest, 0).map(u64::from),
        code::QUAD => long(rest, 0),
        _ => None,
    }
}
