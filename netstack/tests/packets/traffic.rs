//! Frames as smoltcp writes and reads them: what a script sends, and what it expects, owe nothing to our own code.

use crate::wire::OUR_STATION;
use core::net::{IpAddr, SocketAddr};
use platform::EthernetAddress;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire;

pub(crate) const PEER_STATION: EthernetAddress = EthernetAddress([0x02, 0, 0, 0, 0, 0x99]);

/// A frame from the peer's station to ours.
pub(crate) fn to_us(packet: impl AsRef<[u8]>) -> Vec<u8> {
    ethernet(PEER_STATION, OUR_STATION, packet)
}

/// A frame from our station to the peer's.
pub(crate) fn to_peer(packet: impl AsRef<[u8]>) -> Vec<u8> {
    ethernet(OUR_STATION, PEER_STATION, packet)
}

/// A frame; its type is that of the packet.
pub(crate) fn ethernet(
    source: EthernetAddress,
    destination: EthernetAddress,
    packet: impl AsRef<[u8]>,
) -> Vec<u8> {
    let packet = packet.as_ref();
    let ethertype = match packet.first().map(|octet| octet >> 4) {
        Some(6) => wire::EthernetProtocol::Ipv6,
        Some(0) => wire::EthernetProtocol::Arp,
        _ => wire::EthernetProtocol::Ipv4,
    };
    let repr = wire::EthernetRepr {
        src_addr: wire::EthernetAddress(source.0),
        dst_addr: wire::EthernetAddress(destination.0),
        ethertype,
    };
    let mut bytes = vec![0; 14 + packet.len()];
    let mut frame = wire::EthernetFrame::new_unchecked(&mut bytes);
    repr.emit(&mut frame);
    frame.payload_mut().copy_from_slice(packet);
    bytes
}

/// An IP packet.
pub(crate) fn packet(source: &str, destination: &str, protocol: u8, hops: u8, payload: &[u8]) -> Vec<u8> {
    let (source, destination) = (address(source), address(destination));
    let repr = wire::IpRepr::new(source, destination, protocol.into(), payload.len(), hops);
    let mut bytes = vec![0; repr.buffer_len()];
    repr.emit(&mut bytes, &ChecksumCapabilities::default());
    bytes[repr.header_len()..].copy_from_slice(payload);
    bytes
}

/// A packet with a datagram; the addresses are written `192.0.2.9:4096` or `[2001:db8::9]:4096`.
pub(crate) fn udp(source: &str, destination: &str, payload: &[u8]) -> Vec<u8> {
    let datagram = datagram(source, destination, payload);
    let (source, destination) = (host(source), host(destination));
    packet(&source, &destination, 17, 64, &datagram)
}

/// A datagram alone.
pub(crate) fn datagram(source: &str, destination: &str, payload: &[u8]) -> Vec<u8> {
    let (source, destination) = (socket(source), socket(destination));
    let repr = wire::UdpRepr { src_port: source.port(), dst_port: destination.port() };
    let mut bytes = vec![0; 8 + payload.len()];
    let mut packet = wire::UdpPacket::new_unchecked(&mut bytes);
    let (source, destination) = (source.ip().into(), destination.ip().into());
    let write = |room: &mut [u8]| room.copy_from_slice(payload);
    repr.emit(&mut packet, &source, &destination, payload.len(), write, &ChecksumCapabilities::default());
    bytes
}

/// An ICMP message: type and code, the four octets behind the checksum, the rest.
pub(crate) fn icmpv4(source: &str, destination: &str, [kind, code]: [u8; 2], rest: &[u8]) -> Vec<u8> {
    let mut message = vec![kind, code, 0, 0];
    message.extend_from_slice(rest);
    wire::Icmpv4Packet::new_unchecked(&mut message).fill_checksum();
    packet(source, destination, 1, 64, &message)
}

