//! Words of others, line by line.

use std::io::{ErrorKind, Read};
use std::os::fd::{AsFd, BorrowedFd};

/// A pipe, read line by line. Whoever writes may never pause: each time only so much is taken.
pub(super) struct Lines<P> {
    /// `None` once its other end is closed.
    pipe: Option<P>,
    /// What came.
    received: Vec<u8>,
    /// How much of it was lent as lines.
    lent: usize,
}

/// A longer line is cut here.
const LINE: usize = 4096;

/// The most readings at a time, each of as much as the longest line: as much as Linux keeps in a pipe (pipe(7)).
const READINGS: usize = 16;

impl<P: Read + AsFd> Lines<P> {
    pub(super) fn new(pipe: P) -> Self {
        let is_nonblocking = rustix::fs::fcntl_getfl(&pipe)
            .and_then(|flags| rustix::fs::fcntl_setfl(&pipe, flags | rustix::fs::OFlags::NONBLOCK))
            .is_ok();
        // A pipe that blocks would hold everything else up: then its words are lost.
        Self { pipe: is_nonblocking.then_some(pipe), received: Vec::new(), lent: 0 }
    }

    pub(super) fn as_open(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(AsFd::as_fd)
    }

    /// Takes what has come, up to a bound; whether there may be more.
    pub(super) fn receive(&mut self) -> bool {
        // Less than a line is left, if all of them were asked for.
        self.received.drain(..self.lent);
        self.lent = 0;
        (0..READINGS).all(|_| self.fill())
    }

    /// The next line of what was received, without its end, if it is whole or as long as a line may be, or the last.
    pub(super) fn next(&mut self) -> Option<String> {
        let rest = self.received.get(self.lent..)?;
        let end = rest.iter().take(LINE + 1).position(|&octet| octet == b'\n');
        let (end, next) = match end {
            Some(end) => (end, end + 1),
            None if rest.len() > LINE => (LINE, LINE),
            None if self.pipe.is_none() && !rest.is_empty() => (rest.len(), rest.len()),
            None => return None,
        };
        let line = String::from_utf8_lossy(&rest[..end]).trim_end_matches('\r').to_owned();
        self.lent += next;
        Some(line)
    }

    /// Reads once; whether there may be more.
    fn fill(&mut self) -> bool {
        let Some(pipe) = &mut self.pipe else { return false };
        let mut buffer = [0; LINE];
        match pipe.read(&mut buffer) {
            Ok(0) => self.pipe = None,
            Ok(length) => self.received.extend(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => self.pipe = None,
        }
        true
    }
}

#[cfg(test)]
mod tests;
