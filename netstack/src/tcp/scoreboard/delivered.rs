//! What became known by one acknowledgement.

use super::Sent;
use crate::tcp::sequence::Sequence;
use moment::Instant;

/// What an acknowledgement delivered.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Delivered {
    /// Octets that were not known to be delivered before.
    pub(crate) octets: u32,
    /// Of the ranges that were delivered, the one that was sent last.
    pub(crate) latest: Option<Latest>,
    /// The same, of those that were sent once only.
    pub(crate) latest_once: Option<Latest>,
    /// Of those that were sent once only, the lowest end.
    pub(crate) lowest_once: Option<Sequence>,
}

/// A range that was delivered: when it was sent, where it ends, whether it was a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Latest {
    pub(crate) at: Instant,
    pub(crate) end: Sequence,
    pub(crate) is_repeated: bool,
}

impl Latest {
    /// RFC 8985 §6.2, step 2: whether this was sent after the other.
    #[inline]
    pub(crate) fn is_sent_after(&self, at: Instant, end: Sequence) -> bool {
        self.at > at || (self.at == at && self.end.is_after(end))
    }
}

impl Delivered {
    pub(super) fn note(&mut self, sent: &Sent, end: Sequence) {
        let latest = Latest { at: sent.at, end, is_repeated: sent.is_repeated };
        let is_later =
            |other: &Option<Latest>| other.is_none_or(|other| latest.is_sent_after(other.at, other.end));
        if is_later(&self.latest) {
            self.latest = Some(latest);
        }
        if sent.is_repeated {
            return;
        }
        if is_later(&self.latest_once) {
            self.latest_once = Some(latest);
        }
        if self.lowest_once.is_none_or(|lowest| end.is_before(lowest)) {
            self.lowest_once = Some(end);
        }
    }
}