/// An ICMPv6 message.
pub(crate) fn icmpv6_message(source: &str, destination: &str, [kind, code]: [u8; 2], rest: &[u8]) -> Vec<u8> {
    let mut message = vec![kind, code, 0, 0];
    message.extend_from_slice(rest);
    let (source, destination) = (ipv6(source), ipv6(destination));
    wire::Icmpv6Packet::new_unchecked(&mut message).fill_checksum(&source, &destination);
    message
}

/// A packet with an ICMPv6 message.
pub(crate) fn icmpv6(source: &str, destination: &str, kind: [u8; 2], hops: u8, rest: &[u8]) -> Vec<u8> {
    packet(source, destination, 58, hops, &icmpv6_message(source, destination, kind, rest))
}

pub(crate) fn tcp(source: &str, destination: &str, repr: &wire::TcpRepr<'_>) -> Vec<u8> {
    let mut segment = vec![0; repr.buffer_len()];
    let (from, to) = (address(source), address(destination));
    let capabilities = ChecksumCapabilities::default();
    repr.emit(&mut wire::TcpPacket::new_unchecked(&mut segment), &from, &to, &capabilities);
    packet(source, destination, 6, 64, &segment)
}

/// Inserts options into an IPv4 packet.
pub(crate) fn with_options(packet: &[u8], options: &[u8]) -> Vec<u8> {
    assert_eq!(options.len() % 4, 0);
    let mut bytes = [&packet[..20], options, &packet[20..]].concat();
    bytes[0] += (options.len() / 4) as u8;
    let total = bytes.len() as u16;
    bytes[2..4].copy_from_slice(&total.to_be_bytes());
    wire::Ipv4Packet::new_unchecked(&mut bytes).fill_checksum();
    bytes
}

/// Changes octets of an IPv4 header and makes its checksum right again.
pub(crate) fn with_header(mut packet: Vec<u8>, at: usize, octets: &[u8]) -> Vec<u8> {
    packet[at..at + octets.len()].copy_from_slice(octets);
    wire::Ipv4Packet::new_unchecked(&mut packet).fill_checksum();
    packet
}

/// Changes octets.
pub(crate) fn with(mut bytes: Vec<u8>, at: usize, octets: &[u8]) -> Vec<u8> {
    bytes[at..at + octets.len()].copy_from_slice(octets);
    bytes
}

pub(crate) fn ipv6(text: &str) -> wire::Ipv6Address {
    text.parse().expect("an IPv6 address")
}

fn address(text: &str) -> wire::IpAddress {
    text.parse::<IpAddr>().expect("an address").into()
}

fn socket(text: &str) -> SocketAddr {
    text.parse().expect("an address and a port")
}

fn host(text: &str) -> String {
    socket(text).ip().to_string()
}

/// An ARP packet: who sends it, and of whom it speaks.
pub(crate) fn arp(
    operation: wire::ArpOperation,
    (sender_station, sender): (EthernetAddress, &str),
    (target_station, target): (EthernetAddress, &str),
) -> Vec<u8> {
    let repr = wire::ArpRepr::EthernetIpv4 {
        operation,
        source_hardware_addr: wire::EthernetAddress(sender_station.0),
        source_protocol_addr: sender.parse().expect("an IPv4 address"),
        target_hardware_addr: wire::EthernetAddress(target_station.0),
        target_protocol_addr: target.parse().expect("an IPv4 address"),
    };
    let mut bytes = vec![0; repr.buffer_len()];
    repr.emit(&mut wire::ArpPacket::new_unchecked(&mut bytes));
    bytes
}

/// The hardware address of an IPv6 group.
pub(crate) fn group(address: &str) -> EthernetAddress {
    let [.., a, b, c, d] = ipv6(address).octets();
    EthernetAddress([0x33, 0x33, a, b, c, d])
}

/// A neighbour solicitation or advertisement behind its checksum: flags, target, options.
pub(crate) fn discovery(flags: u8, target: &str, options: &[u8]) -> Vec<u8> {
    [&[flags, 0, 0, 0], &ipv6(target).octets()[..], options].concat()
}
