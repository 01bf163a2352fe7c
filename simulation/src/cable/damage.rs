//! What becomes of octets on a bad cable.
//!
//! Ethernet's own check sequence would notice all of it: what is damaged here was damaged inside a switch or a host.

use super::ETHERNET_HEADER;
use crate::random::Random;

/// How many frames are damaged, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corruption {
    /// The share of frames.
    pub share: f64,
    /// What becomes of them.
    pub damage: Damage,
}

/// What becomes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// One bit of an IP packet is turned over, which its sums notice: what it carried arrives right or not at all.
    Noticed,
    /// Two words of a datagram's payload change places, which a sum of ones' complement (RFC 1071 §2) can't notice.
    Unnoticed,
    /// Some bits of the frame are turned over, its Ethernet header's among them, or it is cut short.
    Anything,
}

const IPV4: [u8; 2] = [0x08, 0x00];
const IPV6: [u8; 2] = [0x86, 0xdd];
const UDP: u8 = 17;

impl Damage {
    /// Damages a frame; whether it is another now.
    pub(crate) fn inflict(self, frame: &mut Vec<u8>, random: &mut Random) -> bool {
        match self {
            Self::Noticed => turn_over_summed_bit(frame, random),
            Self::Unnoticed => swap_words(frame, random),
            Self::Anything => {
                if random.chance(0.2) {
                    frame.truncate(random.index(frame.len()));
                }
                for _ in 0..random.between(1, 8) {
                    turn_over_bit(frame, 0, random);
                }
                true
            }
        }
    }
}

fn turn_over_bit(frame: &mut [u8], from: usize, random: &mut Random) {
    if from < frame.len() {
        let at = from + random.index(frame.len() - from);
        frame[at] ^= 1 << random.index(8);
    }
}

/// Of the IPv6 header, which has no sum, only what UDP's, TCP's and ICMPv6's count in: the addresses. Never a datagram's
/// length: over fewer octets a sum may be right by chance.
fn turn_over_summed_bit(frame: &mut [u8], random: &mut Random) -> bool {
    const IPV6_ADDRESSES: usize = ETHERNET_HEADER + 8;
    let (from, datagram) = match frame.get(12..ETHERNET_HEADER) {
        Some(kind) if kind == IPV4 => (ETHERNET_HEADER, ETHERNET_HEADER + 20),
        Some(kind) if kind == IPV6 => (IPV6_ADDRESSES, ETHERNET_HEADER + 40),
        _ => return false,
    };
    let length = datagram + 4..datagram + 6;
    let kept = frame.get(length.clone()).map(<[u8]>::to_vec);
    turn_over_bit(frame, from, random);
    match (frame.get_mut(length), kept) {
        (Some(now), Some(kept)) if now != kept => {
            now.copy_from_slice(&kept);
            false
        }
        _ => true,
    }
}

fn swap_words(frame: &mut [u8], random: &mut Random) -> bool {
    const UDP_HEADER: usize = 8;
    let (protocol, header) = match frame.get(12..ETHERNET_HEADER) {
        Some(kind) if kind == IPV4 => (frame.get(23), 20),
        Some(kind) if kind == IPV6 => (frame.get(20), 40),
        _ => return false,
    };
    if protocol != Some(&UDP) {
        return false;
    }
    let payload = frame.get_mut(ETHERNET_HEADER + header + UDP_HEADER..).unwrap_or_default();
    let (words, _) = payload.as_chunks_mut::<2>();
    if words.is_empty() {
        return false;
    }
    let (one, other) = (random.index(words.len()), random.index(words.len()));
    words.swap(one, other);
    words[one] != words[other]
}
