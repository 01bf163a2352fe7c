//! What the two versions of IP have in common once a packet has been checked.

use crate::checksum::Sum;
use crate::errors::Problem;
use crate::frame::{ETHERNET_HEADER, IPV4, IPV6, write_ethernet};
use crate::limits;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::ops::Range;
use platform::{EthernetAddress, Offload};

/// Protocol numbers (IANA), the same in both versions.
pub(crate) const ICMPV4: u8 = 1;
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;
pub(crate) const ICMPV6: u8 = 58;

/// A version of IP. The functions take whole frames whose header was found to be complete.
pub(crate) trait Version {
    /// Where the payload begins in a frame that we send: no options, no extension headers.
    const PAYLOAD: usize;
    /// The longest packet that carries an error.
    const ERROR_LENGTH: usize;
    /// The protocol number of this version's ICMP.
    const ICMP: u8;
    /// Whether a datagram may come without a checksum.
    const MAY_LACK_UDP_CHECKSUM: bool;
    /// Whether it is IPv6.
    const IS_V6: bool;
    /// How a closed port is reported.
    const PORT_UNREACHABLE: Problem;

    /// Source and destination.
    fn addresses(frame: &[u8]) -> (IpAddr, IpAddr);

    /// The sum of the pseudo-header for `length` octets of payload.
    fn pseudo_header(frame: &[u8], protocol: u8, length: usize) -> Sum;

    /// The sum that this version's ICMP begins with.
    fn icmp_pseudo_header(frame: &[u8], length: usize) -> Sum;

    /// Makes the headers of the packet that came those of one that goes back from `own` with `length` octets of payload
    /// behind [`Version::PAYLOAD`].
    fn turn_around(frame: &mut [u8], own: EthernetAddress, protocol: u8, length: usize);

    /// Whether a device cuts long frames of this version into segments.
    fn is_cut(offload: Offload) -> bool {
        if Self::IS_V6 { offload.segmentation_v6 } else { offload.segmentation_v4 }
    }

    /// Writes the headers of a packet of ours with `length` octets of payload behind [`Version::PAYLOAD`].
    fn write(frame: &mut [u8], envelope: &Envelope, protocol: u8, length: usize);

    /// What routers on the way say of congestion (RFC 3168 §5).
    fn notification(frame: &[u8]) -> u8;

    /// Moves the payload of the packet that came, if it had options or extension headers, to where the payload of an
    /// answer begins.
    fn settle(frame: &mut [u8], payload: Range<usize>) -> Range<usize> {
        if payload.start == Self::PAYLOAD {
            return payload;
        }
        let end = Self::PAYLOAD + payload.len();
        frame.copy_within(payload, Self::PAYLOAD);
        Self::PAYLOAD..end
    }
}

/// Between whom a packet goes.
#[derive(Clone, Copy)]
pub(crate) struct Envelope {
    /// The station that it is handed to.
    pub(crate) to: EthernetAddress,
    /// Our own.
    pub(crate) from: EthernetAddress,
    /// IPv4 addresses in the form of IPv6.
    pub(crate) source: u128,
    pub(crate) destination: u128,
    /// RFC 3168 §5.
    pub(crate) notification: u8,
}

/// The two bits of RFC 3168 §5: the packet may be marked instead of dropped; it was marked.
pub(crate) const MARKABLE: u8 = 2;
pub(crate) const MARKED: u8 = 3;

/// RFC 791.
pub(crate) enum V4 {}

/// RFC 8200.
pub(crate) enum V6 {}

impl Version for V4 {
    const PAYLOAD: usize = ETHERNET_HEADER + 20;
    const ERROR_LENGTH: usize = limits::ICMPV4_ERROR_LENGTH;
    const ICMP: u8 = ICMPV4;
    const MAY_LACK_UDP_CHECKSUM: bool = true;
    const IS_V6: bool = false;
    const PORT_UNREACHABLE: Problem = Problem::PORT_UNREACHABLE;

    #[inline]
    fn addresses(frame: &[u8]) -> (IpAddr, IpAddr) {
        let (source, destination) = ipv4_addresses(frame);
        (Ipv4Addr::from_bits(source).into(), Ipv4Addr::from_bits(destination).into())
    }

    #[inline]
    fn pseudo_header(frame: &[u8], protocol: u8, length: usize) -> Sum {
        Sum::ZERO.bytes(&frame[26..34]).number(protocol.into()).number(length as u16)
    }

    fn icmp_pseudo_header(_frame: &[u8], _length: usize) -> Sum {
        Sum::ZERO
    }

    #[inline]
    fn turn_around(frame: &mut [u8], own: EthernetAddress, protocol: u8, length: usize) {
        turn_ethernet_around(frame, own);
        let (source, destination) = ipv4_addresses(frame);
        write_ipv4(frame, (destination, source), protocol, 0, length);
    }

    #[inline]
    fn write(frame: &mut [u8], envelope: &Envelope, protocol: u8, length: usize) {
        write_ethernet(frame, envelope.to, envelope.from, IPV4);
        let addresses = (envelope.source as u32, envelope.destination as u32);
        write_ipv4(frame, addresses, protocol, envelope.notification, length);
    }

