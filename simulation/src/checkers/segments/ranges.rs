//! Which parts of a sequence are there.

/// Parts that don't touch, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranges(Vec<(i64, i64)>);

impl Ranges {
    /// From `begin` on, until before `end`.
    pub(super) fn add(&mut self, begin: i64, end: i64) {
        if begin >= end {
            return;
        }
        let first = self.0.partition_point(|part| part.1 < begin);
        let behind = self.0.partition_point(|part| part.0 <= end);
        let (mut joined_begin, mut joined_end) = (begin, end);
        if let Some(touched) = self.0.get(first..behind).filter(|touched| !touched.is_empty()) {
            joined_begin = begin.min(touched[0].0);
            joined_end = end.max(touched[touched.len() - 1].1);
        }
        self.0.splice(first..behind.max(first), [(joined_begin, joined_end)]);
    }

    /// Whether all of that is there.
    pub(super) fn cover(&self, begin: i64, end: i64) -> bool {
        self.0.iter().any(|part| part.0 <= begin && end <= part.1)
    }

    /// The end of what is there from 0 on.
    pub(super) fn whole_until(&self) -> i64 {
        self.0.iter().find(|part| part.0 <= 0 && part.1 > 0).map_or(0, |part| part.1)
    }
}
