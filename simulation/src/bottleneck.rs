//! A link in the middle that carries less than those at its ends, and says so (RFC 1191 §4, RFC 8201 §3).

use crate::cable::ETHERNET_HEADER;
use crate::frames;
use crate::node::{Node, Outbox};
use anyhow::Result;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use moment::Instant;
use platform::EthernetAddress;
use smoltcp::wire::{self, IpProtocol};

/// Joins two cables. A packet that is too long for it goes no further.
#[derive(Debug)]
pub(crate) struct Bottleneck {
    /// The longest packet, from when on; in order.
    lengths: Vec<(Instant, usize)>,
    frames: Vec<(usize, Vec<u8>)>,
    manner: Manner,
}

/// What becomes of a packet that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Its sender is told.
    Tells,
    /// It is gone (RFC 2923 §2.1: a black hole).
    IsSilent,
}

/// IPv6 needs links of this (RFC 8200 §5): over a narrower one it would be carried in pieces.
const IPV6_LEAST: usize = 1280;

const ROUTER_V4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 254);
const ROUTER_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0xfe);

impl Bottleneck {
    /// The longest packet that it carries, from when on.
    pub(crate) const fn new(manner: Manner, lengths: Vec<(Instant, usize)>) -> Self {
        Self { manner, lengths, frames: Vec::new() }
    }

    fn length(&self, now: Instant) -> usize {
        let latest = self.lengths.iter().rev().find(|(from, _)| *from <= now);
        latest.map_or(usize::MAX, |(_, length)| *length)
    }
}

/// What the sender of a frame is told, if its packet is longer than `length`.
fn report(frame: &[u8], length: usize) -> Option<Vec<u8>> {
    let packet = frame.get(ETHERNET_HEADER..)?;
    let (to, from) = (station(frame.get(6..12)?)?, station(frame.get(..6)?)?);
    let report = match packet.first()? >> 4 {
        4 if packet.len() > length => too_big_v4(packet, length)?,
        6 if packet.len() > length.max(IPV6_LEAST) => too_big_v6(packet, length.max(IPV6_LEAST))?,
        _ => return None,
    };
    // As if the router had the address of whoever the packet was for.
    Some(frames::ethernet(from, to, &report))
}

fn too_big_v4(packet: &[u8], length: usize) -> Option<Vec<u8>> {
    let sender = Ipv4Addr::from(*packet.get(12..)?.first_chunk::<4>()?);
    let [high, low] = (length as u16).to_be_bytes();
    let mut message = [&[3, 4, 0, 0, 0, 0, high, low], packet.get(..28)?].concat();
    wire::Icmpv4Packet::new_unchecked(&mut message).fill_checksum();
    Some(frames::packet(ROUTER_V4.into(), IpAddr::V4(sender), IpProtocol::Icmp, 64, &message))
}

fn too_big_v6(packet: &[u8], length: usize) -> Option<Vec<u8>> {
    let sender = Ipv6Addr::from(*packet.get(8..)?.first_chunk::<16>()?);
    let [a, b, c, d] = (length as u32).to_be_bytes();
    let quote = packet.get(..IPV6_LEAST - 48)?;
    let mut message = [&[2, 0, 0, 0, a, b, c, d], quote].concat();
    wire::Icmpv6Packet::new_unchecked(&mut message).fill_checksum(&ROUTER_V6, &sender);
    Some(frames::packet(ROUTER_V6.into(), IpAddr::V6(sender), IpProtocol::Icmpv6, 64, &message))
}

fn station(octets: &[u8]) -> Option<EthernetAddress> {
    octets.first_chunk().copied().map(EthernetAddress)
}

impl Node for Bottleneck {
    fn receive(&mut self, port: usize, frame: Vec<u8>, _now: Instant) {
        self.frames.push((port, frame));
    }

    fn turn(&mut self, now: Instant, outbox: &mut Outbox) -> Result<Option<Instant>> {
        let length = self.length(now);
        for (port, frame) in core::mem::take(&mut self.frames) {
            match report(&frame, length) {
                Some(report) if self.manner == Manner::Tells => outbox.push((port, report)),
                Some(_) => {}
                None => outbox.push((1 - port, frame)),
            }
        }
        Ok(None)
    }
}
