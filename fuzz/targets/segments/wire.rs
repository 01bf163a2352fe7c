//! Frames with segments: written, finished as a device does it, and read with all that must be right about them.

use crate::machine::{FRAME, OWN};
use platform::{Segmentation, Work};

/// The station that every peer is behind.
pub(crate) const STATION: [u8; 6] = [2, 0, 0, 0, 0, 1];
const OWN_V4: [u8; 4] = [192, 0, 2, 53];
const OWN_V6: [u8; 16] = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53];

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const PSH: u8 = 8;
pub(crate) const ACK: u8 = 16;
pub(crate) const ECE: u8 = 64;
pub(crate) const CWR: u8 = 128;

/// Which of the peers, and its port and the machine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) is_v6: bool,
    /// The last octet of the peer's address.
    pub(crate) host: u8,
    pub(crate) port: u16,
    pub(crate) own_port: u16,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Segment {
    pub(crate) sequence: u32,
    pub(crate) acknowledgement: u32,
    pub(crate) flags: u8,
    pub(crate) window: u16,
    /// Padded to fours of octets.
    pub(crate) options: Vec<u8>,
    pub(crate) octets: Vec<u8>,
    /// RFC 3168 §5.
    pub(crate) notification: u8,
}

pub(crate) const fn headers(is_v6: bool) -> usize {
    if is_v6 { 54 } else { 34 }
}

fn peer_v4(host: u8) -> [u8; 4] {
    [192, 0, 2, host]
}

fn peer_v6(host: u8) -> [u8; 16] {
    let mut address = OWN_V6;
    address[15] = host;
    address
}

/// A frame from a peer to the machine.
pub(crate) fn frame(ends: Ends, segment: &Segment) -> Vec<u8> {
    let length = 20 + segment.options.len() + segment.octets.len();
    let mut frame = [OWN, STATION].concat();
    if ends.is_v6 {
        frame.extend([0x86, 0xdd, 0x60, segment.notification << 4, 0, 0]);
        frame.extend((length as u16).to_be_bytes());
        frame.extend([6, 64]);
        frame.extend(peer_v6(ends.host));
        frame.extend(OWN_V6);
    } else {
        frame.extend([8, 0, 0x45, segment.notification]);
        frame.extend((20 + length as u16).to_be_bytes());
        frame.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        frame.extend(peer_v4(ends.host));
        frame.extend(OWN_V4);
        let sum = checksum(&frame[14..34], 0);
        frame[24..26].copy_from_slice(&sum);
    }
    frame.extend(ends.port.to_be_bytes());
    frame.extend(ends.own_port.to_be_bytes());
    frame.extend(segment.sequence.to_be_bytes());
    frame.extend(segment.acknowledgement.to_be_bytes());
    frame.extend([((20 + segment.options.len()) as u8 / 4) << 4, segment.flags]);
    frame.extend(segment.window.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(&segment.options);
    frame.extend(&segment.octets);
    let at = headers(ends.is_v6);
    let sum = checksum(&frame[at..], pseudo(&frame));
    frame[at + 16..at + 18].copy_from_slice(&sum);
    frame
}

/// An ICMP or ICMPv6 message from the station itself, about what the machine sent.
pub(crate) fn error(kind: u8, code: u8, value: u32, about: &[u8]) -> Vec<u8> {
    let is_v6 = about[12..14] == [0x86, 0xdd];
    let quote = &about[14..about.len().min(14 + 548)];
    let mut message = vec![kind, code, 0, 0];
    message.extend(value.to_be_bytes());
    message.extend(quote);
    let mut frame = [OWN, STATION].concat();
    if is_v6 {
        frame.extend([0x86, 0xdd, 0x60, 0, 0, 0]);
        frame.extend((message.len() as u16).to_be_bytes());
        frame.extend([58, 64]);
        frame.extend(peer_v6(1));
        frame.extend(OWN_V6);
        let sum = checksum(&message, pseudo_of(&frame, message.len(), 58));
        message[2..4].copy_from_slice(&sum);
    } else {
        frame.extend([8, 0, 0x45, 0]);
        frame.extend((20 + message.len() as u16).to_be_bytes());
        frame.extend([0, 0, 0, 0, 64, 1, 0, 0]);
        frame.extend(peer_v4(1));
        frame.extend(OWN_V4);
        let sum = checksum(&frame[14..34], 0);
        frame[24..26].copy_from_slice(&sum);
        let sum = checksum(&message, 0);
        message[2..4].copy_from_slice(&sum);
    }
    frame.extend(message);
    frame
}

/// What the station says to who asks for a peer: its own hardware address.
pub(crate) fn answer_question(frame: &[u8]) -> Option<Vec<u8>> {
    match frame[12..14] {
        [8, 6] if frame[20..22] == [0, 1] && frame[38..42] != frame[28..32] => {
            let mut answer = [OWN, STATION].concat();
            answer.extend([8, 6, 0, 1, 8, 0, 6, 4, 0, 2]);
            answer.extend(STATION);
            answer.extend(&frame[38..42]);
            answer.extend(&frame[22..32]);
            Some(answer)
        }
        // A solicitation that comes from an address is no probe for one.
        [0x86, 0xdd] if frame[20] == 58 && frame[54] == 135 && frame[22..38] != [0; 16] => {
            let mut answer = [OWN, STATION].concat();
            answer.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, 32, 58, 255]);
            answer.extend(&frame[62..78]);
            answer.extend(&frame[22..38]);
            let mut message = vec![136, 0, 0, 0, 0x60, 0, 0, 0];
            message.extend(&frame[62..78]);
            message.extend([2, 1]);
            message.extend(STATION);
            let sum = checksum(&message, pseudo_of(&answer, message.len(), 58));
            message[2..4].copy_from_slice(&sum);
            answer.extend(message);
            Some(answer)
        }
        _ => None,
    }
}

