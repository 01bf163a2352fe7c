//! `--publish`: which port of the guest is reached where on this host.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::str::FromStr;
use host::Publication;

/// A publication as the command line takes it: `[ADDRESS:]PORT:GUEST-PORT/udp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Published(pub(crate) Publication);

/// Where DNS is published unless the command line says where.
pub(crate) const DEFAULT: Publication =
    Publication { host: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5300), port: 53 };

impl FromStr for Published {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "it is [ADDRESS:]PORT:GUEST-PORT/udp, such as 127.0.0.1:5300:53/udp";
        let (ports, protocol) = text.rsplit_once('/').ok_or(FORM)?;
        if protocol != "udp" {
            return Err(format!("`{protocol}` can't be published, only udp can"));
        }
        let (host, port) = ports.rsplit_once(':').ok_or(FORM)?;
        let port = read_port(port)?;
        let host = if let Some((address, host_port)) = host.rsplit_once(':') {
            SocketAddr::new(read_address(address)?, read_port(host_port)?)
        } else {
            SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), read_port(host)?)
        };
        Ok(Self(Publication { host, port }))
    }
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
        text.parse()
    }
}

#[cfg(test)]
mod tests;
