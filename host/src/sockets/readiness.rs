//! Which of very many sockets have something: epoll(7).

use super::limits::{EVENTS, LONGEST_SLEEP};
use appliance::StreamId;
use core::time::Duration;
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

/// What the system is asked to watch.
#[derive(Debug)]
pub(super) struct Readiness {
    epoll: OwnedFd,
}

/// Whose something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The process is to end.
    End,
    /// Somebody asks for statistics.
    Operator,
    /// The UDP socket of this index.
    Datagrams(usize),
    /// The TCP listener of this index.
    Listener(usize),
    /// A stream.
    Stream(StreamId),
}

/// What became of a stream's socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct News {
    /// Octets came, or the peer has finished.
    pub(super) is_readable: bool,
    /// The peer has finished: its end is behind what can be read.
    pub(super) has_end: bool,
    /// The system takes octets again, or the one that was dialled answered.
    pub(super) is_writable: bool,
    /// There is an error to be asked for.
    pub(super) has_failed: bool,
}

impl Readiness {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { epoll: epoll::create(CreateFlags::CLOEXEC)? })
    }

    /// Says of `socket` that something waits there for as long as something does.
    pub(super) fn watch(&self, socket: impl AsFd, source: Source) -> io::Result<()> {
        Ok(epoll::add(&self.epoll, socket, EventData::new_u64(source.number()), EventFlags::IN)?)
    }

    /// Says of a stream's socket that something became possible, once each time. It is forgotten when it is closed.
    pub(super) fn watch_changes(&self, socket: impl AsFd, id: StreamId) -> io::Result<()> {
        let changes = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        Ok(epoll::add(&self.epoll, socket, EventData::new_u64(Source::Stream(id).number()), changes)?)
    }

    /// Says nothing of `socket` until [`Readiness::wake`].
    pub(super) fn rest(&self, socket: impl AsFd, source: Source) -> io::Result<()> {
        let number = EventData::new_u64(source.number());
        Ok(epoll::modify(&self.epoll, socket, number, EventFlags::empty())?)
    }

    /// The opposite of [`Readiness::rest`].
    pub(super) fn wake(&self, socket: impl AsFd, source: Source) -> io::Result<()> {
        Ok(epoll::modify(&self.epoll, socket, EventData::new_u64(source.number()), EventFlags::IN)?)
    }

    /// Waits until something is, but no longer than `patience`; what it was is in `events` then, none after a signal.
    pub(super) fn wait(&self, events: &mut Vec<Event>, patience: Option<Duration>) -> io::Result<()> {
        events.clear();
        events.reserve(EVENTS);
        let patience = patience.map(|patience| patience.min(LONGEST_SLEEP));
        let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
        match epoll::wait(&self.epoll, spare_capacity(events), patience.as_ref()) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Set in the lower half of a number that names no stream; its upper half says what it names.
const NO_STREAM: u32 = 1 << 31;

impl Source {
    /// Whose `event` is, and what of it is news to a stream.
    pub(super) fn of(event: &Event) -> (Self, News) {
        let (data, flags) = (event.data, event.flags);
        let has_failed = flags.contains(EventFlags::ERR);
        let has_end = flags.intersects(EventFlags::RDHUP | EventFlags::HUP);
        let news = News {
            is_readable: has_end || flags.contains(EventFlags::IN),
            has_end,
            is_writable: flags.contains(EventFlags::OUT),
            has_failed,
        };
        (Self::from_number(data.u64()), news)
    }

    /// The number by which the system knows it.
    fn number(self) -> u64 {
        let (kind, index) = match self {
            Self::End => (0, NO_STREAM),
            Self::Operator => (1, NO_STREAM),
            Self::Datagrams(index) => (2, index as u32 | NO_STREAM),
            Self::Listener(index) => (3, index as u32 | NO_STREAM),
            Self::Stream(id) => (id.generation(), id.index() as u32),
        };
        u64::from(kind) << 32 | u64::from(index)
    }

    fn from_number(number: u64) -> Self {
        let (kind, lower) = ((number >> 32) as u32, number as u32);
        let index = (lower & !NO_STREAM) as usize;
        match kind {
            generation if lower & NO_STREAM == 0 => Self::Stream(StreamId::new(lower, generation)),
            0 => Self::End,
            1 => Self::Operator,
            2 => Self::Datagrams(index),
            _ => Self::Listener(index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Source;
    use appliance::StreamId;

    #[test]
    fn a_source_is_known_by_its_number() {
        for source in [
            Source::End,
            Source::Operator,
            Source::Datagrams(0),
            Source::Datagrams(7),
            Source::Listener(1),
            Source::Stream(StreamId::new(0, 0)),
            Source::Stream(StreamId::new(32_767, u32::MAX)),
        ] {
            assert_eq!(Source::from_number(source.number()), source);
        }
    }
}
