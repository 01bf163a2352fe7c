//! One connection: what the system says of its socket, and what of that an appliance is told.

use super::super::counters::StreamCounters;
use super::super::limits::{FIRST_CHECK, LAST_CHECK};
use super::super::readiness::News;
use super::incoming::{Incoming, Reading};
use super::outgoing::Outgoing;
use crate::sys::queue::unacknowledged;
use appliance::{End, Policy, StreamEvent};
use core::cell::Cell;
use core::net::SocketAddr;
use core::time::Duration;
use moment::Instant;
use rustix::io::Errno;
use rustix::net::sockopt;
use std::io;
use std::net::{Shutdown, TcpStream};

/// A connection of the system's, and its two buffers.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) socket: TcpStream,
    pub(super) peer: SocketAddr,
    pub(super) local: SocketAddr,
    pub(super) incoming: Incoming,
    pub(super) outgoing: Outgoing,
    /// How many octets make it worth looking.
    pub(super) expected: usize,
    pub(super) deadline: Option<Instant>,
    pub(super) has_peer_finished: bool,
    pub(super) finish: Finish,
    /// Whether it is in the list of those that are looked at next.
    pub(super) is_listed: bool,
    /// Whether somebody asked in vain if all is acknowledged, and was not told since that it is.
    pub(super) is_awaited: Cell<bool>,
    /// When that is looked at again, and how long after that.
    pub(super) check: Option<Instant>,
    pub(super) check_interval: Duration,
    /// Octets of memory, as they are counted.
    pub(super) counted: usize,
    phase: Phase,
    /// What the system last said, and no call has disproved.
    is_readable: bool,
    has_end: bool,
    is_writable: bool,
    has_failed: bool,
    /// Whether there is something that the appliance is to be told.
    has_progressed: bool,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The peer was dialled, and has not answered.
    Dialling,
    /// The system said at once that it can't be.
    Refused(End),
    /// The peer is there, and the appliance was not told.
    Connected,
    /// The appliance was told.
    Open,
}

/// Whether anything more will be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finish {
    /// Perhaps.
    Open,
    /// Nothing after what waits.
    Asked,
    /// The system was told so.
    Sent,
}

impl Connection {
    pub(super) fn new(socket: TcpStream, peer: SocketAddr, local: SocketAddr, phase: Phase) -> Self {
        let is_connected = phase == Phase::Connected;
        Self {
            socket,
            peer,
            local,
            incoming: Incoming::default(),
            outgoing: Outgoing::default(),
            expected: 1,
            deadline: None,
            has_peer_finished: false,
            finish: Finish::Open,
            is_listed: false,
            is_awaited: Cell::new(false),
            check: None,
            check_interval: FIRST_CHECK,
            counted: 0,
            phase,
            // What a peer sends with its first segments is there already, mostly.
            is_readable: is_connected,
            has_end: false,
            is_writable: is_connected,
            has_failed: false,
            has_progressed: false,
        }
    }

    pub(super) fn hear(&mut self, news: News) {
        self.is_readable |= news.is_readable;
        self.has_end |= news.has_end;
        self.is_writable |= news.is_writable;
        self.has_failed |= news.has_failed;
    }

    /// Takes what came, gives what waits; returns what the appliance is to be told.
    pub(super) fn exchange(
        &mut self,
        spare: &mut Vec<u8>,
        counters: &mut StreamCounters,
    ) -> Result<Option<StreamEvent>, End> {
        if self.has_failed {
            self.has_failed = false;
            sockopt::socket_error(&self.socket).map_err(end)?.map_err(end)?;
        }
        match self.phase {
            Phase::Refused(end) => return Err(end),
            Phase::Dialling if !self.is_writable => return Ok(None),
            Phase::Dialling => self.phase = Phase::Connected,
            Phase::Connected | Phase::Open => {}
        }
        self.receive(spare, counters)?;
        self.send(counters)?;
        let has_progressed = core::mem::take(&mut self.has_progressed);
        if self.phase == Phase::Connected {
            self.phase = Phase::Open;
            return Ok(Some(StreamEvent::Opened));
        }
        Ok(has_progressed.then_some(StreamEvent::Progress))
    }

    fn receive(&mut self, spare: &mut Vec<u8>, counters: &mut StreamCounters) -> Result<(), End> {
        if !self.can_receive() {
            return Ok(());
        }
        let count = match self.incoming.read(&self.socket, spare).map_err(|error| end_of(&error))? {
            Reading::Some(count) => count,
            Reading::All(count) => {
                // The peer's end is found only by a reading that finds nothing else.
                self.is_readable = self.has_end && count > 0;
                count
            }
            Reading::End => {
                self.is_readable = false;
                self.has_peer_finished = true;
                self.has_progressed = true;
                0
            }
        };
        counters.octets_received += count as u64;
        let is_enough = self.incoming.length() >= self.expected || self.incoming.is_full();
        self.has_progressed |= count > 0 && is_enough;
        Ok(())
    }

