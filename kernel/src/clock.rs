//! Both clocks: kvmclock where there is one, else the time-stamp counter measured against the 8254, and the battery's clock.

use crate::hardware::monitor::{self, SystemTime};
use crate::hardware::{port, processor};
use core::cell::Cell;
use core::sync::atomic::Ordering::{Acquire, Relaxed};
use moment::{Instant, Moment, UnixTime};

/// The machine's clocks.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    source: Source,
    /// What it said last.
    latest: Cell<Instant>,
    /// What the calendar said at [`Instant::START`].
    start: Option<UnixTime>,
}

#[derive(Clone, Copy)]
enum Source {
    /// The hypervisor says how the counter relates to time, and says it anew when that changes.
    Hypervisor(&'static SystemTime),
    /// We measured how.
    Measured { origin: u64, scale: Scale },
}

impl core::fmt::Debug for Source {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::Hypervisor(_) => "kvmclock",
            Self::Measured { .. } => "time-stamp counter measured against the 8254",
        })
    }
}

/// There is no clock, or none that runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoClock;

impl Clock {
    /// Finds the clocks; where one has to be measured that takes twice [`SAMPLE_TICKS`] or more.
    pub(crate) fn start() -> Result<Self, NoClock> {
        let system_time = monitor::system_clock();
        if system_time.multiplier.load(Relaxed) != 0 {
            return Ok(Self::of(Source::Hypervisor(system_time), hypervisor_calendar()));
        }
        let scale = Scale::measure().ok_or(NoClock)?;
        let origin = monitor::entered_at();
        let clock = Self::of(Source::Measured { origin, scale }, None);
        let since_start = clock.instant().nanoseconds();
        let start = battery_clock()
            .map(|now| UnixTime::from_nanoseconds(now.nanoseconds().saturating_sub(since_start)));
        Ok(Self { start, ..clock })
    }

    fn of(source: Source, start: Option<UnixTime>) -> Self {
        Self { source, latest: Cell::new(Instant::START), start }
    }

    /// What it measures time by.
    pub(crate) fn name(&self) -> impl core::fmt::Debug {
        self.source
    }

    /// Both clocks.
    #[inline]
    pub(crate) fn now(&self) -> Moment {
        let instant = self.instant();
        let unix_time = self.start.map(|start| {
            UnixTime::from_nanoseconds(start.nanoseconds().saturating_add(instant.nanoseconds()))
        });
        Moment { instant, unix_time }
    }

    /// The clock that never goes back.
    #[inline]
    pub(crate) fn instant(&self) -> Instant {
        match self.source {
            Source::Hypervisor(system_time) => {
                // A page that is made anew may lie a little behind the old one.
                self.latest.set(self.latest.get().max(Instant::from_nanoseconds(read(system_time))));
                self.latest.get()
            }
            Source::Measured { origin, scale } => {
                let ticks = processor::time_stamp().saturating_sub(origin);
                Instant::from_nanoseconds(scale.nanoseconds(ticks))
            }
        }
    }

    /// How many ticks of the time-stamp counter a time takes.
    pub(crate) fn ticks(&self, nanoseconds: u64) -> u64 {
        self.scale().ticks(nanoseconds)
    }

    /// How long ticks of the time-stamp counter take.
    pub(crate) fn nanoseconds(&self, ticks: u64) -> u64 {
        self.scale().nanoseconds(ticks)
    }

    fn scale(&self) -> Scale {
        match self.source {
            Source::Hypervisor(system_time) => Scale {
                multiplier: system_time.multiplier.load(Relaxed),
                shift: system_time.shift.load(Relaxed),
            },
            Source::Measured { scale, .. } => scale,
        }
    }
}

/// Nanoseconds since the start, as kvmclock's page has it; read again while the hypervisor changes it.
#[inline]
fn read(system_time: &SystemTime) -> u64 {
    loop {
        let version = system_time.version.load(Acquire);
        let ticks = processor::time_stamp_in_order().saturating_sub(system_time.time_stamp.load(Relaxed));
        let scale = Scale {
            multiplier: system_time.multiplier.load(Relaxed),
            shift: system_time.shift.load(Relaxed),
        };
        let nanoseconds = system_time.nanoseconds.load(Relaxed).wrapping_add(scale.nanoseconds(ticks));
        core::sync::atomic::fence(Acquire);
        if version & 1 == 0 && system_time.version.load(Relaxed) == version {
            return nanoseconds;
        }
    }
}

fn hypervisor_calendar() -> Option<UnixTime> {
    let calendar = monitor::calendar();
    let seconds = u64::from(calendar.seconds.load(Relaxed));
    let nanoseconds = u64::from(calendar.nanoseconds.load(Relaxed));
    (seconds != 0).then(|| UnixTime::from_nanoseconds(seconds * 1_000_000_000 + nanoseconds))
}

/// How ticks relate to nanoseconds: `((ticks << shift) * multiplier) >> 32`, as kvmclock has it.
#[derive(Clone, Copy, Debug)]
struct Scale {
    multiplier: u32,
    shift: i8,
}

/// Ticks of the 8254 in a second.
const FREQUENCY: u64 = 1_193_182;

/// How many of them a comparison takes: a quarter of a millisecond, in which a tick more or less is a third of a percent.
const SAMPLE_TICKS: u16 = 298;

impl Scale {
    #[inline]
    fn nanoseconds(self, ticks: u64) -> u64 {
        let shift = u32::from(self.shift.unsigned_abs());
        let ticks = if self.shift >= 0 { u128::from(ticks) << shift } else { u128::from(ticks >> shift) };
        u64::try_from((ticks * u128::from(self.multiplier)) >> 32).unwrap_or(u64::MAX)
    }

