//! Neighbour discovery (RFC 4861), as one who is looked for.
//!
//! Redirects are of no use to a machine that answers the way the question came; routers' advertisements are where addresses
//! are formed from them (`autoconfiguration`).

use crate::counters::Counter;
use crate::frame::{Answer, BROADCAST, ETHERNET_HEADER, IPV6, group_address, is_group, write_ethernet};
use crate::ipv6::UNSPECIFIED;
use crate::reception::Reception;
use crate::station::{ALL_NODES, solicited_node};
use crate::version::{ICMPV6, V6, Version, ipv6_addresses, write_ipv6};
use appliance::Appliance;
use core::net::Ipv6Addr;
use core::ops::Range;
use platform::EthernetAddress;

/// What shows that a packet was not forwarded (RFC 4861 §3.1).
pub(crate) const LOCAL_HOPS: u8 = 255;

/// Type, code, checksum, flags, target.
const HEADER: usize = 24;
const SOURCE_LINK_LAYER_ADDRESS: u8 = 1;
const TARGET_LINK_LAYER_ADDRESS: u8 = 2;

/// All routers of the link (RFC 4291 §2.7.1).
const ALL_ROUTERS: u128 = 0xff02_0000_0000_0000_0000_0000_0000_0002;

/// The flags of an advertisement (RFC 4861 §4.4).
pub(crate) const SOLICITED: u8 = 0x40;
pub(crate) const OVERRIDE: u8 = 0x20;

/// A solicitation or an advertisement with all the checks behind it that both share.
struct Discovery {
    source: u128,
    destination: u128,
    flags: u8,
    target: u128,
    has_source_address: bool,
    /// What the target's link-layer address is said to be.
    station: Option<EthernetAddress>,
}

impl Discovery {
    /// RFC 4861 §7.1.1 and §7.1.2; the checksum was found right.
    fn read(frame: &[u8], payload: Range<usize>) -> Option<Self> {
        let (source, destination) = ipv6_addresses(frame);
        let (header, mut options) = frame[payload].split_first_chunk::<HEADER>()?;
        let &[_, code, _, _, flags, _, _, _, target @ ..] = header;
        let target = u128::from_be_bytes(target);
        if frame[21] != LOCAL_HOPS || code != 0 || target >> 120 == 0xff {
            return None;
        }
        let (mut has_source_address, mut station) = (false, None);
        while !options.is_empty() {
            let &[kind, length, ..] = options else { return None };
            if length == 0 {
                return None;
            }
            has_source_address |= kind == SOURCE_LINK_LAYER_ADDRESS;
            if kind == TARGET_LINK_LAYER_ADDRESS {
                let address = options.get(2..8).and_then(<[u8]>::first_chunk).copied();
                station = address.filter(|address| !is_group(*address)).map(EthernetAddress);
            }
            options = options.get(usize::from(length) * 8..)?;
        }
        Some(Self { source, destination, flags, target, has_source_address, station })
    }

    /// RFC 4861 §7.1.1: somebody without an address asks the group that solicits it, and can't name its own.
    fn is_sound_solicitation(&self) -> bool {
        self.source != UNSPECIFIED
            || (self.destination == solicited_node(self.target) && !self.has_source_address)
    }

    /// RFC 4861 §7.1.2: what goes to a group answers nobody's question.
    fn is_sound_advertisement(&self) -> bool {
        self.source != UNSPECIFIED && (self.destination >> 120 != 0xff || self.flags & SOLICITED == 0)
    }
}

impl<A: Appliance> Reception<'_, A> {
    /// RFC 4861 §7.2.3.
    pub(crate) fn on_neighbour_solicitation(
        &mut self,
        frame: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Answer, Counter> {
        let solicitation = Discovery::read(frame, payload)
            .filter(Discovery::is_sound_solicitation)
            .ok_or(Counter::NeighbourMalformed)?;
        if !self.station.ipv6.contains(&solicitation.target) {
            return Err(Counter::NeighbourIgnored);
        }
        let (own, now) = (self.station.address, self.now.instant);
        if self.station.ipv6.contains(&solicitation.source) {
            return Err(self.on_conflict(solicitation.source, sender(frame)));
        }
        // RFC 4862 §5.4.3: who asks so is about to take an address that we are not sure of.
        if solicitation.source == UNSPECIFIED
            && self.station.withdraw(solicitation.target, sender(frame), now)
        {
            return Err(Counter::AddressConflict);
        }
        // RFC 4429 §3.3: nor do we displace another then.
        let displacing = if self.station.is_doubtful(solicitation.target, now) { 0 } else { OVERRIDE };
        // RFC 4861 §7.2.4: somebody who is about to take our address is told before everybody.
        let (flags, destination, station) = match (solicitation.source, frame[6..].first_chunk()) {
            (UNSPECIFIED, _) => (displacing, ALL_NODES, group_address(ALL_NODES)),
            (source, Some(station)) => (SOLICITED | displacing, source, EthernetAddress(*station)),
            (_, None) => return Err(Counter::FrameTruncated),
        };
        let to = Recipient { station, address: destination };
        let length = write_advertisement(frame, own, solicitation.target, to, flags);
        Ok(Answer { length, counter: Counter::NeighbourAnswered })
    }

    /// RFC 4862 §5.4.4: an advertisement of an address of ours is a conflict; another is none of our business.
    pub(crate) fn on_neighbour_advertisement(
        &mut self,
        frame: &[u8],
        payload: Range<usize>,
    ) -> Result<Answer, Counter> {
        let advertisement = Discovery::read(frame, payload)
            .filter(Discovery::is_sound_advertisement)
            .ok_or(Counter::NeighbourMalformed)?;
        if !self.station.ipv6.contains(&advertisement.target) {
            let target = Ipv6Addr::from_bits(advertisement.target).into();
            let is_awaited = advertisement
                .station
                .is_some_and(|station| self.station.on_neighbour(target, station, self.now.instant));
            if !is_awaited {
                return Err(Counter::NeighbourIgnored);
            }
            self.connections.on_neighbour();
            return Err(Counter::NeighbourFound);
        }
        Err(self.on_conflict(advertisement.target, sender(frame)))
    }

    /// Somebody else uses an address of ours: kept if we are sure of it, but reported.
    fn on_conflict(&mut self, address: u128, by: EthernetAddress) -> Counter {
        if !self.station.withdraw(address, by, self.now.instant) {
            self.station.note_conflict(Ipv6Addr::from_bits(address).into(), by, self.now.instant);
        }
        Counter::AddressConflict
    }
}