/// Reads a segment that the machine sent; every octet of its headers must be right.
pub(crate) fn read(frame: &[u8]) -> Option<(Ends, Segment)> {
    assert!((14..=FRAME).contains(&frame.len()), "a frame of {} octets", frame.len());
    assert_eq!(frame[6..12], OWN);
    let is_v6 = match frame[12..14] {
        [8, 0] => false,
        [0x86, 0xdd] => true,
        _ => return None,
    };
    let at = headers(is_v6);
    let (protocol, length) =
        if is_v6 { (frame[20], word(frame, 18) + 54) } else { (frame[23], word(frame, 16) + 14) };
    assert_eq!(usize::from(length), frame.len(), "a packet as long as its frame");
    if !is_v6 {
        assert_eq!(checksum(&frame[14..34], 0), [0, 0], "an IPv4 header's checksum");
    }
    if protocol != 6 {
        return None;
    }
    assert_eq!(frame[..6], STATION);
    assert_eq!(checksum(&frame[at..], pseudo(frame)), [0, 0], "a segment's checksum");
    let (own, host) =
        if is_v6 { (frame[22..38] == OWN_V6, frame[53]) } else { (frame[26..30] == OWN_V4, frame[33]) };
    assert!(own, "from an address that isn't ours");
    let segment = &frame[at..];
    let header = usize::from(segment[12] >> 4) * 4;
    assert!((20..=segment.len()).contains(&header));
    let ends = Ends { is_v6, host, port: word(segment, 2), own_port: word(segment, 0) };
    let notification = if is_v6 { frame[15] >> 4 & 3 } else { frame[15] & 3 };
    let segment = Segment {
        sequence: long_word(segment, 4),
        acknowledgement: long_word(segment, 8),
        flags: segment[13],
        window: word(segment, 14),
        options: segment[20..header].to_vec(),
        octets: segment[header..].to_vec(),
        notification,
    };
    Some((ends, segment))
}

