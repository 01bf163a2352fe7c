//! Datagrams in, answers out.

use super::{serving, udp};
use crate::sys::datagrams::{BATCH, DATAGRAM};
use crate::{Publication, ServeError, Sockets};
use appliance::{Appliance, Datagram, Listener, Reply};
use core::net::SocketAddr;
use core::time::Duration;
use moment::Moment;
use std::io::Read;
use std::net::UdpSocket;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixStream};

/// Answers with the destination that it was told, a space, and what came; says nothing to "silence".
struct Echo;

impl Appliance for Echo {
    fn listeners(&self) -> &[Listener] {
        &[Listener::Datagram { port: 7 }, Listener::Datagram { port: 8 }]
    }

    fn on_datagram(&mut self, datagram: Datagram<'_>, now: Moment) -> Reply {
        assert!(now.unix_time.is_some(), "Linux knows the time of day");
        let came = datagram.buffer[..datagram.length].to_vec();
        if came == b"silence" {
            return Reply::Silence;
        }
        let reply = [datagram.destination.to_string().as_bytes(), b" ", &came].concat();
        let length = reply.len().min(datagram.buffer.len());
        datagram.buffer[..length].copy_from_slice(&reply[..length]);
        Reply::Send { length }
    }
}

/// Serves `Echo` on `publications` while `client` talks to the addresses that were bound.
fn with_echo(publications: &[(&str, u16)], client: impl FnOnce(&[SocketAddr])) {
    with_echo_and_operator(publications, |bound, _| client(bound));
}

/// The same, while an operator may connect to the address that `client` is given.
fn with_echo_and_operator(publications: &[(&str, u16)], client: impl FnOnce(&[SocketAddr], &UnixAddress)) {
    let publications: Vec<_> = publications.iter().map(|&(host, port)| udp(host, port)).collect();
    serving(&mut Echo, &publications, client);
}

fn client(local: &str) -> UdpSocket {
    let socket = UdpSocket::bind(local).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    socket
}

#[track_caller]
fn check(socket: &UdpSocket, server: SocketAddr, question: &str, expected: &str) {
    socket.send_to(question.as_bytes(), server).unwrap();
    let mut answer = [0; 2 * DATAGRAM];
    let (length, source) = socket.recv_from(&mut answer).unwrap();
    assert_eq!(core::str::from_utf8(&answer[..length]).unwrap(), expected);
    assert_eq!(source, server, "a reply goes back from where its question came to");
}

#[test]
fn two_ports_are_told_apart() {
    with_echo(&[("127.0.0.1:0", 7), ("127.0.0.1:0", 8)], |bound| {
        let socket = client("127.0.0.1:0");
        check(&socket, bound[0], "one", "127.0.0.1:7 one");
        check(&socket, bound[1], "two", "127.0.0.1:8 two");
    });
}

#[test]
fn a_wildcard_answers_from_the_address_that_was_asked() {
    with_echo(&[("0.0.0.0:0", 7)], |bound| {
        let socket = client("127.0.0.1:0");
        for address in ["127.0.0.1", "127.0.0.53", "127.9.9.9"] {
            let server = SocketAddr::new(address.parse().unwrap(), bound[0].port());
            check(&socket, server, "?", &format!("{address}:7 ?"));
        }
    });
}

#[test]
fn ipv6_and_ipv4_wildcards_stand_side_by_side_on_one_port() {
    with_echo(&[("[::]:0", 7)], |six| {
        let four = format!("0.0.0.0:{}", six[0].port());
        with_echo(&[(&four, 8)], |four| {
            let port = six[0].port();
            check(&client("[::1]:0"), SocketAddr::new("::1".parse().unwrap(), port), "?", "[::1]:7 ?");
            let server = SocketAddr::new("127.0.0.1".parse().unwrap(), four[0].port());
            check(&client("127.0.0.1:0"), server, "?", "127.0.0.1:8 ?");
        });
    });
}

#[test]
fn silence_and_oversize_get_no_reply() {
    with_echo(&[("127.0.0.1:0", 7)], |bound| {
        let socket = client("127.0.0.1:0");
        socket.send_to(b"silence", bound[0]).unwrap();
        socket.send_to(&[b'x'; DATAGRAM + 1], bound[0]).unwrap();
        check(&socket, bound[0], "after", "127.0.0.1:7 after");
    });
}

#[test]
fn an_operator_is_told_what_became_of_every_datagram() {
    with_echo_and_operator(&[("127.0.0.1:0", 7)], |bound, address| {
        let socket = client("127.0.0.1:0");
        socket.send_to(b"silence", bound[0]).unwrap();
        socket.send_to(&[b'x'; DATAGRAM + 1], bound[0]).unwrap();
        check(&socket, bound[0], "after", "127.0.0.1:7 after");
        // One who connects and goes away is nobody's concern.
        drop(UnixStream::connect_addr(address).unwrap());
        let mut told = String::new();
        UnixStream::connect_addr(address).unwrap().read_to_string(&mut told).unwrap();
        for fate in ["answered", "unanswered", "unusable"] {
            assert!(told.contains(&format!("host_datagrams_total{{fate=\"{fate}\"}} 1\n")), "{told}");
        }
        assert!(told.ends_with("\nend\n"), "{told}");
    });
}

#[test]
fn more_than_a_batch_is_answered_whole() {
    with_echo(&[("127.0.0.1:0", 7)], |bound| {
        let socket = client("127.0.0.1:0");
        let count = 2 * BATCH + 1;
        for number in 0..count {
            socket.send_to(number.to_string().as_bytes(), bound[0]).unwrap();
        }
        let mut answer = [0; DATAGRAM];
        for number in 0..count {
            let length = socket.recv(&mut answer).unwrap();
            assert_eq!(answer[..length], *format!("127.0.0.1:7 {number}").as_bytes());
        }
    });
}

#[test]
fn a_port_that_nobody_listens_on_is_refused() {
    let publication = udp("127.0.0.1:0", 9);
    let sockets = Sockets::bind(&[publication]).unwrap();
    let (_end, ended) = UnixStream::pair().unwrap();
    let error = sockets.serve(&mut Echo, &super::operator().0, ended).unwrap_err();
    assert!(matches!(error, ServeError::NoListener(Publication { port: 9, .. })), "{error}");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = client("127.0.0.1:0");
    let publication = udp(&taken.local_addr().unwrap().to_string(), 7);
    let error = Sockets::bind(&[publication]).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {}/udp", publication.host));
    assert_eq!(error.source.kind(), std::io::ErrorKind::AddrInUse);
}
