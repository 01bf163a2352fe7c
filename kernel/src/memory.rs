//! Which memory is whose: arithmetic on what the loader says, none of which is believed to make sense.

use core::ops::Range;

/// Octets of a page.
pub(crate) const PAGE: u64 = 4096;

/// Octets of a large page. Where it costs little memory, the archive and the heap get whole ones: fewer page table entries to
/// look for. What it gains is within the noise so far (docs/measurements.md).
pub(crate) const LARGE_PAGE: u64 = 2 << 20;

/// As long as so many octets are left, memory may be spent on large pages.
const PLENTY: u64 = 4 << 20;

/// How a machine's memory is divided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Division {
    /// RAM that is nobody's, in whole pages.
    pub(crate) free: Range<u64>,
    /// The archive, if there is one.
    pub(crate) archive: Option<Range<u64>>,
    /// The pages that it is mapped with: there is nothing else in them.
    pub(crate) archive_pages: Option<Range<u64>>,
}

impl Division {
    /// Divides the range of RAM that holds the image: free is what lies behind the image, and of that the larger side of an
    /// archive that lies in it. `None` if the image is not in RAM, or the archive in the image's place.
    pub(crate) fn new(
        image: &Range<u64>,
        mut ram: impl Iterator<Item = Range<u64>>,
        archive: Option<Range<u64>>,
    ) -> Option<Self> {
        let home = ram.find(|ram| ram.start <= image.start && ram.end >= image.end)?;
        let behind = image.end.checked_next_multiple_of(PAGE)?..home.end & !(PAGE - 1);
        let Some(archive) = archive else {
            return (!behind.is_empty()).then_some(Self { free: behind, archive: None, archive_pages: None });
        };
        let [pages, large_pages] = [PAGE, LARGE_PAGE].map(|size| pages_of(&archive, size));
        let pages = pages?;
        if overlap(&pages, image) {
            return None;
        }
        // Whole large pages, if nothing but free memory is in them and there is plenty of it.
        let large = large_pages.filter(|pages| pages.start >= behind.start && pages.end <= behind.end);
        let large = large
            .map(|pages| (larger_side(&behind, &pages), pages))
            .filter(|(free, _)| length(free) >= PLENTY);
        let (free, archive_pages) = large.unwrap_or_else(|| (larger_side(&behind, &pages), pages));
        (!free.is_empty()).then_some(Self {
            free,
            archive: Some(archive),
            archive_pages: Some(archive_pages),
        })
    }

    /// Whether a device's registers may lie in a range: not on page zero, and in no memory of the machine's.
    pub(crate) fn has_room_for(&self, window: &Range<u64>, image: &Range<u64>) -> bool {
        let taken = [Some(&(0..PAGE)), Some(image), Some(&self.free), self.archive_pages.as_ref()];
        let mut taken = taken.into_iter().flatten();
        let pages = pages(window);
        !taken.any(|taken| overlap(&pages, taken))
    }
}

/// The pages that a range touches.
pub(crate) fn pages(range: &Range<u64>) -> Range<u64> {
    pages_of(range, PAGE).unwrap_or(range.start & !(PAGE - 1)..u64::MAX)
}

/// The part of a range that whole large pages make up, if there is plenty of it; else the range.
pub(crate) fn in_large_pages(range: Range<u64>) -> Range<u64> {
    let start = range.start.checked_next_multiple_of(LARGE_PAGE).unwrap_or(range.end);
    let large = start..range.end & !(LARGE_PAGE - 1);
    if length(&large) >= PLENTY { large } else { range }
}

/// The pages of a size, a power of two, that a range touches.
fn pages_of(range: &Range<u64>, size: u64) -> Option<Range<u64>> {
    Some(range.start & !(size - 1)..range.end.checked_next_multiple_of(size)?)
}

/// The longer of the parts of `whole` on either side of `hole`.
fn larger_side(whole: &Range<u64>, hole: &Range<u64>) -> Range<u64> {
    let below = whole.start..whole.end.min(hole.start);
    let above = whole.start.max(hole.end)..whole.end;
    if length(&above) > length(&below) { above } else { below }
}

/// Whether two ranges share an octet.
pub(crate) fn overlap(first: &Range<u64>, second: &Range<u64>) -> bool {
    first.start < second.end && second.start < first.end
}

fn length(range: &Range<u64>) -> u64 {
    range.end.saturating_sub(range.start)
}

#[cfg(test)]
mod tests;
