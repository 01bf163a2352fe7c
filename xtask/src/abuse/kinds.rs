//! What is done to a machine, and what its counters have to say of it.

use super::frames::{
    ARP, ETHERNET_HEADER, FRAGMENT, ICMPV6, IPV4, IPV4_HEADER, IPV6, Station, UDP, arp, ethernet, icmpv6,
    ipv4, ipv6, query, udp,
};
use super::random::Random;
use core::net::{Ipv4Addr, Ipv6Addr};

/// A kind of abuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abuse {
    /// Frames, packets, datagrams and messages with one thing wrong, which is known.
    Malformed,
    /// Sound frames of which some octets were changed, added or cut off.
    Mutated,
    /// Questions for names that do not exist, each another.
    RandomNames,
    /// ARP: requests, for us and others, claims to our address, and what is no ARP.
    Arp,
    /// Neighbour solicitations, for us and others, and ones that break its rules.
    Neighbours,
    /// Parts of packets that never become whole.
    Fragments,
    /// Packets from addresses that can't send, and to others than us.
    Spoofed,
}

/// A frame, and what becomes of it: the `fate` that it counts as; several where that depends on more than the frame.
pub(super) struct Sent {
    pub(super) octets: Vec<u8>,
    pub(super) fates: &'static [&'static str],
}

/// The machine's addresses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) station: Station,
    pub(super) four: Ipv4Addr,
    pub(super) six: Ipv6Addr,
}

/// Where nobody listens: an address of a network that is nowhere near (RFC 5737, RFC 3849).
const STRANGER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 9);
const STRANGER6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 9);
const BROADCAST: Station = [0xff; 6];
const PORT: u16 = 53;

/// Anything at all.
const ANY: &[&str] = &[];

impl Abuse {
    pub(crate) const ALL: [Self; 7] = [
        Self::Malformed,
        Self::Mutated,
        Self::RandomNames,
        Self::Arp,
        Self::Neighbours,
        Self::Fragments,
        Self::Spoofed,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Mutated => "mutated",
            Self::RandomNames => "random names",
            Self::Arp => "ARP storm",
            Self::Neighbours => "NDP storm",
            Self::Fragments => "fragments",
            Self::Spoofed => "spoofed",
        }
    }

    /// So many frames of it.
    pub(super) fn frames(self, target: Target, random: &mut Random, count: usize) -> Vec<Sent> {
        let mut attacker = Attacker { target, random };
        let frame = |number| match self {
            Self::Malformed => attacker.malformed(number),
            Self::Mutated => attacker.mutated(),
            Self::RandomNames => {
                Sent { octets: attacker.question_for_random_name(), fates: &["datagram_answered"] }
            }
            Self::Arp => attacker.arp(number),
            Self::Neighbours => attacker.solicitation(number),
            Self::Fragments => attacker.fragment(number),
            Self::Spoofed => attacker.spoofed(number),
        };
        (0..count).map(frame).collect()
    }
}

struct Attacker<'r> {
    target: Target,
    random: &'r mut Random,
}

