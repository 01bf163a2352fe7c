//! Scripts of segments, written as packetdrill has them: flags, sequence number and length, acknowledgement, window, options.
//!
//! `"P. 1(5) ack 1 win 512 <ts 3 100>"`: numbers count from the SYN of who sent them, our timestamps from our first. The letters
//! are those of SYN, FIN, RST, PSH, ACK (a dot), ECE and CWR, and N for a packet that routers may mark, C for a marked one. What
//! an expectation does not speak of is not compared.

use crate::memory::{MemoryLink, MemoryPlatform};
use crate::traffic::{packet, to_us};
use crate::wire::{OUR_STATION, interface};
use appliance::{
    Appliance, Bytes, Datagram, Listener, Network, Policy, Reply, Stream, StreamEvent, StreamId,
};
use core::fmt::Write;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use moment::{Instant, Moment};
use netstack::{Budget, Netstack};
use smoltcp::wire::{IpAddress, TcpPacket};
use std::collections::VecDeque;

/// What the appliance does with its last stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Dial(&'static str),
    /// Commits so many octets.
    Write(usize),
    Lend(usize),
    /// Asks for room and does not use it.
    Room(usize),
    Consume(usize),
    Expect(usize),
    Finish,
    Abort,
    Policy(Policy),
}

/// An appliance that does what a script says, and notes what it is told.
#[derive(Default)]
pub(crate) struct Puppet {
    acts: VecDeque<Act>,
    pub(crate) last: Option<StreamId>,
    pub(crate) told: Vec<StreamEvent>,
    written: usize,
    /// What was received, of all streams.
    pub(crate) read: Vec<u8>,
}

impl Puppet {
    fn perform<N: Network>(&mut self, act: Act, network: &mut N) {
        if let Act::Dial(to) = act {
            self.last = network.dial(to.parse().expect("an address and a port")).ok();
            self.written = 0;
            return;
        }
        let id = self.last.expect("a stream");
        let Some(mut stream) = network.stream(id) else { return };
        match act {
            Act::Dial(_) => {}
            Act::Room(least) => assert!(stream.room(least).len() >= least, "room"),
            Act::Write(count) => {
                let written = self.written;
                let room = stream.room(count);
                assert!(room.len() >= count, "room");
                room[..count].iter_mut().enumerate().for_each(|(at, place)| *place = octet(written + at));
                stream.commit(count);
                self.written += count;
            }
            Act::Lend(count) => {
                let region: Vec<u8> = (self.written..self.written + count).map(octet).collect();
                stream.lend(Bytes::from(region)).expect("room");
                self.written += count;
            }
            Act::Consume(count) => {
                let octets = stream.received();
                let count = count.min(octets.len());
                self.read.extend_from_slice(&octets[..count]);
                stream.consume(count);
            }
            Act::Expect(least) => stream.expect(least),
            Act::Finish => stream.finish(),
            Act::Abort => stream.abort(),
            Act::Policy(policy) => stream.set_policy(policy),
        }
    }
}

impl Appliance for Puppet {
    fn listeners(&self) -> &[Listener] {
        &[Listener::Stream { port: 7 }]
    }

    fn on_datagram(&mut self, _datagram: Datagram<'_>, _now: Moment) -> Reply {
        Reply::Silence
    }

    fn on_stream<N: Network>(&mut self, id: StreamId, event: StreamEvent, _network: &mut N, _now: Moment) {
        if event == StreamEvent::Opened && self.last != Some(id) {
            (self.last, self.written) = (Some(id), 0);
        }
        self.told.push(event);
    }

    fn deadline(&self) -> Option<Instant> {
        (!self.acts.is_empty()).then_some(Instant::START)
    }

    fn on_deadline<N: Network>(&mut self, network: &mut N, _now: Moment) {
        for act in core::mem::take(&mut self.acts) {
            self.perform(act, network);
        }
    }
}

/// The octet of a stream at this place, in either direction.
fn octet(place: usize) -> u8 {
    (place % 251) as u8
}

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

/// A segment, as a script writes it.
#[derive(Debug, Default)]
struct Told {
    flags: u8,
    notification: Option<u8>,
    sequence: u32,
    length: usize,
    acknowledged: Option<u32>,
    window: Option<u32>,
    options: Option<Vec<String>>,
    other: String,
}

impl Told {
    fn read(text: &str) -> Self {
        if text.starts_with("other") {
            return Self { other: text.into(), ..Self::default() };
        }
        let (front, options) = text.split_once(" <").map_or((text, None), |(front, options)| {
            (front, Some(options.trim_end_matches('>').split(',').map(str::to_string).collect()))
        });
        let mut words = front.split_whitespace();
        let mut told = Self { options, ..Self::default() };
        for letter in words.next().expect("flags").chars() {
            match letter {
                'S' => told.flags |= 2,
                'F' => told.flags |= 1,
                'R' => told.flags |= 4,
                'P' => told.flags |= 8,
                '.' => told.flags |= 16,
                'E' => told.flags |= 64,
                'W' => told.flags |= 128,
                'N' => told.notification = Some(2),
                'C' => told.notification = Some(3),
                '-' => {}
                _ => panic!("{letter}"),
            }
        }
        let (sequence, length) = words.next().and_then(|word| word.split_once('(')).expect("a number");
        let number = |word: &str| word.parse::<i64>().expect("a number") as u32;
        (told.sequence, told.length) = (number(sequence), number(length.trim_end_matches(')')) as usize);
        while let Some(word) = words.next() {
            let value = number(words.next().expect("a value"));
            match word {
                "ack" => told.acknowledged = Some(value),
                "win" => told.window = Some(value),
                _ => panic!("{word}"),
            }
        }
        told
    }

    /// Whether this is what was expected, as far as that says.
    fn is_as(&self, expected: &Self) -> bool {
        let fixed = |told: &Self| {
            // Who pushes is of no interest.
            (
                told.flags & !8,
                told.notification,
                told.sequence,
                told.length,
                told.acknowledged,
                told.other.clone(),
            )
        };
        fixed(self) == fixed(expected)
            && (expected.window.is_none() || self.window == expected.window)
            && (expected.options.is_none() || self.options == expected.options)
    }

    /// The octets of the options; acknowledged numbers are ours.
    fn options(&self, first: u32, clock: u32) -> Vec<u8> {
        let mut octets = Vec::new();
        for option in self.options.iter().flatten() {
            let mut words = option.split_whitespace();
            let Some(name) = words.next() else { continue };
            let values: Vec<u32> = words.map(|word| word.parse::<i64>().expect("a number") as u32).collect();
            match name {
                "mss" => octets.extend([2, 4, (values[0] >> 8) as u8, values[0] as u8]),
                "wscale" => octets.extend([1, 3, 3, values[0] as u8]),
                "sackOK" => octets.extend([1, 1, 4, 2]),
                "ts" => {
                    octets.extend([1, 1, 8, 10]);
                    octets.extend(values[0].to_be_bytes());
                    let echo = if values[1] == 0 && clock == 0 { 0 } else { clock.wrapping_add(values[1]) };
                    octets.extend(echo.to_be_bytes());
                }
                "sack" => {
                    octets.extend([1, 1, 5, 2 + 4 * values.len() as u8]);
                    values.iter().for_each(|edge| octets.extend(first.wrapping_add(*edge).to_be_bytes()));
                }
                _ => panic!("{name}"),
            }
        }
        octets
    }
}