    fn ticks(self, nanoseconds: u64) -> u64 {
        let ticks = (u128::from(nanoseconds) << 32) / u128::from(self.multiplier.max(1));
        let shift = u32::from(self.shift.unsigned_abs());
        let ticks = if self.shift >= 0 { ticks >> shift } else { ticks << shift };
        u64::try_from(ticks).unwrap_or(u64::MAX)
    }

    /// Compares the time-stamp counter with channel 0 of the 8254 while that counts down (Intel 8254 data sheet, mode 0),
    /// until two comparisons in a row agree: whoever runs this machine may have stopped it in the middle of one.
    fn measure() -> Option<Self> {
        const TRIES: usize = 32;
        /// Two comparisons agree when they differ by less than one part of so many.
        const PRECISION: u64 = 200;

        let mut before = 0;
        for _ in 0..TRIES {
            let frequency = compare()?;
            if frequency.abs_diff(before) < frequency / PRECISION {
                return Self::of_frequency(u64::midpoint(frequency, before));
            }
            before = frequency;
        }
        None
    }

    /// The scale of a counter of so many ticks a second; `None` if that is no processor's.
    fn of_frequency(frequency: u64) -> Option<Self> {
        const PLAUSIBLE: core::ops::Range<u64> = 100_000_000..16_000_000_000;
        if !PLAUSIBLE.contains(&frequency) {
            return None;
        }
        // Below 1 GHz a tick is longer than a nanosecond, which the shift makes room for.
        const SHIFT: i8 = 4;
        let multiplier = ((1_000_000_000_u128 << 32) / u128::from(frequency)) >> SHIFT;
        Some(Self { multiplier: u32::try_from(multiplier).ok()?, shift: SHIFT })
    }
}

/// Ticks a second of the time-stamp counter, as one stretch of the 8254's count tells.
fn compare() -> Option<u64> {
    const CHANNEL_0: u16 = 0x40;
    const MODE: u16 = 0x43;
    const COUNT_DOWN: u8 = 0b0011_0000;
    const LATCH: u8 = 0;
    /// A counter that does not run is none.
    const PATIENCE: usize = 100_000;

    let sample = || {
        port::write(MODE, LATCH);
        let time = processor::time_stamp();
        let [low, high] = [port::read(CHANNEL_0), port::read(CHANNEL_0)];
        (u16::from_le_bytes([low, high]), time)
    };
    port::write(MODE, COUNT_DOWN);
    port::write(CHANNEL_0, 0xff);
    port::write(CHANNEL_0, 0xff);
    let (first_count, started) = sample();
    let (counted, ended) = (0..PATIENCE).find_map(|_| {
        let (count, time) = sample();
        let counted = first_count.wrapping_sub(count);
        (counted >= SAMPLE_TICKS).then_some((counted, time))
    })?;
    ended.wrapping_sub(started).checked_mul(FREQUENCY)?.checked_div(u64::from(counted))
}

/// Reads the MC146818's calendar, until it reads the same twice; `None` if there is none or it makes no sense.
fn battery_clock() -> Option<UnixTime> {
    const TRIES: usize = 8;
    let mut before = None;
    for _ in 0..TRIES {
        let now = Calendar::read()?;
        if before == Some(now) {
            return now.unix_time();
        }
        before = Some(now);
    }
    None
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Calendar {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
}

impl Calendar {
    fn read() -> Option<Self> {
        const STATUS_A: u8 = 10;
        const STATUS_B: u8 = 11;
        const UPDATING: u8 = 0x80;
        const BINARY: u8 = 4;
        const TWENTY_FOUR_HOURS: u8 = 2;
        /// An update takes two milliseconds; a port read takes at least half a microsecond.
        const PATIENCE: usize = 10_000;

        let register = |number| {
            port::write(0x70, number);
            port::read(0x71)
        };
        (0..PATIENCE).find(|_| register(STATUS_A) & UPDATING == 0)?;
        let status = register(STATUS_B);
        let number = |value: u8| {
            let is_binary = status & BINARY != 0;
            u64::from(if is_binary { value } else { (value >> 4) * 10 + (value & 15) })
        };
        let hour = register(4);
        let hour = match (status & TWENTY_FOUR_HOURS != 0, hour & 0x80 != 0) {
            (true, _) => number(hour),
            (false, is_afternoon) => number(hour & 0x7f) % 12 + if is_afternoon { 12 } else { 0 },
        };
        Some(Self {
            year: 2000 + number(register(9)),
            month: number(register(8)),
            day: number(register(7)),
            hour,
            minute: number(register(2)),
            second: number(register(0)),
        })
    }

    fn unix_time(self) -> Option<UnixTime> {
        let Self { year, month, day, hour, minute, second } = self;
        if !(1..=12).contains(&month)
            || !(1..=31).contains(&day)
            || hour > 23
            || minute > 59
            || second > 60
            || year > 2099
        {
            return None;
        }
        // Days since 1970-01-01, by years that begin in March, so that a leap day comes last.
        let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
        let leap_days = year / 4 - year / 100 + year / 400;
        let days =
            year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - DAYS_TO_MARCH_1970 + DAYS_TO_MARCH;
        Some(UnixTime::from_nanoseconds((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000_000))
    }
}

/// Days of January and February 1970.
const DAYS_TO_MARCH: u64 = 31 + 28;

/// Days of the calendar above before 1 March 1970.
const DAYS_TO_MARCH_1970: u64 = 1970 * 365 + 1970 / 4 - 1970 / 100 + 1970 / 400;
