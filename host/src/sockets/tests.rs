//! An appliance, served on loopback while a client talks to it.

mod datagrams;
mod streams;

use super::{Protocol, Publication, Sockets};
use appliance::Appliance;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixListener, UnixStream};
use std::thread;

fn udp(host: &str, port: u16) -> Publication {
    Publication { host: host.parse().unwrap(), port, protocol: Protocol::Udp }
}

fn tcp(host: &str, port: u16) -> Publication {
    Publication { protocol: Protocol::Tcp, ..udp(host, port) }
}

/// A socket of no file that nobody else has.
fn operator() -> (UnixListener, UnixAddress) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("isopod-host-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
    let address = UnixAddress::from_abstract_name(name).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    listener.set_nonblocking(true).unwrap();
    (listener, address)
}

/// Serves `appliance` on `publications` while `client` talks to the addresses that were bound, and to the operator's.
fn serving(
    appliance: &mut (impl Appliance + Send),
    publications: &[Publication],
    client: impl FnOnce(&[SocketAddr], &UnixAddress),
) {
    let sockets = Sockets::bind(publications).unwrap();
    let bound: Vec<_> = sockets.publications().map(|publication| publication.host).collect();
    let (end, ended) = UnixStream::pair().unwrap();
    let (listener, address) = operator();
    thread::scope(|scope| {
        let server = scope.spawn(|| sockets.serve(appliance, &listener, ended).unwrap());
        // However the client ends, the server does.
        let end = end;
        client(&bound, &address);
        drop(end);
        server.join().unwrap();
    });
}
