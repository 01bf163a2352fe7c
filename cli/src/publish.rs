//! `--publish`: which port of the guest is reached where on this host.

use ::appliance::Listener;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::str::FromStr;
use host::{Protocol, Publication};

/// What the command line says is to be published: `[ADDRESS:]PORT:GUEST-PORT[/PROTOCOL]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    host: SocketAddr,
    port: u16,
    /// `None` for each that the appliance listens by.
    protocol: Option<Protocol>,
}

/// A publication as a plan keeps it: `ADDRESS:PORT:GUEST-PORT/PROTOCOL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Published(pub(crate) Publication);

/// A port that an appliance listens on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) number: u16,
    pub(crate) protocol: Protocol,
}

/// Where an appliance's first port is published unless the command line says where; its second is on the next, and so on.
pub(crate) const DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5300);

/// Publishes every port of an appliance; one that it listens on by both protocols is one port of the host's, too.
pub(crate) fn all(ports: &[Port]) -> Vec<Published> {
    let mut numbers: Vec<u16> = Vec::new();
    let publish = |port: &Port| {
        let place = numbers.iter().position(|number| *number == port.number).unwrap_or_else(|| {
            numbers.push(port.number);
            numbers.len() - 1
        });
        // There are fewer ports than that.
        let host = SocketAddr::new(DEFAULT.ip(), DEFAULT.port().saturating_add(place as u16));
        port.published(host)
    };
    ports.iter().map(publish).collect()
}

impl Wish {
    /// The ports among an appliance's that are wished for; none is an error of whoever wishes.
    pub(crate) fn grant(self, ports: &[Port]) -> impl Iterator<Item = Published> {
        let is_meant = move |port: &&Port| {
            port.number == self.port && self.protocol.is_none_or(|protocol| protocol == port.protocol)
        };
        ports.iter().filter(is_meant).map(move |port| port.published(self.host))
    }

    /// What it is for, as a person would say it.
    pub(crate) fn guest_port(self) -> String {
        match self.protocol {
            Some(protocol) => format!("{}/{protocol}", self.port),
            None => self.port.to_string(),
        }
    }
}

impl Port {
    fn published(self, host: SocketAddr) -> Published {
        Published(Publication { host, port: self.number, protocol: self.protocol })
    }
}

impl From<Listener> for Port {
    fn from(listener: Listener) -> Self {
        match listener {
            Listener::Datagram { port } => Self { number: port, protocol: Protocol::Udp },
            Listener::Stream { port } => Self { number: port, protocol: Protocol::Tcp },
        }
    }
}

impl FromStr for Wish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str =
            "it is [ADDRESS:]PORT:GUEST-PORT, such as 127.0.0.1:5300:53, and /udp or /tcp for one of both";
        let (ports, protocol) = match text.split_once('/') {
            None => (text, None),
            Some((ports, protocol)) => (ports, Some(read_protocol(protocol)?)),
        };
        let (host, port) = ports.rsplit_once(':').ok_or(FORM)?;
        let port = read_port(port)?;
        let host = if let Some((address, host_port)) = host.rsplit_once(':') {
            SocketAddr::new(read_address(address)?, read_port(host_port)?)
        } else {
            SocketAddr::new(DEFAULT.ip(), read_port(host)?)
        };
        Ok(Self { host, port, protocol })
    }
}

fn read_protocol(text: &str) -> Result<Protocol, String> {
    [Protocol::Udp, Protocol::Tcp]
        .into_iter()
        .find(|protocol| protocol.to_string() == text)
        .ok_or_else(|| format!("`{text}` can't be published, only udp and tcp can"))
}

fn read_port(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(port) if port != 0 => Ok(port),
        _ => Err(format!("`{text}` is no port")),
    }
}

fn read_address(text: &str) -> Result<IpAddr, String> {
    let error = || format!("`{text}` is no IP address; IPv6 goes in brackets");
    match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some(six) => six.parse().map(IpAddr::V6).map_err(|_| error()),
        None => text.parse().map(IpAddr::V4).map_err(|_| error()),
    }
}

impl fmt::Display for Wish {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.guest_port())
    }
}

impl fmt::Display for Published {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl From<Published> for String {
    fn from(published: Published) -> Self {
        published.to_string()
    }
}

impl TryFrom<String> for Published {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let Wish { host, port, protocol } = text.parse()?;
        let protocol = protocol.ok_or("it has no protocol")?;
        Ok(Self(Publication { host, port, protocol }))
    }
}

#[cfg(test)]
mod tests;
