//! The window that the peer is told of (RFC 9293 §3.8.6): promised, never taken back, and growing with a reader who keeps up.

use crate::tcp::limits;
use crate::tcp::pool::Pool;
use crate::tcp::sequence::Sequence;
use core::time::Duration;
use moment::Instant;

/// How much one connection may receive ahead of its reader.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReceiveWindow {
    /// Behind the last octet that the peer was told it may send.
    edge: Sequence,
    /// What may wait for the reader.
    most: u32,
    /// What the reader wants in one piece.
    piece: u32,
    /// What was read since `measured_at`.
    consumed: u32,
    measured_at: Instant,
    shift: u8,
}

impl ReceiveWindow {
    pub(crate) const fn new(next: Sequence, now: Instant) -> Self {
        let most = limits::WINDOW_FIRST;
        Self { edge: next, most, piece: 1, consumed: 0, measured_at: now, shift: limits::WINDOW_SHIFT }
    }

    /// The peer's first sequence number is known.
    pub(crate) fn begin(&mut self, next: Sequence, now: Instant) {
        let told = self.edge.since(Sequence(0));
        (self.edge, self.measured_at) = (next + told, now);
    }

    /// The peer does not scale windows, so neither do we (RFC 7323 §1.3).
    pub(crate) fn forgo_scaling(&mut self) {
        self.shift = 0;
    }

    /// How far windows are scaled, if they are.
    pub(crate) const fn shift(&self) -> Option<u8> {
        if self.shift == 0 { None } else { Some(self.shift) }
    }

    /// RFC 9293 §3.4: behind the last octet that is acceptable.
    #[inline]
    pub(crate) const fn edge(&self) -> Sequence {
        self.edge
    }

    /// Whether no more can be received before some is read.
    #[inline]
    pub(crate) fn is_full(&self, unread: u32, segment: u32, pool: &Pool) -> bool {
        unread >= self.allowed(segment, pool)
    }

    /// What may wait for the reader, as much memory as there is.
    #[inline]
    fn allowed(&self, segment: u32, pool: &Pool) -> u32 {
        // The less memory is free, the less is promised; what the reader waits for always is, and a little: what finds no place
        // then is lost, and sent again.
        let share = u32::try_from(pool.available() / limits::WINDOW_SHARE).unwrap_or(u32::MAX);
        self.most.min(share.max(4 * segment).max(self.piece))
    }

    /// How far the edge could be moved now, for a reader who left `unread` octets.
    #[inline]
    fn wanted(&self, next: Sequence, unread: u32, segment: u32, pool: &Pool) -> Sequence {
        let most = self.allowed(segment, pool);
        let sayable = (u32::from(u16::MAX)) << self.shift;
        next + most.saturating_sub(unread).min(sayable)
    }

    /// Whether the peer is worth being told that it may send more (RFC 9293 §3.8.6.2.2): by half the window, or two segments.
    #[inline]
    pub(crate) fn is_worth_telling(&self, next: Sequence, unread: u32, segment: u32, pool: &Pool) -> bool {
        let wanted = self.wanted(next, unread, segment, pool);
        // What a SYN can say is no less than half of what follows: nobody needs to be told more at once.
        let half = (self.most / 2).min(u16::MAX.into());
        let is_enough = wanted.is_after(self.edge)
            && wanted.since(self.edge) >= (self.most / 2).min(2 * segment)
            && self.edge.max(next).since(next) < half;
        is_enough || self.completes(wanted, next, unread)
    }

    /// Whether an edge lets in the rest of what the reader wants in one piece, which it did not before: however little that is, there
    /// is nothing else to wait for.
    #[inline]
    fn completes(&self, wanted: Sequence, next: Sequence, unread: u32) -> bool {
        let whole = next + self.piece.saturating_sub(unread);
        self.edge.is_before(whole) && wanted.is_at_least(whole)
    }

    /// What goes into the header of a segment that acknowledges `next`.
    #[inline]
    pub(crate) fn announce(&mut self, next: Sequence, unread: u32, segment: u32, pool: &Pool) -> u16 {
        let wanted = self.wanted(next, unread, segment, pool);
        // RFC 9293 §3.8.6.2.2: no move by less than a segment.
        let is_enough = wanted.is_after(self.edge) && wanted.since(self.edge) >= (self.most / 2).min(segment);
        if is_enough || self.completes(wanted, next, unread) {
            self.edge = wanted;
        }
        // A FIN may have come at a closed window.
        self.edge = self.edge.max(next);
        // Rounded up, so that the edge as it is told never goes back.
        let window = self.edge.since(next).div_ceil(1 << self.shift);
        self.edge = next + (window << self.shift);
        u16::try_from(window).unwrap_or(u16::MAX)
    }

    /// What was announced last, for a segment that acknowledges `next` and promises nothing new.
    pub(crate) fn told(&self, next: Sequence) -> u16 {
        u16::try_from(self.edge.max(next).since(next).div_ceil(1 << self.shift)).unwrap_or(u16::MAX)
    }

    /// What goes into the header of a SYN, or of its answer: a window that is never scaled (RFC 7323 §2.2).
    pub(crate) fn announce_first(&mut self, next: Sequence) -> u16 {
        let window = self.most.min(u16::MAX.into());
        self.edge = self.edge.max(next + window);
        u16::try_from(window).unwrap_or(u16::MAX)
    }

    /// A reader wants this much in one piece.
    pub(crate) fn expect(&mut self, octets: u32) {
        self.piece = octets.min(limits::WINDOW_MOST);
        self.most = self.most.max(self.piece);
    }

    /// The reader took octets. One who takes half a window in a round trip is what holds the peer up: the window doubles.
    #[inline]
    pub(crate) fn on_consumed(&mut self, octets: u32, round_trip: Option<Duration>, now: Instant) {
        self.consumed = self.consumed.saturating_add(octets);
        let Some(round_trip) = round_trip else { return };
        if now.since(self.measured_at) < round_trip {
            return;
        }
        if self.consumed >= self.most / 2 {
            self.most = (self.most * 2).min(limits::WINDOW_MOST);
        }
        (self.consumed, self.measured_at) = (0, now);
    }
}
