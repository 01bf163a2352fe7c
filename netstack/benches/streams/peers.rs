//! Those who ask: as little of TCP (RFC 9293) as an honest client without losses needs, written without a look at netstack's.

use crate::appliance::{PORT, write_answer};
use crate::wire::OWN;
use crate::{ANSWER, REQUEST};

const ETHERNET: [u8; 6] = [2, 0, 0, 0, 0, 9];
const SERVER: [u8; 4] = [192, 0, 2, 53];

/// Of Ethernet, IPv4 and TCP with timestamps.
pub(crate) const HEADERS: usize = 14 + 20 + 20 + 12;

const SYN: u8 = 0x02;
const PUSH: u8 = 0x08;
const ACK: u8 = 0x10;

#[derive(Clone, Default)]
struct Peer {
    /// What is sent next, and expected next.
    next: u32,
    expected: u32,
    /// What the server's timestamps are ahead of time, in milliseconds.
    offset: u32,
    /// When it asked last, by the server's timestamps.
    echo: u32,
    /// Requests sent, and answers seen.
    asked: u32,
    answered: u32,
    /// The turn in which it asked last.
    turn: u64,
}

pub(crate) struct Peers {
    peers: Vec<Peer>,
    turn: u64,
    /// Of a generator of numbers that look like chance (xorshift).
    chance: u64,
}

impl Peers {
    pub(crate) fn new(count: usize) -> Self {
        Self { peers: vec![Peer::default(); count], turn: 0, chance: 0x9e37_79b9_7f4a_7c15 }
    }

    /// The SYN of a peer: each has an address of its own.
    pub(crate) fn open(&mut self, peer: usize, frame: &mut Vec<u8>) {
        self.peers[peer].next = 0x1000_0000;
        let options = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 7];
        self.write(peer, SYN, &options, &[], frame);
        self.peers[peer].next += 1;
    }

    /// The server's SYN came.
    pub(crate) fn on_answered(&mut self, frame: &[u8], now: u64) {
        let (peer, sequence, acknowledged) = read(frame);
        let flags = frame[14 + 20 + 13];
        assert_eq!((flags & !0x40, acknowledged), (SYN | ACK, self.peers[peer].next), "a SYN is answered");
        let options = &frame[14 + 20 + 20..];
        let at = options.windows(2).position(|pair| pair == [8, 10]).expect("timestamps are agreed on");
        let value = u32::from_be_bytes(options[at + 2..at + 6].try_into().expect("four octets"));
        self.peers[peer].expected = sequence.wrapping_add(1);
        self.peers[peer].offset = value.wrapping_sub(milliseconds(now));
        self.peers[peer].echo = value;
    }

    /// It is acknowledged.
    pub(crate) fn establish(&self, peer: usize, now: u64, frame: &mut Vec<u8>) {
        self.write_established(peer, ACK, now, &[], frame);
    }

    /// From now on requests are of another turn.
    pub(crate) fn next_turn(&mut self) {
        self.turn += 1;
    }

    /// A request of a peer that has none in this turn yet. It will come then.
    pub(crate) fn request(&mut self, now: u64, frame: &mut Vec<u8>) {
        let peer = loop {
            let peer = (self.draw() % self.peers.len() as u64) as usize;
            if self.peers[peer].turn != self.turn {
                break peer;
            }
        };
        let request = request(peer, self.peers[peer].asked);
        self.write_established(peer, ACK | PUSH, now, &request, frame);
        // How it goes on is known beforehand: each request has its answer before the next.
        let of_peer = &mut self.peers[peer];
        (of_peer.turn, of_peer.echo) = (self.turn, of_peer.offset.wrapping_add(milliseconds(now)));
        of_peer.asked += 1;
        of_peer.next = of_peer.next.wrapping_add(REQUEST as u32);
        of_peer.expected = of_peer.expected.wrapping_add(ANSWER as u32);
    }

    /// An answer came: it has to be the next that its peer waits for.
    pub(crate) fn on_answer(&mut self, frame: &[u8]) {
        let (peer, sequence, acknowledged) = read(frame);
        let of_peer = &mut self.peers[peer];
        let behind = of_peer.asked - of_peer.answered - 1;
        assert_eq!(sequence, of_peer.expected.wrapping_sub((behind + 1) * ANSWER as u32), "in order");
        assert_eq!(acknowledged, of_peer.next.wrapping_sub(behind * REQUEST as u32), "with its request");
        let mut answer = [0; ANSWER];
        write_answer(&mut answer, &request(peer, of_peer.answered), of_peer.answered);
        assert_eq!(&frame[HEADERS..], &answer, "as the appliance says it");
        of_peer.answered += 1;
    }

    fn write_established(&self, peer: usize, flags: u8, now: u64, payload: &[u8], frame: &mut Vec<u8>) {
        let mut options = [1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0];
        options[4..8].copy_from_slice(&milliseconds(now).to_be_bytes());
        options[8..].copy_from_slice(&self.peers[peer].echo.to_be_bytes());
        self.write(peer, flags, &options, payload, frame);
    }

    fn write(&self, peer: usize, flags: u8, options: &[u8], payload: &[u8], frame: &mut Vec<u8>) {
        let Peer { next, expected, .. } = self.peers[peer];
        let segment = 20 + options.len();
        frame.extend([&OWN.0[..], &ETHERNET, &[8, 0]].concat());
        let length = (20 + segment + payload.len()) as u16;
        let [high, low] = length.to_be_bytes();
        let mut header = [0x45, 0, high, low, 0, 1, 0x40, 0, 64, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        header[12..16].copy_from_slice(&(0x0a00_0000 | peer as u32).to_be_bytes());
        header[16..].copy_from_slice(&SERVER);
        let sum = checksum(&header);
        header[10..12].copy_from_slice(&sum);
        frame.extend(header);
        frame.extend([10_000_u16, PORT].map(u16::to_be_bytes).concat());
        let acknowledged = if flags & ACK == 0 { 0 } else { expected };
        frame.extend([next, acknowledged].map(u32::to_be_bytes).concat());
        // The device has verified the checksum.
        frame.extend([(segment as u8 / 4) << 4, flags, 0xff, 0xff, 0, 0, 0, 0]);
        frame.extend(options);
        frame.extend(payload);
    }

    fn draw(&mut self) -> u64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        self.chance >> 16
    }
}

fn request(peer: usize, number: u32) -> [u8; REQUEST] {
    let mut request = [number as u8; REQUEST];
    request[..4].copy_from_slice(&(peer as u32).to_be_bytes());
    request[4..8].copy_from_slice(&number.to_be_bytes());
    request
}

/// Whom a segment is for, its sequence number and what it acknowledges.
fn read(frame: &[u8]) -> (usize, u32, u32) {
    let number = |at: usize| u32::from_be_bytes(frame[at..at + 4].try_into().expect("four octets"));
    ((number(30) & 0xff_ffff) as usize, number(34 + 4), number(34 + 8))
}

fn milliseconds(nanoseconds: u64) -> u32 {
    (nanoseconds / 1_000_000) as u32
}

/// As the Internet checksum is; here slowly, to owe nothing to what is measured.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    let words = bytes.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    (!(sum as u16)).to_be_bytes()
}
