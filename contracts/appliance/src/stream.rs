//! A connection, seen from inside as two buffers.

use bytes::Bytes;
use core::net::SocketAddr;
use core::time::Duration;
use moment::Instant;

/// A reliable stream of octets each way: a TCP connection, or TLS over one.
///
/// Nothing here waits. What can't be done now is done at a later event; whoever looks at a stream does as much as is
/// possible and returns.
pub trait Stream {
    /// The other end.
    fn peer(&self) -> SocketAddr;

    /// This end: one of the machine's addresses, and the port of the listener or one that was chosen.
    fn local(&self) -> SocketAddr;

    /// All octets that came and were not consumed, in one piece; they may be changed where they lie.
    ///
    /// The peer is slowed down while they lie there. There are never more than the machine's bound for one stream, which is at
    /// least 128 KiB: a message of 65,537 octets always fits.
    fn received(&mut self) -> &mut [u8];

    /// Gives up the first `count` octets of [`Stream::received`]; more than there are means all of them.
    fn consume(&mut self, count: usize);

    /// Calls for [`StreamEvent::Progress`] on what is received only once at least `least` octets are there, or the peer has
    /// finished, or no more can be received before some are consumed. At first it is one octet.
    fn expect(&mut self, least: usize);

    /// Whether the peer has finished: nothing will come behind what is in [`Stream::received`].
    fn is_finished(&self) -> bool;

    /// Where the next octets to be sent are written: at least `least` octets in one piece, and as many more as happen to be
    /// there; or none, if that is too much for now. Then [`StreamEvent::Progress`] comes when it isn't any more.
    ///
    /// `least` up to 65,537 is always possible once enough of what was sent before has been acknowledged and the machine has
    /// memory.
    fn room(&mut self, least: usize) -> &mut [u8];

    /// Sends the first `count` octets of [`Stream::room`]; more than there are means all of them.
    fn commit(&mut self, count: usize);

    /// Sends memory behind everything that was committed, without a copy where the device allows it. Released when the peer has
    /// acknowledged it. Given back where too much is on its way already; then [`StreamEvent::Progress`] comes when it isn't any more.
    /// A region of more than 8 MiB is given back for good: it goes in parts.
    ///
    /// # Errors
    /// The region itself, not sent.
    fn lend(&mut self, region: Bytes) -> Result<(), Bytes>;

    /// Whether anything that was committed or lent waits for the peer to acknowledge it.
    fn is_drained(&self) -> bool;

    /// Sends nothing after what was committed and lent; the peer may still send, for as long as it likes: who does not want that sets a
    /// [deadline](Stream::set_deadline). Said again, it means nothing.
    fn finish(&mut self);

    /// Resets the stream: what was not sent is lost, and the peer is told so. No event of it comes any more.
    fn abort(&mut self);

    /// Calls for [`StreamEvent::DeadlinePassed`] at `at`, once; takes the place of what was set before.
    fn set_deadline(&mut self, at: Option<Instant>);

    /// How the stream treats a peer that is silent, and small writes.
    fn set_policy(&mut self, policy: Policy);
}

/// How a stream treats a peer that is silent, and small writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether a small segment waits while an earlier one is not acknowledged (RFC 9293 §3.7.4, Nagle's algorithm).
    pub nagle: bool,
    /// Whether a peer is asked if it is there after it was silent for this long (RFC 9293 §3.8.4).
    pub keep_alive: Option<Duration>,
    /// For how long something may be on its way without being acknowledged before the stream is given up (RFC 5482).
    pub user_timeout: Duration,
}

impl Default for Policy {
    /// No waiting, no asking; two minutes.
    fn default() -> Self {
        Self { nagle: false, keep_alive: None, user_timeout: Duration::from_secs(120) }
    }
}

/// What happened on a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEvent {
    /// It is open: a peer came to a listener, or the one that was dialled answered. What came already is there to be looked at;
    /// no separate [`StreamEvent::Progress`] tells of it.
    Opened,
    /// Octets came, as many as were [expected](Stream::expect); or the peer has finished; or there is room that was asked for in
    /// vain, or all that was sent is acknowledged. It comes after every turn of the machine in which one of these became so, and says no more than that it is
    /// worth looking.
    Progress,
    /// The deadline that was set has come.
    DeadlinePassed,
    /// It is over, and its id names nothing any more.
    Closed(End),
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Both sides finished, all that was sent was acknowledged, and all that came was consumed: not before.
    Finished,
    /// The peer reset it, or refused it when it was dialled.
    Reset,
    /// The peer was silent for too long.
    TimedOut,
    /// Nobody on the link knows the way to the peer, or a router says that there is none.
    Unreachable,
    /// The machine had no more memory or room for it, and others were livelier.
    Shed,
}
