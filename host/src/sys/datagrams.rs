//! Up to [`BATCH`] datagrams a system call, each with the address that it came from and the one that it came to.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use core::ptr;
use std::io;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;

/// The most datagrams a call.
pub(crate) const BATCH: usize = 64;

/// The longest datagram that is taken in, and the room for its reply: more than any frame carries to an image.
pub(crate) const DATAGRAM: usize = 4096;

/// `struct sockaddr_in6`, the longest address of a UDP socket.
const ADDRESS: usize = size_of::<libc::sockaddr_in6>();

/// One `struct cmsghdr` with a `struct in6_pktinfo`, the longer of the two kinds.
const CONTROL: usize = 40;

/// Places for a batch of datagrams; what was received in them goes back from them.
pub(crate) struct Datagrams {
    slots: Box<[Slot]>,
    /// How many slots hold a datagram; at most [`BATCH`].
    received: usize,
    /// How many slots the next call offers: writing down 64 of them costs as much as a datagram, so a quiet socket is
    /// offered few. What does not fit waits for the next call.
    offered: usize,
    /// What the system is told of the slots; written anew for each call, and meaningless between them.
    vectors: Box<[libc::iovec]>,
    headers: Box<[libc::mmsghdr]>,
}

/// The fewest slots that are offered.
const LEAST_OFFERED: usize = 4;

struct Slot {
    buffer: [u8; DATAGRAM],
    address: [u8; ADDRESS],
    address_length: usize,
    control: Control,
    control_length: usize,
    truncated: bool,
    /// Octets received, later octets to send; nothing is sent for 0.
    length: usize,
}

/// Aligned as the kernel wants `struct cmsghdr`.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
struct Control([u8; CONTROL]);

/// One datagram of a batch.
pub(crate) struct Received<'a> {
    pub(crate) source: SocketAddr,
    /// The local address that it came to, if the socket was told to report it.
    pub(crate) destination: Option<IpAddr>,
    pub(crate) buffer: &'a mut [u8],
    /// Octets of `buffer` that came. Set it to what shall go back; to 0 for nothing.
    pub(crate) length: &'a mut usize,
}

impl Datagrams {
    pub(crate) fn new() -> Self {
        Self {
            slots: (0..BATCH).map(|_| Slot::EMPTY).collect(),
            received: 0,
            offered: LEAST_OFFERED,
            vectors: [VECTOR; BATCH].into(),
            headers: [HEADER; BATCH].into(),
        }
    }

    /// Takes in what waits on `socket`, without waiting; returns how much that was.
    pub(crate) fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        self.received = 0;
        let Self { slots, vectors, headers, offered, .. } = self;
        for ((slot, vector), header) in slots.iter_mut().zip(vectors).zip(&mut **headers).take(*offered) {
            *header = HEADER;
            vector.iov_base = slot.buffer.as_mut_ptr().cast();
            vector.iov_len = DATAGRAM;
            header.msg_hdr.msg_iov = vector;
            header.msg_hdr.msg_iovlen = 1;
            header.msg_hdr.msg_name = slot.address.as_mut_ptr().cast();
            header.msg_hdr.msg_namelen = ADDRESS as libc::socklen_t;
            header.msg_hdr.msg_control = slot.control.0.as_mut_ptr().cast();
            header.msg_hdr.msg_controllen = CONTROL;
        }

        // SAFETY: each of the first `offered` headers points at one vector, one address and one control block of exactly
        // the lengths given, all of them borrowed exclusively and alive until the call returns; it keeps none of them.
        let received = unsafe {
            libc::recvmmsg(
                socket.as_raw_fd(),
                headers.as_mut_ptr(),
                *offered as u32,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        let Ok(received) = usize::try_from(received) else {
            return none_if_transient(io::Error::last_os_error());
        };

        for (slot, header) in slots.iter_mut().zip(&**headers).take(received) {
            slot.length = header.msg_len as usize;
            slot.address_length = header.msg_hdr.msg_namelen as usize;
            slot.control_length = header.msg_hdr.msg_controllen;
            slot.truncated = header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0;
        }
        self.received = received;
        self.offered = (2 * received).clamp(LEAST_OFFERED, BATCH);
        Ok(received)
    }

    /// What was received, but for what did not fit and what has no sender to answer.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = Received<'_>> {
        self.slots.iter_mut().take(self.received).filter_map(Slot::lend)
    }

    /// Sends every slot's reply to where its datagram came from, from where it came to.
    pub(crate) fn send(&mut self, socket: &UdpSocket) -> io::Result<()> {
        let Self { slots, vectors, headers, received, .. } = self;
        let mut count = 0;
        let replies = slots.iter_mut().take(*received).filter(|slot| slot.length != 0);
        for ((slot, vector), header) in replies.zip(vectors).zip(&mut **headers) {
            *header = HEADER;
            vector.iov_base = slot.buffer.as_mut_ptr().cast();
            vector.iov_len = slot.length.min(DATAGRAM);
            header.msg_hdr.msg_iov = vector;
            header.msg_hdr.msg_iovlen = 1;
            header.msg_hdr.msg_name = slot.address.as_mut_ptr().cast();
            header.msg_hdr.msg_namelen = slot.address_length as libc::socklen_t;
            if slot.control_length != 0 {
                header.msg_hdr.msg_control = slot.control.0.as_mut_ptr().cast();
                header.msg_hdr.msg_controllen = slot.control_length;
            }
            count += 1;
        }
        *received = 0;
        send_all(socket, &mut headers[..count])
    }
}

