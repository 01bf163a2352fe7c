//! What a link is told: its addresses.

use alloc::vec::Vec;
use core::net::IpAddr;

/// The addresses of one link.
///
/// A link with an IPv6 address, or that is to form one, also answers on the link-local address that follows from its hardware address
/// (RFC 4291 §2.5.1), so that neighbours and routers can reach it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// The link's own addresses, IPv4 and IPv6 in any order.
    pub addresses: Vec<Prefix>,
    /// Routers for what the machine sends on its own account. Replies need none: they go back the way the question came.
    pub gateways: Vec<IpAddr>,
    /// Whether a DHCP server is asked for one more IPv4 address.
    pub dhcp: bool,
    /// Whether IPv6 addresses are formed from the prefixes that routers advertise.
    pub slaac: bool,
}

/// An address and how much of it the neighbours share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// The address itself, not only its prefix.
    pub address: IpAddr,
    /// Bits; at most 32 for IPv4 and 128 for IPv6.
    pub length: u8,
}
