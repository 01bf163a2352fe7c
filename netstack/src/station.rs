//! One link's side of the stack: who we are there, and what is due there. Links know nothing of each other.

use crate::announcements::Announcements;
use crate::autoconfiguration::Autoconfiguration;
use crate::automatic::Automatic;
use crate::dhcp::Client;
use crate::hosts::Hosts;
use crate::notices::{Notice, Notices};
use crate::paths::Paths;
use crate::{Interface, Prefix, limits};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv6Addr};
use moment::Instant;
use platform::{EthernetAddress, Link};

use crate::frame::ETHERNET_HEADER;

/// All nodes of the link (RFC 4291 §2.7.1).
pub(crate) const ALL_NODES: u128 = 0xff02_0000_0000_0000_0000_0000_0000_0001;

/// Who we are on one link. Numbers are addresses in host order.
pub(crate) struct Station {
    pub(crate) address: EthernetAddress,
    /// The longest frame: what the link carries and its header.
    pub(crate) frame_length: usize,
    /// Those that the operator gave, then one that a server gave.
    pub(crate) ipv4: Vec<u32>,
    /// The broadcast addresses of the prefixes that the operator gave.
    broadcasts: Box<[u32]>,
    /// The broadcast address of the prefix that a server gave.
    pub(crate) leased_broadcast: Option<u32>,
    /// That prefix, with our address in it, and the router that it goes with.
    pub(crate) leased_prefix: Option<Prefix>,
    pub(crate) leased_router: Option<u32>,
    /// What the operator gave.
    pub(crate) prefixes: Box<[Prefix]>,
    pub(crate) gateways: Box<[IpAddr]>,
    /// Whom we wanted to reach of our own accord.
    pub(crate) hosts: Hosts,
    /// The link-local address first, then those that the operator gave, then those formed; empty where there is no IPv6.
    pub(crate) ipv6: Vec<u128>,
    /// The solicited-node groups of `ipv6`, each once; a formed address has the link-local one's.
    pub(crate) groups: Box<[u128]>,
    pub(crate) announcements: Announcements,
    /// What gets us addresses that the operator did not give.
    pub(crate) automatic: Option<Automatic>,
    pub(crate) notices: Notices,
    pub(crate) paths: Paths,
    /// The addresses that conflicts are about, each with when it was last defended. There is a place for every address.
    defended: Vec<(IpAddr, Instant)>,
}

impl Station {
    /// `seed` is what a neighbour may compute from what it sees, `key` what nobody may.
    pub(crate) fn new(link: &impl Link, interface: &Interface, seed: u64, key: u64) -> Self {
        let address = link.address();
        let packet_length = link.maximum_transmission_unit().min(limits::PACKET_LENGTH);
        let (mut ipv4, mut broadcasts, mut ipv6) = (Vec::new(), Vec::new(), Vec::new());
        let has_client = interface.dhcp && packet_length >= limits::DHCP_PACKET_LENGTH;
        for prefix in &interface.addresses {
            match prefix.address {
                IpAddr::V4(own) => {
                    ipv4.push(own.to_bits());
                    broadcasts.extend(broadcast(own.to_bits(), prefix.length));
                }
                IpAddr::V6(own) => ipv6.push(own.to_bits()),
            }
        }
        if packet_length < limits::IPV6_PACKET_LENGTH {
            ipv6.clear();
        } else if !ipv6.is_empty() || interface.slaac {
            ipv6.insert(0, link_local(address));
        }
        ipv4.reserve_exact(has_client.into());
        let autoconfiguration = ipv6.first().filter(|_| interface.slaac).copied().map(Autoconfiguration::new);
        if autoconfiguration.is_some() {
            ipv6.reserve_exact(limits::FORMED_ADDRESSES);
        }
        let mut groups: Vec<u128> = ipv6.iter().map(|own| solicited_node(*own)).collect();
        groups.sort_unstable();
        groups.dedup();
        let defended = Vec::with_capacity(ipv4.capacity() + ipv6.capacity());
        Self {
            address,
            frame_length: ETHERNET_HEADER + packet_length,
            ipv4,
            broadcasts: broadcasts.into(),
            leased_broadcast: None,
            leased_prefix: None,
            leased_router: None,
            prefixes: interface.addresses.as_slice().into(),
            gateways: interface.gateways.as_slice().into(),
            hosts: Hosts::new(),
            ipv6,
            groups: groups.into(),
            announcements: Announcements::new(seed),
            automatic: Automatic::new(has_client.then(Client::new), autoconfiguration, seed.rotate_left(32)),
            notices: Notices::new(),
            paths: Paths::new(key),
            defended,
        }
    }

    /// Whether `address` means every host of the link, or of one of our prefixes.
    #[inline]
    pub(crate) fn is_broadcast(&self, address: u32) -> bool {
        address == u32::MAX || self.leased_broadcast == Some(address) || self.broadcasts.contains(&address)
    }

    /// Whether we listen to an IPv6 group.
    pub(crate) fn is_member(&self, group: u128) -> bool {
        // RFC 4291 §2.8: all nodes of the interface and of the link, and the solicited-node group of each address.
        !self.ipv6.is_empty()
            && (group == ALL_NODES || group == ALL_NODES_OF_INTERFACE || self.groups.contains(&group))
    }

    /// Notes a conflict for the log. Whether it is time to defend the address (RFC 5227 §2.4(c)): a fight over one puts off none
    /// over another.
    pub(crate) fn note_conflict(&mut self, address: IpAddr, by: EthernetAddress, now: Instant) -> bool {
        self.defended.retain(|(_, last)| now.since(*last) < limits::DEFENCE_INTERVAL);
        let is_known = self.defended.iter().any(|(known, _)| *known == address);
        let is_due = !is_known && self.defended.len() < self.defended.capacity();
        if is_due {
            self.defended.push((address, now));
            self.notices.add(Notice::Conflict { address, by }, now);
        }
        is_due
    }
}

const ALL_NODES_OF_INTERFACE: u128 = 0xff01_0000_0000_0000_0000_0000_0000_0001;

/// The broadcast address of a prefix; one of 31 bits or more has none (RFC 3021 §2.1).
pub(crate) fn broadcast(address: u32, length: u8) -> Option<u32> {
    (length <= 30).then(|| address | u32::MAX.checked_shr(length.into()).unwrap_or(0))
}

/// The link-local address with the interface identifier of a hardware address (RFC 2464 §5, RFC 4291 appendix A).
fn link_local(address: EthernetAddress) -> u128 {
    let [a, b, c, d, e, f] = address.0;
    let identifier = u64::from_be_bytes([a ^ 2, b, c, 0xff, 0xfe, d, e, f]);
    Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0).to_bits() | u128::from(identifier)
}

/// The group that an address is solicited by (RFC 4291 §2.7.1).
pub(crate) fn solicited_node(address: u128) -> u128 {
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00, 0).to_bits() | (address & 0xff_ffff)
}