impl Attacker<'_> {
    /// A station that nobody has: locally administered, and never a group.
    fn station(&mut self) -> Station {
        let [a, b, c, d] = self.random.octets();
        [0x06, 0, a, b, c, d]
    }

    fn packet(&mut self, packet: &[u8]) -> Vec<u8> {
        ethernet(self.target.station, self.station(), IPV4, packet)
    }

    fn packet6(&mut self, packet: &[u8]) -> Vec<u8> {
        ethernet(self.target.station, self.station(), IPV6, packet)
    }

    /// A message in a datagram in a packet in a frame, all of them sound.
    fn message(&mut self, message: &[u8]) -> Vec<u8> {
        let four = self.target.four;
        let datagram = udp((STRANGER, 40_000), (four, PORT), message);
        self.packet(&ipv4(STRANGER, four, 0, UDP, &datagram))
    }

    fn question_for_random_name(&mut self) -> Vec<u8> {
        let label: [u8; 12] = self.random.octets::<12>().map(|octet| b'a' + octet % 26);
        self.message(&query(&[&label, b"example", b"com"]))
    }

    fn malformed(&mut self, number: usize) -> Sent {
        let datagram = ETHERNET_HEADER + IPV4_HEADER;
        let mut octets = self.question_for_random_name();
        let fates: &[_] = match number % 10 {
            0 => {
                octets.truncate(datagram + 4);
                &["frame_truncated"]
            }
            1 => {
                octets[ETHERNET_HEADER] = 0x41;
                &["packet_malformed"]
            }
            2 => {
                octets[ETHERNET_HEADER + 10] ^= 0x40;
                &["packet_checksum_wrong"]
            }
            3 => {
                octets[datagram + 6] ^= 0x40;
                &["datagram_checksum_wrong"]
            }
            4 => {
                octets[datagram + 4] = 0xff;
                &["datagram_malformed"]
            }
            5 => {
                octets[12..14].copy_from_slice(&[0x81, 0]);
                &["frame_tagged"]
            }
            6 => {
                octets[12..14].copy_from_slice(&[0x88, 0xb5]);
                &["frame_unknown"]
            }
            // Messages: one that is shorter than a header, one that is a response, one that is cut in its name.
            7 => {
                octets = self.message(&[1, 2, 3]);
                &["datagram_unanswered"]
            }
            8 => {
                octets = self.message(&[&[1, 2, 0x80][..], &[0; 12]].concat());
                &["datagram_unanswered"]
            }
            _ => {
                octets = self.message(&query(&[b"example", b"com"])[..20]);
                &["datagram_answered"]
            }
        };
        Sent { octets, fates }
    }

    fn mutated(&mut self) -> Sent {
        let kind = self.random.below(5);
        let mut octets = match kind {
            0 | 1 => self.question_for_random_name(),
            2 => self.arp(0).octets,
            3 => self.solicitation(0).octets,
            _ => {
                let packet = ipv6(STRANGER6, self.target.six, 64, UDP, &[0; 40]);
                self.packet6(&packet)
            }
        };
        for _ in 0..=self.random.below(4) {
            // Most of the addresses of Ethernet stay: who is not meant sees no frame.
            let at = 6 + self.random.below(octets.len() - 6);
            match self.random.below(6) {
                0 => octets.truncate(at.max(ETHERNET_HEADER)),
                1 => octets.extend(self.random.octets::<16>()),
                2 => octets[at] = 0xff,
                3 => octets[at] = 0,
                _ => octets[at] = self.random.octet(),
            }
        }
        // A group can't send; and what a switch would not carry is no frame.
        octets[6] &= !1;
        Sent { octets, fates: ANY }
    }

    fn arp(&mut self, number: usize) -> Sent {
        let (station, four) = (self.station(), self.target.four);
        let (packet, fates): (_, &[_]) = match number % 5 {
            0 => (arp((station, STRANGER), four), &["arp_answered"]),
            1 | 2 => (arp((station, STRANGER), Ipv4Addr::from_bits(four.to_bits() ^ 0x80)), &["arp_ignored"]),
            3 => (arp((station, four), four), &["address_defended", "address_conflict"]),
            _ => (arp((BROADCAST, STRANGER), four), &["arp_malformed"]),
        };
        Sent { octets: ethernet(BROADCAST, station, ARP, &packet), fates }
    }

    /// RFC 4861 §4.3, to the group that the one who is looked for is in.
    fn solicitation(&mut self, number: usize) -> Sent {
        const SOLICITATION: u8 = 135;
        let (station, six) = (self.station(), self.target.six);
        let [.., a, b, c] = six.octets();
        let group = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | u16::from(a), u16::from_be_bytes([b, c]));
        let to = [0x33, 0x33, 0xff, a, b, c];
        let other = Ipv6Addr::from_bits(six.to_bits() ^ 1 << 64);
        let body = |target: Ipv6Addr| [&[0; 4], &target.octets()[..], &[1, 1], &station].concat();
        let message = |target| icmpv6(STRANGER6, group, SOLICITATION, &body(target));
        let (packet, fates): (_, &[_]) = match number % 4 {
            0 => (ipv6(STRANGER6, group, 255, ICMPV6, &message(six)), &["neighbour_answered"]),
            1 => (ipv6(STRANGER6, group, 255, ICMPV6, &message(other)), &["neighbour_ignored"]),
            2 => (ipv6(STRANGER6, group, 64, ICMPV6, &message(six)), &["neighbour_malformed"]),
            _ => {
                let mut message = message(six);
                message[2] ^= 0x40;
                (ipv6(STRANGER6, group, 255, ICMPV6, &message), &["icmp_checksum_wrong"])
            }
        };
        Sent { octets: ethernet(to, station, IPV6, &packet), fates }
    }

    fn fragment(&mut self, number: usize) -> Sent {
        let Target { four, six, .. } = self.target;
        let [high, low] = self.random.octets();
        let payload = [0; 64];
        let octets = match number % 3 {
            // The first of several, a later one, and one of IPv6.
            0 => self.packet(&ipv4(STRANGER, four, 0x2000, UDP, &payload)),
            1 => self.packet(&ipv4(STRANGER, four, 0x2001 + u16::from(high), UDP, &payload)),
            _ => {
                let fragment = [&[UDP, 0, 0, 1, 0, 0, high, low][..], &payload].concat();
                self.packet6(&ipv6(STRANGER6, six, 64, FRAGMENT, &fragment))
            }
        };
        Sent { octets, fates: &["packet_fragment"] }
    }

    fn spoofed(&mut self, number: usize) -> Sent {
        let Target { four, six, station } = self.target;
        let from = |source| {
            let datagram = udp((source, 40_000), (four, PORT), &query(&[b"example", b"com"]));
            ipv4(source, four, 0, UDP, &datagram)
        };
        let others = Ipv4Addr::from_bits(four.to_bits() ^ 0x80);
        let (octets, fates): (_, &[_]) = match number % 8 {
            0 => (self.packet(&from(four)), &["packet_from_nobody"]),
            1 => (self.packet(&from(Ipv4Addr::LOCALHOST)), &["packet_from_nobody"]),
            2 => (self.packet(&from(Ipv4Addr::new(224, 0, 0, 1))), &["packet_from_nobody"]),
            3 => (self.packet(&from(Ipv4Addr::BROADCAST)), &["packet_from_nobody"]),
            4 => (self.packet6(&ipv6(six, six, 64, UDP, &[0; 20])), &["packet_from_nobody"]),
            5 => (ethernet(station, station, IPV4, &from(STRANGER)), &["frame_from_nobody"]),
            6 => (self.packet(&ipv4(STRANGER, others, 0, UDP, &[0; 20])), &["packet_to_others"]),
            _ => (ethernet(BROADCAST, self.station(), IPV4, &from(STRANGER)), &["packet_to_many"]),
        };
        Sent { octets, fates }
    }
}
