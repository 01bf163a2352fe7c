//! Frames as they would come over the wire, made by hand: what no system would send.

use core::net::{Ipv4Addr, Ipv6Addr};

/// An Ethernet address.
pub(super) type Station = [u8; 6];

pub(super) const IPV4: u16 = 0x0800;
pub(super) const ARP: u16 = 0x0806;
pub(super) const IPV6: u16 = 0x86dd;

/// Protocol numbers (IANA).
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const ICMPV6: u8 = 58;
/// IPv6's fragment header (RFC 8200 §4.5).
pub(super) const FRAGMENT: u8 = 44;

/// The length of an Ethernet header, and of an IPv4 header without options.
pub(super) const ETHERNET_HEADER: usize = 14;
pub(super) const IPV4_HEADER: usize = 20;

pub(super) fn ethernet(to: Station, from: Station, kind: u16, packet: &[u8]) -> Vec<u8> {
    [&to[..], &from, &kind.to_be_bytes(), packet].concat()
}

/// A packet (RFC 791); `fragment` is the word of flags and offset.
pub(super) fn ipv4(from: Ipv4Addr, to: Ipv4Addr, fragment: u16, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend(length(IPV4_HEADER + payload.len()).to_be_bytes());
    packet.extend([0x12, 0x34]);
    packet.extend(fragment.to_be_bytes());
    packet.extend([64, protocol, 0, 0]);
    packet.extend(from.octets());
    packet.extend(to.octets());
    let sum = checksum(&[&packet]);
    packet[10..12].copy_from_slice(&sum);
    packet.extend(payload);
    packet
}

/// A packet (RFC 8200).
pub(super) fn ipv6(from: Ipv6Addr, to: Ipv6Addr, hops: u8, next: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend(length(payload.len()).to_be_bytes());
    packet.extend([next, hops]);
    packet.extend(from.octets());
    packet.extend(to.octets());
    packet.extend(payload);
    packet
}

/// A datagram (RFC 768) with its checksum over IPv4.
pub(super) fn udp(from: (Ipv4Addr, u16), to: (Ipv4Addr, u16), payload: &[u8]) -> Vec<u8> {
    let length = length(8 + payload.len()).to_be_bytes();
    let header = [from.1.to_be_bytes(), to.1.to_be_bytes(), length, [0, 0]].concat();
    let pseudo = [&from.0.octets()[..], &to.0.octets(), &[0, UDP], &length].concat();
    let mut datagram = [&header, payload].concat();
    let sum = checksum(&[&pseudo, &datagram]);
    datagram[6..8].copy_from_slice(&sum);
    datagram
}

/// A segment without octets (RFC 9293 §3.1), but for its checksum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) from: u16,
    pub(super) to: u16,
    pub(super) sequence: u32,
    pub(super) flags: u8,
}

/// Flags of segments.
pub(super) const SYN: u8 = 0x02;
pub(super) const RST: u8 = 0x04;

impl Segment {
    /// With its checksum over IPv4.
    pub(super) fn over_ipv4(self, from: Ipv4Addr, to: Ipv4Addr) -> Vec<u8> {
        let length = length(self.octets().len()).to_be_bytes();
        self.summed(&[&from.octets()[..], &to.octets(), &[0, TCP], &length].concat())
    }

    /// With its checksum over IPv6.
    pub(super) fn over_ipv6(self, from: Ipv6Addr, to: Ipv6Addr) -> Vec<u8> {
        let length = length(self.octets().len()).to_be_bytes();
        self.summed(&[&from.octets()[..], &to.octets(), &[0, 0], &length, &[0, 0, 0, TCP]].concat())
    }

    /// A SYN says what it takes: 1220 octets, which is what everybody does.
    fn octets(self) -> Vec<u8> {
        const LARGEST: [u8; 4] = [2, 4, 0x04, 0xc4];
        let options: &[u8] = if self.flags & SYN != 0 { &LARGEST } else { &[] };
        let words = if options.is_empty() { 5 } else { 6 };
        let ports = [self.from.to_be_bytes(), self.to.to_be_bytes()].concat();
        let rest = [words << 4, self.flags, 0xff, 0xff, 0, 0, 0, 0];
        [&ports, &self.sequence.to_be_bytes()[..], &[0; 4], &rest, options].concat()
    }

    fn summed(self, pseudo: &[u8]) -> Vec<u8> {
        let mut octets = self.octets();
        let sum = checksum(&[pseudo, &octets]);
        octets[16..18].copy_from_slice(&sum);
        octets
    }
}

/// A message of ICMPv6 (RFC 4443 §2.1) with its checksum.
pub(super) fn icmpv6(from: Ipv6Addr, to: Ipv6Addr, kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = [&[kind, 0, 0, 0], body].concat();
    let pseudo = [&from.octets()[..], &to.octets(), &[0, 0], &length(message.len()).to_be_bytes()].concat();
    let sum = checksum(&[&pseudo, &[0, 0, 0, ICMPV6], &message]);
    message[2..4].copy_from_slice(&sum);
    message
}

/// An ARP request (RFC 826) for `target`.
pub(super) fn arp(sender: (Station, Ipv4Addr), target: Ipv4Addr) -> Vec<u8> {
    let types = [0, 1, 8, 0, 6, 4, 0, 1];
    [&types[..], &sender.0, &sender.1.octets(), &[0; 6], &target.octets()].concat()
}

/// A DNS query (RFC 1035 §4.1) for the address of a name, given by its labels.
pub(super) fn query(labels: &[&[u8]]) -> Vec<u8> {
    let mut message = vec![0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in labels {
        message.push(u8::try_from(label.len()).expect("a label"));
        message.extend(*label);
    }
    message.extend([0, 0, 1, 0, 1]);
    message
}

/// The Internet checksum (RFC 1071) of octets in parts of even length, but for the last.
fn checksum(parts: &[&[u8]]) -> [u8; 2] {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let sum: u32 = words.map(|word| u32::from(word[0]) << 8 | u32::from(*word.get(1).unwrap_or(&0))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    // Of UDP, zero would say that there is none.
    match !u16::try_from(folded).expect("folded") {
        0 => [0xff, 0xff],
        sum => sum.to_be_bytes(),
    }
}

fn length(octets: usize) -> u16 {
    u16::try_from(octets).expect("frames are short")
}

/// A recording that tcpreplay plays: the frames, all at one time.
pub(super) fn recording<'f>(frames: impl Iterator<Item = &'f [u8]>) -> Vec<u8> {
    const HEADER: [u32; 6] = [0xa1b2_c3d4, 0x0004_0002, 0, 0, 0xffff, 1];
    let mut octets: Vec<u8> = HEADER.iter().flat_map(|word| word.to_le_bytes()).collect();
    for frame in frames {
        let length = u32::from(length(frame.len()));
        octets.extend([0, 0, length, length].iter().flat_map(|word: &u32| word.to_le_bytes()));
        octets.extend(frame);
    }
    octets
}
