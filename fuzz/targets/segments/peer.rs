//! The peers: what they know of each connection, what they may send, and what the machine may send them.

use crate::pattern;
use crate::wire::{self, ACK, CWR, ECE, Ends, FIN, RST, SYN, Segment};

/// A connection, as its peer sees it.
pub(crate) struct Peer {
    pub(crate) ends: Ends,
    /// The number that the peer sends next, and the first that it sent.
    pub(crate) next: u32,
    /// The machine's first number and the one behind the last that it sent, once known.
    sent: Option<(u32, u32)>,
    /// Behind the last octet that came without a gap, and what was acknowledged last.
    received: u32,
    acknowledged: u32,
    /// How far beyond its first number the machine may send: the most that it was ever told.
    edge: u32,
    /// The most that was ever offered.
    segment: u16,
    shift: u8,
    has_timestamps: bool,
    pub(crate) window: u16,
    echo: u32,
    clock: u32,
    /// Whether it answers what opens a connection by itself.
    pub(crate) is_honest: bool,
}

impl Peer {
    pub(crate) fn new(ends: Ends, manner: u8, is_honest: bool) -> Self {
        let first = u32::from(manner) << 24 | u32::from(pattern::FIRST);
        Self {
            ends,
            next: first,
            sent: None,
            received: 0,
            acknowledged: 0,
            edge: 0,
            segment: 0,
            shift: 0,
            has_timestamps: false,
            window: 0xffff,
            echo: 0,
            clock: u32::from(manner) << 24,
            is_honest,
        }
    }

    /// A SYN, or its answer; each bit of `offers` is an option.
    pub(crate) fn open(&mut self, offers: u8, flags: u8) -> Segment {
        let mut options = Vec::new();
        if offers & 1 != 0 {
            let segment: u16 = [1460, 8, 300, 9000][usize::from(offers >> 6)];
            options.extend([2, 4]);
            options.extend(segment.to_be_bytes());
        }
        if offers & 2 != 0 {
            options.extend([1, 3, 3, offers >> 4]);
        }
        if offers & 4 != 0 {
            options.extend([1, 1, 4, 2]);
        }
        self.has_timestamps = offers & 8 != 0;
        let ecn = match (offers & 16 != 0, flags & ACK != 0) {
            (true, true) => ECE,
            (true, false) => ECE | CWR,
            (false, _) => 0,
        };
        let sequence = self.next & 0xffff_0000 | u32::from(pattern::FIRST);
        self.next = sequence.wrapping_add(1);
        let mut segment = Segment {
            sequence,
            acknowledgement: self.received,
            flags: flags | ecn,
            window: self.window,
            options,
            ..Segment::default()
        };
        self.stamp(&mut segment);
        segment
    }

    fn stamp(&self, segment: &mut Segment) {
        if self.has_timestamps && segment.options.len() <= 28 {
            segment.options.extend([1, 1, 8, 10]);
            segment.options.extend(self.clock.to_be_bytes());
            segment.options.extend(self.echo.to_be_bytes());
        }
    }

    /// A segment in order that acknowledges so many 255ths of what came.
    pub(crate) fn ordinary(&mut self, part: u8, flags: u8) -> Segment {
        let waiting = self.received.wrapping_sub(self.acknowledged);
        let part = (u64::from(waiting) * u64::from(part) / 255) as u32;
        self.acknowledged = self.acknowledged.wrapping_add(part);
        let mut segment = Segment {
            sequence: self.next,
            acknowledgement: self.acknowledged,
            flags: ACK | flags,
            window: self.window,
            ..Segment::default()
        };
        self.stamp(&mut segment);
        segment
    }

    /// Blocks of what may have come behind `acknowledged`: each begins so many eighths of a kibioctet behind it.
    pub(crate) fn add_blocks(&self, segment: &mut Segment, blocks: &[u8]) {
        let blocks = blocks.chunks_exact(2).take((40 - segment.options.len().min(40)).saturating_sub(4) / 8);
        if blocks.len() == 0 {
            return;
        }
        segment.options.extend([1, 1, 5, 2 + 8 * blocks.len() as u8]);
        for block in blocks {
            let start = self.acknowledged.wrapping_add(u32::from(block[0]) * 128).wrapping_sub(256);
            segment.options.extend(start.to_be_bytes());
            segment.options.extend(start.wrapping_add(u32::from(block[1]) * 128).to_be_bytes());
        }
    }

    /// Octets that belong where the segment is.
    pub(crate) fn fill(segment: &mut Segment, count: usize) {
        let skipped = u16::from(segment.flags & SYN != 0);
        segment.octets = pattern::some((segment.sequence as u16).wrapping_add(skipped), count);
    }

