//! An address and its neighbours'.

use core::fmt;
use core::net::IpAddr;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// An address and the length of the prefix that its neighbours share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Prefix {
    /// The address itself, not only its prefix.
    pub address: IpAddr,
    /// Bits; at most 32 for IPv4 and 128 for IPv6.
    pub length: u8,
}

impl Prefix {
    /// Whether `address` shares this prefix.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        let length = u32::from(self.length);
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let difference = own.to_bits() ^ other.to_bits();
                difference.checked_shr(32_u32.saturating_sub(length)).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let difference = own.to_bits() ^ other.to_bits();
                difference.checked_shr(128_u32.saturating_sub(length)).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// Whether an address has both prefixes.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other.address) || other.contains(self.address)
    }

    /// Whether the address is one that every IPv6 link has the prefix of (RFC 4291 §2.5.6).
    pub(super) fn is_link_local(self) -> bool {
        matches!(self.address, IpAddr::V6(address) if address.is_unicast_link_local())
    }

    /// Whether the address names all of an IPv4 network or broadcasts to it (RFC 1122 §3.2.1.3), rather than a host. A
    /// prefix of 31 bits has only hosts (RFC 3021).
    pub(super) fn is_of_no_host(self) -> bool {
        let IpAddr::V4(address) = self.address else { return false };
        let host = u32::MAX.checked_shr(self.length.into()).unwrap_or(0);
        self.length < 31 && [0, host].contains(&(address.to_bits() & host))
    }
}

impl FromStr for Prefix {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, length) = text.split_once('/').ok_or(())?;
        let address: IpAddr = address.parse().map_err(|_| ())?;
        if !length.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(());
        }
        let length = length.parse().map_err(|_| ())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        if length > most { Err(()) } else { Ok(Self { address, length }) }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.length)
    }
}
