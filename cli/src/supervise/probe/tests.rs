use super::Probe;
use crate::machines::{self, Transport};
use core::time::Duration;
use std::io::{Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::thread;
use std::time::Instant;

const QUESTION: &[u8] = b"\x12\x34\0\0\0\x01";

/// Asks until an answer comes, or for a second.
fn is_answered(transport: Transport, address: core::net::SocketAddr) -> bool {
    let probe = machines::Probe { address, transport, question: QUESTION.to_vec(), command: String::new() };
    let mut probe = Probe::new(&probe).unwrap();
    let deadline = Instant::now() + Duration::from_secs(1);
    while Instant::now() < deadline {
        probe.ask(Instant::now());
        if probe.is_answered() {
            return true;
        }
        thread::sleep(Duration::from_millis(1));
    }
    false
}

#[test]
fn an_answer_on_a_stream_may_come_in_pieces() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        // The first connection gets nothing at all.
        drop(listener.accept().unwrap());
        while let Ok((mut stream, _)) = listener.accept() {
            let mut question = [0; 8];
            let _ = stream.read_exact(&mut question);
            assert_eq!(question, *b"\0\x06\x12\x34\0\0\0\x01");
            if stream.write_all(b"\0\x03\x12\x34").is_ok() {
                thread::sleep(Duration::from_millis(2));
                if stream.write_all(b"\x80").is_ok() && stream.read(&mut [0]).is_ok() {
                    return;
                }
            }
        }
    });
    assert!(is_answered(Transport::Tcp, address));
    drop(server);
}

#[test]
fn an_answer_is_a_response_to_this_question() {
    for (answer, expected) in [(b"\x12\x34\x80", true), (b"\x12\x34\x00", false), (b"\x12\x35\x80", false)] {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (_, source) = server.recv_from(&mut [0; 64]).unwrap();
            server.send_to(answer, source).unwrap();
        });
        assert_eq!(is_answered(Transport::Udp, address), expected, "{answer:?}");
        server.join().unwrap();
    }
}

#[test]
fn nobody_answers_where_nobody_is() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(!is_answered(Transport::Tcp, address));
}
