//! Scripts of segments, written as packetdrill has them: flags, sequence number and length, acknowledgement, window, options.
//!
//! `"P. 1(5) ack 1 win 512 <ts 3 100>"`: numbers count from the SYN of who sent them, our timestamps from our first. The letters
//! are those of SYN, FIN, RST, PSH, ACK (a dot), ECE and CWR, and N for a packet that routers may mark, C for a marked one. What
//! an expectation does not speak of is not compared.

mod puppet;
mod told;

pub(crate) use puppet::Act;

use crate::memory::{MemoryLink, MemoryPlatform};
use crate::traffic::{packet, to_us};
use crate::wire::{OUR_STATION, interface};
use appliance::{Appliance, StreamEvent};
use core::fmt::Write;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use moment::Instant;
use netstack::{Budget, Netstack};
use puppet::{Puppet, octet};
use smoltcp::wire::{IpAddress, TcpPacket};
use told::Told;

const PEER_FIRST: u32 = 0xffff_ff00;

pub(crate) struct Script {
    pub(crate) platform: MemoryPlatform,
    pub(crate) netstack: Netstack,
    pub(crate) appliance: Puppet,
    /// Both ends as the peer sees them.
    pub(crate) peer: SocketAddr,
    pub(crate) own: SocketAddr,
    /// Our initial sequence number and our first timestamp, once they were seen.
    first: Option<u32>,
    clock: Option<u32>,
}

/// A peer, and what was seen of the stream with it.
pub(crate) struct Whom {
    peer: SocketAddr,
    first: Option<u32>,
    clock: Option<u32>,
}

impl Script {
    pub(crate) fn new() -> Self {
        Self::between("192.0.2.9:4096", "192.0.2.53:7")
    }

    pub(crate) fn between(peer: &str, own: &str) -> Self {
        Self::within(Budget { streams: 16, buffers: 1 << 21 }, peer, own)
    }

    pub(crate) fn within(budget: Budget, peer: &str, own: &str) -> Self {
        let mut platform = MemoryPlatform::new(vec![MemoryLink::new(OUR_STATION)]);
        let appliance = Puppet::default();
        let interfaces = [interface(&["192.0.2.53/24", "2001:db8::53/64"])];
        let netstack = Netstack::new(&mut platform, &interfaces, appliance.listeners(), budget);
        let [peer, own] = [peer, own].map(|text| text.parse().expect("an address and a port"));
        let mut script = Self { platform, netstack, appliance, peer, own, first: None, clock: None };
        script.rest(Duration::from_secs(60));
        script.platform.links[0].outgoing.clear();
        script
    }

    /// A stream that a peer of this SYN opened.
    #[track_caller]
    pub(crate) fn open(options: &str) -> Self {
        let mut script = Self::new();
        script.receives(&format!("S 0(0) win 65535 <{options}>")).sends(&["S. 0(0) ack 1"]);
        let stamp = if options.contains("ts") { " <ts 1 0>" } else { "" };
        script.receives(&format!(". 1(0) ack 1{stamp}")).sends(&[]).tells(&[StreamEvent::Opened]);
        script
    }

    /// The peer is somebody else from now on, and so is the stream.
    pub(crate) fn comes_from(&mut self, peer: &str) -> &mut Self {
        self.peer = peer.parse().expect("an address and a port");
        (self.first, self.clock) = (None, None);
        self
    }

    /// Whom the script speaks of.
    pub(crate) fn whom(&self) -> Whom {
        Whom { peer: self.peer, first: self.first, clock: self.clock }
    }

    /// The peer is one that was before.
    pub(crate) fn is_again(&mut self, whom: &Whom) -> &mut Self {
        (self.peer, self.first, self.clock) = (whom.peer, whom.first, whom.clock);
        self
    }

    /// Numbers count from the next SYN of ours.
    pub(crate) fn begins_anew(&mut self) -> &mut Self {
        (self.first, self.clock) = (None, None);
        self
    }

