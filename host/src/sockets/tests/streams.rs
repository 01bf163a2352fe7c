//! Streams: bulk, ends of every kind, deadlines, dialling.

mod trial;

use super::{serving, tcp};
use appliance::{End, StreamEvent};
use core::net::SocketAddr;
use core::time::Duration;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::Instant;
use trial::{ABORT, AMOUNT, COUNT, DEADLINE, DRAIN, ECHO, PROXY, SOURCE, Trial, pattern};

/// Serves the trial at `port` while `client` talks to it; returns what the appliance was told.
fn with_trial(port: u16, target: Option<SocketAddr>, client: impl FnOnce(SocketAddr)) -> Vec<StreamEvent> {
    let mut trial = Trial::new(target);
    serving(&mut trial, &[tcp("127.0.0.1:0", port)], |bound, _| client(bound[0]));
    trial.told
}

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn read_all(mut stream: &TcpStream) -> Vec<u8> {
    let mut octets = Vec::new();
    stream.read_to_end(&mut octets).unwrap();
    octets
}

/// Until the other side is done with it, a thread's time later at most.
fn wait_a_little() {
    thread::sleep(Duration::from_millis(100));
}

#[test]
fn what_is_sent_comes_back_and_a_half_close_ends_it() {
    let told = with_trial(ECHO, None, |server| {
        let mut stream = connect(server);
        stream.write_all(b"to and fro").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(read_all(&stream), b"to and fro");
        wait_a_little();
    });
    assert_eq!(told.first(), Some(&StreamEvent::Opened));
    assert_eq!(told.last(), Some(&StreamEvent::Closed(End::Finished)));
}

#[test]
fn bulk_goes_both_ways_at_once() {
    let told = with_trial(ECHO, None, |server| {
        let stream = connect(server);
        let sent = pattern(0, AMOUNT);
        thread::scope(|scope| {
            scope.spawn(|| {
                (&stream).write_all(&sent).unwrap();
                stream.shutdown(Shutdown::Write).unwrap();
            });
            assert!(read_all(&stream) == sent, "what came back is not what was sent");
        });
        wait_a_little();
    });
    assert_eq!(told.last(), Some(&StreamEvent::Closed(End::Finished)));
}

#[test]
fn a_slow_reader_holds_the_appliance_back_and_loses_nothing() {
    with_trial(SOURCE, None, |server| {
        let stream = connect(server);
        thread::sleep(Duration::from_millis(300));
        assert!(read_all(&stream) == pattern(0, AMOUNT), "what came is not what was sent");
    });
}

