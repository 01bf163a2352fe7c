//! EDNS (RFC 6891): the record that extends a message.

use crate::query::RequestRecord;
use dns_protocol::{Rcode, RecordType};

/// What a request's OPT record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edns {
    /// The most octets of a reply that the requestor takes.
    pub(crate) payload: u16,
    pub(crate) version: u8,
    /// "DNSSEC OK", the only flag that there is; a reply has it as its request (RFC 3225 §3).
    flags: u16,
    /// Whether the server's identifier is asked for (RFC 5001 §2.1).
    pub(crate) nsid: Asked,
}

/// Whether an option is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Yes,
    No,
}

const DNSSEC_OK: u16 = 0x8000;
const NSID: u16 = 3;

/// Octets of an OPT record without options, and of an option without its data.
const RECORD: usize = 11;
const OPTION: usize = 4;

impl Edns {
    /// The only version that there is.
    pub(crate) const VERSION: u8 = 0;

    /// Parses an OPT record; `None` if its options are not whole.
    pub(crate) fn parse(record: &RequestRecord<'_>) -> Option<Self> {
        let [_, version, flags_0, flags_1] = record.ttl;
        let mut edns = Self {
            payload: record.class.0,
            version,
            flags: u16::from_be_bytes([flags_0, flags_1]) & DNSSEC_OK,
            nsid: Asked::No,
        };
        let mut options = record.data;
        while !options.is_empty() {
            let (&[code_0, code_1, length_0, length_1], rest) = options.split_first_chunk::<OPTION>()?;
            let length = usize::from(u16::from_be_bytes([length_0, length_1]));
            options = rest.get(length..)?;
            if u16::from_be_bytes([code_0, code_1]) == NSID {
                edns.nsid = Asked::Yes;
            }
        }
        Some(edns)
    }

    /// Whether the requestor takes DNSSEC's records (RFC 3225 §3).
    pub(crate) fn is_dnssec_ok(&self) -> bool {
        self.flags & DNSSEC_OK != 0
    }

    /// How many octets the reply's OPT record takes.
    pub(crate) fn reply_length(&self, nsid: &[u8]) -> usize {
        match self.option(nsid) {
            [] => RECORD,
            option => RECORD + OPTION + option.len(),
        }
    }

    /// Writes the reply's OPT record; says how many octets it took: none if there was no room.
    #[inline]
    pub(crate) fn write(&self, room: &mut [u8], payload: u16, rcode: Rcode, nsid: &[u8]) -> usize {
        let option = self.option(nsid);
        let length = self.reply_length(nsid);
        let Some((record, options)) =
            room.get_mut(..length).and_then(<[u8]>::split_first_chunk_mut::<RECORD>)
        else {
            return 0;
        };
        let [type_0, type_1] = RecordType::OPT.0.to_be_bytes();
        let [payload_0, payload_1] = payload.to_be_bytes();
        let [flags_0, flags_1] = self.flags.to_be_bytes();
        let upper_rcode = (rcode.0 >> 4) as u8;
        let [length_0, length_1] = (options.len() as u16).to_be_bytes();
        *record = [
            0,
            type_0,
            type_1,
            payload_0,
            payload_1,
            upper_rcode,
            Self::VERSION,
            flags_0,
            flags_1,
            length_0,
            length_1,
        ];
        if let Some((header, data)) = options.split_first_chunk_mut::<OPTION>() {
            let [code_0, code_1] = NSID.to_be_bytes();
            let [length_0, length_1] = (option.len() as u16).to_be_bytes();
            *header = [code_0, code_1, length_0, length_1];
            data.copy_from_slice(option);
        }
        length
    }

    /// What goes into the reply's NSID option; empty if there is none.
    fn option<'s>(&self, nsid: &'s [u8]) -> &'s [u8] {
        match self.nsid {
            Asked::Yes => nsid,
            Asked::No => &[],
        }
    }
}
