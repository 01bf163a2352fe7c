//! The section `[dns]` of `appliance.toml`, all of it optional.

use crate::limits::{IDENTITY_OCTETS, NSID_OCTETS, UDP_PAYLOAD, UDP_PAYLOAD_LEAST, UDP_PAYLOAD_MOST};
use alloc::boxed::Box;
use alloc::format;
use configuration::{Diagnostics, Document, Table};
use serde::{Deserialize, Serialize};

/// What an operator may decide about a server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The UDP port.
    pub(crate) port: u16,
    /// The most octets of a reply over UDP, whatever its requestor can take.
    pub(crate) udp_payload: u16,
    /// The answer to NSID (RFC 5001); empty for none.
    pub(crate) nsid: Box<[u8]>,
    /// The answer to `id.server.` and `hostname.bind.` (RFC 4892); empty for none.
    pub(crate) identity: Box<[u8]>,
    /// The answer to `version.server.` and `version.bind.`; empty for none.
    pub(crate) version: Box<[u8]>,
}

const KEYS: &[&str] = &["port", "udp_payload", "nsid", "identity", "version"];
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
        Self {
            port: port.unwrap_or(default.port),
            udp_payload: payload.unwrap_or(default.udp_payload),
            nsid: text(&section, "nsid", NSID_OCTETS, diagnostics).unwrap_or(default.nsid),
            identity: text(&section, "identity", IDENTITY_OCTETS, diagnostics).unwrap_or(default.identity),
            version: text(&section, "version", IDENTITY_OCTETS, diagnostics).unwrap_or(default.version),
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
