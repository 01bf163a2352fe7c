//! The loop.

use super::Sockets;
use super::counters::Counters;
use super::limits::{OTHER_FILES, STREAMS};
use super::listeners::Listeners;
use super::readiness::{Readiness, Source};
use super::streams::Streams;
use crate::sys::datagrams::Datagrams;
use crate::telling::tell;
use appliance::Appliance;
use moment::{Instant, Moment};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixListener;

/// Serves the appliance until `end` becomes readable.
pub(super) fn serve(
    sockets: &Sockets,
    appliance: &mut impl Appliance,
    operator: &UnixListener,
    end: BorrowedFd<'_>,
) -> io::Result<()> {
    let mut turns = Turns::new(sockets)?;
    turns.streams.readiness().watch(end, Source::End)?;
    turns.streams.readiness().watch(operator, Source::Operator)?;
    let mut events = Vec::new();
    loop {
        let deadline = turns.deadline(appliance.deadline());
        let patience = deadline.map(|deadline| deadline - sockets.clock.instant());
        turns.streams.readiness().wait(&mut events, patience)?;

        let now = sockets.clock.now();
        for (source, news) in events.iter().map(Source::of) {
            match source {
                Source::End => return Ok(()),
                Source::Operator => {
                    if let Ok((asking, _)) = operator.accept() {
                        tell(asking, appliance.statistics().chain(turns.counters().statistics()));
                    }
                }
                Source::Datagrams(index) => turns.answer(index, appliance, now)?,
                Source::Listener(index) => turns.accept(index, now.instant)?,
                Source::Stream(id) => turns.streams.hear(id, news),
            }
        }
        turns.finish(appliance, now)?;
    }
}

/// What the loop goes around with.
struct Turns<'a> {
    sockets: &'a Sockets,
    datagrams: Datagrams,
    listeners: Listeners<'a>,
    streams: Streams,
    counters: Counters,
}

impl<'a> Turns<'a> {
    fn new(sockets: &'a Sockets) -> io::Result<Self> {
        let readiness = Readiness::new()?;
        for (index, socket) in sockets.datagrams.iter().enumerate() {
            readiness.watch(socket, Source::Datagrams(index))?;
        }
        let listeners = Listeners::new(&sockets.listeners, &readiness)?;
        let streams = Streams::new(readiness, most_streams());
        let (datagrams, counters) = (Datagrams::new(), Counters::default());
        Ok(Self { sockets, datagrams, listeners, streams, counters })
    }

    /// When the next turn is due though nothing comes; `own` is the appliance's deadline.
    fn deadline(&self, own: Option<Instant>) -> Option<Instant> {
        if self.streams.are_ready() {
            return Some(Instant::START);
        }
        [own, self.streams.deadline(), self.listeners.deadline()].into_iter().flatten().min()
    }

    fn answer(&mut self, index: usize, appliance: &mut impl Appliance, now: Moment) -> io::Result<()> {
        match self.sockets.datagrams.get(index) {
            Some(socket) => socket.answer(appliance, &mut self.datagrams, &mut self.counters, now),
            None => Ok(()),
        }
    }

    fn accept(&mut self, index: usize, now: Instant) -> io::Result<()> {
        self.listeners.accept(index, &mut self.streams, &mut self.counters, now)
    }

    /// Tells the appliance what is news to it.
    fn finish(&mut self, appliance: &mut impl Appliance, now: Moment) -> io::Result<()> {
        self.counters.turns += 1;
        self.streams.turn(appliance, now);
        if appliance.deadline().is_some_and(|deadline| deadline <= now.instant) {
            appliance.on_deadline(&mut self.streams, now);
            self.streams.settle(appliance, now);
        }
        self.listeners.wake(self.streams.readiness(), now.instant)
    }

    fn counters(&self) -> Counters {
        Counters { streams: self.streams.counters, ..self.counters }
    }
}

/// How many streams the system has files for, once it was asked for as many as this process may have.
fn most_streams() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = STREAMS as u64 + OTHER_FILES;
    let granted = match current {
        Some(current) if current < wanted => {
            let raised = maximum.map_or(wanted, |maximum| maximum.min(wanted));
            match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum }) {
                Ok(()) => raised,
                Err(_) => current,
            }
        }
        _ => wanted,
    };
    usize::try_from(granted.saturating_sub(OTHER_FILES)).unwrap_or(STREAMS).min(STREAMS)
}
