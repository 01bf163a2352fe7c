//! Every bound of the machine on TAP devices.

use core::time::Duration;
use netstack::Budget;

/// A busy machine looks whether it is to end, and whether somebody asks it something, this often; an idle one always does.
pub(super) const HEARING: Duration = Duration::from_millis(10);

/// The longest sleep. No deadline is missed by it: whoever wakes looks at the clock.
pub(super) const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

/// What streams may take together. The system gives memory only where it is used.
pub(super) const STREAMS: Budget = Budget { streams: 65_536, buffers: 256 << 20 };

/// What a device carries of which the system does not say.
pub(super) const DEFAULT_MTU: usize = 1500;
