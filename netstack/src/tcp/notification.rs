//! Explicit congestion notification (RFC 3168): packets are marked instead of being dropped.

use crate::tcp::arrival::Arrival;
use crate::tcp::connection::Connection;
use crate::tcp::segment::Flags;
use crate::tcp::sequence::Sequence;

/// What one connection has to do with it (RFC 3168 §6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Notification {
    /// Whether both sides agreed on it.
    pub(crate) is_agreed: bool,
    /// Whether the peer is to be told that its packets met congestion.
    pub(crate) echoes: bool,
    /// Whether the peer is to be told that our window was reduced.
    pub(crate) says_reduced: bool,
    /// No second reduction before this is acknowledged.
    pub(crate) reduced_until: Option<Sequence>,
}

impl Notification {
    /// Nobody agreed on it.
    pub(crate) const NONE: Self =
        Self { is_agreed: false, echoes: false, says_reduced: false, reduced_until: None };

    /// The window was reduced, for whatever reason: that is said, and congestion that is echoed until the peer has heard of it is the
    /// same (RFC 3168 §6.1.2).
    pub(crate) fn on_reduced(&mut self, next: Sequence) {
        if self.is_agreed {
            (self.says_reduced, self.reduced_until) = (true, Some(next));
        }
    }
}

impl Connection {
    /// RFC 3168 §6.1.3: congestion is echoed until the peer says that it reduced its window. `in_flight` is as it was when the segment
    /// came.
    #[inline]
    pub(super) fn on_congestion_bits(&mut self, arrival: &Arrival<'_>, in_flight: u32) {
        if !self.notification.is_agreed {
            return;
        }
        if arrival.segment.has(Flags::CWR) {
            self.notification.echoes = false;
        }
        if arrival.has_met_congestion {
            self.notification.echoes = true;
            self.acknowledging.at_once();
        }
        if arrival.segment.has(Flags::ECE) {
            self.on_echoed_congestion(in_flight);
        }
    }

    /// RFC 3168 §6.1.2: as if something had been lost, at most once a window. What this acknowledgement says arrived was in flight when
    /// congestion was met, and one may be for all of it: what is left says nothing of the path.
    #[cold]
    fn on_echoed_congestion(&mut self, in_flight: u32) {
        let is_new = self.notification.reduced_until.is_none_or(|until| self.unacknowledged.is_after(until));
        if !is_new || !self.has_no_loss() {
            return;
        }
        self.congestion.on_congestion_experienced(in_flight);
        self.notification.on_reduced(self.next);
    }
}
