//! The header of a segment (RFC 9293 §3.1), read once and written once.

use crate::checksum::Sum;
use crate::counters::Counter;
use crate::tcp::options::{Options, Written};
use crate::tcp::sequence::Sequence;
use crate::version::{TCP, Version};
use core::ops::{BitOr, Range};
use platform::Checksum;

/// Octets of a header without options.
pub(crate) const HEADER: usize = 20;

/// Where in the header the checksum is.
pub(crate) const CHECKSUM: usize = 16;

/// The control bits, those of RFC 3168 among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flags(u8);

impl Flags {
    pub(crate) const FIN: Self = Self(0x01);
    pub(crate) const SYN: Self = Self(0x02);
    pub(crate) const RST: Self = Self(0x04);
    pub(crate) const PSH: Self = Self(0x08);
    pub(crate) const ACK: Self = Self(0x10);
    /// Congestion was experienced by what the peer sent (RFC 3168 §6.1).
    pub(crate) const ECE: Self = Self(0x40);
    /// The congestion window was reduced (RFC 3168 §6.1).
    pub(crate) const CWR: Self = Self(0x80);

    #[inline]
    pub(crate) const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 == flag.0
    }

    /// These, and those others too if `condition` holds.
    #[inline]
    pub(crate) const fn with(self, flag: Self, condition: bool) -> Self {
        if condition { Self(self.0 | flag.0) } else { self }
    }

    /// These but for some.
    pub(crate) const fn without(self, flags: Self) -> Self {
        Self(self.0 & !flags.0)
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A segment that came, its header found sound.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    pub(crate) sequence: Sequence,
    pub(crate) acknowledgement: Sequence,
    pub(crate) flags: Flags,
    /// As it stands in the header, not scaled.
    pub(crate) window: u16,
    pub(crate) options: Options,
    /// Where in the frame its data lies.
    pub(crate) payload: Range<usize>,
}

impl Segment {
    /// Reads the segment that is the payload of a packet, and verifies its checksum unless the device has.
    #[inline]
    pub(crate) fn read<V: Version>(
        frame: &[u8],
        payload: Range<usize>,
        checksum: Checksum,
    ) -> Result<Self, Counter> {
        let segment = &frame[payload.clone()];
        let Some(&[s0, s1, d0, d1, q0, q1, q2, q3, a0, a1, a2, a3, offset, flags, w0, w1, ..]) =
            segment.first_chunk::<HEADER>()
        else {
            return Err(Counter::SegmentMalformed);
        };
        let header = usize::from(offset >> 4) * 4;
        if header < HEADER || header > segment.len() {
            return Err(Counter::SegmentMalformed);
        }
        if checksum == Checksum::Unverified
            && !V::pseudo_header(frame, TCP, segment.len()).bytes(segment).is_valid()
        {
            return Err(Counter::SegmentChecksumWrong);
        }
        Ok(Self {
            source_port: u16::from_be_bytes([s0, s1]),
            destination_port: u16::from_be_bytes([d0, d1]),
            sequence: Sequence(u32::from_be_bytes([q0, q1, q2, q3])),
            acknowledgement: Sequence(u32::from_be_bytes([a0, a1, a2, a3])),
            flags: Flags(flags),
            window: u16::from_be_bytes([w0, w1]),
            options: Options::read(&segment[HEADER..header]),
            payload: payload.start + header..payload.end,
        })
    }

    /// Whether a flag is set.
    #[inline]
    pub(crate) const fn has(&self, flag: Flags) -> bool {
        self.flags.has(flag)
    }

    /// How much of the sequence space it takes: its data, and one each for SYN and FIN (RFC 9293 §3.4).
    #[inline]
    pub(crate) fn length(&self) -> u32 {
        let controls = u32::from(self.has(Flags::SYN)) + u32::from(self.has(Flags::FIN));
        self.payload.len() as u32 + controls
    }
}

/// A header to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    pub(crate) sequence: Sequence,
    pub(crate) acknowledgement: Sequence,
    pub(crate) flags: Flags,
    pub(crate) window: u16,
}

impl Header {
    /// Writes the header, its checksum zero, and its options to the front of `segment`; returns how long both are.
    #[inline]
    pub(crate) fn write(&self, segment: &mut [u8], options: &Written) -> usize {
        let options = options.octets();
        let length = HEADER + options.len();
        segment[0..2].copy_from_slice(&self.source_port.to_be_bytes());
        segment[2..4].copy_from_slice(&self.destination_port.to_be_bytes());
        segment[4..8].copy_from_slice(&self.sequence.0.to_be_bytes());
        segment[8..12].copy_from_slice(&self.acknowledgement.0.to_be_bytes());
        segment[12] = (length as u8 / 4) << 4;
        segment[13] = self.flags.0;
        segment[14..16].copy_from_slice(&self.window.to_be_bytes());
        segment[16..HEADER].fill(0);
        segment[HEADER..length].copy_from_slice(options);
        length
    }
}

/// Writes the checksum of the segment of `length` octets behind the headers of a frame, where zeros stand.
#[inline]
pub(crate) fn write_checksum<V: Version>(frame: &mut [u8], length: usize) {
    let segment = &frame[V::PAYLOAD..V::PAYLOAD + length];
    let checksum = V::pseudo_header(frame, TCP, length).bytes(segment).checksum();
    frame[V::PAYLOAD + CHECKSUM..V::PAYLOAD + CHECKSUM + 2].copy_from_slice(&checksum);
}

/// Writes what a device wants to find where it is to write the checksum itself: the sum of the pseudo-header (virtio 1.2
/// §5.1.6.2).
#[inline]
pub(crate) fn write_partial_checksum<V: Version>(frame: &mut [u8], length: usize) {
    let sum: Sum = V::pseudo_header(frame, TCP, length);
    frame[V::PAYLOAD + CHECKSUM..V::PAYLOAD + CHECKSUM + 2].copy_from_slice(&sum.partial());
}
