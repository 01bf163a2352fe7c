//! What tells a connection from all others: both its ends (RFC 9293 §3.3.1, "socket pair").

use core::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Both ends of a connection; IPv4 addresses in the form of IPv6 (RFC 4291 §2.5.5.2).
///
/// Packed, since every connection has one: by alignment of 16 octets it would take 12 more, and connections with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(Rust, packed(4))]
pub(crate) struct Tuple {
    pub(crate) local: u128,
    pub(crate) remote: u128,
    pub(crate) local_port: u16,
    pub(crate) remote_port: u16,
}

impl Tuple {
    pub(crate) fn new(local: SocketAddr, remote: SocketAddr) -> Self {
        Self {
            local: number(local.ip()),
            remote: number(remote.ip()),
            local_port: local.port(),
            remote_port: remote.port(),
        }
    }

    /// Whether the connection is over IPv4. Its local address says so: that is one of ours, while a packet of IPv6 could claim
    /// to come from an address of the mapped form.
    #[inline]
    pub(crate) const fn is_v4(&self) -> bool {
        is_mapped(self.local)
    }

    pub(crate) const fn local_address(&self) -> SocketAddr {
        SocketAddr::new(address(self.local), self.local_port)
    }

    pub(crate) const fn remote_address(&self) -> SocketAddr {
        SocketAddr::new(address(self.remote), self.remote_port)
    }
}

/// Whether an address is one of IPv4, in the form of IPv6: `::ffff:0:0/96`.
#[inline]
pub(crate) const fn is_mapped(address: u128) -> bool {
    address >> 32 == 0xffff
}

const fn address(number: u128) -> IpAddr {
    Ipv6Addr::from_bits(number).to_canonical()
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests;