    /// Whether reading is worth a call.
    fn can_receive(&self) -> bool {
        self.is_readable && !self.has_peer_finished && !self.incoming.is_full()
    }

    /// Gives the system what it takes, and the end behind it.
    pub(super) fn send(&mut self, counters: &mut StreamCounters) -> Result<(), End> {
        if matches!(self.phase, Phase::Dialling | Phase::Refused(_)) {
            return Ok(());
        }
        if self.is_writable && !self.outgoing.is_empty() {
            let (count, is_writable) = self.outgoing.write(&self.socket).map_err(end)?;
            self.is_writable = is_writable;
            counters.octets_sent += count as u64;
        }
        self.has_progressed |= self.outgoing.take_relief();
        if self.finish == Finish::Asked && self.outgoing.is_empty() {
            self.socket.shutdown(Shutdown::Write).map_err(|error| end_of(&error))?;
            self.finish = Finish::Sent;
        }
        Ok(())
    }

    /// Whether looking again is worth it, though the system says nothing new.
    pub(super) fn has_more(&self) -> bool {
        let is_begun = matches!(self.phase, Phase::Connected | Phase::Open);
        self.has_progressed || (is_begun && self.can_receive())
    }

    /// Whether both sides have finished, and the appliance has had its look at all that came. The system sees to it that what it took reaches the peer.
    pub(super) fn is_over(&self) -> bool {
        self.has_peer_finished && self.finish == Finish::Sent && !self.has_progressed
    }

    /// Whether the peer has acknowledged all that was to be sent.
    pub(super) fn is_drained(&self) -> bool {
        let is_drained = self.outgoing.is_empty() && unacknowledged(&self.socket) == 0;
        self.is_awaited.set(!is_drained);
        is_drained
    }

    /// Looks, for one who asked, whether all is acknowledged by now; returns after how long to look again.
    pub(super) fn check_acknowledged(&mut self) -> Option<Duration> {
        if !self.is_awaited.get() || !self.outgoing.is_empty() {
            return None;
        }
        if self.is_drained() {
            self.has_progressed = true;
            self.check_interval = FIRST_CHECK;
            return None;
        }
        let interval = self.check_interval;
        self.check_interval = (2 * interval).min(LAST_CHECK);
        Some(interval)
    }

    /// Octets of memory.
    pub(super) fn held(&self) -> usize {
        self.incoming.held() + self.outgoing.held()
    }

    /// Whatever of it the system does not grant stays as it was.
    pub(super) fn set_policy(&self, policy: Policy) {
        let _ = apply(policy, &self.socket);
    }

    /// Has the system reset the connection when it is closed, and forget what it has not sent (socket(7), `SO_LINGER`).
    pub(super) fn reset_on_close(&self) {
        let _ = sockopt::set_socket_linger(&self.socket, Some(Duration::ZERO));
    }
}

/// Has the system treat a socket, or those that are accepted from it, like that.
pub(in super::super) fn apply(policy: Policy, socket: impl std::os::fd::AsFd) -> Result<(), Errno> {
    let Policy { nagle, keep_alive, user_timeout } = policy;
    sockopt::set_tcp_nodelay(&socket, !nagle)?;
    sockopt::set_tcp_user_timeout(&socket, u32::try_from(user_timeout.as_millis()).unwrap_or(u32::MAX))?;
    sockopt::set_socket_keepalive(&socket, keep_alive.is_some())?;
    if let Some(silence) = keep_alive {
        // Whole seconds, up to the 32,767 that Linux takes.
        let seconds = silence.as_secs().clamp(1, 32_767);
        sockopt::set_tcp_keepidle(&socket, Duration::from_secs(seconds))?;
    }
    Ok(())
}

/// How a connection ended of which the system says this.
pub(super) fn end(error: Errno) -> End {
    match error {
        Errno::TIMEDOUT => End::TimedOut,
        Errno::HOSTUNREACH | Errno::NETUNREACH | Errno::HOSTDOWN | Errno::NETDOWN | Errno::ADDRNOTAVAIL => {
            End::Unreachable
        }
        Errno::NOBUFS | Errno::NOMEM => End::Shed,
        _ => End::Reset,
    }
}

fn end_of(error: &io::Error) -> End {
    end(Errno::from_io_error(error).unwrap_or(Errno::CONNRESET))
}
