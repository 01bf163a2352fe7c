//! What nobody outside can foresee: places in tables, initial sequence numbers, timestamps, ports.

use crate::tcp::keyed_hash::Key;
use crate::tcp::sequence::Sequence;
use crate::tcp::tuple::Tuple;
use moment::Instant;

/// The keys of one stack.
pub(crate) struct Identity {
    secret: Key,
    table: Key,
}

/// RFC 9293 §3.4.1: initial sequence numbers advance once in four microseconds.
const TICK_SHIFT: u32 = 12;

impl Identity {
    pub(crate) const fn new(secret: Key, table: Key) -> Self {
        Self { secret, table }
    }

    /// Four keys of one secret.
    pub(crate) fn split(secret: [u8; 64]) -> [Key; 4] {
        let (keys, _) = secret.as_chunks::<16>();
        [0, 1, 2, 3].map(|index| Key(keys[index]))
    }

    /// Where in the table a connection is.
    #[inline]
    pub(crate) fn hash(&self, tuple: &Tuple) -> u64 {
        self.table.hash_tuple(tuple)
    }

    /// RFC 6528 §3: a clock, and a hash of who talks to whom.
    pub(crate) fn sequence(&self, tuple: &Tuple, now: Instant) -> Sequence {
        let clock = (now.nanoseconds() >> TICK_SHIFT) as u32;
        Sequence(clock.wrapping_add(self.hash_of(tuple, 1) as u32))
    }

    /// RFC 7323 §7.1: no peer learns of our clock from another's timestamps.
    pub(crate) fn clock_offset(&self, tuple: &Tuple) -> u32 {
        self.hash_of(tuple, 2) as u32
    }

    /// RFC 6056 §3.3.3: where the search for a port begins.
    pub(crate) fn port_offset(&self, tuple: &Tuple) -> u64 {
        self.hash_of(tuple, 3)
    }

    fn hash_of(&self, tuple: &Tuple, purpose: u8) -> u64 {
        let mut parts = [0; 37];
        parts[..16].copy_from_slice(&tuple.local.to_be_bytes());
        parts[16..32].copy_from_slice(&tuple.remote.to_be_bytes());
        parts[32..34].copy_from_slice(&tuple.local_port.to_be_bytes());
        parts[34..36].copy_from_slice(&tuple.remote_port.to_be_bytes());
        parts[36] = purpose;
        self.secret.hash(&parts)
    }
}
