//! One turn: take what arrived, send what is due, flush.

use crate::counters::Counters;
use crate::frame::Frame;
use crate::reception::{Rates, Reception};
use crate::station::Station;
use crate::tcp::connections::Connections;
use crate::tcp::telling::Streams;
use crate::{Budget, Counter, Interface, limits, segments};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use appliance::{Appliance, Listener, Reply};
use core::fmt;
use moment::{Instant, Moment};
use operator::Statistic;
use platform::{Link, Offload, OutgoingFrame, Platform, ReceivedFrame};

/// The network stack of one worker.
pub struct Netstack {
    stations: Box<[Station]>,
    ports: Box<[u16]>,
    connections: Connections,
    /// Where frames that came in several pieces are put together; empty where no link has any.
    whole: Box<[u8]>,
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
    /// A link without an interface answers nothing; an interface without a link is logged. Streams take what `budget` says and
    /// no more.
    pub fn new<P: Platform>(
        platform: &mut P,
        interfaces: &[Interface],
        listeners: &[Listener],
        budget: Budget,
    ) -> Self {
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
        let stream_ports = listeners.iter().filter_map(|listener| match listener {
            Listener::Stream { port } => Some(*port),
            Listener::Datagram { .. } => None,
        });
        let mut secret = [0; 64];
        platform.fill_random(&mut secret);
        let has_pieces = budget != Budget::NONE;
        let whole = if has_pieces { Offload::LONGEST } else { 0 };
        Self {
            stations: stations.into(),
            ports: ports.collect(),
            connections: Connections::new(budget, stream_ports.collect(), secret),
            whole: vec![0; whole].into(),
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
        }
        turn.deadline = self.serve_streams(platform.links(), appliance, now);
        for (index, link) in platform.links().iter_mut().enumerate() {
            if let Some(due) = self.send_due(index, link, now.instant) {
                turn.deadline = Some(turn.deadline.map_or(due, |deadline| deadline.min(due)));
            }
            link.flush();
        }
        self.log_notices(platform);
        turn
    }

    /// Does what is due on streams, tells the appliance what is new, and sends what it and they have to say; returns when
    /// something is due next.
    #[inline]
    fn serve_streams<A: Appliance>(
        &mut self,
        links: &mut [impl Link],
        appliance: &mut A,
        now: Moment,
    ) -> Option<Instant> {
        let Self { connections, stations, .. } = self;
        connections.on_time(now.instant);
        connections.relieve(now.instant);
        Streams { connections, stations, now: now.instant }.tell(appliance, now);
        connections.send(links, stations, now.instant);
        connections.deadline(now.instant).into_iter().chain(appliance.deadline()).min()
    }

    /// Takes frames from a link and answers them; returns how many.
    fn receive<A: Appliance>(
        &mut self,
        index: usize,
        link: &mut impl Link,
        appliance: &mut A,
        now: Moment,
    ) -> usize {
        if self.connections.is_crowded() {
            self.anticipate(link);
        }
        for frames in 0..limits::FRAMES_PER_TURN {
            let Some(mut received) = link.receive() else { return frames };
            if received.piece(0).is_some() {
                self.receive_pieces(index, received, appliance, now);
                continue;
            }
            let (length, checksum) = (received.bytes().len(), received.checksum());
            let frame = Frame { buffer: received.buffer(), length, checksum };
            match self.on_frame(index, frame, appliance, now) {
                Reply::Send { length } => received.reply(length),
                Reply::Silence => drop(received),
            }
        }
        limits::FRAMES_PER_TURN
    }

    /// Brings into the cache what segments that wait will need.
    fn anticipate(&self, link: &mut impl Link) {
        let waiting = link.waiting().min(limits::FRAMES_PER_TURN);
        // One alone has nobody to wait together with.
        if waiting > 1 {
            let frames = (0..waiting).filter_map(|after| link.upcoming(after));
            self.connections.anticipate(frames.filter_map(segments::guess_ends));
        }
    }

    /// A frame came in several pieces, which are put together. What is answered to it is short.
    #[cold]
    fn receive_pieces<A: Appliance>(
        &mut self,
        index: usize,
        mut received: impl ReceivedFrame,
        appliance: &mut A,
        now: Moment,
    ) {
        let mut whole = core::mem::take(&mut self.whole);
        let pieces = (0..).map_while(|piece| received.piece(piece));
        let mut length = 0;
        for octets in core::iter::once(received.bytes()).chain(pieces) {
            if let Some(place) = whole.get_mut(length..length + octets.len()) {
                place.copy_from_slice(octets);
            }
            length += octets.len();
        }
        let reply = if length <= whole.len() {
            let frame = Frame { buffer: &mut whole, length, checksum: received.checksum() };
            self.on_frame(index, frame, appliance, now)
        } else {
            self.counters.count(Counter::FrameTruncated);
            Reply::Silence
        };
        match reply {
            Reply::Send { length } if length <= received.buffer().len() => {
                received.buffer()[..length].copy_from_slice(&whole[..length]);
                received.reply(length);
            }
            Reply::Send { .. } | Reply::Silence => drop(received),
        }
        self.whole = whole;
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
        let (ports, rates, connections) = (&*self.ports, &mut self.rates, &mut self.connections);
        let link = link as u8;
        let mut reception = Reception { link, station, ports, rates, connections, appliance, now };
        match reception.on_frame(frame) {
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
        let own = own.map(|(name, value)| Statistic { name, value });
        self.counters.statistics().chain(own).chain(self.connections.statistics())
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
