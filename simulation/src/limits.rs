//! Every bound of this crate.

use core::time::Duration;

/// The most events of one world, so that one which never comes to rest ends.
pub(crate) const EVENTS: u64 = 5_000_000;

/// The most events that wait to happen.
pub(crate) const WAITING_EVENTS: usize = 100_000;

/// How often a node may be called at one instant without a frame arriving: more is a loop that waits for nothing.
pub(crate) const IDLE_CALLS: u32 = 8;

/// Buffers of a link, as the kernel has them; ...
pub(crate) const BUFFERS: usize = 256;
/// ... so many of them kept for frames that answer none; ...
pub(crate) const RESERVED: usize = 16;
/// ... so long, without the device's header.
pub(crate) const BUFFER: usize = 2048 - 12;
/// While fewer wait for frames, ones that were sent wake the driver.
pub(crate) const FEW: usize = BUFFERS / 4;

/// The most turns in any second that take no frame and send none, though buffers are free.
pub(crate) const FRUITLESS_TURNS: usize = 16;
/// The same of a machine with streams, whose timers are looked at now and then long before they come to something.
pub(crate) const FRUITLESS_TURNS_WITH_STREAMS: usize = 256;

/// The most frames that a machine sends unasked in any second.
pub(crate) const UNASKED_FRAMES: u32 = 64;

/// Frames and questions that a checker remembers.
pub(crate) const REMEMBERED: usize = 8192;

/// How finely a peer looks at its timers.
pub(crate) const PEER_TICK: Duration = Duration::from_millis(1);
