//! Our machine in a world: a platform, the network stack and an appliance on it, and checks of what they do.

mod link;
mod platform;
mod watched;

pub use link::SimulatedLink;
pub use platform::SimulatedPlatform;
use watched::Watched;

use crate::checkers::{Conduct, Pace};
use crate::node::{Node, Outbox};
use ::platform::Platform;
use anyhow::{Result, ensure};
use appliance::Appliance;
use core::time::Duration;
use moment::Instant;
use netstack::{Budget, Interface, Netstack, Turn};

/// A machine that runs a program.
#[derive(Debug)]
pub struct Machine<P> {
    platform: SimulatedPlatform,
    program: P,
    /// One for each link.
    conduct: Vec<Conduct>,
    pace: Pace,
    /// How long a turn takes.
    turn_time: Duration,
    busy_until: Instant,
    /// When the program wants its next turn.
    deadline: Option<Instant>,
}

/// What runs on a machine: turns, as `netstack::serve` makes them.
pub trait Program: 'static {
    /// One turn.
    fn turn(&mut self, platform: &mut SimulatedPlatform) -> Turn;

    /// Whether the last turn was of use though no frame came or went.
    fn was_of_use(&mut self) -> bool {
        false
    }
}

/// The network stack and its appliance: what an image runs.
#[derive(Debug)]
pub struct Served<A> {
    netstack: Netstack,
    watched: Watched<A>,
}

impl<A: Appliance> Served<A> {
    /// A stack for the links of `platform`, and what it serves.
    pub fn new(platform: &mut SimulatedPlatform, interfaces: &[Interface], appliance: A) -> Self {
        Self::with_streams(platform, interfaces, appliance, Budget::NONE)
    }

    /// The same, with so much for its streams.
    pub fn with_streams(
        platform: &mut SimulatedPlatform,
        interfaces: &[Interface],
        appliance: A,
        budget: Budget,
    ) -> Self {
        let netstack = Netstack::new(platform, interfaces, appliance.listeners(), budget);
        Self { netstack, watched: Watched::new(appliance) }
    }
}

impl<A: Appliance + 'static> Program for Served<A> {
    fn turn(&mut self, platform: &mut SimulatedPlatform) -> Turn {
        self.netstack.turn(platform, &mut self.watched)
    }

    fn was_of_use(&mut self) -> bool {
        self.watched.was_told()
    }
}

impl<A> Served<A> {
    /// What the stack serves.
    pub const fn appliance(&self) -> &A {
        &self.watched.appliance
    }

    /// What the stack serves.
    pub const fn appliance_mut(&mut self) -> &mut A {
        &mut self.watched.appliance
    }

    /// The stack.
    pub const fn netstack(&self) -> &Netstack {
        &self.netstack
    }
}

impl<P> Machine<P> {
    /// A machine whose turns take `turn_time`; `conduct` watches its links, in their order.
    pub fn new(platform: SimulatedPlatform, program: P, conduct: Vec<Conduct>, turn_time: Duration) -> Self {
        let (pace, busy_until) = (Pace::default(), Instant::START);
        Self { platform, program, conduct, pace, turn_time, busy_until, deadline: Some(Instant::START) }
    }

    /// It has streams, and their timers.
    #[must_use]
    pub fn with_streams(self) -> Self {
        Self { pace: Pace::with_streams(), ..self }
    }

    /// What it runs on.
    pub const fn platform(&self) -> &SimulatedPlatform {
        &self.platform
    }

    /// What runs on it.
    pub const fn program(&self) -> &P {
        &self.program
    }

    /// What runs on it.
    pub const fn program_mut(&mut self) -> &mut P {
        &mut self.program
    }

    fn is_due(&self, now: Instant) -> bool {
        let is_ready = self.platform.all_links().iter().any(SimulatedLink::is_ready);
        is_ready || self.wakes_at().is_some_and(|at| at <= now)
    }

    /// When it wakes without a frame.
    fn wakes_at(&self) -> Option<Instant> {
        let links = self.platform.all_links().iter().filter_map(SimulatedLink::wakes_at);
        links.chain(self.deadline).min()
    }
}

impl<P: Program> Machine<P> {
    fn take_turn(&mut self, now: Instant, outbox: &mut Outbox) -> Result<()> {
        self.platform.set_now(now);
        let turn = self.program.turn(&mut self.platform);
        self.deadline = turn.deadline;
        let mut sent = 0;
        for (port, (link, conduct)) in self.platform.links().iter_mut().zip(&mut self.conduct).enumerate() {
            let leaked = link.leaked();
            ensure!(leaked == 0, "{leaked} buffers of link {port} are with nobody");
            for frame in link.take_sent() {
                conduct.on_sent(&frame, now)?;
                outbox.push((port, frame));
                sent += 1;
            }
        }
        let lacks_buffers = !self.platform.all_links().iter().all(SimulatedLink::can_send);
        let was_of_use = self.program.was_of_use() || turn.frames + sent > 0;
        self.pace.on_turn(was_of_use || lacks_buffers, now)?;
        // Frames are polled for after a turn that found some; only then is there another at once.
        self.busy_until = now + self.turn_time;
        Ok(())
    }
}

impl<P: Program> Node for Machine<P> {
    fn receive(&mut self, port: usize, frame: Vec<u8>, _now: Instant) {
        if let (Some(link), Some(conduct)) = (self.platform.links().get_mut(port), self.conduct.get_mut(port))
        {
            conduct.on_received(&frame);
            link.arrive(&frame);
        }
    }

    fn turn(&mut self, now: Instant, outbox: &mut Outbox) -> Result<Option<Instant>> {
        if now >= self.busy_until && self.is_due(now) {
            self.take_turn(now, outbox)?;
        }
        let is_ready = self.platform.all_links().iter().any(SimulatedLink::is_ready);
        let next = if is_ready { Some(now) } else { self.wakes_at() };
        Ok(next.map(|at| at.max(self.busy_until)))
    }
}

#[cfg(test)]
mod tests;
