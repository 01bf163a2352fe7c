//! Frames as smoltcp writes them, for those who need no stack of their own.

use crate::cable::ETHERNET_HEADER;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use platform::EthernetAddress;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire;

/// Everybody.
pub(crate) const BROADCAST: EthernetAddress = EthernetAddress([0xff; 6]);

/// A frame; its type is that of the packet.
pub(crate) fn ethernet(from: EthernetAddress, to: EthernetAddress, packet: &[u8]) -> Vec<u8> {
    let ethertype = match packet.first().map(|octet| octet >> 4) {
        Some(6) => wire::EthernetProtocol::Ipv6,
        Some(0) => wire::EthernetProtocol::Arp,
        _ => wire::EthernetProtocol::Ipv4,
    };
    let [src_addr, dst_addr] = [from, to].map(|address| wire::EthernetAddress(address.0));
    let repr = wire::EthernetRepr { src_addr, dst_addr, ethertype };
    let mut octets = vec![0; ETHERNET_HEADER + packet.len()];
    let mut frame = wire::EthernetFrame::new_unchecked(&mut octets);
    repr.emit(&mut frame);
    frame.payload_mut().copy_from_slice(packet);
    octets
}

/// An ARP packet: who sends it, and of whom it speaks.
pub(crate) fn arp(
    operation: wire::ArpOperation,
    (station, sender): (EthernetAddress, Ipv4Addr),
    target: Ipv4Addr,
) -> Vec<u8> {
    let repr = wire::ArpRepr::EthernetIpv4 {
        operation,
        source_hardware_addr: wire::EthernetAddress(station.0),
        source_protocol_addr: sender,
        target_hardware_addr: wire::EthernetAddress::default(),
        target_protocol_addr: target,
    };
    let mut packet = vec![0; repr.buffer_len()];
    repr.emit(&mut wire::ArpPacket::new_unchecked(&mut packet));
    packet
}

/// An IP packet.
pub(crate) fn packet(
    from: IpAddr,
    to: IpAddr,
    protocol: wire::IpProtocol,
    hops: u8,
    payload: &[u8],
) -> Vec<u8> {
    let repr = wire::IpRepr::new(from.into(), to.into(), protocol, payload.len(), hops);
    let mut octets = vec![0; repr.buffer_len()];
    repr.emit(&mut octets, &ChecksumCapabilities::default());
    octets[repr.header_len()..].copy_from_slice(payload);
    octets
}

/// A packet with a datagram.
pub(crate) fn datagram(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let repr = wire::UdpRepr { src_port: from.port(), dst_port: to.port() };
    let mut octets = vec![0; 8 + payload.len()];
    let (source, destination) = (from.ip().into(), to.ip().into());
    let write = |room: &mut [u8]| room.copy_from_slice(payload);
    let mut message = wire::UdpPacket::new_unchecked(&mut octets);
    repr.emit(&mut message, &source, &destination, payload.len(), write, &ChecksumCapabilities::default());
    packet(from.ip(), to.ip(), wire::IpProtocol::Udp, 64, &octets)
}

/// A packet of neighbour discovery (RFC 4861 §4).
pub(crate) fn discovery(from: Ipv6Addr, to: Ipv6Addr, content: wire::NdiscRepr<'_>) -> Vec<u8> {
    let repr = wire::Icmpv6Repr::Ndisc(content);
    let mut octets = vec![0; repr.buffer_len()];
    let mut message = wire::Icmpv6Packet::new_unchecked(&mut octets);
    repr.emit(&from, &to, &mut message, &ChecksumCapabilities::default());
    packet(from.into(), to.into(), wire::IpProtocol::Icmpv6, 255, &octets)
}

/// The hardware address of an IPv6 group (RFC 2464 §7).
pub(crate) fn group(address: Ipv6Addr) -> EthernetAddress {
    let [.., a, b, c, d] = address.octets();
    EthernetAddress([0x33, 0x33, a, b, c, d])
}
