//! Transaction signatures (RFC 8945): this server has no keys, and says so to whoever signs.

use crate::query::RequestRecord;
use dns_protocol::{Class, Name};

/// The error of a signature by a key that is not known (RFC 8945 §3).
const BADKEY: u16 = 17;

/// Octets of a record between its owner and its data; where among them the length of the data is.
const FIXED: usize = 10;
const DATA_LENGTH: usize = 8;

/// Octets of the data between the algorithm's name and the MAC: time, fudge, length of the MAC.
const TIME_AND_FUDGE: usize = 8;
const MAC_LENGTH: usize = 2;

/// Octets behind the MAC: the message's original identity, error, length of other data.
const BEHIND_MAC: usize = 6;

/// A request's TSIG record, not verified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signature {
    /// Where in the request it is.
    start: usize,
    /// Octets of its owner.
    owner_length: usize,
    /// Octets of its data up to the length of the MAC.
    kept_data: usize,
    original_identity: [u8; 2],
}

impl Signature {
    /// Parses a TSIG record; `None` if it is none (RFC 8945 §4.2). Its names are not compressed, as all signers have it.
    pub(crate) fn parse(record: &RequestRecord<'_>) -> Option<Self> {
        let owner = Name::parse(record.owner).ok()?;
        let algorithm = Name::parse(record.data).ok()?;
        let kept_data = algorithm.as_wire().len() + TIME_AND_FUDGE;
        let (mac_length, rest) = record.data.get(kept_data..)?.split_first_chunk::<MAC_LENGTH>()?;
        let behind = rest.get(usize::from(u16::from_be_bytes(*mac_length))..)?;
        let &[identity_0, identity_1, _, _, other_0, other_1] = behind.first_chunk::<BEHIND_MAC>()?;
        let is_whole = behind.len() == BEHIND_MAC + usize::from(u16::from_be_bytes([other_0, other_1]));
        (is_whole && record.class == Class::ANY && record.ttl == [0; 4]).then_some(Self {
            start: record.start,
            owner_length: owner.as_wire().len(),
            kept_data,
            original_identity: [identity_0, identity_1],
        })
    }

    /// How many octets the reply's TSIG record takes.
    pub(crate) fn reply_length(&self) -> usize {
        self.owner_length + FIXED + self.kept_data + MAC_LENGTH + BEHIND_MAC
    }

    /// Makes of the request's record, wherever it is in `message`, the reply's unsigned one at `end`: the key is not known
    /// (RFC 8945 §5.2.1, §5.3.2). Says where that one ends, or `None` if there is no room.
    pub(crate) fn write_unknown_key(&self, message: &mut [u8], end: usize) -> Option<usize> {
        let kept = self.owner_length + FIXED + self.kept_data;
        let new_end = end + self.reply_length();
        if new_end > message.len() || self.start + kept > message.len() {
            return None;
        }
        message.copy_within(self.start..self.start + kept, end);
        let record = message.get_mut(end..new_end)?;
        let data_length = (self.kept_data + MAC_LENGTH + BEHIND_MAC) as u16;
        let length_at = self.owner_length + DATA_LENGTH;
        record.get_mut(length_at..length_at + 2)?.copy_from_slice(&data_length.to_be_bytes());
        let [identity_0, identity_1] = self.original_identity;
        let [error_0, error_1] = BADKEY.to_be_bytes();
        let tail = [0, 0, identity_0, identity_1, error_0, error_1, 0, 0];
        record.get_mut(kept..)?.copy_from_slice(&tail);
        Some(new_end)
    }
}