    pub(crate) fn turn(&mut self) -> Option<Instant> {
        self.netstack.turn(&mut self.platform, &mut self.appliance).deadline
    }

    pub(crate) fn rest(&mut self, duration: Duration) {
        let end = self.platform.now + duration;
        while let Some(deadline) = self.turn().filter(|deadline| *deadline <= end) {
            self.platform.now = deadline;
        }
        self.platform.now = end;
        self.turn();
    }

    /// Lets time pass, come what may.
    pub(crate) fn passes(&mut self, milliseconds: u64) -> &mut Self {
        self.rest(Duration::from_millis(milliseconds));
        self
    }

    /// Then this is sent, but for the tick of a clock, and nothing before.
    #[track_caller]
    pub(crate) fn after(&mut self, milliseconds: u64, expected: &[&str]) -> &mut Self {
        const TICK: Duration = Duration::from_micros(66);
        let at = Duration::from_millis(milliseconds);
        let end = self.platform.now + at + TICK;
        self.rest(at - TICK);
        self.sends(&[]);
        while self.platform.links[0].outgoing.is_empty() && self.platform.now < end {
            self.platform.now = self.turn().unwrap_or(end).min(end);
            self.turn();
        }
        self.sends(expected)
    }

    #[track_caller]
    pub(crate) fn does(&mut self, act: Act) -> &mut Self {
        self.does_all(&[act])
    }

    /// All of it in one turn.
    #[track_caller]
    pub(crate) fn does_all(&mut self, acts: &[Act]) -> &mut Self {
        self.appliance.acts.extend(acts);
        self.turn();
        self
    }

    #[track_caller]
    pub(crate) fn tells(&mut self, expected: &[StreamEvent]) -> &mut Self {
        assert_eq!(core::mem::take(&mut self.appliance.told), expected);
        self
    }

    /// A segment comes.
    #[track_caller]
    pub(crate) fn receives(&mut self, segment: &str) -> &mut Self {
        self.puts(segment);
        self.turn();
        self
    }

    /// A segment comes, and another right behind it.
    #[track_caller]
    pub(crate) fn puts(&mut self, segment: &str) -> &mut Self {
        assert!(self.platform.links[0].outgoing.is_empty(), "the script forgot a frame");
        let frame = self.frame(segment);
        self.platform.links[0].incoming.push_back(frame);
        self
    }

    fn frame(&self, text: &str) -> Vec<u8> {
        let told = Told::read(text);
        let first = self.first.unwrap_or(0);
        let options = told.options(first, self.clock.unwrap_or(0));
        let start = told.sequence.wrapping_sub(1) as usize;
        let mut segment = vec![0; 20 + options.len()];
        segment[0..2].copy_from_slice(&self.peer.port().to_be_bytes());
        segment[2..4].copy_from_slice(&self.own.port().to_be_bytes());
        segment[4..8].copy_from_slice(&PEER_FIRST.wrapping_add(told.sequence).to_be_bytes());
        let acknowledged = told.acknowledged.map_or(0, |number| first.wrapping_add(number));
        segment[8..12].copy_from_slice(&acknowledged.to_be_bytes());
        segment[12] = ((20 + options.len()) as u8 / 4) << 4;
        segment[13] = told.flags;
        segment[14..16].copy_from_slice(&(told.window.unwrap_or(65_535) as u16).to_be_bytes());
        segment[20..].copy_from_slice(&options);
        segment.extend((0..told.length).map(|at| octet(start.wrapping_add(at))));
        let (from, to) = (self.peer.ip(), self.own.ip());
        TcpPacket::new_unchecked(&mut segment).fill_checksum(&IpAddress::from(from), &IpAddress::from(to));
        let mut packet = packet(&from.to_string(), &to.to_string(), 6, 64, &segment);
        if let (Some(notification), IpAddr::V4(_)) = (told.notification, from) {
            packet = crate::traffic::with_header(packet, 1, &[notification]);
        }
        to_us(packet)
    }

