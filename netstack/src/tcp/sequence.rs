//! Numbers of octets in a stream, modulo 2^32 (RFC 9293 §3.4).

use core::ops::{Add, Sub};

/// The number of an octet in one direction of a connection.
///
/// Not `Ord`: numbers go round, so of three numbers each may be before the next and the last before the first. Two numbers
/// are compared by the sign of their difference (RFC 1982 §3.2), which means something while both are within 2^31 octets of
/// each other, as all are that a window has room for (RFC 7323 §2.3). Numbers exactly 2^31 apart are each before the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sequence(pub(crate) u32);

impl Sequence {
    /// How many octets after `earlier` this is, up to 2^32 - 1.
    #[inline]
    pub(crate) const fn since(self, earlier: Self) -> u32 {
        self.0.wrapping_sub(earlier.0)
    }

    #[inline]
    pub(crate) const fn is_before(self, other: Self) -> bool {
        self.since(other).cast_signed() < 0
    }

    #[inline]
    pub(crate) const fn is_at_most(self, other: Self) -> bool {
        self.since(other).cast_signed() <= 0
    }

    #[inline]
    pub(crate) const fn is_after(self, other: Self) -> bool {
        other.is_before(self)
    }

    #[inline]
    pub(crate) const fn is_at_least(self, other: Self) -> bool {
        other.is_at_most(self)
    }

    /// The later of two.
    #[inline]
    pub(crate) const fn max(self, other: Self) -> Self {
        if self.is_before(other) { other } else { self }
    }

    /// The earlier of two.
    #[inline]
    pub(crate) const fn min(self, other: Self) -> Self {
        if self.is_after(other) { other } else { self }
    }
}

impl Add<u32> for Sequence {
    type Output = Self;

    #[inline]
    fn add(self, octets: u32) -> Self {
        Self(self.0.wrapping_add(octets))
    }
}

impl Sub<u32> for Sequence {
    type Output = Self;

    #[inline]
    fn sub(self, octets: u32) -> Self {
        Self(self.0.wrapping_sub(octets))
    }
}

#[cfg(test)]
mod tests;
