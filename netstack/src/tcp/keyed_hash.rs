//! Hashes that nobody outside can foresee (SipHash).

use super::tuple::Tuple;
use siphasher::sip::{SipHasher13, SipHasher24};

/// What hashes of one purpose depend on: drawn by chance when a machine starts, and told to nobody.
#[derive(Clone)]
pub(crate) struct Key(pub(crate) [u8; 16]);

impl Key {
    /// Of what tells a connection from others, for a place in a table. SipHash-1-3 is enough where no result is seen outside,
    /// and every segment pays for it.
    #[inline]
    pub(crate) fn hash_tuple(&self, tuple: &Tuple) -> u64 {
        let mut octets = [0; 36];
        octets[..16].copy_from_slice(&tuple.local.to_ne_bytes());
        octets[16..32].copy_from_slice(&tuple.remote.to_ne_bytes());
        octets[32..34].copy_from_slice(&tuple.local_port.to_ne_bytes());
        octets[34..].copy_from_slice(&tuple.remote_port.to_ne_bytes());
        SipHasher13::new_with_key(&self.0).hash(&octets)
    }

    /// Of anything, by SipHash-2-4: also for what is seen outside, such as initial sequence numbers (RFC 9293 §3.4.1). What has
    /// several parts needs their ends to be plain from what stands before them.
    #[inline]
    pub(crate) fn hash(&self, parts: &[u8]) -> u64 {
        SipHasher24::new_with_key(&self.0).hash(parts)
    }
}

#[cfg(test)]
mod tests;
