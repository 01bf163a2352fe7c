//! Frames as smoltcp reads them: what is checked here owes nothing to our own code.

mod segment;

pub(crate) use segment::{Options, Segment};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use platform::EthernetAddress;
use smoltcp::wire::{self, IpAddress};

/// A frame that was found sound, sums and all.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) source: EthernetAddress,
    pub(crate) destination: EthernetAddress,
    /// The frame's payload: for IP a packet, for ARP one of its own.
    pub(crate) packet: &'a [u8],
    pub(crate) content: Content<'a>,
}

/// What a frame carries.
#[derive(Debug)]
pub(crate) enum Content<'a> {
    Arp { is_reply: bool, sender: (EthernetAddress, Ipv4Addr), target: Ipv4Addr },
    Packet { source: IpAddr, destination: IpAddr, message: Message<'a> },
}

/// What a packet carries.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    Datagram { source_port: u16, destination_port: u16, payload: &'a [u8] },
    Segment(Segment<'a>),
    Echo { is_reply: bool, content: &'a [u8] },
    Error { quote: &'a [u8] },
    Solicitation { target: Ipv6Addr },
    Advertisement { target: Ipv6Addr, is_solicited: bool },
    Report,
    Other { protocol: u8, kind: Option<u8> },
}

/// Whether a frame has more octets than its packet needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    Allowed,
    Refused,
}

/// Reads a frame.
pub(crate) fn read(octets: &[u8], padding: Padding) -> Result<Frame<'_>> {
    let frame = wire::EthernetFrame::new_checked(octets).map_err(|_| anyhow!("no Ethernet header"))?;
    let payload = &octets[wire::EthernetFrame::<&[u8]>::header_len()..];
    let (packet, content) = match frame.ethertype() {
        wire::EthernetProtocol::Arp => (payload, read_arp(payload)?),
        wire::EthernetProtocol::Ipv4 => read_ipv4(payload, padding)?,
        wire::EthernetProtocol::Ipv6 => read_ipv6(payload, padding)?,
        other => bail!("ethertype {other}"),
    };
    let (source, destination) = (EthernetAddress(frame.src_addr().0), EthernetAddress(frame.dst_addr().0));
    Ok(Frame { source, destination, packet, content })
}

fn read_arp(payload: &[u8]) -> Result<Content<'_>> {
    let packet = wire::ArpPacket::new_checked(payload).map_err(|_| anyhow!("ARP: cut short"))?;
    let repr = wire::ArpRepr::parse(&packet).map_err(|_| anyhow!("ARP: not of Ethernet and IPv4"))?;
    match repr {
        wire::ArpRepr::EthernetIpv4 {
            operation: operation @ (wire::ArpOperation::Request | wire::ArpOperation::Reply),
            source_hardware_addr,
            source_protocol_addr,
            target_protocol_addr,
            ..
        } => Ok(Content::Arp {
            is_reply: operation == wire::ArpOperation::Reply,
            sender: (EthernetAddress(source_hardware_addr.0), source_protocol_addr),
            target: target_protocol_addr,
        }),
        _ => bail!("ARP: unknown operation"),
    }
}

fn read_ipv4(payload: &[u8], padding: Padding) -> Result<(&[u8], Content<'_>)> {
    let packet = wire::Ipv4Packet::new_checked(payload).map_err(|_| anyhow!("IPv4: malformed"))?;
    ensure!(packet.version() == 4 && packet.verify_checksum(), "IPv4: version or sum");
    ensure!(!packet.more_frags() && packet.frag_offset() == 0, "IPv4: a fragment");
    let (start, end) = (usize::from(packet.header_len()), usize::from(packet.total_len()));
    ensure!(padding == Padding::Allowed || end == payload.len(), "IPv4: not as long as its frame");
    let (source, destination) = (packet.src_addr(), packet.dst_addr());
    let protocol = packet.next_header().into();
    let message = read_message(protocol, source.into(), destination.into(), &payload[start..end])?;
    Ok((&payload[..end], Content::Packet { source: source.into(), destination: destination.into(), message }))
}

