//! Peers that open streams, send in pieces, read slowly, wait, finish.

use crate::network::{State, Wires};
use crate::same;
use appliance::{Appliance, End, StreamId};
use core::net::SocketAddr;
use core::time::Duration;
use dns::Dns;

/// Room for all replies that an input can ask for.
const ENDLESS: usize = 1 << 26;

/// The most streams of a story: more are no other story.
const STREAMS: usize = 12;

const PEERS: [&str; 4] = ["192.0.2.9:4096", "198.51.100.7:53", "[2001:db8::1]:4096", "[2001:db8::ffff:1]:9"];

/// What peers did.
pub(crate) struct Conversation<'d> {
    served: &'d mut Dns,
    wires: Wires,
    streams: Vec<Told>,
}

/// A stream, and what its peer has told.
struct Told {
    id: StreamId,
    sent: Vec<u8>,
    is_finished: bool,
}

impl<'d> Conversation<'d> {
    pub(crate) fn new(served: &'d mut Dns) -> Self {
        let mut new = Self { served, wires: Wires::new(), streams: Vec::new() };
        new.open(0, 0);
        new
    }

    fn open(&mut self, peer: usize, room: usize) {
        let peer: SocketAddr = PEERS[peer % PEERS.len()].parse().expect("an address");
        let id = self.wires.open(self.served, peer, room, &[]);
        self.streams.push(Told { id, sent: Vec::new(), is_finished: false });
    }

    /// Does what an octet says: its low bits what, the others on which stream. Returns what is left of what is behind it.
    pub(crate) fn step<'i>(&mut self, step: u8, behind: &'i [u8]) -> &'i [u8] {
        let Some((&number, behind)) = behind.split_first() else { return behind };
        let number = usize::from(number);
        let stream = usize::from(step >> 3) % self.streams.len();
        let (piece, rest) = behind.split_at(number.min(behind.len()));
        match step & 7 {
            0 if self.streams.len() < STREAMS => self.open(number, number << 4),
            // Octets as they are, and as a message.
            1 | 2 => self.send(stream, piece),
            3 | 4 => {
                self.send(stream, &(piece.len() as u16).to_be_bytes());
                self.send(stream, piece);
            }
            5 => self.wires.take(self.served, self.streams[stream].id, number << 2),
            6 => {
                self.streams[stream].is_finished = true;
                self.wires.finish(self.served, self.streams[stream].id);
            }
            7 => self.wires.pass(self.served, Duration::from_millis(100 * number as u64)),
            _ => {}
        }
        if (1..=4).contains(&(step & 7)) { rest } else { behind }
    }

    fn send(&mut self, stream: usize, octets: &[u8]) {
        let Told { id, sent, is_finished } = &mut self.streams[stream];
        if self.wires.wire(*id).state == State::Open && !*is_finished {
            sent.extend_from_slice(octets);
            self.wires.send(self.served, *id, octets);
        }
    }

    /// Lets every peer read and finish, and compares its replies with those of a server that is asked by datagram.
    pub(crate) fn end(mut self, oracle: &mut Dns) {
        for Told { id, sent, .. } in &self.streams {
            let was_open = self.wires.wire(*id).state == State::Open;
            self.wires.take(self.served, *id, ENDLESS);
            self.wires.finish(self.served, *id);
            assert_ne!(
                self.wires.wire(*id).state,
                State::Open,
                "everything was answered, and the peer has finished"
            );
            let unanswered = same::check(oracle, sent, &self.wires.wire(*id).sent);
            assert!(unanswered == 0 || !was_open, "{unanswered} queries are not answered");
        }
        for Told { id, .. } in &self.streams {
            if self.wires.wire(*id).state != State::Closed {
                self.wires.end(self.served, *id, End::Finished);
            }
        }
        let count = |name: &str| -> u64 {
            let statistics = self.served.statistics();
            statistics
                .filter(|statistic| statistic.name.starts_with(name))
                .map(|statistic| statistic.value)
                .sum()
        };
        assert_eq!(count("dns_connections_total"), count("dns_connections_closed_total"));
        assert_eq!(
            count("dns_requests_total"),
            count("dns_queries_total") + count("dns_rejected_total") + count("dns_dropped_total")
        );
        assert_eq!(self.served.deadline(), None);
    }
}
