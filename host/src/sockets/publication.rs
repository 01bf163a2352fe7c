//! Where an appliance's ports are reached on this host.

use core::fmt;
use core::net::SocketAddr;

/// Where one of an appliance's ports is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Publication {
    /// The address of this host; port 0 is any free one.
    pub host: SocketAddr,
    /// The port that the appliance listens on.
    pub port: u16,
    /// Of which protocol both ports are.
    pub protocol: Protocol,
}

/// What is published: datagrams, or streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Datagrams.
    Udp,
    /// Streams.
    Tcp,
}

impl fmt::Display for Publication {
    /// As the command line takes it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}/{}", self.host, self.port, self.protocol)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        })
    }
}
