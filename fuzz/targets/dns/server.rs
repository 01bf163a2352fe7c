//! The DNS appliance, configured as it is in use.

use appliance::{Appliance, Datagram, Reply};
use bytes::Bytes;
use configuration::{Archive, Configure, Unusable};
use core::net::SocketAddr;
use dns::Dns;
use moment::{Instant, Moment};

/// What the largest Ethernet frame leaves for a datagram of IPv4.
pub(crate) const ROOM: usize = 1472;

/// The section `[dns]` as a value: port 53, 1232 octets, three texts; 4 streams, 3 of one client, 10 s.
pub(crate) const SETTINGS: &[u8] = b"\x35\xd0\x09\x04nsid\x04name\x07version\x04\x03\x0a";

/// A server made from the files of an archive.
pub(crate) fn configure(settings: &[u8], zones: &[u8]) -> Result<Dns, Unusable> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in [("settings", settings), ("zones", zones)] {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        archive.append_data(&mut header, path, content).expect("memory has room");
    }
    Dns::configure(&Archive::new(Bytes::from(archive.into_inner().expect("memory has room")))?)
}

/// Sends a message in the first `length` octets of the buffer, which the reply is written over; its length.
pub(crate) fn send(server: &mut Dns, buffer: &mut [u8], length: usize) -> Option<usize> {
    let [source, destination] =
        [SocketAddr::from(([192, 0, 2, 9], 4096)), SocketAddr::from(([192, 0, 2, 53], 53))];
    let now = Moment { instant: Instant::START, unix_time: None };
    match server.on_datagram(Datagram { source, destination, buffer, length }, now) {
        Reply::Send { length } => Some(length),
        Reply::Silence => None,
    }
}
