//! When the peer is told what came (RFC 9293 §3.8.6.3, RFC 5681 §4.2).

use crate::tcp::limits;
use crate::tcp::options::SackBlock;
use crate::tcp::sequence::Sequence;
use moment::Instant;

/// What one connection owes its peer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acknowledging {
    due: Due,
    /// Octets that came in order since the last acknowledgement.
    octets: u32,
    /// How many segments are still acknowledged at once.
    quick: u8,
    /// What came twice (RFC 2883), to be reported once.
    duplicate: Option<SackBlock>,
    /// Last.ACK.sent (RFC 7323 §4.3).
    last: Sequence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    /// Together with something else, or then.
    By(Instant),
    Now,
}

impl Acknowledging {
    pub(crate) const fn new(next: Sequence) -> Self {
        let quick = limits::QUICK_ACKNOWLEDGEMENTS;
        Self { due: Due::Nothing, octets: 0, quick, duplicate: None, last: next }
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
            self.due = Due::Now;
        } else if self.octets >= 2 * segment {
            self.due = Due::Now;
        } else if self.due == Due::Nothing {
            self.due = Due::By(now + limits::ACKNOWLEDGEMENT_DELAY);
        }
    }

    /// RFC 5681 §4.2: what comes out of order, fills a gap, is not acceptable or ends the stream is answered at once.
    #[inline]
    pub(crate) fn at_once(&mut self) {
        self.due = Due::Now;
    }

    /// Something came twice.
    pub(crate) fn on_duplicate(&mut self, block: SackBlock) {
        self.duplicate = Some(block);
        self.due = Due::Now;
    }

    /// What is to be reported as having come twice, once.
    #[inline]
    pub(crate) fn take_duplicate(&mut self) -> Option<SackBlock> {
        self.duplicate.take()
    }

    /// Whether an empty segment has to be sent.
    #[inline]
    pub(crate) fn is_due(&self) -> bool {
        self.due == Due::Now
    }

    /// When one has to be sent at last.
    #[inline]
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.due {
            Due::By(at) => Some(at),
            Due::Nothing | Due::Now => None,
        }
    }

    /// Time has passed.
    #[inline]
    pub(crate) fn expire(&mut self, now: Instant) {
        if let Due::By(at) = self.due
            && at <= now
        {
            self.due = Due::Now;
        }
    }

    /// Everything before `next` was acknowledged.
    #[inline]
    pub(crate) fn on_sent(&mut self, next: Sequence) {
        (self.due, self.octets, self.last) = (Due::Nothing, 0, next);
    }
}