    #[inline]
    fn notification(frame: &[u8]) -> u8 {
        frame[ETHERNET_HEADER + 1] & MARKED
    }
}

/// Writes an IPv4 header in its place behind the Ethernet header.
#[inline]
fn write_ipv4(
    frame: &mut [u8],
    (source, destination): (u32, u32),
    protocol: u8,
    notification: u8,
    length: usize,
) {
    // Version and length, type of service, total length, identification, flags: never to be fragmented, a packet
    // needs no identification (RFC 6864 §4.1).
    let first = 0x4500_0000_0000_4000 | u64::from(notification) << 48 | (length as u64 + 20) << 32;
    let second = u32::from(limits::HOPS) << 24 | u32::from(protocol) << 16;
    let addresses = u64::from(source) << 32 | u64::from(destination);
    // Summed from registers: what has just been written would be slow to read again in other portions.
    let checksum = Sum::ZERO.word(first).word(second.into()).word(addresses).checksum();
    frame[14..22].copy_from_slice(&first.to_be_bytes());
    frame[22..24].copy_from_slice(&[limits::HOPS, protocol]);
    frame[24..26].copy_from_slice(&checksum);
    frame[26..34].copy_from_slice(&addresses.to_be_bytes());
}

impl Version for V6 {
    const PAYLOAD: usize = ETHERNET_HEADER + 40;
    const ERROR_LENGTH: usize = limits::ICMPV6_ERROR_LENGTH;
    const ICMP: u8 = ICMPV6;
    const MAY_LACK_UDP_CHECKSUM: bool = false;
    const IS_V6: bool = true;
    const PORT_UNREACHABLE: Problem = Problem::PORT_UNREACHABLE_V6;

    #[inline]
    fn addresses(frame: &[u8]) -> (IpAddr, IpAddr) {
        let (source, destination) = ipv6_addresses(frame);
        (Ipv6Addr::from_bits(source).into(), Ipv6Addr::from_bits(destination).into())
    }

    #[inline]
    fn pseudo_header(frame: &[u8], protocol: u8, length: usize) -> Sum {
        Sum::ZERO.bytes(&frame[22..54]).number(protocol.into()).number(length as u16)
    }

    fn icmp_pseudo_header(frame: &[u8], length: usize) -> Sum {
        Self::pseudo_header(frame, ICMPV6, length)
    }

    #[inline]
    fn turn_around(frame: &mut [u8], own: EthernetAddress, protocol: u8, length: usize) {
        turn_ethernet_around(frame, own);
        let (source, destination) = ipv6_addresses(frame);
        write_ipv6(frame, destination, source, protocol, limits::HOPS, length);
    }

    #[inline]
    fn write(frame: &mut [u8], envelope: &Envelope, protocol: u8, length: usize) {
        write_ethernet(frame, envelope.to, envelope.from, IPV6);
        write_ipv6(frame, envelope.source, envelope.destination, protocol, limits::HOPS, length);
        // The traffic class lies across two octets (RFC 8200 §3).
        frame[ETHERNET_HEADER + 1] |= envelope.notification << 4;
    }

    #[inline]
    fn notification(frame: &[u8]) -> u8 {
        frame[ETHERNET_HEADER + 1] >> 4 & MARKED
    }
}

/// Source and destination of an IPv4 packet, in host order.
#[inline]
pub(crate) fn ipv4_addresses(frame: &[u8]) -> (u32, u32) {
    let Some(addresses) = frame[26..].first_chunk::<8>() else { unreachable!() };
    let addresses = u64::from_be_bytes(*addresses);
    ((addresses >> 32) as u32, addresses as u32)
}

/// Source and destination of an IPv6 packet, in host order.
#[inline]
pub(crate) fn ipv6_addresses(frame: &[u8]) -> (u128, u128) {
    let Some(([source, destination], _)) = frame[22..54].as_chunks::<16>().0.split_first_chunk::<2>() else {
        unreachable!()
    };
    (u128::from_be_bytes(*source), u128::from_be_bytes(*destination))
}

/// Writes an IPv6 header in its place behind the Ethernet header.
#[inline]
pub(crate) fn write_ipv6(
    frame: &mut [u8],
    source: u128,
    destination: u128,
    next_header: u8,
    hop_limit: u8,
    length: usize,
) {
    let [length_high, length_low] = (length as u16).to_be_bytes();
    frame[14..22].copy_from_slice(&[0x60, 0, 0, 0, length_high, length_low, next_header, hop_limit]);
    frame[22..38].copy_from_slice(&source.to_be_bytes());
    frame[38..54].copy_from_slice(&destination.to_be_bytes());
}

/// A frame goes back to the station that it came from; its type stays.
#[inline]
fn turn_ethernet_around(frame: &mut [u8], own: EthernetAddress) {
    frame.copy_within(6..12, 0);
    frame[6..12].copy_from_slice(&own.0);
}
