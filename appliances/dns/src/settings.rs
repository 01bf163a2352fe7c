//! The section `[dns]` of `appliance.toml`, all of it optional.

use crate::limits::{
    CONNECTIONS, CONNECTIONS_PER_CLIENT, IDENTITY_OCTETS, IDLE_TIMEOUT, IDLE_TIMEOUT_MOST, NSID_OCTETS,
    UDP_PAYLOAD, UDP_PAYLOAD_LEAST, UDP_PAYLOAD_MOST,
};
use alloc::boxed::Box;
use alloc::format;
use configuration::{Diagnostics, Document, Table};
use serde::{Deserialize, Serialize};

/// What an operator may decide about a server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The port, of UDP and TCP.
    pub(crate) port: u16,
    /// The most octets of a reply over UDP, whatever its requestor can take.
    pub(crate) udp_payload: u16,
    /// The answer to NSID (RFC 5001); empty for none.
    pub(crate) nsid: Box<[u8]>,
    /// The answer to `id.server.` and `hostname.bind.` (RFC 4892); empty for none.
    pub(crate) identity: Box<[u8]>,
    /// The answer to `version.server.` and `version.bind.`; empty for none.
    pub(crate) version: Box<[u8]>,
    /// How many streams are served at once, ...
    pub(crate) tcp_connections: u16,
    /// ... and how many of one client; as many or more than that are no limit.
    pub(crate) tcp_connections_per_client: u16,
    /// How many seconds a stream may be open without a query.
    pub(crate) tcp_idle_timeout: u16,
}

const KEYS: &[&str] = &[
    "port",
    "udp_payload",
    "nsid",
    "identity",
    "version",
    "tcp_connections",
    "tcp_connections_per_client",
    "tcp_idle_timeout",
];
const PORT: u16 = 53;
const VERSION: &str = concat!("Isopod ", env!("CARGO_PKG_VERSION"));

impl Settings {
    /// Reads the section, reporting every mistake.
    pub(crate) fn read(document: &Document<'_>, diagnostics: &mut Diagnostics) -> Self {
        let Some(section) = document.root().table("dns", diagnostics) else { return Self::default() };
        section.expect_only(KEYS, diagnostics);
        let default = Self::default();
        let port = integer(&section, "port", 1, u16::MAX, diagnostics);
        let payload = integer(&section, "udp_payload", UDP_PAYLOAD_LEAST, UDP_PAYLOAD_MOST, diagnostics);
        let connections = integer(&section, "tcp_connections", 1, u16::MAX, diagnostics);
        let per_client = integer(&section, "tcp_connections_per_client", 1, u16::MAX, diagnostics);
        let idle_timeout = integer(&section, "tcp_idle_timeout", 1, IDLE_TIMEOUT_MOST, diagnostics);
        Self {
            port: port.unwrap_or(default.port),
            udp_payload: payload.unwrap_or(default.udp_payload),
            nsid: text(&section, "nsid", NSID_OCTETS, diagnostics).unwrap_or(default.nsid),
            identity: text(&section, "identity", IDENTITY_OCTETS, diagnostics).unwrap_or(default.identity),
            version: text(&section, "version", IDENTITY_OCTETS, diagnostics).unwrap_or(default.version),
            tcp_connections: connections.unwrap_or(default.tcp_connections),
            tcp_connections_per_client: per_client.unwrap_or(default.tcp_connections_per_client),
            tcp_idle_timeout: idle_timeout.unwrap_or(default.tcp_idle_timeout),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: PORT,
            udp_payload: UDP_PAYLOAD,
            nsid: Box::default(),
            identity: Box::default(),
            version: VERSION.as_bytes().into(),
            tcp_connections: CONNECTIONS,
            tcp_connections_per_client: CONNECTIONS_PER_CLIENT,
            tcp_idle_timeout: IDLE_TIMEOUT,
        }
    }
}

fn integer(
    table: &Table<'_>,
    key: &str,
    least: u16,
    most: u16,
    diagnostics: &mut Diagnostics,
) -> Option<u16> {
    let value = table.integer(key, u64::from(least)..=u64::from(most), diagnostics)?;
    u16::try_from(value.value).ok()
}

fn text(table: &Table<'_>, key: &str, most: usize, diagnostics: &mut Diagnostics) -> Option<Box<[u8]>> {
    let text = table.string(key, diagnostics)?;
    if text.value.len() > most {
        diagnostics.error(text.location, format!("`{key}` has more than {most} octets"));
        return None;
    }
    Some(text.value.as_bytes().into())
}
