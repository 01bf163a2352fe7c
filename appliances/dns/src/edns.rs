//! EDNS (RFC 6891): the record that extends a message.

use crate::query::RequestRecord;
use crate::settings::Settings;
use crate::transport::Transport;
use dns_protocol::{Rcode, RecordType};

/// What a request's OPT record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edns {
    /// The most octets of a reply that the requestor takes.
    pub(crate) payload: u16,
    pub(crate) version: u8,
    /// "DNSSEC OK", the only flag that there is; a reply has it as its request (RFC 3225 §3).
    flags: u16,
    asked: Asked,
}

/// The options that are asked for, a bit each: most requests ask for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked(u8);

impl Asked {
    const NOTHING: Self = Self(0);
    /// The server's identifier (RFC 5001 §2.1).
    const NSID: Self = Self(1);
    /// How long a stream may be idle (RFC 7828); never asked by a datagram.
    const KEEP_ALIVE: Self = Self(2);

    const fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

const DNSSEC_OK: u16 = 0x8000;
const NSID: u16 = 3;
const TCP_KEEPALIVE: u16 = 11;

/// Octets of an OPT record without options, and of an option without its data.
const RECORD: usize = 11;
const OPTION: usize = 4;

/// Octets of the time for which a stream may be idle, and how many of its units are a second (RFC 7828 §3.1).
const TIMEOUT: usize = 2;
const TIMEOUT_UNITS: u16 = 10;

impl Edns {
    /// The only version that there is.
    pub(crate) const VERSION: u8 = 0;

    /// Parses an OPT record; `None` if its options are not whole, or not what they have to be.
    pub(crate) fn parse(record: &RequestRecord<'_>, transport: Transport) -> Option<Self> {
        let [_, version, flags_0, flags_1] = record.ttl;
        let mut edns = Self {
            payload: record.class.0,
            version,
            flags: u16::from_be_bytes([flags_0, flags_1]) & DNSSEC_OK,
            asked: Asked::NOTHING,
        };
        let mut options = record.data;
        while !options.is_empty() {
            let (&[code_0, code_1, length_0, length_1], rest) = options.split_first_chunk::<OPTION>()?;
            let length = usize::from(u16::from_be_bytes([length_0, length_1]));
            options = rest.get(length..)?;
            match (u16::from_be_bytes([code_0, code_1]), transport) {
                (NSID, _) => edns.asked.add(Asked::NSID),
                // Clients "MUST specify an OPTION-LENGTH of 0" (RFC 7828 §3.2.1); over UDP a server "MUST ignore the option"
                // (§3.3.1).
                (TCP_KEEPALIVE, Transport::Stream) if length == 0 => edns.asked.add(Asked::KEEP_ALIVE),
                (TCP_KEEPALIVE, Transport::Stream) => return None,
                _ => {}
            }
        }
        Some(edns)
    }

    /// Whether the requestor takes DNSSEC's records (RFC 3225 §3).
    pub(crate) fn is_dnssec_ok(&self) -> bool {
        self.flags & DNSSEC_OK != 0
    }

    /// How many octets the reply's OPT record takes.
    #[inline]
    pub(crate) fn reply_length(&self, settings: &Settings) -> usize {
        if self.asked == Asked::NOTHING { RECORD } else { RECORD + self.options_length(settings) }
    }

    #[cold]
    fn options_length(&self, settings: &Settings) -> usize {
        let nsid = self.nsid(settings).map_or(0, |nsid| OPTION + nsid.len());
        let keep_alive = if self.asked.has(Asked::KEEP_ALIVE) { OPTION + TIMEOUT } else { 0 };
        nsid + keep_alive
    }

    /// Writes the reply's OPT record into a room as long as [`Edns::reply_length`] says; says how many octets it took: none if
    /// there was no room.
    #[inline]
    pub(crate) fn write(&self, room: Option<&mut [u8]>, settings: &Settings, rcode: Rcode) -> usize {
        let Some(room) = room else { return 0 };
        let length = room.len();
        let Some((record, options)) = room.split_first_chunk_mut::<RECORD>() else { return 0 };
        let [type_0, type_1] = RecordType::OPT.0.to_be_bytes();
        let [payload_0, payload_1] = settings.udp_payload.to_be_bytes();
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
        if !options.is_empty() {
            self.write_options(options, settings);
        }
        length
    }

    /// Writes the options into a room that is as long as they.
    #[cold]
    fn write_options(&self, mut room: &mut [u8], settings: &Settings) {
        if let Some(nsid) = self.nsid(settings) {
            room = write_option(room, NSID, nsid);
        }
        if self.asked.has(Asked::KEEP_ALIVE) {
            let timeout = settings.tcp_idle_timeout.saturating_mul(TIMEOUT_UNITS);
            write_option(room, TCP_KEEPALIVE, &timeout.to_be_bytes());
        }
    }

    /// What goes into the reply's NSID option, if there is one.
    fn nsid<'s>(&self, settings: &'s Settings) -> Option<&'s [u8]> {
        (self.asked.has(Asked::NSID) && !settings.nsid.is_empty()).then_some(&settings.nsid)
    }
}

/// Writes an option where there is room for it; returns what room there is behind it.
fn write_option<'r>(room: &'r mut [u8], code: u16, data: &[u8]) -> &'r mut [u8] {
    let Some((option, rest)) = room.split_at_mut_checked(OPTION + data.len()) else { return &mut [] };
    let ([code_0, code_1], [length_0, length_1]) = (code.to_be_bytes(), (data.len() as u16).to_be_bytes());
    let (header, place) = option.split_at_mut(OPTION);
    header.copy_from_slice(&[code_0, code_1, length_0, length_1]);
    place.copy_from_slice(data);
    rest
}