/// Sends what can be sent; a datagram that the system refuses is lost, as datagrams may be, and the others are not.
fn send_all(socket: &UdpSocket, mut headers: &mut [libc::mmsghdr]) -> io::Result<()> {
    while !headers.is_empty() {
        // SAFETY: `headers` is a slice of headers, each of which points at a vector, an address and perhaps a control
        // block that `Datagrams::send` keeps borrowed; the call reads them and writes only `msg_len`.
        let sent = unsafe {
            libc::sendmmsg(
                socket.as_raw_fd(),
                headers.as_mut_ptr(),
                headers.len() as u32,
                libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
            )
        };
        let done = match usize::try_from(sent) {
            Ok(sent) => sent.max(1),
            Err(_) => none_if_lost(io::Error::last_os_error())?,
        };
        headers = headers.get_mut(done..).unwrap_or_default();
    }
    Ok(())
}

/// Nothing to take in, rather than a fault of the socket.
fn none_if_transient(error: io::Error) -> io::Result<usize> {
    match error.raw_os_error() {
        Some(libc::EAGAIN | libc::EINTR | libc::ECONNREFUSED | libc::ENOBUFS | libc::ENOMEM) => Ok(0),
        _ => Err(error),
    }
}

/// How many datagrams to give up: none after a signal, the first after anything that only concerns it.
fn none_if_lost(error: io::Error) -> io::Result<usize> {
    match error.raw_os_error() {
        Some(libc::EINTR) => Ok(0),
        Some(libc::EBADF | libc::ENOTSOCK | libc::EFAULT) => Err(error),
        _ => Ok(1),
    }
}

impl Slot {
    const EMPTY: Self = Self {
        buffer: [0; DATAGRAM],
        address: [0; ADDRESS],
        address_length: 0,
        control: Control([0; CONTROL]),
        control_length: 0,
        truncated: false,
        length: 0,
    };

    fn lend(&mut self) -> Option<Received<'_>> {
        let source = read_address(self.address.get(..self.address_length)?);
        let Some(source) = source.filter(|_| !self.truncated) else {
            self.length = 0;
            return None;
        };
        let destination = self.control.0.get(..self.control_length).and_then(read_destination);
        if let Some(destination) = destination {
            self.answer_from(destination);
        }
        Some(Received { source, destination, buffer: &mut self.buffer, length: &mut self.length })
    }

    /// Rewrites the control block as received into the one that makes `address` the source of the reply.
    fn answer_from(&mut self, address: IpAddr) {
        // `ipi_spec_dst` and `ipi6_addr` name the source. The interface is left to routing, but for a link-local
        // address, which means nothing without it.
        let data = &mut self.control.0[CONTROL_HEADER..];
        match address {
            IpAddr::V4(address) => {
                data[..4].fill(0);
                data[4..8].copy_from_slice(&address.octets());
                data[8..12].fill(0);
            }
            IpAddr::V6(address) if !address.is_unicast_link_local() => data[16..20].fill(0),
            IpAddr::V6(_) => {}
        }
    }
}

/// The length of `struct cmsghdr`: a length, a level, a type.
const CONTROL_HEADER: usize = 16;

/// Reads `struct sockaddr_in` or `struct sockaddr_in6` (ip(7), ipv6(7)).
fn read_address(bytes: &[u8]) -> Option<SocketAddr> {
    let (family, rest) = bytes.split_first_chunk()?;
    let (port, rest) = rest.split_first_chunk()?;
    let port = u16::from_be_bytes(*port);
    match i32::from(u16::from_ne_bytes(*family)) {
        libc::AF_INET => {
            let address: [u8; 4] = *rest.first_chunk()?;
            Some(SocketAddrV4::new(address.into(), port).into())
        }
        libc::AF_INET6 => {
            let (flow, rest) = rest.split_first_chunk()?;
            let (address, rest) = rest.split_first_chunk::<16>()?;
            let scope = u32::from_ne_bytes(*rest.first_chunk()?);
            Some(SocketAddrV6::new((*address).into(), port, u32::from_be_bytes(*flow), scope).into())
        }
        _ => None,
    }
}

/// Reads `struct in_pktinfo` or `struct in6_pktinfo` behind its `struct cmsghdr` (cmsg(3)).
fn read_destination(bytes: &[u8]) -> Option<IpAddr> {
    let (_length, rest) = bytes.split_first_chunk::<{ size_of::<usize>() }>()?;
    let (level, rest) = rest.split_first_chunk()?;
    let (kind, data) = rest.split_first_chunk()?;
    match (i32::from_ne_bytes(*level), i32::from_ne_bytes(*kind)) {
        (libc::IPPROTO_IP, libc::IP_PKTINFO) => {
            let address: [u8; 4] = data.get(8..12)?.try_into().ok()?;
            Some(Ipv4Addr::from(address).into())
        }
        (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
            let address: [u8; 16] = *data.first_chunk()?;
            Some(Ipv6Addr::from(address).into())
        }
        _ => None,
    }
}

/// Has the system report with every datagram which of the machine's addresses it came to.
pub(crate) fn report_destinations(socket: &UdpSocket) -> io::Result<()> {
    let (level, option) = match socket.local_addr()? {
        SocketAddr::V4(_) => (libc::IPPROTO_IP, libc::IP_PKTINFO),
        SocketAddr::V6(_) => (libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO),
    };
    let on: libc::c_int = 1;
    // SAFETY: the value is one `c_int` that lives through the call, and its length is given.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            option,
            ptr::from_ref(&on).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

const VECTOR: libc::iovec = libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 };

const HEADER: libc::mmsghdr = libc::mmsghdr {
    msg_hdr: libc::msghdr {
        msg_name: ptr::null_mut(),
        msg_namelen: 0,
        msg_iov: ptr::null_mut(),
        msg_iovlen: 0,
        msg_control: ptr::null_mut(),
        msg_controllen: 0,
        msg_flags: 0,
    },
    msg_len: 0,
};
