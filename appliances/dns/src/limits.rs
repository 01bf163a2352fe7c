//! Every bound of this crate.

use core::time::Duration;

/// The most aliases that one answer follows, CNAME and DNAME together. BIND stops at 16, NSD at 18.
pub(crate) const ALIASES: usize = 16;

/// The most slots of a zone's table that a look-up reads: two cache lines' worth.
pub(crate) const PROBES: usize = 32;

/// How many multipliers a compiler tries for each size of a zone's table, and how many sizes, each an eighth larger.
pub(crate) const MULTIPLIERS: usize = 4;
/// See [`MULTIPLIERS`].
pub(crate) const TABLE_SIZES: usize = 8;

/// The most record types at one name, BIND's `max-types-per-name` and a good deal beyond it.
pub(crate) const TYPES_PER_NAME: usize = 255;

/// The most names of an RRset that later names of it are compressed against.
pub(crate) const COMPRESSION_CANDIDATES: usize = 64;

/// The most names of an RRset whose addresses go into the additional section.
pub(crate) const ADDITIONAL_NAMES: usize = 64;

/// The most octets of an RRset, its owner's names and its compressed names two octets each: a message has no more.
pub(crate) const RECORD_SET_OCTETS: usize = 65_535 - 12;

/// The most octets of a compiled zone: places in it are 32 bits.
pub(crate) const ZONE_OCTETS: usize = u32::MAX as usize;

/// What a reply over UDP is held to if neither side wants less: no fragments on any usual path (RFC 9715).
pub(crate) const UDP_PAYLOAD: u16 = 1232;

/// The least that every requestor takes (RFC 1035 §4.2.1, RFC 6891 §6.2.3).
pub(crate) const UDP_PAYLOAD_LEAST: u16 = 512;

/// The most that an operator may allow (RFC 6891 §6.2.5).
pub(crate) const UDP_PAYLOAD_MOST: u16 = 4096;

/// The most octets of a message in a stream (RFC 1035 §4.2.2).
pub(crate) const STREAM_MESSAGE: usize = u16::MAX as usize;

/// How many streams are served at once if the operator says nothing. BIND has 150, NSD 100; one takes about 150
/// octets here.
pub(crate) const CONNECTIONS: u16 = 1000;

/// How many of them may be one client's: a limit that is "much looser" than what a client should do with (RFC 7766 §6.2.2), and
/// leaves room for others.
pub(crate) const CONNECTIONS_PER_CLIENT: u16 = 250;

/// Seconds without a query after which a stream is closed, "on the order of a few seconds" (RFC 7766 §6.2.3), as Knot's.
pub(crate) const IDLE_TIMEOUT: u16 = 10;

/// The most that an operator may allow; in units of 100 ms it fits into 16 bits (RFC 7828 §3.1).
pub(crate) const IDLE_TIMEOUT_MOST: u16 = 3600;

/// The most messages of a stream that are answered before it is others' turn: a client that sends many at once is served no
/// faster than many that send one.
pub(crate) const MESSAGES_PER_EVENT: usize = 32;

/// The most idle streams that are closed in one turn.
pub(crate) const CLOSED_PER_TURN: usize = 64;

/// How long a peer may take to fetch its last replies and to close its side after this one is closed.
pub(crate) const LINGERING: Duration = Duration::from_secs(30);

/// How long a reply may be on its way: no resolver waits for longer.
pub(crate) const USER_TIMEOUT: Duration = Duration::from_secs(30);

/// The most octets of the server's identity or version: one character string (RFC 1035 §3.3).
pub(crate) const IDENTITY_OCTETS: usize = 255;

/// The most octets of the server's NSID: there is always room for it beside the longest question.
pub(crate) const NSID_OCTETS: usize = 128;

// Header, the longest question, OPT and its option: a reply of the least size holds them. (The other option is for streams.)
const _: () = assert!(12 + 255 + 4 + 11 + 4 + NSID_OCTETS <= UDP_PAYLOAD_LEAST as usize);
