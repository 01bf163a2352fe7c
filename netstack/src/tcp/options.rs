//! Options of a segment: those of RFC 9293 §3.1, RFC 7323 and RFC 2018.

use crate::tcp::sequence::Sequence;

const END: u8 = 0;
const NO_OPERATION: u8 = 1;
const MAXIMUM_SEGMENT_SIZE: u8 = 2;
const WINDOW_SCALE: u8 = 3;
const SACK_PERMITTED: u8 = 4;
const SACK: u8 = 5;
const TIMESTAMPS: u8 = 8;

/// RFC 7323 §2.3: a greater shift is taken for this one.
const GREATEST_SHIFT: u8 = 14;

/// As many blocks as fit in forty octets (RFC 2018 §3).
pub(crate) const SACK_BLOCKS: usize = 4;

/// Octets that timestamps take in every segment, padding included (RFC 7323 appendix A).
pub(crate) const TIMESTAMPS_LENGTH: usize = 12;

/// Both timestamps of a segment (RFC 7323 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timestamps {
    /// Of who sent the segment.
    pub(crate) value: u32,
    /// The latest that came from the other side.
    pub(crate) echo: u32,
}

/// A range of octets that lie isolated at the receiver (RFC 2018 §3): from its first on, up to the one before the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SackBlock {
    pub(crate) start: Sequence,
    pub(crate) end: Sequence,
}

/// What a segment's options say. Unknown ones are passed over (RFC 9293 §3.1, MUST-6), and so is what breaks the format and all
/// behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) maximum_segment_size: Option<u16>,
    pub(crate) window_scale: Option<u8>,
    pub(crate) is_sack_permitted: bool,
    pub(crate) timestamps: Option<Timestamps>,
    blocks: [SackBlock; SACK_BLOCKS],
    count: u8,
}

const NO_BLOCK: SackBlock = SackBlock { start: Sequence(0), end: Sequence(0) };

impl Options {
    pub(crate) const NONE: Self = Self {
        maximum_segment_size: None,
        window_scale: None,
        is_sack_permitted: false,
        timestamps: None,
        blocks: [NO_BLOCK; SACK_BLOCKS],
        count: 0,
    };

    /// Reads the octets between header and data.
    #[inline]
    pub(crate) fn read(octets: &[u8]) -> Self {
        let mut options = Self::NONE;
        // What nearly every segment has, and nothing else.
        if let &[NO_OPERATION, NO_OPERATION, TIMESTAMPS, 10, a, b, c, d, e, f, g, h] = octets {
            options.timestamps = Some(Timestamps {
                value: u32::from_be_bytes([a, b, c, d]),
                echo: u32::from_be_bytes([e, f, g, h]),
            });
        } else if !octets.is_empty() {
            options.read_each(octets);
        }
        options
    }

    fn read_each(&mut self, mut octets: &[u8]) {
        loop {
            octets = match *octets {
                [] | [END, ..] | [_] => return,
                [NO_OPERATION, ref rest @ ..] => rest,
                // RFC 9293 §3.1 (MUST-7): lengths that can't be are survived.
                [_, length, ..] if usize::from(length) < 2 || usize::from(length) > octets.len() => return,
                [kind, length, ..] => {
                    let (option, rest) = octets.split_at(length.into());
                    self.read_one(kind, &option[2..]);
                    rest
                }
            };
        }
    }

    fn read_one(&mut self, kind: u8, value: &[u8]) {
        match (kind, value) {
            (MAXIMUM_SEGMENT_SIZE, &[a, b]) => self.maximum_segment_size = Some(u16::from_be_bytes([a, b])),
            (WINDOW_SCALE, &[shift]) => self.window_scale = Some(shift.min(GREATEST_SHIFT)),
            (SACK_PERMITTED, []) => self.is_sack_permitted = true,
            (TIMESTAMPS, &[a, b, c, d, e, f, g, h]) => {
                self.timestamps = Some(Timestamps {
                    value: u32::from_be_bytes([a, b, c, d]),
                    echo: u32::from_be_bytes([e, f, g, h]),
                });
            }
            (SACK, blocks) => {
                self.count = 0;
                for block in blocks.as_chunks::<8>().0.iter().take(SACK_BLOCKS) {
                    let &[a, b, c, d, e, f, g, h] = block;
                    let [start, end] = [[a, b, c, d], [e, f, g, h]].map(u32::from_be_bytes).map(Sequence);
                    self.blocks[usize::from(self.count)] = SackBlock { start, end };
                    self.count += 1;
                }
            }
            _ => {}
        }
    }

    /// The blocks that were acknowledged selectively; nothing is known of them yet.
    #[inline]
    pub(crate) fn sack(&self) -> &[SackBlock] {
        &self.blocks[..usize::from(self.count)]
    }
}

/// The most octets of options (RFC 9293 §3.1: the header's length has four bits).
const MOST: usize = 40;

/// Options as they go out, a multiple of four octets long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    octets: [u8; MOST],
    length: u8,
}

impl Written {
    /// None yet.
    #[inline]
    pub(crate) const fn new() -> Self {
        Self { octets: [0; MOST], length: 0 }
    }

    /// What is there so far.
    #[inline]
    pub(crate) fn octets(&self) -> &[u8] {
        &self.octets[..self.length()]
    }

    #[inline]
    pub(crate) const fn length(&self) -> usize {
        self.length as usize
    }

    #[inline]
    fn add<const N: usize>(&mut self, octets: [u8; N]) {
        let start = self.length();
        if let Some(place) = self.octets.get_mut(start..start + N) {
            place.copy_from_slice(&octets);
            self.length += N as u8;
        }
    }

    /// RFC 9293 §3.7.1; of a SYN alone.
    pub(crate) fn maximum_segment_size(&mut self, octets: u16) {
        let [high, low] = octets.to_be_bytes();
        self.add([MAXIMUM_SEGMENT_SIZE, 4, high, low]);
    }

    /// RFC 7323 §2.2; of a SYN alone.
    pub(crate) fn window_scale(&mut self, shift: u8) {
        self.add([NO_OPERATION, WINDOW_SCALE, 3, shift]);
    }

    /// RFC 2018 §2; of a SYN alone.
    pub(crate) fn sack_permitted(&mut self) {
        self.add([NO_OPERATION, NO_OPERATION, SACK_PERMITTED, 2]);
    }

    /// RFC 7323 §3.2, laid out as in its appendix A.
    #[inline]
    pub(crate) fn timestamps(&mut self, Timestamps { value, echo }: Timestamps) {
        let ([a, b, c, d], [e, f, g, h]) = (value.to_be_bytes(), echo.to_be_bytes());
        self.add([NO_OPERATION, NO_OPERATION, TIMESTAMPS, 10, a, b, c, d, e, f, g, h]);
    }

    /// RFC 2018 §3: as many of the blocks as there is room for, the first ones.
    pub(crate) fn sack(&mut self, blocks: &[SackBlock]) {
        const HEADER: usize = 4;
        const BLOCK: usize = 8;
        let room = (MOST - self.length()).saturating_sub(HEADER) / BLOCK;
        let blocks = &blocks[..blocks.len().min(room)];
        if blocks.is_empty() {
            return;
        }
        self.add([NO_OPERATION, NO_OPERATION, SACK, (2 + blocks.len() * BLOCK) as u8]);
        for SackBlock { start, end } in blocks {
            let ([a, b, c, d], [e, f, g, h]) = (start.0.to_be_bytes(), end.0.to_be_bytes());
            self.add([a, b, c, d, e, f, g, h]);
        }
    }
}

#[cfg(test)]
mod tests;
