//! What an appliance has still to be told of a stream.

/// A set of things that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct News(u8);

impl News {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const OPENED: Self = Self(1);
    pub(crate) const PROGRESS: Self = Self(2);
    pub(crate) const DEADLINE: Self = Self(4);
    pub(crate) const CLOSED: Self = Self(8);

    #[inline]
    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[inline]
    pub(crate) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// Whether this happened; it is told then.
    #[inline]
    pub(crate) fn take(&mut self, other: Self) -> bool {
        let has = self.0 & other.0 != 0;
        self.0 &= !other.0;
        has
    }

    #[inline]
    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}
