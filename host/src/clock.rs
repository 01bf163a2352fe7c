//! Both clocks of Linux.

use core::time::Duration;
use moment::{Instant, Moment, UnixTime};
use std::time::{Instant as Started, SystemTime};

/// The clocks of a machine that began when this was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: Started,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: Started::now() }
    }

    /// What both say.
    pub(crate) fn now(self) -> Moment {
        let nanoseconds = |duration: Duration| u64::try_from(duration.as_nanos()).ok();
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok();
        Moment {
            instant: self.instant(),
            unix_time: since_epoch.and_then(nanoseconds).map(UnixTime::from_nanoseconds),
        }
    }

    /// What the one that never goes back says.
    pub(crate) fn instant(self) -> Instant {
        let nanoseconds = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        Instant::from_nanoseconds(nanoseconds)
    }
}
