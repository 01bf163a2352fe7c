//! A client that sends and receives streams over smoltcp's TCP, both ways at once.

use crate::checkers::{Pattern, Progress, Reader, Writer};
use crate::peer::Client;
use anyhow::Result;
use core::net::SocketAddr;
use core::time::Duration;
use moment::Instant;
use smoltcp::iface::{Interface, SocketHandle, SocketSet};
use smoltcp::socket::tcp;
use smoltcp::wire::IpEndpoint;

/// How long a stream may rest on a good cable: smoltcp's longest time before it sends again, and a good deal more.
pub(crate) const PATIENCE: Duration = Duration::from_secs(130);

/// One end of a stream.
pub(crate) struct Talker {
    socket: SocketHandle,
    role: Role,
    writer: Writer,
    reader: Reader,
    progress: Progress,
    is_connected: bool,
}

/// Who begins.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role {
    /// Waits at a port.
    Listens(u16),
    /// Connects from a port to somebody.
    Connects(u16, SocketAddr),
}

/// What is said on a stream: each side's seed, and how many octets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Talk {
    /// What this end sends.
    pub(crate) says: (u64, u64),
    /// What the other end sends.
    pub(crate) hears: (u64, u64),
    /// Octets of each of the socket's buffers.
    pub(crate) buffer: usize,
}

impl Talker {
    /// An end of a stream.
    pub(crate) fn new(role: Role, talk: Talk, sockets: &mut SocketSet<'static>) -> Self {
        let room = || tcp::SocketBuffer::new(vec![0; talk.buffer]);
        let socket = sockets.add(tcp::Socket::new(room(), room()));
        let (writer, reader) = (
            Writer::new(Pattern::new(talk.says.0), talk.says.1),
            Reader::new(Pattern::new(talk.hears.0), talk.hears.1),
        );
        let progress = Progress::new(PATIENCE);
        Self { socket, role, writer, reader, progress, is_connected: false }
    }

    /// Whether everything was said and heard.
    #[must_use]
    pub(crate) const fn is_finished(&self) -> bool {
        self.writer.is_finished() && self.reader.is_finished()
    }

    /// How many octets were heard.
    #[must_use]
    pub(crate) const fn heard(&self) -> u64 {
        self.reader.received()
    }

    /// Nothing has hindered the stream since `unhindered`: whether it moves.
    pub(crate) fn check(&mut self, unhindered: Instant, now: Instant) -> Result<()> {
        let is_waiting = !self.reader.is_finished();
        if is_waiting { self.progress.check(self.reader.received(), unhindered, now) } else { Ok(()) }
    }

    fn connect(&mut self, interface: &mut Interface, socket: &mut tcp::Socket<'_>) -> Result<()> {
        if !self.is_connected && !socket.is_open() {
            match self.role {
                Role::Listens(port) => socket.listen(port)?,
                Role::Connects(from, to) => {
                    socket.connect(interface.context(), IpEndpoint::from(to), from)?
                }
            }
        }
        self.is_connected |= socket.may_send();
        Ok(())
    }

    fn converse(&mut self, socket: &mut tcp::Socket<'_>) -> Result<()> {
        while socket.can_recv() {
            let reader = &mut self.reader;
            socket.recv(|octets| (octets.len(), reader.receive(octets)))??;
        }
        if socket.can_send() && !self.writer.is_finished() {
            let writer = &mut self.writer;
            socket.send(|room| (writer.write(room), ()))?;
        }
        // smoltcp 0.14 may forget an end that was sent while octets before it were not acknowledged.
        if self.is_connected && self.writer.is_finished() && socket.send_queue() == 0 {
            socket.close();
        }
        // The other end has closed, and all before that was read.
        if self.is_connected && !socket.may_recv() && !self.reader.is_finished() {
            self.reader.end()?;
        }
        Ok(())
    }
}

impl Client for Talker {
    fn act(
        &mut self,
        interface: &mut Interface,
        sockets: &mut SocketSet<'static>,
        _now: Instant,
    ) -> Result<Option<Instant>> {
        let socket = sockets.get_mut::<tcp::Socket<'_>>(self.socket);
        self.connect(interface, socket)?;
        self.converse(socket)?;
        Ok(None)
    }
}
