//! TCP sockets that peers come to.

use super::counters::Counters;
use super::limits::{ACCEPTED_PER_TURN, BACKLOG, REST};
use super::readiness::{Readiness, Source};
use super::streams::{Streams, apply};
use super::{Publication, open};
use appliance::Policy;
use core::net::SocketAddr;
use moment::Instant;
use rustix::io::Errno;
use rustix::net::sockopt::set_socket_reuseaddr;
use rustix::net::{SocketFlags, SocketType, acceptfrom_with, bind, ipproto, listen};
use std::io;
use std::net::{TcpListener, TcpStream};

/// A TCP socket that an appliance listens on.
#[derive(Debug)]
pub(super) struct StreamListener {
    socket: TcpListener,
    local: SocketAddr,
    port: u16,
}

/// What waits on a listener.
enum Waiting {
    Connection(TcpStream, SocketAddr),
    /// One that was gone before it was taken in.
    Lost,
    Nothing,
    /// The system has no file or memory for one more.
    NoRoom,
}

impl StreamListener {
    pub(super) fn open(publication: Publication) -> io::Result<Self> {
        let socket = open(publication.host, SocketType::STREAM, ipproto::TCP)?;
        // Connections of the one that ran here before may not keep the next from listening while they fade away (RFC 9293 §3.4.2).
        set_socket_reuseaddr(&socket, true)?;
        // Those that are accepted are treated like their listener.
        apply(Policy::default(), &socket)?;
        bind(&socket, &publication.host)?;
        listen(&socket, BACKLOG)?;
        let socket = TcpListener::from(socket);
        let local = socket.local_addr()?;
        Ok(Self { socket, local, port: publication.port })
    }

    pub(super) fn local(&self) -> SocketAddr {
        self.local
    }

    fn next(&self) -> io::Result<Waiting> {
        match acceptfrom_with(&self.socket, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK) {
            Ok((socket, peer)) => {
                // Of an IP socket it is nothing else.
                let peer = peer.and_then(|peer| SocketAddr::try_from(peer).ok());
                Ok(peer.map_or(Waiting::Lost, |peer| Waiting::Connection(socket.into(), peer)))
            }
            Err(Errno::AGAIN) => Ok(Waiting::Nothing),
            Err(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => Ok(Waiting::NoRoom),
            Err(error @ (Errno::BADF | Errno::INVAL | Errno::NOTSOCK | Errno::OPNOTSUPP)) => {
                Err(error.into())
            }
            // Errors of the connection itself come this way, too (accept(2)).
            Err(_) => Ok(Waiting::Lost),
        }
    }

    /// Which of the host's addresses a peer came to, and the appliance's port.
    fn reached(&self, connection: &TcpStream) -> io::Result<SocketAddr> {
        let local = if self.local.ip().is_unspecified() { connection.local_addr()? } else { self.local };
        Ok(SocketAddr::new(local.ip(), self.port))
    }
}

/// All of them. They rest together while there is no room for one more connection.
#[derive(Debug)]
pub(super) struct Listeners<'a> {
    listeners: &'a [StreamListener],
    /// Until when they rest; connections wait in the system meanwhile.
    resting: Option<Instant>,
}

impl<'a> Listeners<'a> {
    pub(super) fn new(listeners: &'a [StreamListener], readiness: &Readiness) -> io::Result<Self> {
        for (index, listener) in listeners.iter().enumerate() {
            readiness.watch(&listener.socket, Source::Listener(index))?;
        }
        Ok(Self { listeners, resting: None })
    }

    /// When they are to be woken, if they rest.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.resting
    }

    /// Takes in who came to one of them, up to a bound.
    pub(super) fn accept(
        &mut self,
        index: usize,
        streams: &mut Streams,
        counters: &mut Counters,
        now: Instant,
    ) -> io::Result<()> {
        let Some(listener) = self.listeners.get(index) else { return Ok(()) };
        for _ in 0..ACCEPTED_PER_TURN {
            if !streams.has_room() {
                return self.rest(streams, counters, now);
            }
            match listener.next()? {
                Waiting::Connection(connection, peer) => {
                    if let Ok(local) = listener.reached(&connection) {
                        streams.accept(connection, peer, local);
                    }
                }
                Waiting::Lost => {}
                Waiting::Nothing => return Ok(()),
                Waiting::NoRoom => return self.rest(streams, counters, now),
            }
        }
        Ok(())
    }

    fn rest(&mut self, streams: &Streams, counters: &mut Counters, now: Instant) -> io::Result<()> {
        counters.rests += 1;
        self.resting = Some(now + REST);
        for (index, listener) in self.listeners.iter().enumerate() {
            streams.readiness().rest(&listener.socket, Source::Listener(index))?;
        }
        Ok(())
    }

    /// Has them listen again, if they rested for long enough.
    pub(super) fn wake(&mut self, readiness: &Readiness, now: Instant) -> io::Result<()> {
        if self.resting.take_if(|until| *until <= now).is_some() {
            for (index, listener) in self.listeners.iter().enumerate() {
                readiness.wake(&listener.socket, Source::Listener(index))?;
            }
        }
        Ok(())
    }
}
