//! A UDP socket: a datagram in, its answer out.

use super::counters::Counters;
use super::limits::RECEIVE_QUEUE;
use super::{Publication, open};
use crate::sys::datagrams::{Datagrams, report_destinations};
use appliance::{Appliance, Datagram, Reply};
use core::net::SocketAddr;
use moment::Moment;
use rustix::net::sockopt::set_socket_recv_buffer_size;
use rustix::net::{SocketType, bind, ipproto};
use std::io;
use std::net::UdpSocket;
use std::os::fd::{AsFd, BorrowedFd};

/// A UDP socket that an appliance answers on.
#[derive(Debug)]
pub(super) struct DatagramSocket {
    socket: UdpSocket,
    local: SocketAddr,
    port: u16,
}

impl DatagramSocket {
    pub(super) fn open(publication: Publication) -> io::Result<Self> {
        let socket = open(publication.host, SocketType::DGRAM, ipproto::UDP)?;
        // A wish: the system's own limit is no reason not to serve.
        let _ = set_socket_recv_buffer_size(&socket, RECEIVE_QUEUE);
        bind(&socket, &publication.host)?;
        let socket = UdpSocket::from(socket);
        let local = socket.local_addr()?;
        if local.ip().is_unspecified() {
            report_destinations(&socket)?;
        }
        Ok(Self { socket, local, port: publication.port })
    }

    pub(super) fn local(&self) -> SocketAddr {
        self.local
    }

    /// One turn: what waits, up to a batch, and the replies to it.
    pub(super) fn answer(
        &self,
        appliance: &mut impl Appliance,
        datagrams: &mut Datagrams,
        counters: &mut Counters,
        now: Moment,
    ) -> io::Result<()> {
        counters.received += datagrams.receive(&self.socket)? as u64;
        for received in datagrams.iter_mut() {
            let address = received.destination.unwrap_or(self.local.ip());
            let datagram = Datagram {
                source: received.source,
                destination: SocketAddr::new(address, self.port),
                buffer: received.buffer,
                length: *received.length,
            };
            *received.length = match appliance.on_datagram(datagram, now) {
                Reply::Silence => {
                    counters.unanswered += 1;
                    0
                }
                Reply::Send { length } => {
                    counters.answered += 1;
                    length
                }
            };
        }
        datagrams.send(&self.socket)
    }
}

impl AsFd for DatagramSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
