//! A stream's octets arrive once, in order, and all of them; and none waits for ever.

use anyhow::{Result, ensure};
use core::time::Duration;
use moment::Instant;

/// Octets that say where in their stream they belong.
#[derive(Clone, Copy, Debug)]
pub struct Pattern(u64);

impl Pattern {
    /// The pattern of this seed: two streams' don't look alike.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The octet at `offset`.
    #[must_use]
    pub const fn octet(self, offset: u64) -> u8 {
        // SplitMix64's finaliser: octets moved by any distance, or left out, don't fit.
        let mixed = (self.0 ^ (offset >> 3)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> (8 * (offset & 7))) as u8
    }
}

/// The sending end of a stream: writes the pattern until it is as long as it is to be.
#[derive(Clone, Copy, Debug)]
pub struct Writer {
    pattern: Pattern,
    written: u64,
    length: u64,
}

impl Writer {
    /// A stream of `length` octets.
    #[must_use]
    pub const fn new(pattern: Pattern, length: u64) -> Self {
        Self { pattern, written: 0, length }
    }

    /// Writes as much as there is room for; how much.
    pub fn write(&mut self, room: &mut [u8]) -> usize {
        let count = room.len().min(self.left());
        for (octet, offset) in room[..count].iter_mut().zip(self.written..) {
            *octet = self.pattern.octet(offset);
        }
        self.written += count as u64;
        count
    }

    /// Nothing of it has arrived: it is written once more.
    pub const fn begin_anew(&mut self) {
        self.written = 0;
    }

    /// How much was written.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.written
    }

    /// How much is still to be written.
    #[must_use]
    pub fn left(&self) -> usize {
        usize::try_from(self.length - self.written).unwrap_or(usize::MAX)
    }

    /// Whether all of it was written.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.written == self.length
    }
}

/// The receiving end of a stream: compares what arrives with what was sent.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    pattern: Pattern,
    received: u64,
    length: u64,
    has_ended: bool,
}

impl Reader {
    /// A stream of `length` octets.
    #[must_use]
    pub const fn new(pattern: Pattern, length: u64) -> Self {
        Self { pattern, received: 0, length, has_ended: false }
    }

    /// The next octets.
    pub fn receive(&mut self, octets: &[u8]) -> Result<()> {
        ensure!(octets.is_empty() || !self.has_ended, "octets behind the end of the stream");
        for (octet, offset) in octets.iter().zip(self.received..) {
            ensure!(offset < self.length, "more than the {} octets that were sent", self.length);
            let expected = self.pattern.octet(offset);
            ensure!(*octet == expected, "octet {offset} is {octet:#04x}, not {expected:#04x}");
        }
        self.received += octets.len() as u64;
        Ok(())
    }

    /// The stream has ended.
    pub fn end(&mut self) -> Result<()> {
        let Self { received, length, .. } = *self;
        ensure!(received == length, "the stream ended after {received} octets of {length}");
        self.has_ended = true;
        Ok(())
    }

    /// How much has arrived.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// Whether all of it arrived.
    #[must_use]
    pub const fn has_all(&self) -> bool {
        self.received == self.length
    }

    /// Whether all of it arrived, and its end.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.has_ended
    }
}

/// Notices a stream that no longer moves though nothing hinders it.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// How far it was, and since when.
    at: u64,
    since: Instant,
    patience: Duration,
}

impl Progress {
    /// A stream may rest for `patience`.
    #[must_use]
    pub const fn new(patience: Duration) -> Self {
        Self { at: 0, since: Instant::START, patience }
    }

    /// The stream is this far now, and nothing has hindered it since `unhindered`.
    pub fn check(&mut self, at: u64, unhindered: Instant, now: Instant) -> Result<()> {
        if at != self.at {
            (self.at, self.since) = (at, now);
        }
        let rested = now.since(self.since.max(unhindered));
        ensure!(rested <= self.patience, "stuck at octet {at} for {} s", rested.as_secs());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
