//! Whom connections are counted for.

use super::table::Key;
use core::net::IpAddr;

/// An address of IPv4; of IPv6 its /64, any address of which one host may use (RFC 7934 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    Address4(u32),
    Network6(u64),
}

impl Client {
    pub(super) fn new(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::Address4(address.to_bits()),
            IpAddr::V6(address) => Self::Network6((address.to_bits() >> 64) as u64),
        }
    }

    pub(super) const fn is_ipv4(self) -> bool {
        matches!(self, Self::Address4(_))
    }
}

impl Key for Client {
    fn number(self) -> u64 {
        match self {
            Self::Address4(address) => u64::from(address),
            Self::Network6(network) => network,
        }
    }
}
