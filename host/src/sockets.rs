//! One loop over any number of UDP sockets.

mod counters;

use crate::sys::datagrams::{Datagrams, report_destinations};
use appliance::{Appliance, Datagram, Listener, Reply};
use core::fmt;
use core::net::SocketAddr;
use counters::Counters;
use moment::{Instant, Moment, UnixTime};
use operator::END;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::sockopt::{set_ipv6_v6only, set_socket_recv_buffer_size};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, ipproto, socket_with};
use std::io::{self, Write};
use std::net::UdpSocket;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::time::{Instant as Clock, SystemTime};

/// Where one of an appliance's UDP ports is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Publication {
    /// The address of this host; port 0 is any free one.
    pub host: SocketAddr,
    /// The port that the appliance listens on.
    pub port: u16,
}

impl fmt::Display for Publication {
    /// As the command line takes it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}/udp", self.host, self.port)
    }
}

/// The sockets that an appliance is reached by.
#[derive(Debug)]
pub struct Sockets {
    sockets: Vec<Socket>,
    started: Clock,
}

#[derive(Debug)]
struct Socket {
    socket: UdpSocket,
    local: SocketAddr,
    port: u16,
}

/// Why nothing can be received where it should be.
#[derive(Debug)]
pub struct BindError {
    /// What was wanted.
    pub publication: Publication,
    /// What the system says.
    pub source: io::Error,
}

/// Why an appliance is no longer served.
#[derive(Debug)]
pub enum ServeError {
    /// Datagrams are published to a port that the appliance does not listen on.
    NoListener(Publication),
    /// The system took a socket away.
    System(io::Error),
}

/// What a socket may hold while the appliance is busy, in octets; the system may grant less.
const RECEIVE_QUEUE: usize = 1 << 20;

impl Sockets {
    /// Binds a socket for each publication. Datagrams wait in them from here on.
    ///
    /// # Errors
    /// The first publication that the system does not grant.
    pub fn bind(publications: &[Publication]) -> Result<Self, BindError> {
        let open = |&publication: &Publication| {
            Socket::open(publication).map_err(|source| BindError { publication, source })
        };
        let sockets = publications.iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self { sockets, started: Clock::now() })
    }

    /// What was bound, in the order in which it was asked for, with the ports that the system chose.
    pub fn publications(&self) -> impl ExactSizeIterator<Item = Publication> {
        self.sockets.iter().map(|socket| Publication { host: socket.local, port: socket.port })
    }

    /// Serves the appliance until `end` becomes readable. Whoever connects to `operator`, which never waits, is told how often
    /// everything happened.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub fn serve(
        &self,
        appliance: &mut impl Appliance,
        operator: &UnixListener,
        end: impl AsFd,
    ) -> Result<(), ServeError> {
        self.check_listeners(appliance)?;
        let mut turns = Turns { datagrams: Datagrams::new(), counters: Counters::default() };
        let mut ready: Vec<_> = [end.as_fd(), operator.as_fd()]
            .into_iter()
            .chain(self.sockets.iter().map(|socket| socket.socket.as_fd()))
            .map(|descriptor| PollFd::from_borrowed_fd(descriptor, PollFlags::IN))
            .collect();

        loop {
            match poll(&mut ready, None) {
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(ServeError::System(error.into())),
            }
            let Some(([ended, asked], readable)) = ready.split_first_chunk() else { unreachable!() };
            if !ended.revents().is_empty() {
                return Ok(());
            }
            if !asked.revents().is_empty() {
                tell(operator, appliance, &turns.counters);
            }
            let now = self.now();
            for (socket, _) in
                self.sockets.iter().zip(readable).filter(|(_, poll)| !poll.revents().is_empty())
            {
                socket.answer(appliance, &mut turns, now).map_err(ServeError::System)?;
            }
        }
    }

    fn check_listeners(&self, appliance: &impl Appliance) -> Result<(), ServeError> {
        let is_heard = |publication: &Publication| {
            appliance.listeners().contains(&Listener::Datagram { port: publication.port })
        };
        match self.publications().find(|publication| !is_heard(publication)) {
            Some(publication) => Err(ServeError::NoListener(publication)),
            None => Ok(()),
        }
    }

    fn now(&self) -> Moment {
        let nanoseconds = |duration: core::time::Duration| u64::try_from(duration.as_nanos()).ok();
        Moment {
            instant: Instant::from_nanoseconds(nanoseconds(self.started.elapsed()).unwrap_or(u64::MAX)),
            unix_time: SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .ok()
                .and_then(nanoseconds)
                .map(UnixTime::from_nanoseconds),
        }
    }
}

impl Socket {
    fn open(publication: Publication) -> io::Result<Self> {
        let socket = open_socket(publication.host)?;
        let socket = UdpSocket::from(socket);
        let local = socket.local_addr()?;
        if local.ip().is_unspecified() {
            report_destinations(&socket)?;
        }
        Ok(Self { socket, local, port: publication.port })
    }

    /// One turn: what waits, up to a batch, and the replies to it.
    fn answer(
        &self,
        appliance: &mut impl Appliance,
        Turns { datagrams, counters }: &mut Turns,
        now: Moment,
    ) -> io::Result<()> {
        counters.turns += 1;
        counters.received += datagrams.receive(&self.socket)? as u64;
        for received in datagrams.iter_mut() {
            let address = received.destination.unwrap_or(self.local.ip());
            let datagram = Datagram {
                source: received.source,
                destination: SocketAddr::new(address, self.port),
                buffer: received.buffer,
                length: *received.length,
            };
            *received.length = match appliance.on_datagram(datagram, now) {
                Reply::Silence => {
                    counters.unanswered += 1;
                    0
                }
                Reply::Send { length } => {
                    counters.answered += 1;
                    length
                }
            };
        }
        datagrams.send(&self.socket)
    }
}

/// What all sockets share.
struct Turns {
    datagrams: Datagrams,
    counters: Counters,
}

/// Tells one who connected how often everything happened. All of it fits in what the system keeps for a reader who is slow;
/// one who is gone is told nothing.
fn tell(operator: &UnixListener, appliance: &impl Appliance, counters: &Counters) {
    let Ok((mut stream, _)) = operator.accept() else { return };
    let statistics = appliance.statistics().chain(counters.statistics());
    let text: String = statistics.map(|statistic| format!("{statistic}\n")).collect();
    let _ = stream.set_nonblocking(true).and_then(|()| stream.write_all(format!("{text}{END}\n").as_bytes()));
}

fn open_socket(host: SocketAddr) -> io::Result<OwnedFd> {
    let (family, is_six) = match host {
        SocketAddr::V4(_) => (AddressFamily::INET, false),
        SocketAddr::V6(_) => (AddressFamily::INET6, true),
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, SocketType::DGRAM, flags, Some(ipproto::UDP))?;
    if is_six {
        // `[::]` is IPv6 and nothing else, so that 0.0.0.0 can be published beside it.
        set_ipv6_v6only(&socket, true)?;
    }
    // A wish: the system's own limit is no reason not to serve.
    let _ = set_socket_recv_buffer_size(&socket, RECEIVE_QUEUE);
    bind(&socket, &host)?;
    Ok(socket)
}

impl fmt::Display for BindError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cannot listen on {}/udp", self.publication.host)
    }
}

impl core::error::Error for BindError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoListener(publication) => {
                write!(formatter, "nothing listens on port {} of the appliance", publication.port)
            }
            Self::System(_) => formatter.write_str("the sockets can no longer be served"),
        }
    }
}

impl core::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::NoListener(_) => None,
            Self::System(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests;
