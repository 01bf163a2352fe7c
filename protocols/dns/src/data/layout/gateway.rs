//! What a gateway, a relay or an address suffix is, which the octets before it say.

/// A gateway that is a name (RFC 4025 §2.3, RFC 8777 §4.2.3).
pub(crate) const NAME: u8 = 3;

/// The bits of a relay's kind; the other is the discovery bit (RFC 8777 §4.2.2).
pub(crate) const KIND: u8 = 0x7f;

/// What a gateway of a kind is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gateway {
    None,
    Ipv4,
    Ipv6,
    Name,
}

impl Gateway {
    pub(crate) fn of_kind(kind: u8) -> Option<Self> {
        match kind {
            0 => Some(Self::None),
            1 => Some(Self::Ipv4),
            2 => Some(Self::Ipv6),
            NAME => Some(Self::Name),
            _ => None,
        }
    }
}

/// How many octets of an IPv6 address are left behind a prefix of so many bits (RFC 2874 §3.1).
pub(crate) fn suffix_length(prefix_bits: u8) -> Option<usize> {
    Some(usize::from(128_u8.checked_sub(prefix_bits)?).div_ceil(8))
}