    /// Exactly these were sent.
    #[track_caller]
    pub(crate) fn sends(&mut self, expected: &[&str]) -> &mut Self {
        let frames = core::mem::take(&mut self.platform.links[0].outgoing);
        let sent: Vec<String> = frames.iter().map(|frame| self.describe(frame)).collect();
        let is_same = sent.len() == expected.len()
            && sent
                .iter()
                .zip(expected)
                .all(|(sent, expected)| Told::read(sent).is_as(&Told::read(expected)));
        assert!(is_same, "\nsent {sent:#?}\nexpected {expected:#?}");
        self
    }

    /// What was sent, to be looked at.
    pub(crate) fn take_sent(&mut self) -> Vec<String> {
        let frames = core::mem::take(&mut self.platform.links[0].outgoing);
        frames.iter().map(|frame| self.describe(frame)).collect()
    }

    /// A frame of ours, as a script would write it.
    #[track_caller]
    fn describe(&mut self, frame: &[u8]) -> String {
        let packet = &frame[14..];
        let (header, traffic_class) = match packet[0] >> 4 {
            4 => (20, packet[1]),
            _ => (40, packet[0] << 4 | packet[1] >> 4),
        };
        let protocol = packet[[6, 9][usize::from(header == 20)]];
        if protocol != 6 || frame[12..14] == [8, 6] {
            return format!("other {:02x}{:02x}", frame[12], frame[13]);
        }
        let segment = TcpPacket::new_checked(&packet[header..]).expect("a whole segment");
        assert!(segment.verify_checksum(&self.own.ip().into(), &self.peer.ip().into()), "checksum");
        assert_eq!((segment.src_port(), segment.dst_port()), (self.own.port(), self.peer.port()));
        let flags = packet[header + 13];
        let sequence = segment.seq_number().0 as u32;
        if flags & 2 != 0 {
            self.first.get_or_insert(sequence);
        }
        let sequence = sequence.wrapping_sub(self.first.unwrap_or(0));
        let payload = segment.payload();
        let start = sequence.wrapping_sub(1) as usize;
        assert!(payload.iter().enumerate().all(|(at, other)| *other == octet(start + at)), "another stream");
        let letters = [(2, 'S'), (1, 'F'), (4, 'R'), (8, 'P'), (16, '.'), (64, 'E'), (128, 'W')];
        let mut text: String =
            letters.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, letter)| *letter).collect();
        text.push_str(["", "?", "N", "C"][usize::from(traffic_class & 3)]);
        let _ = write!(text, " {sequence}({})", payload.len());
        if flags & 16 != 0 {
            let _ = write!(text, " ack {}", (segment.ack_number().0 as u32).wrapping_sub(PEER_FIRST));
        }
        let _ = write!(text, " win {}", segment.window_len());
        let options = &packet[header + 20..header + usize::from(segment.header_len())];
        let _ = write!(text, " <{}>", self.describe_options(options));
        text
    }

    fn describe_options(&mut self, mut octets: &[u8]) -> String {
        let number = |octets: &[u8]| u32::from_be_bytes(octets[..4].try_into().expect("four octets"));
        let mut all = Vec::new();
        while let [kind, length, ..] = *octets {
            if kind == 1 {
                octets = &octets[1..];
                continue;
            }
            let (option, rest) = octets.split_at(length.into());
            let value = &option[2..];
            all.push(match kind {
                2 => format!("mss {}", u16::from_be_bytes([value[0], value[1]])),
                3 => format!("wscale {}", value[0]),
                4 => "sackOK".to_string(),
                5 => {
                    let edges: Vec<String> = value
                        .chunks(4)
                        .map(|edge| number(edge).wrapping_sub(PEER_FIRST).to_string())
                        .collect();
                    format!("sack {}", edges.join(" "))
                }
                8 => {
                    let clock = *self.clock.get_or_insert(number(value));
                    format!("ts {} {}", number(value).wrapping_sub(clock), number(&value[4..]))
                }
                _ => panic!("option {kind}"),
            });
            octets = rest;
        }
        all.join(",")
    }
}
