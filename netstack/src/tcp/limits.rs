//! Every bound of TCP, and every time.

use core::time::Duration;

/// The largest segment that we say we take, whatever the link carries: what fits in 16 bits beside headers.
pub(crate) const SEGMENT_MOST: u16 = u16::MAX - 60;

/// What a peer that says nothing takes over IPv4 (RFC 9293 §3.7.1, MUST-15), ...
pub(crate) const SEGMENT_V4: u16 = 536;
/// ... and over IPv6.
pub(crate) const SEGMENT_V6: u16 = 1220;
/// No peer makes us send less than this at once, options included: the overhead of smaller segments is an attack (CVE-2019-11479).
pub(crate) const SEGMENT_LEAST: u16 = 88;

/// What a stream may receive ahead of its reader at first: a whole message of 65,537 octets in one piece, whatever the peer can
/// be told at once (see `Stream::received`); ...
pub(crate) const WINDOW_FIRST: u32 = 128 << 10;
/// ... and at most, where the reader keeps up and memory allows: 100 ms at 300 Mbit/s.
pub(crate) const WINDOW_MOST: u32 = 4 << 20;
/// No stream is promised more than this part of the buffers that are free.
pub(crate) const WINDOW_SHARE: usize = 8;

/// How far windows are scaled (RFC 7323 §2.3): as much as `WINDOW_MOST` needs.
pub(crate) const WINDOW_SHIFT: u8 = 7;
const _: () = assert!(WINDOW_MOST <= (u16::MAX as u32 + 1) << WINDOW_SHIFT, "a window must be sayable");

/// What may be committed or lent to a stream and not be acknowledged yet: twice the congestion window, no less than this ...
pub(crate) const QUEUE_LEAST: u32 = 128 << 10;
/// ... and no more than that.
pub(crate) const QUEUE_MOST: u32 = 8 << 20;
/// Lent regions that wait in one stream.
pub(crate) const LENT_REGIONS: u8 = 64;

/// The most isolated ranges that a receiver keeps; what would make more of them is not taken. A queue that overflows while its
/// sender's window doubles leaves hundreds.
pub(crate) const ISLANDS: u16 = 512;

/// Ranges on their way are cut in two, for what is acknowledged selectively, until a connection has so many.
pub(crate) const RANGES: u32 = 2048;
/// Nothing new is sent while a connection has so many, which leaves some to be cut: with two full segments in each as many octets as a
/// window of ours has.
pub(crate) const RANGES_SENT: u32 = 1536;

/// Half-open connections, of all listeners together; whoever comes when there are so many gets a cookie (RFC 4987 §3.6).
pub(crate) const BACKLOG: usize = 512;
/// Cookies are believed this long after the last was given out: nobody can make us look for one before.
pub(crate) const COOKIES_BELIEVED: Duration = Duration::from_secs(128);

/// So long after one was given out nobody is reset whom we don't know: the segment that brings a cookie may come again (RFC 6298 §2.1
/// waits for a second, and twice as long then).
pub(crate) const COOKIES_AWAITED: Duration = Duration::from_secs(3);

/// The most connections from one source.
pub(crate) const STREAMS_PER_SOURCE_DIVISOR: usize = 2;

/// How long an acknowledgement waits for company (RFC 9293 §3.8.6.3 allows half a second; as Linux).
pub(crate) const ACKNOWLEDGEMENT_DELAY: Duration = Duration::from_millis(40);
/// So many segments at the start are acknowledged at once, while the peer's window is small.
pub(crate) const QUICK_ACKNOWLEDGEMENTS: u8 = 16;

/// At most one challenge in this time for each connection (RFC 5961 §7, as Linux), ...
pub(crate) const CHALLENGE_INTERVAL: Duration = Duration::from_millis(500);

/// No SYN that was sent again is believed to have taken longer than what is waited for without a sample (RFC 6298 §5.7).
pub(crate) const OPENING_ROUND_TRIP: Duration = Duration::from_secs(3);

/// How often a SYN is sent again before the peer is given up: after 1, 3, 7, 15, 31, 63 and 127 seconds, so for more than the
/// three minutes of RFC 9293 §3.8.3 (MUST-23) with the last wait.
pub(crate) const SYN_TRIES: u8 = 7;
/// How often a SYN is answered again, for a minute in all (as Linux): whoever wants the connection asks again too.
pub(crate) const SYN_ANSWERS: u8 = 5;

