//! A cable: what happens to a frame between two ends.

mod conditions;
mod damage;
mod weather;

pub use conditions::{Bandwidth, Bursts, Conditions};
pub use damage::{Corruption, Damage};
pub use weather::Weather;

use crate::random::Random;
use core::fmt;
use core::time::Duration;
use moment::Instant;

/// Octets of an Ethernet header.
pub(crate) const ETHERNET_HEADER: usize = 14;

/// One direction of a cable.
#[derive(Debug)]
pub struct Direction {
    conditions: Conditions,
    random: Random,
    /// Whether a burst of losses is under way.
    is_bursting: bool,
    /// When the last frame that waits for bandwidth will have left.
    busy_until: Instant,
    /// When the last frame that kept its place arrives.
    last_arrival: Instant,
}

/// What became of a frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives, perhaps more than once.
    Carried(Vec<Arrival>),
    /// It does not.
    Lost(Loss),
}

/// A frame at the far end.
#[derive(Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Instant,
    /// As it arrives.
    pub frame: Vec<u8>,
    /// What else than the frame's journey there is to tell.
    pub mishap: Option<Mishap>,
}

/// What a frame that arrives may have met with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// Others overtook it.
    Held,
    /// It comes a second time.
    Doubled,
    /// It is not as it was.
    Damaged,
}

/// Why a frame does not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nothing passes.
    Cut,
    /// Longer than what passes.
    TooLong,
    /// By itself.
    Chance,
    /// Together with others.
    Burst,
    /// Too much waits for bandwidth.
    QueueFull,
}

impl fmt::Display for Fate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(loss) => write!(formatter, "lost ({loss:?})"),
            Self::Carried(arrivals) => {
                arrivals.iter().try_for_each(|Arrival { at, mishap, .. }| match mishap {
                    None => write!(formatter, "for {} ", at.nanoseconds()),
                    Some(mishap) => write!(formatter, "for {} ({mishap:?}) ", at.nanoseconds()),
                })
            }
        }
    }
}

impl Direction {
    /// A direction under these conditions.
    #[must_use]
    pub fn new(conditions: Conditions, random: Random) -> Self {
        let start = Instant::START;
        Self { conditions, random, is_bursting: false, busy_until: start, last_arrival: start }
    }

    /// From now on it is like this. What is on its way arrives as it would have.
    pub(crate) fn change(&mut self, conditions: Conditions) {
        self.conditions = conditions;
    }

    /// Takes a frame in.
    pub fn carry(&mut self, frame: Vec<u8>, now: Instant) -> Fate {
        if let Some(loss) = self.loss(frame.len()) {
            return Fate::Lost(loss);
        }
        let Some(left) = self.leave(frame.len(), now) else { return Fate::Lost(Loss::QueueFull) };
        let mut arrivals = Vec::with_capacity(1);
        if self.random.chance(self.conditions.duplication) {
            let at = self.arrival(left) + self.random.duration(self.conditions.holding);
            arrivals.push(Arrival { at, frame: frame.clone(), mishap: Some(Mishap::Doubled) });
        }
        arrivals.push(self.arrive(frame, left));
        Fate::Carried(arrivals)
    }

    fn loss(&mut self, length: usize) -> Option<Loss> {
        let Conditions { is_cut, mtu, loss, .. } = self.conditions;
        // Whether a burst begins or ends is drawn for every frame: partitions aside, bursts are counted in frames.
        let is_lost_in_burst = self.is_lost_in_burst();
        if is_cut {
            Some(Loss::Cut)
        } else if length > mtu + ETHERNET_HEADER {
            Some(Loss::TooLong)
        } else if is_lost_in_burst {
            Some(Loss::Burst)
        } else {
            self.random.chance(loss).then_some(Loss::Chance)
        }
    }

    /// Gilbert's and Elliott's model: two states, each with its own loss.
    fn is_lost_in_burst(&mut self) -> bool {
        let Some(bursts) = self.conditions.bursts else {
            self.is_bursting = false;
            return false;
        };
        let turns = if self.is_bursting { bursts.end } else { bursts.begin };
        self.is_bursting ^= self.random.chance(turns);
        self.is_bursting && self.random.chance(bursts.loss)
    }

    /// When a frame has left the near end; `None` if the queue there has no room for it.
    fn leave(&mut self, length: usize, now: Instant) -> Option<Instant> {
        let Some(bandwidth) = self.conditions.bandwidth else { return Some(now) };
        let start = self.busy_until.max(now);
        if start.since(now) > bandwidth.time(bandwidth.queue) {
            return None;
        }
        self.busy_until = start + bandwidth.time(length);
        Some(self.busy_until)
    }

    /// When what has left would arrive, were nothing before it.
    fn arrival(&mut self, left: Instant) -> Instant {
        left + self.conditions.delay + self.random.duration(self.conditions.jitter)
    }

    fn arrive(&mut self, mut frame: Vec<u8>, left: Instant) -> Arrival {
        let (mut at, mut mishap) = (self.arrival(left), None);
        if self.random.chance(self.conditions.reordering) {
            at = at + Duration::from_nanos(1) + self.random.duration(self.conditions.holding);
            mishap = Some(Mishap::Held);
        } else {
            // Jitter alone lets nothing overtake.
            at = at.max(self.last_arrival);
            self.last_arrival = at;
        }
        if let Some(corruption) = self.conditions.corruption
            && self.random.chance(corruption.share)
            && corruption.damage.inflict(&mut frame, &mut self.random)
        {
            mishap = Some(Mishap::Damaged);
        }
        Arrival { at, frame, mishap }
    }
}

#[cfg(test)]
mod tests;
