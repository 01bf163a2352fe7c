//! Where what we send of our own accord goes: to a neighbour, or by a router (RFC 1122 §3.3.1, RFC 4861 §5.2).

use crate::arp;
use crate::frame::ETHERNET_HEADER;
use crate::neighbours;
use crate::station::Station;
use crate::tcp::tuple::is_mapped;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use moment::Instant;
use platform::EthernetAddress;

/// The IPv6 prefix that every link has (RFC 4291 §2.5.6), ten bits of it.
const LINK_LOCAL: u128 = 0xfe80 << 112;
const LINK_LOCAL_LENGTH: u8 = 10;

impl Station {
    /// Whether an address is on this link.
    pub(crate) fn is_neighbour(&self, address: IpAddr) -> bool {
        self.own_beside(address).is_some()
    }

    /// Our own address in the prefix that `address` is in.
    fn own_beside(&self, address: IpAddr) -> Option<IpAddr> {
        match address {
            IpAddr::V4(address) => {
                let prefixes = self.prefixes.iter().chain(self.leased_prefix.as_ref());
                let mut own = prefixes.filter_map(|prefix| match prefix.address {
                    IpAddr::V4(own) => Some((own, prefix.length)),
                    IpAddr::V6(_) => None,
                });
                let found = own.find(|(own, length)| {
                    let differs = own.to_bits() ^ address.to_bits();
                    differs.checked_shr(32 - u32::from(*length)).unwrap_or(0) == 0
                });
                found.map(|(own, _)| own.into())
            }
            IpAddr::V6(address) => {
                self.own_ipv6_beside(address.to_bits()).map(|own| Ipv6Addr::from_bits(own).into())
            }
        }
    }

    fn own_ipv6_beside(&self, address: u128) -> Option<u128> {
        let shares =
            |own: u128, length: u8| (own ^ address).checked_shr(128 - u32::from(length)).unwrap_or(0) == 0;
        if shares(LINK_LOCAL, LINK_LOCAL_LENGTH) {
            return self.ipv6.first().copied();
        }
        let given = self.prefixes.iter().find_map(|prefix| match prefix.address {
            IpAddr::V6(own) => shares(own.to_bits(), prefix.length).then_some(own.to_bits()),
            IpAddr::V4(_) => None,
        });
        /// Formed addresses have prefixes of 64 bits (RFC 4862 §5.5.3(d)).
        const FORMED: u8 = 64;
        given.or_else(|| self.formed().find(|own| shares(*own, FORMED)))
    }

    /// Addresses that were formed from routers' prefixes: those that are neither link-local nor given.
    fn formed(&self) -> impl Iterator<Item = u128> + '_ {
        let is_given = |own: &u128| {
            self.prefixes.iter().any(|prefix| prefix.address == IpAddr::V6(Ipv6Addr::from_bits(*own)))
        };
        self.ipv6.iter().skip(1).copied().filter(move |own| !is_given(own))
    }

    /// The router to an address that is not on this link.
    pub(crate) fn router(&self, to: IpAddr) -> Option<IpAddr> {
        let given = self.gateways.iter().find(|gateway| gateway.is_ipv4() == to.is_ipv4()).copied();
        given.or_else(|| match to {
            IpAddr::V4(_) => self.leased_router.map(|router| Ipv4Addr::from_bits(router).into()),
            IpAddr::V6(_) => self.advertised_router().map(|router| Ipv6Addr::from_bits(router).into()),
        })
    }

    /// The address of ours that reaches another best: in its prefix; beside the router; any (RFC 6724 §5, as far as it matters
    /// to a host with few addresses).
    pub(crate) fn source_for(&self, to: IpAddr) -> Option<IpAddr> {
        let beside = self.own_beside(to).or_else(|| self.own_beside(self.router(to)?));
        // A router is often known by its link-local address, which ours must not be to reach beyond it.
        let is_useful = |own: &IpAddr| match (own, to) {
            (IpAddr::V6(own), IpAddr::V6(to)) => own.is_unicast_link_local() == to.is_unicast_link_local(),
            _ => true,
        };
        beside.filter(is_useful).or_else(|| match to {
            IpAddr::V4(_) => self.ipv4.first().map(|own| Ipv4Addr::from_bits(*own).into()),
            IpAddr::V6(_) => self.ipv6.get(1).map(|own| Ipv6Addr::from_bits(*own).into()),
        })
    }

    /// The station of a neighbour, which is asked for from `own` if it is not known.
    pub(crate) fn neighbour(
        &mut self,
        address: IpAddr,
        own: IpAddr,
        now: Instant,
    ) -> Option<EthernetAddress> {
        self.hosts.find(number(address), number(own), now)
    }

    /// A neighbour said which station it is; whether that had been asked.
    pub(crate) fn on_neighbour(&mut self, address: IpAddr, station: EthernetAddress, now: Instant) -> bool {
        self.hosts.on_answer(number(address), station, now)
    }

    /// Writes the question for a neighbour that is due, if one is; returns its length.
    pub(crate) fn write_question(&mut self, frame: &mut [u8], now: Instant) -> Option<usize> {
        let question = self.hosts.question(now)?;
        Some(if is_mapped(question.address) {
            let [address, own] =
                [question.address, question.own].map(|address| Ipv4Addr::from_bits(address as u32));
            arp::write_question(frame, self.address, own, address)
        } else {
            neighbours::write_solicitation(frame, self.address, question.own, question.address)
        })
    }

    /// What a segment to a host may have, options included: what the link and the path carry, without headers.
    pub(crate) fn segment_to(&self, host: IpAddr, now: Instant) -> u16 {
        let headers = if host.is_ipv4() { 40 } else { 60 };
        let link = self.frame_length - ETHERNET_HEADER;
        let path = self.paths.packet_length(host, now).map_or(link, |path| link.min(path.into()));
        // No link that IP goes over has less than 68 octets (RFC 791 §3.1); whoever says so is given one at a time.
        u16::try_from(path.saturating_sub(headers).max(1)).unwrap_or(u16::MAX)
    }
}

/// In the form of IPv6 (RFC 4291 §2.5.5.2).
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests;
