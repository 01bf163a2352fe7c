//! One turn: take what arrived, send what is due, flush.

use crate::counters::Counters;
use crate::frame::Frame;
use crate::reception::{Rates, Reception};
use crate::station::Station;
use crate::{Interface, limits};
use alloc::boxed::Box;
use alloc::vec::Vec;
use appliance::{Appliance, Listener, Reply};
use core::fmt;
use moment::{Instant, Moment};
use operator::Statistic;
use platform::{Link, OutgoingFrame, Platform, ReceivedFrame};

/// The network stack of one worker.
pub struct Netstack {
    stations: Box<[Station]>,
    ports: Box<[u16]>,
    rates: Rates,
    counters: Counters,
    turns: u64,
    announcements: u64,
}

/// What a turn did, and when the next is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// When it began.
    pub began: Instant,
    /// How many frames it took from the links.
    pub frames: usize,
    /// When the next turn is due even if no frame comes.
    pub deadline: Option<Instant>,
}

impl Netstack {
    /// A stack for the links of `platform`; `interfaces` belong to them in their order. Allocates all it will need.
    ///
    /// A link without an interface answers nothing; an interface without a link is logged.
    pub fn new<P: Platform>(platform: &mut P, interfaces: &[Interface], listeners: &[Listener]) -> Self {
        let mut stations = Vec::new();
        let nobody = Interface::default();
        for index in 0..platform.links().len() {
            let [seed, key] = [draw(platform), draw(platform)];
            let interface = interfaces.get(index).unwrap_or(&nobody);
            let link = &platform.links()[index];
            stations.push(Station::new(link, interface, seed, key));
        }
        for index in stations.len()..interfaces.len() {
            platform.log(format_args!("there is no link for interface {index}"));
        }
        let ports = listeners.iter().filter_map(|listener| match listener {
            Listener::Datagram { port } => Some(*port),
            Listener::Stream { .. } => None,
        });
        Self {
            stations: stations.into(),
            ports: ports.collect(),
            rates: Rates::new(),
            counters: Counters::new(),
            turns: 0,
            announcements: 0,
        }
    }

    /// Takes a bounded number of frames from every link, answers them, sends what is due and flushes the links.
    pub fn turn<P: Platform, A: Appliance>(&mut self, platform: &mut P, appliance: &mut A) -> Turn {
        let now = platform.now();
        self.turns = self.turns.wrapping_add(1);
        let mut turn = Turn { began: now.instant, frames: 0, deadline: None };
        for (index, link) in platform.links().iter_mut().enumerate() {
            if let Some(station) = self.stations.get_mut(index) {
                station.expire(now.instant);
            }
            turn.frames += self.receive(index, link, appliance, now);
            if let Some(due) = self.send_due(index, link, now.instant) {
                turn.deadline = Some(turn.deadline.map_or(due, |deadline| deadline.min(due)));
            }
            link.flush();
        }
        self.log_notices(platform);
        turn
    }

    /// Takes frames from a link and answers them; returns how many.
    fn receive<A: Appliance>(
        &mut self,
        index: usize,
        link: &mut impl Link,
        appliance: &mut A,
        now: Moment,
    ) -> usize {
        for frames in 0..limits::FRAMES_PER_TURN {
            let Some(mut received) = link.receive() else { return frames };
            let (length, checksum) = (received.bytes().len(), received.checksum());
            let frame = Frame { buffer: received.buffer(), length, checksum };
            match self.on_frame(index, frame, appliance, now) {
                Reply::Send { length } => received.reply(length),
                Reply::Silence => drop(received),
            }
        }
        limits::FRAMES_PER_TURN
    }

    /// A frame came on the link of this index. The answer, if any, is written over it.
    #[inline]
    pub fn on_frame<A: Appliance>(
        &mut self,
        link: usize,
        frame: Frame<'_>,
        appliance: &mut A,
        now: Moment,
    ) -> Reply {
        let Some(station) = self.stations.get_mut(link) else { return Reply::Silence };
        let (ports, rates) = (&*self.ports, &mut self.rates);
        match (Reception { station, ports, rates, appliance, now }).on_frame(frame) {
            Ok(answer) => {
                self.counters.count(answer.counter);
                Reply::Send { length: answer.length }
            }
            Err(counter) => {
                self.counters.count(counter);
                Reply::Silence
            }
        }
    }

    /// Sends what is due on a link, as far as it has buffers; returns when the next is due.
    fn send_due(&mut self, index: usize, link: &mut impl Link, now: Instant) -> Option<Instant> {
        let station = self.stations.get_mut(index)?;
        while station.deadline()? <= now {
            let Some(mut frame) = link.transmit() else { return Some(now + limits::RETRY) };
            if let Some(length) = station.write_due(frame.buffer(), now) {
                frame.send(length);
                self.announcements = self.announcements.wrapping_add(1);
            }
        }
        station.deadline()
    }

    #[inline]
    fn log_notices<P: Platform>(&mut self, platform: &mut P) {
        for station in self.stations.iter_mut().filter(|station| !station.notices.is_empty()) {
            for notice in station.notices.take() {
                platform.log(format_args!("{notice}"));
            }
        }
    }

    /// What happened so far.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What happened so far, for an operator.
    pub fn statistics(&self) -> impl Iterator<Item = Statistic> {
        let own = [("network_turns_total", self.turns), ("network_announcements_total", self.announcements)];
        self.counters.statistics().chain(own.map(|(name, value)| Statistic { name, value }))
    }
}

fn draw(platform: &mut impl Platform) -> u64 {
    let mut number = [0; 8];
    platform.fill_random(&mut number);
    u64::from_ne_bytes(number)
}

impl fmt::Debug for Netstack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Netstack").field("counters", &self.counters).finish_non_exhaustive()
    }
}
