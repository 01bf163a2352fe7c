//! The DNS appliance.

use super::{Prepared, archive};
use crate::machines::Probe;
use crate::publish::Port;
use ::appliance::Appliance as _;
use ::dns::Dns;
use anyhow::Result;
use bytes::Bytes;
use configuration::{Archive, Configure as _, Diagnostics, Document, Files, Network};
use core::net::SocketAddr;
use dns_protocol::NameBuffer;
use host::Protocol;
use std::path::{Path, PathBuf};

/// A question about the apex of a zone.
#[derive(Debug)]
pub(super) struct Question {
    zone: String,
    name: NameBuffer,
}

/// Compiles the zones; `None` after reporting what can't be served.
pub(super) fn prepare(
    text: &Bytes,
    document: &Document<'_>,
    folder: &Path,
    diagnostics: &mut Diagnostics,
) -> Option<Prepared> {
    let mut files = Folder(folder.to_owned());
    let files = ::dns::prepare(text, document, &mut files, diagnostics);
    let (files, question) = (files?, Question::about_first_zone(document)?);
    let prepared = archive::pack(&files).and_then(|packed| take_up(packed, question));
    prepared.map_err(|error| diagnostics.error(None, format!("{error:#}"))).ok()
}

/// Takes an archive up as the guest will: what it would refuse is refused here, where somebody sees it.
fn take_up(packed: Vec<u8>, question: Question) -> Result<Prepared> {
    let packed = Bytes::from(packed);
    let archive = Archive::new(packed.clone())?;
    let network = archive.value::<Network>(Archive::NETWORK)?;
    let appliance = Dns::configure(&archive)?;
    let ports = appliance.listeners().iter().copied().map(Port::from).collect();
    Ok(Prepared { archive: packed, network, ports, question })
}

/// The files beside a configuration.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&mut self, path: &str) -> Result<Bytes, String> {
        std::fs::read(self.0.join(path)).map(Bytes::from).map_err(|error| error.to_string())
    }
}

impl Question {
    fn about_first_zone(document: &Document<'_>) -> Option<Self> {
        // Whatever there is to say of the document has been said.
        let mut said = Diagnostics::new();
        let zones = document.root().tables("zone", &mut said);
        let zone = zones.first()?.string("name", &mut said)?.value;
        Some(Self { zone: zone.into(), name: NameBuffer::from_text(zone).ok()? })
    }

    /// Asks for the zone's SOA record (RFC 1035 §4.1), which every zone has.
    pub(super) fn probe(&self, address: SocketAddr, protocol: Protocol) -> Probe {
        const SOA: [u8; 2] = [0, 6];
        const IN: [u8; 2] = [0, 1];
        const ONE_QUESTION: [u8; 10] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        // Only this process waits for the answer, and only at one socket.
        let transaction = (std::process::id() as u16).to_be_bytes();
        let name = self.name.as_name();
        let question = [&transaction[..], &ONE_QUESTION, name.as_wire(), &SOA, &IN].concat();
        let zone = crate::shell::quoted(&[self.zone.clone().into()]);
        let port = match address.port() {
            53 => String::new(),
            port => format!(" -p {port}"),
        };
        let option = match protocol {
            Protocol::Udp => "",
            Protocol::Tcp => "+tcp ",
        };
        let command = format!("dig {option}@{}{port} {zone}", address.ip());
        Probe { address, transport: protocol.into(), question, command }
    }
}

#[cfg(test)]
mod tests;
