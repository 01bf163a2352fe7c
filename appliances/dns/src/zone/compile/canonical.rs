//! Canonical order (RFC 4034 §6.1) as the order of octets, so that a zone is sorted by comparing memory.

use alloc::vec::Vec;
use core::ops::Range;
use dns_protocol::{Name, Record, RecordType};

/// Sort keys of owners: their labels without the apex's from the right, small letters, each label ended by a zero. To make
/// room for that zero, octets 0 and 1 of a label become 1 1 and 1 2. What is below a name begins with the name's key.
pub(super) struct Keys {
    octets: Vec<u8>,
}

/// A record and the key of its owner.
pub(super) struct Entry {
    key: Range<usize>,
    record_type: RecordType,
    /// Its number among the records given.
    pub(super) record: usize,
}

impl Keys {
    /// The records by owner, type, and the order in which they were given.
    pub(super) fn sort(apex: Name<'_>, records: &[Record<'_>]) -> (Self, Vec<Entry>) {
        let mut this = Self { octets: Vec::new() };
        let mut previous: Option<(Name<'_>, Range<usize>)> = None;
        let mut entries: Vec<Entry> = Vec::with_capacity(records.len());
        for (record, Record { owner, record_type, .. }) in records.iter().enumerate() {
            let key = match &previous {
                Some((last, key)) if last == owner => key.clone(),
                _ => this.add(apex, *owner),
            };
            previous = Some((*owner, key.clone()));
            entries.push(Entry { key, record_type: *record_type, record });
        }
        // Most zones are in order already, or nearly: the stable sort makes use of that.
        let order = |entry: &Entry| (this.key(&entry.key), entry.record_type);
        entries.sort_by(|one, other| order(one).cmp(&order(other)));
        (this, entries)
    }

    fn add(&mut self, apex: Name<'_>, owner: Name<'_>) -> Range<usize> {
        let start = self.octets.len();
        let relative = owner.as_wire().len() - apex.as_wire().len();
        let mut labels = [(0, 0); Name::MAXIMUM_LABELS];
        let mut count = 0;
        let mut at = 0;
        while at < relative {
            let end = at + 1 + usize::from(owner.as_wire()[at]);
            labels[count] = (at + 1, end);
            count += 1;
            at = end;
        }
        for &(start, end) in labels[..count].iter().rev() {
            for octet in owner.as_wire()[start..end].to_ascii_lowercase() {
                match octet {
                    0 | 1 => self.octets.extend([1, octet + 1]),
                    octet => self.octets.push(octet),
                }
            }
            self.octets.push(0);
        }
        start..self.octets.len()
    }

    fn key(&self, key: &Range<usize>) -> &[u8] {
        &self.octets[key.clone()]
    }

    /// Where an entry's key is.
    pub(super) fn range(&self, entry: &Entry) -> Range<usize> {
        entry.key.clone()
    }

    /// Whether two entries have one owner.
    pub(super) fn equal(&self, one: &Entry, other: &Entry) -> bool {
        self.key(&one.key) == self.key(&other.key)
    }

    /// Whether a key's name is `ancestor`'s or below it.
    pub(super) fn is_at_or_below(&self, key: &Range<usize>, ancestor: &Range<usize>) -> bool {
        self.key(key).starts_with(self.key(ancestor))
    }

    /// Where the labels of a key end, from the apex downwards.
    pub(super) fn label_ends(&self, key: &Range<usize>) -> impl Iterator<Item = usize> {
        let ends = self.key(key).iter().enumerate().filter(|&(_, &octet)| octet == 0);
        ends.map(|(at, _)| key.start + at + 1)
    }
}
