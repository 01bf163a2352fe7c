//! When the peer is told what came (RFC 9293 §3.8.6.3, RFC 5681 §4.2).

use crate::tcp::limits;
use crate::tcp::options::SackBlock;
use crate::tcp::sequence::Sequence;
use moment::Instant;

/// What one connection owes its peer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acknowledging {
    /// When the peer has to be told at last; [`NOW`] if at once.
    due: Option<Instant>,
    /// Octets that came in order since the last acknowledgement.
    octets: u32,
    /// How many segments are still acknowledged at once.
    quick: u8,
    /// What came twice (RFC 2883), to be reported once.
    duplicate: Option<SackBlock>,
    /// Last.ACK.sent (RFC 7323 §4.3).
    last: Sequence,
}

/// A deadline that has always come.
const NOW: Instant = Instant::START;

impl Acknowledging {
    pub(crate) const fn new(next: Sequence) -> Self {
        let quick = limits::QUICK_ACKNOWLEDGEMENTS;
        Self { due: None, octets: 0, quick, duplicate: None, last: next }
    }

    /// What was acknowledged last.
    #[inline]
    pub(crate) const fn last(&self) -> Sequence {
        self.last
    }

    /// Octets came in order. Every second full segment is acknowledged at once.
    #[inline]
    pub(crate) fn on_received(&mut self, octets: u32, segment: u32, now: Instant) {
        self.octets = self.octets.saturating_add(octets);
        if self.quick > 0 {
            self.quick -= 1;
            self.due = Some(NOW);
        } else if self.octets >= 2 * segment {
            self.due = Some(NOW);
        } else if self.due.is_none() {
            self.due = Some(now + limits::ACKNOWLEDGEMENT_DELAY);
        }
    }

    /// RFC 5681 §4.2: what comes out of order, fills a gap, is not acceptable or ends the stream is answered at once.
    #[inline]
    pub(crate) fn at_once(&mut self) {
        self.due = Some(NOW);
    }

    /// Something came twice.
    pub(crate) fn on_duplicate(&mut self, block: SackBlock) {
        self.duplicate = Some(block);
        self.due = Some(NOW);
    }

    /// What is to be reported as having come twice, once.
    #[inline]
    pub(crate) fn take_duplicate(&mut self) -> Option<SackBlock> {
        self.duplicate.take()
    }

    /// Whether an empty segment has to be sent.
    #[inline]
    pub(crate) fn is_due(&self) -> bool {
        self.due == Some(NOW)
    }

    /// When one has to be sent at last.
    #[inline]
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.due.filter(|at| *at != NOW)
    }

    /// Time has passed.
    #[inline]
    pub(crate) fn expire(&mut self, now: Instant) {
        if self.due.is_some_and(|at| at <= now) {
            self.due = Some(NOW);
        }
    }

    /// Everything before `next` was acknowledged.
    #[inline]
    pub(crate) fn on_sent(&mut self, next: Sequence) {
        (self.due, self.octets, self.last) = (None, 0, next);
    }
}
