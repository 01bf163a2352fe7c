//! The Internet checksum (RFC 1071).

/// A one's-complement sum under way.
///
/// Words are added in the machine's own byte order, which only the final fold has to undo (RFC 1071 §2(B)): eight octets
/// cost one addition with carry.
#[derive(Clone, Copy)]
pub(crate) struct Sum(u64);

impl Sum {
    pub(crate) const ZERO: Self = Self(0);

    /// Adds `bytes`, which begin at an even offset of what is summed; an odd last octet counts as if a zero followed.
    #[inline]
    #[must_use]
    pub(crate) fn bytes(self, bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks::<8>();
        // The upper half of the accumulator counts the carries: 2^64 words would overflow it, no frame has them.
        let mut sum = u128::from(self.0);
        for word in words {
            sum += u128::from(u64::from_ne_bytes(*word));
        }
        let (words, rest) = rest.as_chunks::<2>();
        for word in words {
            sum += u128::from(u16::from_ne_bytes(*word));
        }
        if let [last] = rest {
            sum += u128::from(u16::from_ne_bytes([*last, 0]));
        }
        Self(fold(sum))
    }

    /// Adds a number of the header, as it stands in network order.
    #[inline]
    #[must_use]
    pub(crate) fn number(self, number: u16) -> Self {
        Self(fold(u128::from(self.0) + u128::from(number.to_be())))
    }

    /// Adds four words of the header, as they stand in network order.
    #[inline]
    #[must_use]
    pub(crate) fn word(self, word: u64) -> Self {
        Self(fold(u128::from(self.0) + u128::from(word.to_be())))
    }

    /// Whether this is the sum of something that carries its own checksum.
    #[inline]
    pub(crate) fn is_valid(self) -> bool {
        self.folded() == u16::MAX
    }

    /// The octets of the checksum.
    #[inline]
    pub(crate) fn checksum(self) -> [u8; 2] {
        (!self.folded()).to_ne_bytes()
    }

    /// The octets of the sum itself, for a device that adds the rest and inverts it.
    #[inline]
    pub(crate) fn partial(self) -> [u8; 2] {
        self.folded().to_ne_bytes()
    }

    /// The checksum for UDP, where zero means that there is none (RFC 768).
    #[inline]
    pub(crate) fn udp_checksum(self) -> [u8; 2] {
        match self.checksum() {
            [0, 0] => [0xff, 0xff],
            checksum => checksum,
        }
    }

    #[inline]
    fn folded(self) -> u16 {
        let sum = (self.0 >> 32) + (self.0 & 0xffff_ffff);
        let sum = (sum >> 16) + (sum & 0xffff);
        let sum = (sum >> 16) + (sum & 0xffff);
        let sum = (sum >> 16) + (sum & 0xffff);
        // Three folds of a 33-bit sum leave 16 bits.
        sum as u16
    }
}

/// 2^64 is 1 in arithmetic modulo 2^64 - 1, and so modulo 2^16 - 1.
#[inline]
const fn fold(sum: u128) -> u64 {
    let (sum, carry) = (sum as u64).overflowing_add((sum >> 64) as u64);
    sum + carry as u64
}

#[cfg(test)]
mod tests;
