//! What an appliance can do of its own accord: look at any stream, and dial.

use super::Streams;
use super::connection::{Connection, Phase, apply, end};
use super::open::OpenStream;
use appliance::{Network, NoRoom, Policy, StreamId};
use core::net::SocketAddr;
use rustix::io::Errno;
use rustix::net::{SocketType, connect, ipproto};
use std::net::TcpStream;

impl Network for Streams {
    type Stream<'a> = OpenStream<'a>;

    fn stream(&mut self, id: StreamId) -> Option<OpenStream<'_>> {
        let connection = self.connection(id)?;
        let (peer, local) = (connection.peer, connection.local);
        Some(OpenStream { streams: self, id, peer, local })
    }

    fn dial(&mut self, to: SocketAddr) -> Result<StreamId, NoRoom> {
        let socket = super::super::open(to, SocketType::STREAM, ipproto::TCP).map_err(|_| NoRoom)?;
        let phase = match apply(Policy::default(), &socket).and_then(|()| connect(&socket, &to)) {
            Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Phase::Dialling,
            // Not the peer's fault.
            Err(Errno::ADDRNOTAVAIL | Errno::NETUNREACH | Errno::NOBUFS | Errno::NOMEM) => {
                return Err(NoRoom);
            }
            Err(error) => Phase::Refused(end(error)),
        };
        let socket = TcpStream::from(socket);
        let local = socket.local_addr().map_err(|_| NoRoom)?;
        let id = self.add(Connection::new(socket, to, local, phase))?;
        self.counters.dialled += 1;
        Ok(id)
    }
}
