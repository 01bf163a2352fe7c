//! The services on a network that is a few vectors.

use super::*;
use alloc::vec::Vec;
use appliance::{NoRoom, Policy};
use core::net::SocketAddr;
use moment::Instant;

/// Octets that may be on their way to the peer.
const WINDOW: usize = 100_000;

/// One stream to a port.
struct One {
    port: u16,
    came: Vec<u8>,
    went: Vec<u8>,
    /// Octets that the peer has acknowledged.
    acknowledged: usize,
    room: Vec<u8>,
    is_finished: bool,
    has_finished: bool,
}

impl One {
    fn new(port: u16) -> Self {
        let room = vec![0; 1000];
        Self {
            port,
            came: Vec::new(),
            went: Vec::new(),
            acknowledged: 0,
            room,
            is_finished: false,
            has_finished: false,
        }
    }

    fn left(&self) -> usize {
        WINDOW - (self.went.len() - self.acknowledged)
    }
}

impl Network for One {
    type Stream<'a> = &'a mut Self;

    fn stream(&mut self, _id: StreamId) -> Option<&mut Self> {
        Some(self)
    }

    fn dial(&mut self, _to: SocketAddr) -> Result<StreamId, NoRoom> {
        Err(NoRoom)
    }
}

impl Stream for &mut One {
    fn peer(&self) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], 40_000))
    }

    fn local(&self) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 53], self.port))
    }

    fn received(&mut self) -> &mut [u8] {
        &mut self.came
    }

    fn consume(&mut self, count: usize) {
        self.came.drain(..count);
    }

    fn expect(&mut self, _least: usize) {}

    fn is_finished(&self) -> bool {
        self.is_finished
    }

    fn room(&mut self, least: usize) -> &mut [u8] {
        let length = self.left().min(self.room.len());
        if length < least { &mut [] } else { &mut self.room[..length] }
    }

    fn commit(&mut self, count: usize) {
        let committed = self.room[..count].to_vec();
        self.went.extend(committed);
    }

    fn lend(&mut self, region: Bytes) -> Result<(), Bytes> {
        if region.len() > self.left() {
            return Err(region);
        }
        self.went.extend(&region[..]);
        Ok(())
    }

    fn is_drained(&self) -> bool {
        self.went.len() == self.acknowledged
    }

    fn finish(&mut self) {
        self.has_finished = true;
    }

    fn abort(&mut self) {
        panic!("nothing here aborts");
    }

    fn set_deadline(&mut self, _at: Option<Instant>) {}

    fn set_policy(&mut self, _policy: Policy) {}
}

/// Opens a stream and lets the service see it so often, everything acknowledged each time.
fn serve(network: &mut One, turns: usize) {
    let mut services = Services::new();
    let now = Moment { instant: Instant::START, unix_time: None };
    let id = StreamId::new(3, 0);
    services.on_stream(id, StreamEvent::Opened, network, now);
    for _ in 0..turns {
        network.acknowledged = network.went.len();
        services.on_stream(id, StreamEvent::Progress, network, now);
    }
}

fn lines(length: usize) -> Vec<u8> {
    (0..length as u64).map(octet).collect()
}

#[test]
fn lines_are_those_of_rfc_864() {
    let said = lines(2 * 74);
    assert!(
        said.starts_with(
            b" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg\r\n!\"#"
        )
    );
    assert!(said.ends_with(b"abcdefgh\r\n"));
    for (from, length) in [(0, 20_000), (7029, 3), (123_456, 60_000)] {
        let mut room = vec![0; length];
        write(&mut room, from);
        assert!(room.iter().zip(from..).all(|(said, place)| *said == octet(place)), "{from}");
    }
}

#[test]
fn echo_says_what_it_heard_as_far_as_there_is_room() {
    let mut network = One::new(ECHO);
    let said: Vec<u8> = lines(250_000);
    network.came.clone_from(&said);
    serve(&mut network, 0);
    assert_eq!(network.went.len(), WINDOW);
    assert!(!network.has_finished);
    network.is_finished = true;
    serve(&mut network, 3);
    assert!(network.went == said && network.has_finished);
}

#[test]
fn discard_hears_all_and_says_nothing() {
    let mut network = One::new(DISCARD);
    network.came = lines(5000);
    serve(&mut network, 0);
    assert!(network.came.is_empty() && network.went.is_empty() && !network.has_finished);
    network.is_finished = true;
    serve(&mut network, 0);
    assert!(network.has_finished);
}

#[test]
fn generators_go_on_until_the_peer_has_finished() {
    for port in [GENERATOR, WRITTEN_GENERATOR] {
        let mut network = One::new(port);
        serve(&mut network, 5);
        assert!(network.went.len() > 3 * WINDOW, "{port}");
        assert!(network.went == lines(network.went.len()) && !network.has_finished);
        network.is_finished = true;
        let length = network.went.len();
        serve(&mut network, 5);
        assert!(network.went.len() == length && network.has_finished);
    }
}

#[test]
fn exchanges_are_answered_in_order_however_long() {
    let mut network = One::new(EXCHANGES);
    for length in [1_u32, 0, 250_000, 3] {
        network.came.extend(length.to_be_bytes());
    }
    network.came.extend([0, 0]);
    serve(&mut network, 4);
    assert!(network.went == [lines(1), lines(250_000), lines(3)].concat());
    assert!(network.came == [0, 0] && !network.has_finished);
}
