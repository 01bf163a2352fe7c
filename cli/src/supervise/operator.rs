//! The line to a guest's operator: what it logs, and what it answers to whoever connects.

use super::lines::Lines;
use core::time::Duration;
use operator::{ANSWER, END, LOG, Request, STATISTIC};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Instant;

/// This end of a guest's line, and those who wait for an answer.
pub(super) struct Operator<'a> {
    listener: &'a UnixListener,
    line: UnixStream,
    lines: Lines<UnixStream>,
    /// Connecting is asking.
    asking: Vec<UnixStream>,
    /// When those who ask are told by silence that there is no answer.
    deadline: Option<Instant>,
    /// What came of the answer so far.
    answer: String,
}

/// The most who wait at a time; others wait to be let in.
const ASKING: usize = 16;

/// How long a guest may take to answer. One whose image has no driver never does.
const PATIENCE: Duration = Duration::from_secs(2);

impl<'a> Operator<'a> {
    pub(super) fn new(listener: &'a UnixListener, line: UnixStream) -> io::Result<Self> {
        let lines = Lines::new(line.try_clone()?);
        Ok(Self { listener, line, lines, asking: Vec::new(), deadline: None, answer: String::new() })
    }

    /// When to look here although nothing came.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Where something may come.
    pub(super) fn as_open(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let listener = (self.asking.len() < ASKING).then(|| self.listener.as_fd());
        self.lines.as_open().into_iter().chain(listener)
    }

    /// Lets in those who connected, and asks the guest for them.
    pub(super) fn accept(&mut self, now: Instant) {
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            self.asking.clear();
            self.deadline = None;
        }
        while self.asking.len() < ASKING {
            let Ok((stream, _)) = self.listener.accept() else { break };
            if self.asking.is_empty() {
                // What can't be asked is not answered, and that is what its asker is told.
                let _ = self.line.write_all(format!("{}\n", Request::Statistics.line()).as_bytes());
                self.deadline = Some(now + PATIENCE);
            }
            self.asking.push(stream);
        }
    }

    /// Takes what the guest has said, up to a bound; whether there may be more.
    pub(super) fn receive(&mut self) -> bool {
        self.lines.receive()
    }

    /// The next line of it that the guest logged; answers go to those who asked.
    pub(super) fn next_logged(&mut self) -> Option<String> {
        while let Some(line) = self.lines.next() {
            if let Some(logged) = line.strip_prefix(LOG) {
                return Some(logged.to_owned());
            } else if let Some(statistic) = line.strip_prefix(STATISTIC) {
                // A guest that says more than it may is not believed in full.
                if self.answer.len() + statistic.len() < ANSWER {
                    self.answer += statistic;
                    self.answer.push('\n');
                }
            } else if line == END {
                self.tell();
            }
        }
        None
    }

    /// Hands the answer to all who wait. All of it fits in what the system keeps for a reader who is slow; one who is gone is
    /// told nothing.
    fn tell(&mut self) {
        let answer = core::mem::take(&mut self.answer) + END + "\n";
        for mut stream in self.asking.drain(..) {
            let _ = stream.set_nonblocking(true).and_then(|()| stream.write_all(answer.as_bytes()));
        }
        self.deadline = None;
    }
}
