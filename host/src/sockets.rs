//! One loop over any number of sockets: datagrams, and streams.

mod counters;
mod datagrams;
mod limits;
mod listeners;
mod publication;
mod readiness;
mod serve;
mod streams;

pub use publication::{Protocol, Publication};

use crate::clock::Clock;
use appliance::{Appliance, Listener};
use core::fmt;
use core::net::SocketAddr;
use datagrams::DatagramSocket;
use listeners::StreamListener;
use rustix::net::sockopt::set_ipv6_v6only;
use rustix::net::{AddressFamily, Protocol as SocketProtocol, SocketFlags, SocketType, socket_with};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixListener;

/// The sockets that an appliance is reached by.
#[derive(Debug)]
pub struct Sockets {
    /// What each is for, with the ports that the system chose.
    publications: Vec<Publication>,
    datagrams: Vec<DatagramSocket>,
    listeners: Vec<StreamListener>,
    clock: Clock,
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
    /// Something is published to a port that the appliance does not listen on.
    NoListener(Publication),
    /// The system took a socket away.
    System(io::Error),
}

impl Sockets {
    /// Binds a socket for each publication. Datagrams and connections wait in them from here on.
    ///
    /// # Errors
    /// The first publication that the system does not grant.
    pub fn bind(publications: &[Publication]) -> Result<Self, BindError> {
        let mut sockets = Self {
            publications: Vec::new(),
            datagrams: Vec::new(),
            listeners: Vec::new(),
            clock: Clock::start(),
        };
        for &publication in publications {
            sockets.open(publication).map_err(|source| BindError { publication, source })?;
        }
        Ok(sockets)
    }

    fn open(&mut self, publication: Publication) -> io::Result<()> {
        let host = match publication.protocol {
            Protocol::Udp => {
                let socket = DatagramSocket::open(publication)?;
                let local = socket.local();
                self.datagrams.push(socket);
                local
            }
            Protocol::Tcp => {
                let listener = StreamListener::open(publication)?;
                let local = listener.local();
                self.listeners.push(listener);
                local
            }
        };
        self.publications.push(Publication { host, ..publication });
        Ok(())
    }

    /// What was bound, in the order in which it was asked for, with the ports that the system chose.
    pub fn publications(&self) -> impl ExactSizeIterator<Item = Publication> {
        self.publications.iter().copied()
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
        serve::serve(self, appliance, operator, end.as_fd()).map_err(ServeError::System)
    }

    fn check_listeners(&self, appliance: &impl Appliance) -> Result<(), ServeError> {
        let is_heard = |publication: &Publication| {
            let port = publication.port;
            appliance.listeners().contains(&match publication.protocol {
                Protocol::Udp => Listener::Datagram { port },
                Protocol::Tcp => Listener::Stream { port },
            })
        };
        match self.publications().find(|publication| !is_heard(publication)) {
            Some(publication) => Err(ServeError::NoListener(publication)),
            None => Ok(()),
        }
    }
}

/// A socket that never waits, for `address` or to reach it from.
fn open(address: SocketAddr, kind: SocketType, protocol: SocketProtocol) -> io::Result<OwnedFd> {
    let (family, is_six) = match address {
        SocketAddr::V4(_) => (AddressFamily::INET, false),
        SocketAddr::V6(_) => (AddressFamily::INET6, true),
    };
    let socket = socket_with(family, kind, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, Some(protocol))?;
    if is_six {
        // `[::]` is IPv6 and nothing else, so that 0.0.0.0 can be published beside it.
        set_ipv6_v6only(&socket, true)?;
    }
    Ok(socket)
}

impl fmt::Display for BindError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cannot listen on {}/{}", self.publication.host, self.publication.protocol)
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
            Self::NoListener(Publication { port, protocol, .. }) => {
                write!(formatter, "nothing listens on port {port}/{protocol} of the appliance")
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
