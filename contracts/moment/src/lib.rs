//! Both clocks, read once a turn.
//!
//! Nobody but a machine reads a clock: everything above one is handed a [`Moment`].

#![no_std]
#![forbid(unsafe_code)]

use core::num::NonZero;
use core::ops::{Add, Sub};
use core::time::Duration;

/// What the two clocks of a machine said when a turn began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Never goes back; has no meaning outside this run of the machine.
    pub instant: Instant,
    /// The calendar's time, where the machine knows it.
    pub unix_time: Option<UnixTime>,
}

/// Nanoseconds since the machine started.
///
/// It is kept as one more than that, so that an `Option` of it takes no more room: whoever keeps a hundred thousand timers, most of which
/// aren't set, keeps them in half the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(NonZero<u64>);

const _: () = assert!(size_of::<Option<Instant>>() == 8);

impl Instant {
    /// The start of the machine.
    pub const START: Self = Self(NonZero::<u64>::MIN);

    /// `nanoseconds` after the start of the machine.
    #[must_use]
    pub const fn from_nanoseconds(nanoseconds: u64) -> Self {
        Self(NonZero::<u64>::MIN.saturating_add(nanoseconds))
    }

    /// Nanoseconds since the start of the machine.
    #[must_use]
    pub const fn nanoseconds(self) -> u64 {
        self.0.get() - 1
    }

    /// How long after `earlier` this is; zero if it is not.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.get().saturating_sub(earlier.0.get()))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    /// Saturates: a deadline 584 years away is no deadline.
    fn add(self, duration: Duration) -> Self {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanoseconds))
    }
}

impl Sub for Instant {
    type Output = Duration;

    /// [`Instant::since`].
    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

/// Nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX.1-2017 §4.16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// `nanoseconds` after the epoch.
    #[must_use]
    pub const fn from_nanoseconds(nanoseconds: u64) -> Self {
        Self(nanoseconds)
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0 / 1_000_000_000
    }

    /// Nanoseconds since the epoch.
    #[must_use]
    pub const fn nanoseconds(self) -> u64 {
        self.0
    }
}
