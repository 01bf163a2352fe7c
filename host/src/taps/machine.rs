//! A Linux process as a platform: its links, clocks, randomness, log, and how it sleeps.

use super::counters;
use super::limits::LONGEST_SLEEP;
use super::link::TapLink;
use crate::clock::Clock;
use crate::telling::tell;
use core::fmt;
use moment::{Instant, Moment};
use operator::{Request, Statistic};
use platform::Platform;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::rand::{GetRandomFlags, getrandom};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};

/// The machine that a process is.
pub(super) struct Machine<'a> {
    links: Vec<TapLink>,
    clock: Clock,
    operator: &'a UnixListener,
    /// Who asked something, and was not answered yet.
    asking: Option<UnixStream>,
    end: BorrowedFd<'a>,
    is_asked_to_end: bool,
    log: &'a mut dyn FnMut(fmt::Arguments<'_>),
    sleeps: u64,
    failure: Option<Errno>,
}

impl<'a> Machine<'a> {
    pub(super) fn new(
        links: Vec<TapLink>,
        operator: &'a UnixListener,
        end: BorrowedFd<'a>,
        log: &'a mut dyn FnMut(fmt::Arguments<'_>),
    ) -> Self {
        Self {
            links,
            clock: Clock::start(),
            operator,
            asking: None,
            end,
            is_asked_to_end: false,
            log,
            sleeps: 0,
            failure: None,
        }
    }

    pub(super) fn is_asked_to_end(&self) -> bool {
        self.is_asked_to_end
    }

    /// Fails if the system took a device away, or waiting for it fails.
    pub(super) fn check(&mut self) -> io::Result<()> {
        if let Some(error) = self.failure.take() {
            return Err(error.into());
        }
        self.links.iter_mut().try_for_each(TapLink::check)
    }
}

impl Platform for Machine<'_> {
    type Link = TapLink;

    fn links(&mut self) -> &mut [TapLink] {
        &mut self.links
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn fill_random(&mut self, mut bytes: &mut [u8]) {
        while !bytes.is_empty() {
            match getrandom(&mut *bytes, GetRandomFlags::empty()) {
                Ok(count) => bytes = &mut bytes[count..],
                Err(Errno::INTR) => {}
                Err(error) => panic!("Linux has no randomness: {error}"),
            }
        }
    }

    fn log(&mut self, line: fmt::Arguments<'_>) {
        (self.log)(line);
    }

    fn wait(&mut self, deadline: Option<Instant>) {
        let patience = deadline.map(|deadline| (deadline - self.clock.instant()).min(LONGEST_SLEEP));
        self.sleeps += u64::from(patience.is_none_or(|patience| !patience.is_zero()));
        let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
        let others = [self.end, self.operator.as_fd()];
        let mut descriptors: Vec<_> = others
            .into_iter()
            .chain(self.links.iter().map(AsFd::as_fd))
            .map(|descriptor| PollFd::from_borrowed_fd(descriptor, PollFlags::IN))
            .collect();
        match poll(&mut descriptors, patience.as_ref()) {
            Ok(_) => {}
            Err(Errno::INTR) => return,
            Err(error) => self.failure = Some(error),
        }
        let is_ready = |number: usize| !descriptors[number].revents().is_empty();
        self.is_asked_to_end = is_ready(0);
        if is_ready(1) {
            self.asking = self.operator.accept().ok().map(|(stream, _)| stream);
        }
    }

    fn request(&mut self) -> Option<Request> {
        self.asking.as_ref().map(|_| Request::Statistics)
    }

    fn answer(&mut self, statistics: impl Iterator<Item = Statistic>) {
        let own = counters::statistics(self.links.iter().map(|link| link.counts), self.sleeps);
        if let Some(asking) = self.asking.take() {
            tell(asking, statistics.chain(own));
        }
    }
}
