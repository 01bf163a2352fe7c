//! QEMU's user network, shaped to fit a configuration that is never rewritten.

use configuration::{Interface, Prefix};
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use host::Publication;

/// What QEMU's user network on one link is told to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UserNetwork {
    four: Option<Side>,
    six: Option<Side>,
}

/// One version of IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Side {
    /// The first address of the prefix, and its length.
    prefix: Prefix,
    /// The guest's own address.
    guest: IpAddr,
    /// The first that QEMU's DHCP server gives.
    leased: IpAddr,
    /// QEMU's, to which the guest sends what is for everybody else.
    router: IpAddr,
    /// Where QEMU would answer DNS; the guest never asks.
    resolver: IpAddr,
}

/// What QEMU's user network can't be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// No prefix of the configuration has room for the guest, a router and a resolver.
    NoPrefix,
    /// It forwards from IPv4 addresses only.
    HostAddress(Publication),
    /// It forwards to IPv4 addresses only, and the guest has none that it can reach.
    NoGuestAddress,
}

/// QEMU's user network takes prefixes up to this long.
const LONGEST_FOUR: u8 = 30;
const LONGEST_SIX: u8 = 126;

/// What QEMU's DHCP server gives, and the network around it.
const LEASED: Side = {
    let guest = IpAddr::V4(Ipv4Addr::new(10, 0, 2, 15));
    Side {
        prefix: Prefix { address: IpAddr::V4(Ipv4Addr::new(10, 0, 2, 0)), length: 24 },
        guest,
        leased: guest,
        router: IpAddr::V4(Ipv4Addr::new(10, 0, 2, 2)),
        resolver: IpAddr::V4(Ipv4Addr::new(10, 0, 2, 3)),
    }
};

/// The prefix that QEMU's router advertises. The guest's own address in it is nobody's to reach from outside.
const FORMED: Side = {
    let prefix = IpAddr::V6(Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0));
    Side {
        prefix: Prefix { address: prefix, length: 64 },
        guest: prefix,
        leased: prefix,
        router: IpAddr::V6(Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 2)),
        resolver: IpAddr::V6(Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 3)),
    }
};

impl UserNetwork {
    /// Shapes a network around the first address of each version of IP; where there is none, and the network is to give one,
    /// it is what QEMU's is if nobody shapes it.
    pub(crate) fn shape(interface: &Interface) -> Result<Self, Unfit> {
        let side = |is_four| {
            let mut candidates =
                interface.addresses.iter().filter(|prefix| prefix.address.is_ipv4() == is_four);
            candidates.find_map(|prefix| Side::around(*prefix, interface))
        };
        let four = side(true).or_else(|| interface.dhcp.then_some(LEASED));
        let six = side(false).or_else(|| interface.slaac.then_some(FORMED));
        if four.is_none() && six.is_none() {
            return Err(Unfit::NoPrefix);
        }
        Ok(Self { four, six })
    }

    /// The guest's address to which ports can be forwarded, if it has one.
    pub(crate) fn reached(&self) -> Option<IpAddr> {
        self.four.map(|four| four.guest)
    }

    /// The value of `-netdev` for the cable of this number, with what is published.
    pub(super) fn option(&self, number: usize, publications: &[Publication]) -> Result<String, Unfit> {
        let mut option = format!("user,id=net{number}");
        match self.four {
            Some(Side { prefix, leased, router, resolver, .. }) => {
                option += &format!(",net={prefix},host={router},dns={resolver},dhcpstart={leased}");
            }
            None => option += ",ipv4=off",
        }
        match self.six {
            Some(Side { prefix, router, resolver, .. }) => {
                option += &format!(",ipv6-net={prefix},ipv6-host={router},ipv6-dns={resolver}");
            }
            None => option += ",ipv6=off",
        }
        for publication in publications {
            let guest = self.reached().ok_or(Unfit::NoGuestAddress)?;
            let host = publication.host;
            if host.is_ipv6() {
                return Err(Unfit::HostAddress(*publication));
            }
            option += &format!(",hostfwd={}:{host}-{guest}:{}", publication.protocol, publication.port);
        }
        Ok(option)
    }
}

impl Side {
    /// `None` if the prefix of this address of the guest has no room for the others.
    fn around(prefix: Prefix, interface: &Interface) -> Option<Self> {
        let guest = prefix.address;
        let (bits, longest) = if guest.is_ipv4() { (32, LONGEST_FOUR) } else { (128, LONGEST_SIX) };
        // A link-local prefix is on every link already: QEMU can't make it its own.
        if prefix.length > longest || matches!(guest, IpAddr::V6(guest) if guest.is_unicast_link_local()) {
            return None;
        }
        let host_bits = bits - u32::from(prefix.length);
        let last = u128::MAX.checked_shr(128 - host_bits).unwrap_or(0);
        let first = number(guest) & !last;

        let gateway = interface.gateways.iter().copied().find(|gateway| prefix.contains(*gateway));
        // Number 0 is a network's own. IPv4's last is the broadcast's, which will do for a resolver that nobody asks.
        let mut free = (1..=last)
            .map(|host| with_number(guest, first | host))
            .filter(|address| Some(*address) != gateway)
            .filter(|address| interface.addresses.iter().all(|own| own.address != *address));
        let router = gateway.or_else(|| free.next())?;
        let resolver = free.next()?;
        // What the guest has already it is not to be given.
        let leased = if interface.dhcp { free.next()? } else { guest };
        let prefix = Prefix { address: with_number(guest, first), length: prefix.length };
        Some(Self { prefix, guest, leased, router, resolver })
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The address with this number, of the same version of IP as `like`.
fn with_number(like: IpAddr, number: u128) -> IpAddr {
    match like {
        // Only the low 32 bits are ever set.
        IpAddr::V4(_) => Ipv4Addr::from_bits(number as u32).into(),
        IpAddr::V6(_) => Ipv6Addr::from_bits(number).into(),
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPrefix => write!(
                formatter,
                "QEMU's user network needs an address with a prefix of at most {LONGEST_FOUR} (IPv4) or \
                 {LONGEST_SIX} (IPv6) bits and room for a router in it; use --net tap=IF or --on host"
            ),
            Self::HostAddress(publication) => write!(
                formatter,
                "QEMU's user network forwards from IPv4 addresses only, so {publication} can't be published; \
                 use --net tap=IF or --on host"
            ),
            Self::NoGuestAddress => formatter.write_str(
                "QEMU's user network forwards to IPv4 addresses only, and the guest has none with a prefix of at \
                 most 30 bits; use --net tap=IF or --on host",
            ),
        }
    }
}

impl core::error::Error for Unfit {}

#[cfg(test)]
mod tests;
