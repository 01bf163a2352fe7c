//! A client that sends and receives streams over smoltcp's TCP, both ways at once.

use crate::checkers::{Pattern, Progress, Reader, Writer};
use crate::party::{Fortune, KEEP_ALIVE};
use crate::peer::Client;
use anyhow::{Context as _, Result, ensure};
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
    fortune: Fortune,
    pace: Option<(usize, Duration)>,
    /// When a slow reader reads on.
    reads_at: Instant,
    aborts_after: Option<u64>,
    /// Whether the stream ended before all was said and heard.
    is_lost: bool,
}

/// Many ends on one peer.
pub(crate) struct Crowd(Vec<Talker>);

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
    /// What may become of it.
    pub(crate) fortune: Fortune,
    /// How many octets are read at a time, and the pause then; else all at once.
    pub(crate) pace: Option<(usize, Duration)>,
    /// After how many octets that were heard it aborts.
    pub(crate) aborts_after: Option<u64>,
}

impl Talk {
    /// One that lasts, and whose reader is not slow.
    pub(crate) const fn new(says: (u64, u64), hears: (u64, u64), buffer: usize) -> Self {
        Self { says, hears, buffer, fortune: Fortune::Lasts, pace: None, aborts_after: None }
    }
}

impl Talker {
    /// An end of a stream.
    pub(crate) fn new(role: Role, talk: Talk, sockets: &mut SocketSet<'static>) -> Self {
        let room = || tcp::SocketBuffer::new(vec![0; talk.buffer]);
        let mut socket = tcp::Socket::new(room(), room());
        // Whoever may have been reset without hearing of it has to ask. And smoltcp 0.14 believes a window that an old segment
        // told it, and may wait for ever for it to open: an answer says how large it is.
        socket.set_keep_alive(Some(smoltcp::time::Duration::from_micros(KEEP_ALIVE.as_micros() as u64)));
        let socket = sockets.add(socket);
        let (writer, reader) = (
            Writer::new(Pattern::new(talk.says.0), talk.says.1),
            Reader::new(Pattern::new(talk.hears.0), talk.hears.1),
        );
        let progress = Progress::new(PATIENCE);
        Self {
            socket,
            role,
            writer,
            reader,
            progress,
            is_connected: false,
            fortune: talk.fortune,
            pace: talk.pace,
            reads_at: Instant::START,
            aborts_after: talk.aborts_after,
            is_lost: false,
        }
    }

    /// Whether everything was said and heard.
    #[must_use]
    pub(crate) fn is_finished(&self) -> bool {
        // One that may be reset may be so before it is open.
        let is_refused = !self.is_connected && self.fortune != Fortune::Lasts;
        self.is_lost || is_refused || (self.writer.is_finished() && self.reader.is_finished())
    }

    /// How many octets were heard.
    #[must_use]
    pub(crate) const fn heard(&self) -> u64 {
        self.reader.received()
    }

    /// Nothing has hindered the stream since `unhindered`: whether it moves.
    pub(crate) fn check(&mut self, unhindered: Instant, now: Instant) -> Result<()> {
        let is_waiting = !self.reader.is_finished() && !self.is_finished();
        let moved = self.reader.received() + self.writer.written();
        if is_waiting { self.progress.check(moved, unhindered, now) } else { Ok(()) }
    }

    fn connect(&mut self, interface: &mut Interface, socket: &mut tcp::Socket<'_>) -> Result<()> {
        if !self.is_connected && !self.is_lost && !socket.is_open() {
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

    fn converse(&mut self, socket: &mut tcp::Socket<'_>, now: Instant) -> Result<()> {
        self.listen(socket, now)?;
        if self.aborts_after.is_some_and(|heard| self.is_connected && self.reader.received() >= heard) {
            socket.abort();
            self.is_lost = true;
            return Ok(());
        }
        // smoltcp does not say how a connection ended: by a reset, unless all was said and heard.
        let is_closed = self.is_connected && socket.state() == tcp::State::Closed && socket.recv_queue() == 0;
        if is_closed && !(self.writer.is_finished() && self.reader.has_all()) {
            ensure!(self.fortune != Fortune::Lasts, "it was reset after {} octets", self.reader.received());
            self.is_lost = true;
            return Ok(());
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

    fn listen(&mut self, socket: &mut tcp::Socket<'_>, now: Instant) -> Result<()> {
        let mut left = usize::MAX;
        if let Some((most, pause)) = self.pace {
            if now < self.reads_at {
                return Ok(());
            }
            (left, self.reads_at) = (most, now + pause);
        }
        while socket.can_recv() && left > 0 {
            let reader = &mut self.reader;
            let heard = socket.recv(|octets| {
                let octets = &octets[..octets.len().min(left)];
                (octets.len(), reader.receive(octets).map(|()| octets.len()))
            })??;
            left -= heard;
        }
        Ok(())
    }
}

impl Crowd {
    /// An end for each.
    pub(crate) fn new(talks: Vec<(Role, Talk)>, sockets: &mut SocketSet<'static>) -> Self {
        Self(talks.into_iter().map(|(role, talk)| Talker::new(role, talk, sockets)).collect())
    }

    /// Every end.
    pub(crate) fn talkers(&self) -> &[Talker] {
        &self.0
    }

    /// Nothing has hindered the streams since `unhindered`: whether they move.
    pub(crate) fn check(&mut self, unhindered: Instant, now: Instant) -> Result<()> {
        for (number, talker) in self.0.iter_mut().enumerate() {
            talker.check(unhindered, now).with_context(|| format!("the peer's conversation {number}"))?;
        }
        Ok(())
    }
}

impl Client for Crowd {
    fn act(
        &mut self,
        interface: &mut Interface,
        sockets: &mut SocketSet<'static>,
        now: Instant,
    ) -> Result<Option<Instant>> {
        let mut next = None;
        for (number, talker) in self.0.iter_mut().enumerate() {
            let socket = sockets.get_mut::<tcp::Socket<'_>>(talker.socket);
            let acted = talker.connect(interface, socket).and_then(|()| talker.converse(socket, now));
            acted.with_context(|| format!("the peer's conversation {number}"))?;
            if talker.reads_at > now && socket.recv_queue() > 0 {
                next = Some(next.map_or(talker.reads_at, |next: Instant| next.min(talker.reads_at)));
            }
        }
        Ok(next)
    }
}