#[test]
fn a_slow_appliance_holds_the_peer_back() {
    // It consumes nothing before its deadline; far more than all buffers is on its way.
    with_trial(COUNT, None, |server| {
        let stream = connect(server);
        stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        let mut written = 0;
        let chunk = vec![0; 1 << 20];
        let error = loop {
            match (&stream).write(&chunk) {
                Ok(count) => written += count,
                Err(error) => break error,
            }
            assert!(written < 256 << 20, "nothing holds the peer back");
        };
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn progress_comes_once_as_much_is_there_as_was_expected() {
    let told = with_trial(COUNT, None, |server| {
        let mut stream = connect(server);
        for _ in 0..8 {
            stream.write_all(&[0; 8192]).unwrap();
            thread::sleep(Duration::from_millis(10));
        }
        stream.write_all(&[0]).unwrap();
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(u32::from_be_bytes(*answer.first_chunk().unwrap()), 65_537);
    });
    let before = told.iter().take_while(|event| **event != StreamEvent::DeadlinePassed);
    assert_eq!(before.filter(|event| **event == StreamEvent::Progress).count(), 1, "{told:?}");
}

#[test]
fn a_reset_is_told_as_one() {
    let told = with_trial(ECHO, None, |server| {
        let mut stream = connect(server);
        stream.write_all(b"x").unwrap();
        stream.read_exact(&mut [0]).unwrap();
        rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
        drop(stream);
        wait_a_little();
    });
    assert_eq!(told.last(), Some(&StreamEvent::Closed(End::Reset)));
}

#[test]
fn an_abort_resets_and_is_the_last_that_is_heard() {
    let told = with_trial(ABORT, None, |server| {
        let mut stream = connect(server);
        stream.write_all(b"x").unwrap();
        let error = stream.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
    assert!(!told.iter().any(|event| matches!(event, StreamEvent::Closed(_))), "{told:?}");
}

#[test]
fn a_deadline_passes_once_and_not_before() {
    let told = with_trial(DEADLINE, None, |server| {
        let began = Instant::now();
        let stream = connect(server);
        assert_eq!(read_all(&stream), b"late");
        assert!(began.elapsed() >= trial::PATIENCE, "{:?}", began.elapsed());
    });
    assert_eq!(told.iter().filter(|event| **event == StreamEvent::DeadlinePassed).count(), 1);
}

#[test]
fn all_being_acknowledged_is_told_to_one_who_asked() {
    let told = with_trial(DRAIN, None, |server| {
        let stream = connect(server);
        thread::sleep(Duration::from_millis(50));
        let octets = read_all(&stream);
        assert_eq!(octets.len(), AMOUNT + "drained".len());
        assert!(octets.ends_with(b"drained"));
    });
    assert!(told.contains(&StreamEvent::Progress));
}

#[test]
fn an_appliance_dials() {
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let there = target.local_addr().unwrap();
    thread::scope(|scope| {
        let peer = scope.spawn(|| {
            let (mut stream, _) = target.accept().unwrap();
            let mut question = Vec::new();
            stream.read_to_end(&mut question).unwrap();
            question.reverse();
            stream.write_all(&question).unwrap();
        });
        with_trial(PROXY, Some(there), |server| {
            let mut stream = connect(server);
            stream.write_all(b"desrever").unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            assert_eq!(read_all(&stream), b"reversed");
        });
        peer.join().unwrap();
    });
}

#[test]
fn nobody_answering_a_dial_is_told() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let told = with_trial(PROXY, Some(nobody), |server| {
        let error = connect(server).read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
    assert!(told.contains(&StreamEvent::Closed(End::Reset)), "{told:?}");
}

#[test]
fn a_thousand_are_served_beside_each_other() {
    const COUNT: usize = 1000;
    let mut trial = Trial::new(None);
    serving(&mut trial, &[tcp("127.0.0.1:0", ECHO)], |bound, operator| {
        let mut streams: Vec<_> = (0..COUNT).map(|_| connect(bound[0])).collect();
        for (number, stream) in streams.iter_mut().enumerate() {
            stream.write_all(&(number as u32).to_be_bytes()).unwrap();
        }
        for (number, stream) in streams.iter_mut().enumerate() {
            let mut answer = [0; 4];
            stream.read_exact(&mut answer).unwrap();
            assert_eq!(u32::from_be_bytes(answer), number as u32);
        }
        let mut told = String::new();
        UnixStream::connect_addr(operator).unwrap().read_to_string(&mut told).unwrap();
        for line in ["host_streams 1000", "host_streams_total{origin=\"accepted\"} 1000"] {
            assert!(told.contains(&format!("{line}\n")), "{told}");
        }
    });
}

#[test]
fn six_and_four_share_a_port() {
    let mut trial = Trial::new(None);
    serving(&mut trial, &[tcp("[::]:0", ECHO)], |six, _| {
        let port = six[0].port();
        let four = format!("0.0.0.0:{port}");
        let mut other = Trial::new(None);
        serving(&mut other, &[tcp(&four, ECHO)], |_, _| {
            for address in ["127.0.0.1", "127.0.0.9", "::1"] {
                let mut stream = connect(SocketAddr::new(address.parse().unwrap(), port));
                stream.write_all(b"?").unwrap();
                stream.read_exact(&mut [0]).unwrap();
            }
        });
        assert_eq!(other.locals, ["127.0.0.1:7".parse().unwrap(), "127.0.0.9:7".parse().unwrap()]);
    });
    assert_eq!(trial.locals, ["[::1]:7".parse().unwrap()]);
}
