//! Words of others, line by line.

use std::io::{ErrorKind, Read};
use std::os::fd::{AsFd, BorrowedFd};

/// A pipe, read line by line as far as it goes.
pub(super) struct Lines<P> {
    /// `None` once its other end is closed.
    pipe: Option<P>,
    /// What came and was not lent as a line yet.
    received: Vec<u8>,
}

/// A longer line is cut here.
const LINE: usize = 4096;

impl<P: Read + AsFd> Lines<P> {
    pub(super) fn new(pipe: P) -> Self {
        let is_nonblocking = rustix::fs::fcntl_getfl(&pipe)
            .and_then(|flags| rustix::fs::fcntl_setfl(&pipe, flags | rustix::fs::OFlags::NONBLOCK))
            .is_ok();
        // A pipe that blocks would hold everything else up: then its words are lost.
        Self { pipe: is_nonblocking.then_some(pipe), received: Vec::new() }
    }

    pub(super) fn as_open(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(AsFd::as_fd)
    }

    /// The next line, without its end, if it is whole or as long as a line may be, or the last.
    pub(super) fn next(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.received.iter().position(|&octet| octet == b'\n') {
                return Some(self.take(end, end + 1));
            }
            if self.received.len() >= LINE {
                return Some(self.take(LINE, LINE));
            }
            if self.pipe.is_none() {
                let end = self.received.len();
                return (end != 0).then(|| self.take(end, end));
            }
            if !self.fill() {
                return None;
            }
        }
    }

    fn take(&mut self, end: usize, next: usize) -> String {
        let line = String::from_utf8_lossy(&self.received[..end]).trim_end_matches('\r').to_owned();
        self.received.drain(..next);
        line
    }

    /// Whether anything has changed.
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
