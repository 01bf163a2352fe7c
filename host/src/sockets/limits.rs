//! Every bound of the machine on sockets.

use core::time::Duration;

/// What a UDP socket may hold while the appliance is busy, in octets; the system may grant less.
pub(super) const RECEIVE_QUEUE: usize = 1 << 20;

/// Connections that the system may complete before they are taken in; it may grant fewer (`net.core.somaxconn`).
pub(super) const BACKLOG: i32 = 4096;

/// The most streams at once. The system's limit of open files may allow fewer.
pub(super) const STREAMS: usize = 32_768;

/// Files that are open beside streams: sockets of listeners, the operator's, what a program has besides.
pub(super) const OTHER_FILES: u64 = 64;

/// Events that are taken from the system a turn.
pub(super) const EVENTS: usize = 256;

/// Connections that are taken in from one listener a turn: those that are open already get their turn, too.
pub(super) const ACCEPTED_PER_TURN: usize = 64;

/// How long listeners rest when the system had no file or memory for one more connection: it would say so again at once.
pub(super) const REST: Duration = Duration::from_millis(100);

/// The longest sleep. No deadline of an appliance's is missed by it: whoever wakes looks at the clock.
pub(super) const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

/// Octets that one stream may have received and not consumed: two messages of 65,537, and bulk at a good pace.
pub(super) const RECEIVED: usize = 256 << 10;

/// The least block for octets that were received and not consumed at once.
pub(super) const RECEIVED_BLOCK: usize = 4 << 10;

/// Octets that one stream may have waiting to be taken by the system, before nothing more is accepted. One lent region may go beyond.
pub(super) const WAITING: usize = 256 << 10;

/// From here down, whoever found no room is told that there is some: less often, and for more at a time. At least
/// [`ROOM`] octets less than [`WAITING`].
pub(super) const WAITING_LOW: usize = WAITING / 2;

/// The most that may be asked for in one piece: two octets of length and a message of as many octets as those can tell.
pub(super) const ROOM: usize = 65_537;

/// The least block for octets to be sent.
pub(super) const ROOM_BLOCK: usize = 4 << 10;

/// Pieces that are given to the system in one call; Linux takes up to 1,024.
pub(super) const PIECES: usize = 64;

/// Octets that all streams together may hold here. The one that would have it exceeded is given up.
pub(super) const MEMORY: usize = 1 << 30;

/// How soon after an appliance asked in vain it is looked again whether all that was sent is acknowledged. Twice as long each time, ...
pub(super) const FIRST_CHECK: Duration = Duration::from_millis(1);
/// ... up to this: the system tells nobody when an acknowledgement comes.
pub(super) const LAST_CHECK: Duration = Duration::from_millis(64);
