//! Asking an appliance until it answers.

use crate::machines;
use core::time::Duration;
use std::io;
use std::net::UdpSocket;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

/// A question that is repeated until it is answered.
#[derive(Debug)]
pub(crate) struct Probe<'a> {
    question: &'a [u8],
    socket: UdpSocket,
    next: Instant,
    interval: Duration,
}

const FIRST_INTERVAL: Duration = Duration::from_millis(5);
const LAST_INTERVAL: Duration = Duration::from_millis(500);

/// The most that are looked at in one go.
const DATAGRAMS: usize = 64;

impl<'a> Probe<'a> {
    pub(crate) fn new(probe: &'a machines::Probe) -> io::Result<Self> {
        let any = if probe.address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(any)?;
        socket.connect(probe.address)?;
        socket.set_nonblocking(true)?;
        Ok(Self { question: &probe.question, socket, next: Instant::now(), interval: FIRST_INTERVAL })
    }

    /// When to ask the next time.
    pub(crate) fn deadline(&self) -> Instant {
        self.next
    }

    /// Asks, if it is time.
    pub(crate) fn ask(&mut self, now: Instant) {
        if now < self.next {
            return;
        }
        // As long as nobody listens, that is what the system reports here.
        let _ = self.socket.send(self.question);
        self.next = now + self.interval;
        self.interval = (self.interval * 5 / 4).min(LAST_INTERVAL);
    }

    /// Whether an answer came.
    pub(crate) fn is_answered(&self) -> bool {
        let mut answer = [0; 512];
        // The guest may send whatever it likes: the rest is for the next time.
        for _ in 0..DATAGRAMS {
            // A datagram, or nobody listening yet, or nothing yet.
            let Some(length) = self.receive(&mut answer) else { return false };
            if answer.get(..length).is_some_and(|answer| self.is_answer(answer)) {
                return true;
            }
        }
        false
    }

    fn receive(&self, answer: &mut [u8]) -> Option<usize> {
        match self.socket.recv(answer) {
            Ok(length) => Some(length),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            // Each such error was waiting once; the next call sees what is behind it.
            Err(_) => Some(0),
        }
    }

    /// The same transaction (RFC 1035 §4.1.1), and a response.
    fn is_answer(&self, answer: &[u8]) -> bool {
        const RESPONSE: u8 = 0x80;
        answer.get(..2) == self.question.get(..2) && answer.get(2).is_some_and(|flags| flags & RESPONSE != 0)
    }
}

impl AsFd for Probe<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
