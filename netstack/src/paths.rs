//! How large a packet may be on its way to a host (RFC 1191, RFC 8201).
//!
//! A packet of ours is never cut into fragments: one that is too large for a link on its way is reported by the router before
//! that link, and answers to its host are kept shorter from then on, for a while.

use crate::limits;
use alloc::boxed::Box;
use alloc::vec;
use core::net::IpAddr;
use moment::Instant;

/// The hosts of one link that less than the link's largest packet reaches.
///
/// A host has one of few places in a table, by a hash that nobody outside can foresee: whoever reports paths to many hosts
/// displaces reports, but slows no answer down.
pub(crate) struct Paths {
    /// When the last report is forgotten: after that, nothing is looked up.
    narrow_until: Instant,
    sets: Box<[[Path; limits::PATHS_PER_SET]]>,
    key: u64,
    /// The largest packets, where a server or a router says that the link carries less than the device does.
    links: Links,
}

#[derive(Clone, Copy, Default)]
struct Links {
    ipv4: Option<u16>,
    ipv6: Option<u16>,
}

#[derive(Clone, Copy)]
struct Path {
    /// In the form of IPv6 (RFC 4291 §2.5.5.2).
    host: u128,
    packet_length: u16,
    until: Instant,
}

/// Nobody's.
const NO_PATH: Path = Path { host: 0, packet_length: u16::MAX, until: Instant::START };

impl Paths {
    pub(crate) fn new(key: u64) -> Self {
        let sets = vec![[NO_PATH; limits::PATHS_PER_SET]; limits::PATH_SETS].into();
        Self { narrow_until: Instant::START, sets, key, links: Links::default() }
    }

    /// Whether the largest packet to a host may be less than the link's.
    #[inline]
    pub(crate) fn is_any_narrow(&self, now: Instant) -> bool {
        now < self.narrow_until
    }

    /// The largest packet to a host, if that is known to be less than the link's.
    pub(crate) fn packet_length(&self, host: IpAddr, now: Instant) -> Option<u16> {
        let link = if host.is_ipv4() { self.links.ipv4 } else { self.links.ipv6 };
        let number = number(host);
        let path = self.sets[self.set(number)].iter().find(|path| path.host == number && now < path.until);
        path.map(|path| path.packet_length).into_iter().chain(link).min()
    }

    /// A router says that a packet to a host may be this long and no longer.
    pub(crate) fn narrow(&mut self, host: IpAddr, packet_length: u16, now: Instant) {
        // RFC 8201 §4, RFC 1191 §4: no report makes a path wider.
        if self.packet_length(host, now).is_some_and(|known| known <= packet_length) {
            return;
        }
        let host = number(host);
        let until = now + limits::PATH_LIFETIME;
        let set = self.set(host);
        let known = self.sets[set].iter().position(|path| path.host == host);
        let oldest = || (0..limits::PATHS_PER_SET).min_by_key(|&place| self.sets[set][place].until);
        if let Some(place) = known.or_else(oldest) {
            self.sets[set][place] = Path { host, packet_length, until };
            self.narrow_until = self.narrow_until.max(until);
        }
    }

    /// What the link itself carries over IPv4, if a server says (RFC 2132 §5.1).
    pub(crate) fn set_ipv4_link(&mut self, packet_length: Option<u16>) {
        self.links.ipv4 = packet_length.map(|length| length.max(limits::IPV4_PATH));
        self.note_links();
    }

    /// What the link itself carries over IPv6, if a router says.
    pub(crate) fn set_ipv6_link(&mut self, packet_length: Option<u16>) {
        self.links.ipv6 = packet_length;
        self.note_links();
    }

    /// While a link says that it carries less, every answer has to look; otherwise until what was reported is forgotten.
    fn note_links(&mut self) {
        let latest = self.sets.iter().flatten().map(|path| path.until).max().unwrap_or(Instant::START);
        let says = self.links.ipv4.is_some() || self.links.ipv6.is_some();
        self.narrow_until = if says { Instant::from_nanoseconds(u64::MAX) } else { latest };
    }

    /// Multiply and fold: the key makes places unforeseeable.
    fn set(&self, host: u128) -> usize {
        let (high, low) = ((host >> 64) as u64, host as u64);
        let product = u128::from(high ^ self.key) * u128::from(low ^ self.key.rotate_left(32) | 1);
        let folded = (product >> 64) as u64 ^ product as u64;
        (folded.wrapping_mul(self.key | 1) >> 32) as usize % limits::PATH_SETS
    }
}

fn number(host: IpAddr) -> u128 {
    match host {
        IpAddr::V4(host) => host.to_ipv6_mapped().to_bits(),
        IpAddr::V6(host) => host.to_bits(),
    }
}