fn read_ipv6(payload: &[u8], padding: Padding) -> Result<(&[u8], Content<'_>)> {
    const HEADER: usize = 40;
    let packet = wire::Ipv6Packet::new_checked(payload).map_err(|_| anyhow!("IPv6: malformed"))?;
    ensure!(packet.version() == 6, "IPv6: version");
    let end = packet.total_len();
    ensure!(padding == Padding::Allowed || end == payload.len(), "IPv6: not as long as its frame");
    let (source, destination) = (packet.src_addr(), packet.dst_addr());
    let (mut protocol, mut rest) = (u8::from(packet.next_header()), &payload[HEADER..end]);
    // Hop-by-hop options, routing, destination options (RFC 8200 §4.1).
    while matches!(protocol, 0 | 43 | 60) {
        let (next, length) = (rest.first(), rest.get(1));
        let length = (usize::from(*length.context("IPv6: an extension header is cut short")?) + 1) * 8;
        protocol = *next.context("IPv6: an extension header is cut short")?;
        rest = rest.get(length..).context("IPv6: an extension header is cut short")?;
    }
    let message = read_message(protocol, source.into(), destination.into(), rest)?;
    if matches!(message, Message::Solicitation { .. } | Message::Advertisement { .. }) {
        ensure!(packet.hop_limit() == 255, "neighbour discovery that may have been forwarded");
    }
    Ok((&payload[..end], Content::Packet { source: source.into(), destination: destination.into(), message }))
}

fn read_message(
    protocol: u8,
    source: IpAddress,
    destination: IpAddress,
    payload: &[u8],
) -> Result<Message<'_>> {
    match (wire::IpProtocol::from(protocol), source, destination) {
        (wire::IpProtocol::Udp, ..) => {
            let datagram = wire::UdpPacket::new_checked(payload).map_err(|_| anyhow!("UDP: malformed"))?;
            ensure!(datagram.verify_checksum(&source, &destination), "UDP: sum");
            ensure!(datagram.checksum() != 0 || matches!(source, IpAddress::Ipv4(_)), "UDP: no sum");
            let (source_port, destination_port) = (datagram.src_port(), datagram.dst_port());
            let payload = &payload[8..usize::from(datagram.len())];
            Ok(Message::Datagram { source_port, destination_port, payload })
        }
        (wire::IpProtocol::Tcp, ..) => Ok(Message::Segment(segment::read(payload, &source, &destination)?)),
        (wire::IpProtocol::Icmp, IpAddress::Ipv4(_), _) => {
            let message = wire::Icmpv4Packet::new_checked(payload).map_err(|_| anyhow!("ICMP: malformed"))?;
            ensure!(message.verify_checksum(), "ICMP: sum");
            read_icmp(payload, &[3, 4, 5, 11, 12], [8, 0], protocol)
        }
        (wire::IpProtocol::Icmpv6, IpAddress::Ipv6(source), IpAddress::Ipv6(destination)) => {
            let message =
                wire::Icmpv6Packet::new_checked(payload).map_err(|_| anyhow!("ICMPv6: malformed"))?;
            ensure!(message.verify_checksum(&source, &destination), "ICMPv6: sum");
            match u8::from(message.msg_type()) {
                135 => Ok(Message::Solicitation { target: message.target_addr() }),
                136 => {
                    let is_solicited = message.neighbor_flags().contains(wire::NdiscNeighborFlags::SOLICITED);
                    Ok(Message::Advertisement { target: message.target_addr(), is_solicited })
                }
                131 | 143 => Ok(Message::Report),
                _ => read_icmp(payload, &[1, 2, 3, 4], [128, 129], protocol),
            }
        }
        _ => Ok(Message::Other { protocol, kind: None }),
    }
}

/// What the two versions of ICMP have in common; `errors` and `echo` are their types.
fn read_icmp<'a>(
    payload: &'a [u8],
    errors: &[u8],
    [request, reply]: [u8; 2],
    protocol: u8,
) -> Result<Message<'a>> {
    let (header, rest) = payload.split_at_checked(8).context("ICMP: cut short")?;
    match header[0] {
        kind if errors.contains(&kind) => Ok(Message::Error { quote: rest }),
        kind if kind == request => Ok(Message::Echo { is_reply: false, content: &payload[4..] }),
        kind if kind == reply => Ok(Message::Echo { is_reply: true, content: &payload[4..] }),
        kind => Ok(Message::Other { protocol, kind: Some(kind) }),
    }
}

/// An address and a port.
pub(crate) fn socket(address: IpAddr, port: u16) -> SocketAddr {
    SocketAddr::new(address, port)
}
