//! Which memory is whose: arithmetic on what the loader says, none of which is believed to make sense.

use core::ops::Range;

/// Octets of a page.
pub(crate) const PAGE: u64 = 4096;

/// How a machine's memory is divided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Division {
    /// RAM that is nobody's, in whole pages.
    pub(crate) free: Range<u64>,
    /// The archive, if there is one.
    pub(crate) archive: Option<Range<u64>>,
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
        let free = match &archive {
            None => behind,
            Some(archive) => {
                let pages = archive.start & !(PAGE - 1)..archive.end.checked_next_multiple_of(PAGE)?;
                if overlap(&pages, image) {
                    return None;
                }
                let below = behind.start..behind.end.min(pages.start);
                let above = behind.start.max(pages.end)..behind.end;
                if length(&above) > length(&below) { above } else { below }
            }
        };
        (!free.is_empty()).then_some(Self { free, archive })
    }

    /// Whether a device's registers may lie in a range: not on page zero, and in no memory of the machine's.
    pub(crate) fn has_room_for(&self, window: &Range<u64>, image: &Range<u64>) -> bool {
        let mut taken =
            [Some(&(0..PAGE)), Some(image), Some(&self.free), self.archive.as_ref()].into_iter().flatten();
        let pages = window.start & !(PAGE - 1)..window.end.checked_next_multiple_of(PAGE).unwrap_or(u64::MAX);
        !taken.any(|taken| overlap(&pages, taken))
    }
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
