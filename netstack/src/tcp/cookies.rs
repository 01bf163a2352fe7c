//! Connections that nothing is kept of before they are open (RFC 4987 §3.6): all that has to be known again is in the sequence
//! number and the timestamp that the peer gives back.

use crate::tcp::keyed_hash::Key;
use crate::tcp::limits;
use crate::tcp::offer::Offer;
use crate::tcp::sequence::Sequence;
use crate::tcp::tuple::Tuple;
use core::time::Duration;
use moment::Instant;

/// What gives cookies out, and knows them again.
pub(crate) struct Cookies {
    key: Key,
    /// When the last was given out.
    given_at: Option<Instant>,
}

/// A cookie holds five bits of its time, three of the segment's size, and as many of the hash as are left: a guess is right once
/// in 2^24.
const TIME_SHIFT: u32 = 27;
const TIMES: u64 = 1 << (u32::BITS - TIME_SHIFT);
const SIZE_SHIFT: u32 = 24;
const HASH: u32 = (1 << SIZE_SHIFT) - 1;

/// A cookie's time, in these.
const PERIOD: Duration = Duration::from_secs(64);
/// A cookie is as good in the period after its own.
const PERIODS: u64 = 2;
const _: () = assert!(limits::COOKIES_BELIEVED.as_secs() >= PERIODS * PERIOD.as_secs());

/// The sizes of segments that a cookie can tell, ascending: those of links as they are.
const SIZES: [u16; 8] = [0, 536, 1220, 1300, 1400, 1440, 1460, 8940];

/// What the last bits of a timestamp hold beside it: the scale of the peer's window, or all ones if it has none; selective
/// acknowledgements; congestion notification (as Linux).
const TIMESTAMP_BITS: u32 = 6;
const TIMESTAMP_MASK: u32 = (1 << TIMESTAMP_BITS) - 1;
const NO_SHIFT: u32 = 15;
const SACK: u32 = 1 << 4;
const NOTIFICATION: u32 = 1 << 5;

impl Cookies {
    pub(crate) fn new(key: Key) -> Self {
        Self { key, given_at: None }
    }

    /// The sequence number that answers a SYN.
    pub(crate) fn give(&mut self, tuple: &Tuple, sequence: Sequence, segment: u16, now: Instant) -> Sequence {
        self.given_at = Some(now);
        let size = SIZES.iter().rposition(|size| *size <= segment).unwrap_or(0) as u32;
        self.cookie(tuple, sequence, size, period(now))
    }

    /// Whether somebody may be about to come back with one whose first segment was lost, or is late.
    pub(crate) fn has_given_lately(&self, now: Instant) -> bool {
        self.given_at.is_some_and(|given_at| now.since(given_at) < limits::COOKIES_AWAITED)
    }

    /// What the peer's segments may have, if `cookie` is one that was given out lately.
    pub(crate) fn check(
        &self,
        tuple: &Tuple,
        sequence: Sequence,
        cookie: Sequence,
        now: Instant,
    ) -> Option<u16> {
        let given_at = self.given_at?;
        if now.since(given_at) >= limits::COOKIES_BELIEVED {
            return None;
        }
        let size = cookie.0 >> SIZE_SHIFT & (SIZES.len() as u32 - 1);
        let current = period(now);
        let mut periods = (0..PERIODS).filter_map(|ago| current.checked_sub(ago));
        let is_ours = periods.any(|period| self.cookie(tuple, sequence, size, period) == cookie);
        SIZES.get(size as usize).copied().filter(|_| is_ours).map(|size| size.max(limits::SEGMENT_LEAST))
    }

    fn cookie(&self, tuple: &Tuple, sequence: Sequence, size: u32, period: u64) -> Sequence {
        let mut parts = [0; 56];
        parts[..16].copy_from_slice(&tuple.local.to_be_bytes());
        parts[16..32].copy_from_slice(&tuple.remote.to_be_bytes());
        parts[32..34].copy_from_slice(&tuple.local_port.to_be_bytes());
        parts[34..36].copy_from_slice(&tuple.remote_port.to_be_bytes());
        parts[36..40].copy_from_slice(&sequence.0.to_be_bytes());
        parts[40..44].copy_from_slice(&size.to_be_bytes());
        parts[44..52].copy_from_slice(&period.to_be_bytes());
        let hash = self.key.hash(&parts) as u32 & HASH;
        Sequence(((period % TIMES) as u32) << TIME_SHIFT | size << SIZE_SHIFT | hash)
    }
}

fn period(now: Instant) -> u64 {
    now.nanoseconds() / PERIOD.as_nanos() as u64
}

/// A timestamp of our clock, not later than `value`, with what a peer offered in its last bits.
pub(crate) fn mark_timestamp(value: u32, offer: &Offer) -> u32 {
    let shift = offer.shift.map_or(NO_SHIFT, u32::from);
    let sack = if offer.is_sack_permitted { SACK } else { 0 };
    let notification = if offer.has_notification { NOTIFICATION } else { 0 };
    let marked = value & !TIMESTAMP_MASK | shift | sack | notification;
    if marked.wrapping_sub(value).cast_signed() > 0 {
        marked.wrapping_sub(TIMESTAMP_MASK + 1)
    } else {
        marked
    }
}

/// What a peer offered, as its echo of such a timestamp says; without one, nothing but the size of segments.
pub(crate) fn read_offer(segment: u16, echo: Option<(u32, u32)>) -> Offer {
    let (timestamp, bits) = echo.unzip();
    let bits = bits.unwrap_or(NO_SHIFT);
    let shift = bits & NO_SHIFT;
    Offer {
        segment,
        shift: u8::try_from(shift).ok().filter(|_| shift != NO_SHIFT),
        is_sack_permitted: bits & SACK != 0,
        timestamp,
        has_notification: bits & NOTIFICATION != 0,
    }
}

#[cfg(test)]
mod tests;