/// Whose frame it is.
fn sender(frame: &[u8]) -> EthernetAddress {
    frame[6..].first_chunk().map_or(BROADCAST, |station| EthernetAddress(*station))
}

/// Who gets a packet that we write whole.
#[derive(Clone, Copy)]
pub(crate) struct Recipient {
    pub(crate) station: EthernetAddress,
    pub(crate) address: u128,
}

impl Recipient {
    /// The listeners of a group.
    pub(crate) fn group(group: u128) -> Self {
        Self { station: group_address(group), address: group }
    }
}

/// Writes an advertisement of our address `target`; returns the frame's length.
pub(crate) fn write_advertisement(
    frame: &mut [u8],
    own: EthernetAddress,
    target: u128,
    to: Recipient,
    flags: u8,
) -> usize {
    const LENGTH: usize = HEADER + 8;
    write_target(frame, 136, flags, target);
    let option = V6::PAYLOAD + HEADER;
    frame[option..option + 2].copy_from_slice(&[TARGET_LINK_LAYER_ADDRESS, 1]);
    frame[option + 2..option + 8].copy_from_slice(&own.0);
    write_ethernet(frame, to.station, own, IPV6);
    write_ipv6(frame, target, to.address, ICMPV6, LOCAL_HOPS, LENGTH);
    write_checksum(frame, V6::PAYLOAD, LENGTH)
}

/// Writes the question whether somebody else has our address `target` (RFC 4862 §5.4.2); returns the frame's length.
pub(crate) fn write_probe(frame: &mut [u8], own: EthernetAddress, target: u128) -> usize {
    let to = Recipient::group(solicited_node(target));
    write_target(frame, 135, 0, target);
    write_ethernet(frame, to.station, own, IPV6);
    write_ipv6(frame, UNSPECIFIED, to.address, ICMPV6, LOCAL_HOPS, HEADER);
    write_checksum(frame, V6::PAYLOAD, HEADER)
}

/// Writes the question which station a neighbour is (RFC 4861 §7.2.2); returns the frame's length.
pub(crate) fn write_solicitation(
    frame: &mut [u8],
    station: EthernetAddress,
    own: u128,
    address: u128,
) -> usize {
    const LENGTH: usize = HEADER + 8;
    let to = Recipient::group(solicited_node(address));
    write_target(frame, 135, 0, address);
    let option = V6::PAYLOAD + HEADER;
    frame[option..option + 2].copy_from_slice(&[SOURCE_LINK_LAYER_ADDRESS, 1]);
    frame[option + 2..option + 8].copy_from_slice(&station.0);
    write_ethernet(frame, to.station, station, IPV6);
    write_ipv6(frame, own, to.address, ICMPV6, LOCAL_HOPS, LENGTH);
    write_checksum(frame, V6::PAYLOAD, LENGTH)
}

/// Writes the question who routes (RFC 4861 §4.1); returns the frame's length.
///
/// Without our hardware address, which who is not sure of its own may not tell (RFC 4429 §3.2).
pub(crate) fn write_solicitation_of_routers(frame: &mut [u8], own: EthernetAddress, source: u128) -> usize {
    const LENGTH: usize = 8;
    let to = Recipient::group(ALL_ROUTERS);
    frame[V6::PAYLOAD..V6::PAYLOAD + LENGTH].copy_from_slice(&[133, 0, 0, 0, 0, 0, 0, 0]);
    write_ethernet(frame, to.station, own, IPV6);
    write_ipv6(frame, source, to.address, ICMPV6, LOCAL_HOPS, LENGTH);
    write_checksum(frame, V6::PAYLOAD, LENGTH)
}

fn write_target(frame: &mut [u8], kind: u8, flags: u8, target: u128) {
    frame[V6::PAYLOAD..V6::PAYLOAD + 8].copy_from_slice(&[kind, 0, 0, 0, flags, 0, 0, 0]);
    frame[V6::PAYLOAD + 8..V6::PAYLOAD + HEADER].copy_from_slice(&target.to_be_bytes());
}

/// Writes the checksum of the ICMPv6 message of `length` octets at `start`, where zeros stand; returns where it ends.
pub(crate) fn write_checksum(frame: &mut [u8], start: usize, length: usize) -> usize {
    let end = start + length;
    let checksum = V6::icmp_pseudo_header(frame, length).bytes(&frame[start..end]).checksum();
    frame[start + 2..start + 4].copy_from_slice(&checksum);
    debug_assert_eq!(usize::from(frame[19]) | usize::from(frame[18]) << 8, end - ETHERNET_HEADER - 40);
    end
}
