//! The platform: clocks that stand still during a turn, randomness from the seed, a log that is kept.

use super::link::SimulatedLink;
use crate::random::Random;
use core::fmt;
use moment::{Instant, Moment, UnixTime};
use platform::Platform;

/// What a simulated machine offers.
#[derive(Debug)]
pub struct SimulatedPlatform {
    links: Vec<SimulatedLink>,
    random: Random,
    now: Moment,
    log: Vec<String>,
}

/// The calendar's time when a machine starts: 2026-11-22T00:00:00Z.
const STARTED_AT: u64 = 1_795_305_600_000_000_000;

impl SimulatedPlatform {
    /// A platform with these links, that has just started.
    #[must_use]
    pub fn new(links: Vec<SimulatedLink>, random: Random) -> Self {
        let now = moment(Instant::START);
        Self { links, random, now, log: Vec::new() }
    }

    pub(super) fn set_now(&mut self, now: Instant) {
        self.now = moment(now);
        self.links.iter_mut().for_each(|link| link.set_now(now));
    }

    pub(super) fn all_links(&self) -> &[SimulatedLink] {
        &self.links
    }

    /// What was said to the operator.
    #[must_use]
    pub fn log(&self) -> &[String] {
        &self.log
    }
}

fn moment(instant: Instant) -> Moment {
    let unix_time = UnixTime::from_nanoseconds(STARTED_AT + instant.nanoseconds());
    Moment { instant, unix_time: Some(unix_time) }
}

impl Platform for SimulatedPlatform {
    type Link = SimulatedLink;

    fn links(&mut self) -> &mut [SimulatedLink] {
        &mut self.links
    }

    fn now(&self) -> Moment {
        self.now
    }

    fn fill_random(&mut self, bytes: &mut [u8]) {
        self.random.fill(bytes);
    }

    fn log(&mut self, line: fmt::Arguments<'_>) {
        self.log.push(line.to_string());
    }

    /// The world waits, not the machine.
    fn wait(&mut self, _deadline: Option<Instant>) {}
}
