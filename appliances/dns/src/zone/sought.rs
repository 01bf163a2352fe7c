//! A name that is looked for.

use super::hash;

/// Where the labels of a name in wire format are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Labels {
    /// The root's is the last.
    starts: [u8; 128],
    count: u8,
    length: u8,
}

impl Labels {
    /// Those of the root.
    pub(crate) const ROOT: Self = Self { starts: [0; 128], count: 0, length: 1 };

    /// The labels of the name that `octets` begin with; `None` if there is none, or if it is compressed.
    pub(crate) fn parse(octets: &[u8]) -> Option<Self> {
        let mut labels = Self::ROOT;
        labels.read(octets)?;
        Some(labels)
    }

    /// The same into these, whatever they were: they are too many octets to be handed from one function to the next.
    #[inline]
    pub(crate) fn read(&mut self, octets: &[u8]) -> Option<()> {
        let mut count = 0_u8;
        let mut at = 0_u8;
        loop {
            let label = *octets.get(usize::from(at))?;
            *self.starts.get_mut(usize::from(count))? = at;
            if label == 0 {
                self.count = count;
                self.length = at + 1;
                return Some(());
            }
            if label > 63 {
                return None;
            }
            count += 1;
            // From 255 on there is no room for the root's label in 255 octets.
            at = at.checked_add(label)?.checked_add(1).filter(|&at| at < u8::MAX)?;
        }
    }

    /// How many octets the name has.
    pub(crate) fn length(&self) -> usize {
        usize::from(self.length)
    }
}

/// A name with the places of its labels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sought<'n> {
    /// The name and what follows it: words are read past its end.
    octets: &'n [u8],
    wire: &'n [u8],
    labels: &'n Labels,
}

impl<'n> Sought<'n> {
    /// The name that `octets` begin with, whose labels are `labels`; `None` if it is not all there.
    #[inline]
    pub(crate) fn new(octets: &'n [u8], labels: &'n Labels) -> Option<Self> {
        Some(Self { octets, wire: octets.get(..labels.length())?, labels })
    }

    /// The name in wire format.
    pub(crate) const fn wire(&self) -> &'n [u8] {
        self.wire
    }

    /// How many octets it has.
    pub(crate) const fn length_octet(&self) -> u8 {
        self.labels.length
    }

    /// How many labels it has, the root's not counted.
    pub(crate) fn labels(&self) -> usize {
        usize::from(self.labels.count)
    }

    /// Where its ancestor of `labels` labels starts.
    #[inline]
    pub(crate) fn suffix_start(&self, labels: usize) -> Option<usize> {
        let own = self.labels().checked_sub(labels)?;
        self.labels.starts.get(own).map(|&start| usize::from(start))
    }

    /// The hash of its ancestor of `labels` labels, from that of the one with a label less.
    #[inline]
    pub(crate) fn extend_hash(&self, suffix: u64, labels: usize) -> Option<u64> {
        hash::extend(suffix, self.octets, self.suffix_start(labels)?)
    }
}
