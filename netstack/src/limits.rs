//! Every bound of this crate.

use core::time::Duration;

/// How long the links are polled after the last frame before the machine sleeps. A wake-up costs tens of microseconds
/// on a virtual machine; a busy link brings the next frame sooner.
pub(crate) const POLL: Duration = Duration::from_micros(15);

/// The most frames that a turn takes from one link, so that no link starves another or what is due.
pub(crate) const FRAMES_PER_TURN: usize = 64;