    /// A SYN has to begin where the pattern does.
    pub(crate) fn align(segment: &mut Segment) {
        if segment.flags & SYN != 0 {
            segment.sequence = segment.sequence & 0xffff_0000 | u32::from(pattern::FIRST);
        }
    }

    pub(crate) fn tick(&mut self, milliseconds: u32) {
        self.clock = self.clock.wrapping_add(milliseconds);
    }

    /// What is sent permits the machine more, perhaps: more than it does is no harm, as nothing is missed then but a check.
    pub(crate) fn permit(&mut self, segment: &Segment) {
        if segment.flags & SYN != 0 {
            let least = if self.ends.is_v6 { 1220 } else { 536 };
            let said = wire_option(segment, 2).and_then(|value| value.first_chunk());
            self.segment = self.segment.max(said.map_or(least, |value| u16::from_be_bytes(*value)));
            let shift = wire_option(segment, 3).and_then(|value| value.first().copied()).unwrap_or(0);
            self.shift = self.shift.max(shift.min(14));
            self.edge = self.edge.max(1 + u32::from(segment.window));
        }
        if segment.flags & ACK != 0
            && let Some((first, end)) = self.sent
        {
            let place = segment.acknowledgement.wrapping_sub(first);
            if place <= end.wrapping_sub(first) {
                self.edge = self.edge.max(place + (u32::from(segment.window) << self.shift));
            }
        }
    }

    /// The machine sent this; what it must not have is a finding. Returns what an honest peer says to it at once.
    pub(crate) fn on_segment(&mut self, segment: &Segment, manner: u8) -> Option<Segment> {
        if let Some(value) = wire::option(&segment.options, 8) {
            self.echo = wire::long_word(value, 0);
        }
        if segment.flags & RST != 0 {
            assert!(segment.octets.is_empty());
            return None;
        }
        if segment.flags & SYN != 0 {
            return self.on_opening(segment, manner);
        }
        let Some((first, end)) = self.sent else {
            // The answer to what belongs to no connection that this peer knows any more.
            assert!(segment.octets.is_empty(), "octets on a connection that isn't open");
            return None;
        };
        let count = segment.octets.len();
        let place = segment.sequence.wrapping_sub(first);
        let controls = u32::from(segment.flags & FIN != 0);
        let segment_end = segment.sequence.wrapping_add(count as u32 + controls);
        if segment_end.wrapping_sub(end).cast_signed() > 0 {
            self.sent = Some((first, segment_end));
        }
        if count > 0 {
            let most = usize::from(self.segment.max(88));
            assert!(count + segment.options.len() <= most, "{count} octets for a peer that takes {most}");
            assert!(
                place + count as u32 <= self.edge,
                "{} octets beyond the window",
                place + count as u32 - self.edge
            );
            assert!(pattern::is_right((place - 1) as u16, &segment.octets), "octets that nobody wrote");
        }
        let is_next = segment.sequence.wrapping_sub(self.received).cast_signed() <= 0;
        if is_next && segment_end.wrapping_sub(self.received).cast_signed() > 0 {
            self.received = segment_end;
        }
        None
    }

    fn on_opening(&mut self, segment: &Segment, manner: u8) -> Option<Segment> {
        let is_known = self.sent.is_some_and(|(first, _)| first == segment.sequence);
        if !is_known {
            let behind = segment.sequence.wrapping_add(1);
            self.sent = Some((segment.sequence, behind));
            (self.received, self.acknowledged) = (behind, behind);
        }
        if !self.is_honest {
            return None;
        }
        if segment.flags & ACK != 0 {
            return Some(self.ordinary(0, 0));
        }
        // Both sides open at the same time, now and then.
        let flags = if manner & 0x20 != 0 { SYN } else { SYN | ACK };
        Some(self.open(manner, flags))
    }
}

/// An option that a peer wrote, however badly.
fn wire_option(segment: &Segment, wanted: u8) -> Option<&[u8]> {
    let mut options = segment.options.as_slice();
    let mut found = None;
    loop {
        match options {
            [] | [0, ..] | [_] => return found,
            [1, rest @ ..] => options = rest,
            [_, length, ..] if usize::from(*length) < 2 || usize::from(*length) > options.len() => {
                return found;
            }
            [kind, length, ..] => {
                let (option, rest) = options.split_at((*length).into());
                if *kind == wanted {
                    found = Some(&option[2..]);
                }
                options = rest;
            }
        }
    }
}
