//! Asking an appliance until it answers.

use crate::machines::{self, Transport};
use core::net::SocketAddr;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

/// A question that is repeated until it is answered.
#[derive(Debug)]
pub(crate) struct Probe<'a> {
    question: &'a [u8],
    line: Line,
    next: Instant,
    interval: Duration,
}

/// What goes there and comes back.
#[derive(Debug)]
enum Line {
    Datagrams(UdpSocket),
    /// A new connection for each time that it is asked.
    Streams {
        address: SocketAddr,
        /// The last, and what came on it.
        stream: Option<(TcpStream, Vec<u8>)>,
    },
}

const FIRST_INTERVAL: Duration = Duration::from_millis(5);
const LAST_INTERVAL: Duration = Duration::from_millis(500);

/// How long a connection may take to be made: to an address of this host, or of one on a cable of its own.
const CONNECTING: Duration = Duration::from_millis(50);

/// The most that are looked at in one go.
const DATAGRAMS: usize = 64;

/// The most octets of an answer that are looked at: enough to see what it answers.
const ANSWER: usize = 512;

/// Octets of the length before a message on a stream (RFC 1035 §4.2.2).
const LENGTH: usize = 2;

impl<'a> Probe<'a> {
    pub(crate) fn new(probe: &'a machines::Probe) -> io::Result<Self> {
        let line = match probe.transport {
            Transport::Udp => Line::Datagrams(datagrams(probe.address)?),
            Transport::Tcp => Line::Streams { address: probe.address, stream: None },
        };
        Ok(Self { question: &probe.question, line, next: Instant::now(), interval: FIRST_INTERVAL })
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
        match &mut self.line {
            // As long as nobody listens, that is what the system reports here.
            Line::Datagrams(socket) => drop(socket.send(self.question)),
            Line::Streams { address, stream } => {
                *stream = ask_on_stream(*address, self.question).ok().map(|stream| (stream, Vec::new()));
            }
        }
        self.next = now + self.interval;
        self.interval = (self.interval * 5 / 4).min(LAST_INTERVAL);
    }

    /// Whether an answer came.
    pub(crate) fn is_answered(&mut self) -> bool {
        let question = self.question;
        match &mut self.line {
            Line::Datagrams(socket) => is_answered_by_datagram(socket, question),
            Line::Streams { stream, .. } => match stream {
                None => false,
                Some((socket, came)) => {
                    let is_over = matches!(read_on(socket, came), Ok(0));
                    let is_answered = came.get(LENGTH..).is_some_and(|answer| is_answer(answer, question));
                    if is_over {
                        *stream = None;
                    }
                    is_answered
                }
            },
        }
    }

    /// Where an answer may come.
    pub(crate) fn as_open(&self) -> Option<BorrowedFd<'_>> {
        match &self.line {
            Line::Datagrams(socket) => Some(socket.as_fd()),
            Line::Streams { stream, .. } => stream.as_ref().map(|(stream, _)| stream.as_fd()),
        }
    }
}

fn datagrams(address: SocketAddr) -> io::Result<UdpSocket> {
    let any = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any)?;
    socket.connect(address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn ask_on_stream(address: SocketAddr, question: &[u8]) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, CONNECTING)?;
    stream.set_nonblocking(true)?;
    let length = (question.len() as u16).to_be_bytes();
    stream.write_all(&[&length[..], question].concat())?;
    Ok(stream)
}

fn is_answered_by_datagram(socket: &UdpSocket, question: &[u8]) -> bool {
    let mut answer = [0; ANSWER];
    // The guest may send whatever it likes: the rest is for the next time.
    for _ in 0..DATAGRAMS {
        let length = match socket.recv(&mut answer) {
            Ok(length) => length,
            // Nobody listening yet, or nothing yet.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
            // Each such error was waiting once; the next call sees what is behind it.
            Err(_) => 0,
        };
        if answer.get(..length).is_some_and(|answer| is_answer(answer, question)) {
            return true;
        }
    }
    false
}

/// Adds what came on a stream, up to a bound, to what came before; nothing is its end.
fn read_on(stream: &mut TcpStream, came: &mut Vec<u8>) -> io::Result<usize> {
    let mut buffer = [0; ANSWER];
    let length = match stream.read(&mut buffer) {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => Ok(0),
        other => other,
    }?;
    came.extend(&buffer[..length.min(ANSWER.saturating_sub(came.len()))]);
    Ok(length)
}

/// The same transaction (RFC 1035 §4.1.1), and a response.
fn is_answer(answer: &[u8], question: &[u8]) -> bool {
    const RESPONSE: u8 = 0x80;
    answer.get(..2) == question.get(..2) && answer.get(2).is_some_and(|flags| flags & RESPONSE != 0)
}

#[cfg(test)]
mod tests;