/// Connections that need not be remembered any more are forgotten up to this much later, together.
pub(crate) const FORGETTING: Duration = Duration::from_secs(1);
/// Answers to SYNs are repeated and given up at multiples of this, and so are SYNs for which a station is asked in vain.
pub(crate) const SHARED_GRAIN: Duration = Duration::from_millis(250);

/// How long a connection is remembered that we closed first: twice a maximum segment lifetime of half a minute (RFC 9293
/// §3.4.2 has two minutes; as Linux, and long enough for what hosts of today send).
pub(crate) const TIME_WAIT: Duration = Duration::from_secs(60);

/// Keep-alive probes in vain before the peer is given up, ...
pub(crate) const KEEP_ALIVE_PROBES: u8 = 9;
/// ... so far apart (as Linux).
pub(crate) const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(75);

/// Timeouts in a row after which full segments are suspected to get lost in a hole (RFC 4821 §7.7), ...
pub(crate) const TIMEOUTS_TO_BLACK_HOLE: u32 = 2;
/// ... and the segments that are tried then, one after the other (as Linux); the last fits what every IPv4 host takes.
pub(crate) const BLACK_HOLE_SEGMENTS: [u16; 2] = [1024, 512];

/// A probe for a tail that may be lost waits no less than this (RFC 8985 §7.2 has ACK.delay; as Linux, two ticks).
pub(crate) const PROBE_LEAST: Duration = Duration::from_millis(2);
/// A delayed acknowledgement of a peer is waited for this long (RFC 8985 §7.2, WCDelAckT).
pub(crate) const PEER_ACKNOWLEDGEMENT_DELAY: Duration = Duration::from_millis(200);

/// Echoed timestamps are too old to judge by after this (RFC 7323 §5.5: 24 days).
pub(crate) const TIMESTAMP_LIFETIME: Duration = Duration::from_secs(24 * 24 * 3600);

/// A device cuts at most this much at once: an IP packet has 65,535 octets.
pub(crate) const LONG_PAYLOAD: u32 = 65_535 - 60 - 60;
/// Data of fewer octets than this is copied into its frame even if it was lent: a descriptor costs more.
pub(crate) const COPIED: u32 = 512;

/// What fewer connections than this need stays in a processor's cache: looking ahead gains nothing.
pub(crate) const CROWD: usize = 4096;

/// Stream events and streams with something to send that one turn sees to.
pub(crate) const STREAMS_PER_TURN: usize = 256;
/// Timers that one turn fires.
pub(crate) const TIMERS_PER_TURN: usize = 256;

/// After this long without a buffer to send from, it is tried again, unless a frame comes before.
pub(crate) const RETRY: Duration = Duration::from_micros(50);

/// The ports that streams which we dial begin at (RFC 6056 §3.2: as many as possible; as Linux).
pub(crate) const FIRST_PORT: u16 = 32_768;
/// So many are tried: of those between two hosts that talk all the time some are free, and with nineteen out of twenty taken one is found all
/// but certainly.
pub(crate) const PORT_TRIES: u64 = 256;

/// A connection between the same two hosts and ports begins this far beyond the last one's numbers (RFC 9293 §3.6.1): more than a
/// window.
pub(crate) const BEYOND_REMAINS: u32 = WINDOW_MOST + 1;

/// So many places, or one in so many, are kept for those who bring a cookie: whoever makes room for them leaves a turn later.
pub(crate) const RESERVE: usize = 64;
pub(crate) const RESERVE_DIVISOR: usize = 16;
/// A connection is given up in favour of a new one only after its peer was silent for this long.
pub(crate) const IDLE_BEFORE_SHED: Duration = Duration::from_secs(10);
/// What comes early finds memory as long as more than this part of the buffers is free; what is in order, until nothing is.
pub(crate) const KEPT_FOR_ORDER: usize = 4;
/// While less than this part of the buffers is free, ...
pub(crate) const SHORT_OF_MEMORY: usize = 16;
/// ... a connection is given up that holds some and has given nothing back for this long: its peer acknowledges nothing, or its reader can
/// use nothing of what comes, however steadily it does, ...
pub(crate) const STALLED_BEFORE_SHED: Duration = Duration::from_secs(2);
/// ... one a turn, among as many as this that have not got on for longest.
pub(crate) const SHED_LOOKS: usize = 64;
/// An appliance that waits for memory is told to look again after this.
pub(crate) const MEMORY_RETRY: Duration = Duration::from_millis(10);