/// The value of an option, all of which must be well formed.
pub(crate) fn option(mut options: &[u8], wanted: u8) -> Option<&[u8]> {
    loop {
        match options {
            [] | [0, ..] => return None,
            [1, rest @ ..] => options = rest,
            [kind, length, ..] => {
                let (option, rest) = options.split_at((*length).into());
                if *kind == wanted {
                    return Some(&option[2..]);
                }
                options = rest;
            }
            [_] => panic!("half an option"),
        }
    }
}

/// What the device does (virtio 1.2 §5.1.6.2): writes the checksum, and cuts what is too long.
pub(crate) fn finish(frame: &[u8], work: Work, sent: &mut Vec<Vec<u8>>) {
    let is_v6 = frame[12..14] == [0x86, 0xdd];
    let at = usize::from(work.transport);
    assert_eq!(at, headers(is_v6));
    let partial = checksum(&[], pseudo(frame)).map(|octet| !octet);
    assert_eq!(frame[at + 16..at + 18], partial, "the sum of the pseudo-header");
    let Some(Segmentation { headers, payload, is_v6: says_v6, has_cwr }) = work.segmentation else {
        return sent.push(with_checksum(frame.to_vec(), at));
    };
    let headers = usize::from(headers);
    assert_eq!(headers, at + usize::from(frame[at + 12] >> 4) * 4);
    assert_eq!(says_v6, is_v6);
    assert_eq!(has_cwr, frame[at + 13] & CWR != 0);
    assert!(payload > 0 && headers + usize::from(payload) <= FRAME, "pieces that the link doesn't carry");
    let count = frame[headers..].len().div_ceil(payload.into());
    assert!(count > 1, "nothing to cut");
    for (index, octets) in frame[headers..].chunks(payload.into()).enumerate() {
        let mut cut = [&frame[..headers], octets].concat();
        let sequence = long_word(frame, at + 4).wrapping_add(index as u32 * u32::from(payload));
        cut[at + 4..at + 8].copy_from_slice(&sequence.to_be_bytes());
        if index > 0 {
            cut[at + 13] &= !CWR;
        }
        if index + 1 < count {
            cut[at + 13] &= !(FIN | PSH);
        }
        let length = cut.len() as u16 - if is_v6 { 54 } else { 14 };
        if is_v6 {
            cut[18..20].copy_from_slice(&length.to_be_bytes());
        } else {
            cut[16..18].copy_from_slice(&length.to_be_bytes());
            cut[24..26].fill(0);
            let sum = checksum(&cut[14..34], 0);
            cut[24..26].copy_from_slice(&sum);
        }
        sent.push(with_checksum(cut, at));
    }
}

fn with_checksum(mut frame: Vec<u8>, at: usize) -> Vec<u8> {
    frame[at + 16..at + 18].fill(0);
    let sum = checksum(&frame[at..], pseudo(&frame));
    frame[at + 16..at + 18].copy_from_slice(&sum);
    frame
}

fn word(octets: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([octets[at], octets[at + 1]])
}

pub(crate) fn long_word(octets: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(*octets[at..].first_chunk().expect("four octets"))
}

/// Of a frame with a segment.
fn pseudo(frame: &[u8]) -> u32 {
    let is_v6 = frame[12..14] == [0x86, 0xdd];
    pseudo_of(frame, frame.len() - headers(is_v6), 6)
}

fn pseudo_of(frame: &[u8], length: usize, protocol: u8) -> u32 {
    let addresses = if frame[12..14] == [0x86, 0xdd] { &frame[22..54] } else { &frame[26..34] };
    sum(addresses) + length as u32 + u32::from(protocol)
}

/// RFC 1071 over some octets and what was summed before.
fn checksum(octets: &[u8], before: u32) -> [u8; 2] {
    let mut sum = sum(octets) + before;
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    (!(sum as u16)).to_be_bytes()
}

fn sum(octets: &[u8]) -> u32 {
    octets.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0))).sum()
}
