//! An appliance that does with its streams what an octet says, and looks at every octet that comes.

use crate::pattern;
use appliance::{Appliance, Datagram, Listener, Network, Policy, Reply, Stream, StreamEvent, StreamId};
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::time::Duration;
use moment::{Instant, Moment};
use platform::Bytes;

/// Consumes what comes, and no more.
pub(crate) const QUIET: u8 = 1;
/// Peers that are dialled are this host.
const DIALLED: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9));

/// A stream, and the places in what it received and in what it sent.
struct Known {
    id: StreamId,
    received: u16,
    sent: u16,
}

pub(crate) struct Player {
    /// What it does at the next events: see `Player::play`.
    pub(crate) manner: u8,
    /// When it does so of its own accord.
    pub(crate) deadline: Option<Instant>,
    known: Vec<Known>,
    pattern: Bytes,
}

impl Player {
    pub(crate) fn new() -> Self {
        Self { manner: QUIET, deadline: None, known: Vec::new(), pattern: pattern::all() }
    }

    /// How many streams it knows to be open.
    pub(crate) fn streams(&self) -> usize {
        self.known.len()
    }

    fn play(&mut self, index: usize, network: &mut impl Network, now: Moment) {
        let Some(known) = self.known.get_mut(index) else { return };
        let mut stream = network.stream(known.id).expect("a stream is open until it is said not to be");
        let received = stream.received();
        let count = received.len();
        assert!(pattern::is_right(known.received, received), "octets that were never sent");
        let consumed = [0, count, count / 2, count.min(1)][usize::from(self.manner & 3)];
        stream.consume(consumed);
        known.received = known.received.wrapping_add(consumed as u16);
        let written = match self.manner >> 2 & 3 {
            0 => 0,
            1 => consumed,
            2 => 7000,
            _ => {
                let start = usize::from(known.sent);
                let region = self.pattern.slice(start..start + 1 + (usize::from(self.manner) << 6));
                let length = region.len();
                if stream.lend(region).is_ok() {
                    known.sent = known.sent.wrapping_add(length as u16);
                }
                0
            }
        };
        let room = stream.room(written);
        if written > 0 && room.len() >= written {
            room[..written].copy_from_slice(&pattern::some(known.sent, written));
            stream.commit(written);
            known.sent = known.sent.wrapping_add(written as u16);
        }
        match self.manner >> 4 {
            1 | 2 if stream.is_finished() => stream.finish(),
            3 => stream.finish(),
            4 => {
                stream.abort();
                self.known.swap_remove(index);
            }
            5 => stream.expect(1 + count * 2),
            6 => stream.expect(usize::MAX),
            7 => stream.set_deadline(Some(now.instant + Duration::from_millis(300))),
            8 => stream.set_policy(Policy { nagle: true, ..policy() }),
            _ => {}
        }
    }
}

impl Appliance for Player {
    fn listeners(&self) -> &[Listener] {
        &[Listener::Stream { port: 53 }]
    }

    fn on_datagram(&mut self, _: Datagram<'_>, _: Moment) -> Reply {
        Reply::Silence
    }

    fn on_stream<N: Network>(&mut self, id: StreamId, event: StreamEvent, network: &mut N, now: Moment) {
        let index = self.known.iter().position(|known| known.id == id);
        match (event, index) {
            (StreamEvent::Closed(_), Some(index)) => {
                assert!(network.stream(id).is_none(), "closed, and there");
                self.known.swap_remove(index);
            }
            (StreamEvent::Opened, None) => {
                network.stream(id).expect("it opened").set_policy(policy());
                self.known.push(Known { id, received: 0, sent: 0 });
                self.play(self.known.len() - 1, network, now);
            }
            (_, Some(index)) => self.play(index, network, now),
            (_, None) => panic!("{event:?} of a stream that is not open"),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn on_deadline<N: Network>(&mut self, network: &mut N, now: Moment) {
        self.deadline = None;
        if self.manner >> 4 == 15
            && let Ok(id) = network.dial(SocketAddr::new(DIALLED, 80 + u16::from(self.manner & 3)))
        {
            network.stream(id).expect("it was dialled").set_policy(policy());
            self.known.push(Known { id, received: 0, sent: 0 });
        }
        for index in (0..self.known.len()).rev() {
            self.play(index, network, now);
        }
    }
}

/// Who is silent is found out, so that no stream is left in the end.
fn policy() -> Policy {
    Policy { keep_alive: Some(Duration::from_secs(60)), ..Policy::default() }
}
