//! An appliance that does with its streams what the story says, and checks every octet that it is shown.

use crate::pattern;
use appliance::{Appliance, Datagram, Listener, Network, Policy, Reply, Stream, StreamEvent, StreamId};
use core::net::SocketAddr;
use core::time::Duration;
use moment::{Instant, Moment};
use platform::Bytes;

/// What it does with a stream; the argument is an octet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act(pub(crate) u8, pub(crate) u8);

impl Act {
    const DIAL: u8 = 9;
    const END: u8 = 0xff;
}

pub(crate) struct Actor {
    /// By a stream's index.
    known: Vec<Option<Known>>,
    /// What it does when something happens.
    pub(crate) mood: Act,
    /// What it does in the next turn, to the stream of an index.
    pub(crate) due: Option<(u8, Act)>,
    /// It wants nothing more, and everything to end.
    is_ending: bool,
    now: Instant,
    lent: Bytes,
}

struct Known {
    id: StreamId,
    /// Where in the stream the next octet is that comes, and that goes.
    incoming: u16,
    outgoing: u16,
    is_open: bool,
}

impl Actor {
    pub(crate) fn new(streams: usize, now: Instant) -> Self {
        Self {
            known: (0..streams).map(|_| None).collect(),
            mood: Act(0, 0),
            due: None,
            is_ending: false,
            now,
            lent: pattern::all(),
        }
    }

    /// Ends every stream in the next turn, and those that come later at once.
    pub(crate) fn end(&mut self, now: Instant) {
        (self.is_ending, self.now) = (true, now);
        self.due = Some((0, Act(Act::END, 0)));
    }

    /// Does this in the next turn.
    pub(crate) fn order(&mut self, index: u8, act: Act, now: Instant) {
        (self.due, self.now) = (Some((index, act)), now);
    }

    pub(crate) fn has_streams(&self) -> bool {
        self.known.iter().any(Option::is_some)
    }

    /// Whether nobody else has a part of what it lent.
    pub(crate) fn has_all_back(&self) -> bool {
        self.lent.is_unique()
    }

    fn do_to<N: Network>(&mut self, index: usize, act: Act, network: &mut N, now: Instant) {
        if act.0 % 12 == Act::DIAL && act.0 != Act::END {
            return self.dial(act.1, network);
        }
        let Some(known) = self.known.get_mut(index).and_then(Option::as_mut) else { return };
        let Some(mut stream) = network.stream(known.id) else {
            panic!("a stream is over, and nobody said so");
        };
        let finished = stream.is_finished();
        let received = stream.received();
        assert!(pattern::is_right(known.incoming, received), "octets that nobody sent");
        let waiting = received.len();
        let argument = usize::from(act.1);
        match act.0 {
            Act::END => {
                known.consume(&mut stream, waiting);
                stream.finish();
                stream.set_policy(Policy { keep_alive: Some(Duration::from_secs(60)), ..Policy::default() });
            }
            kind => match kind % 12 {
                0 => {
                    known.write(&mut stream, waiting.min(4096), waiting.min(4096));
                    known.consume(&mut stream, waiting);
                    if finished {
                        stream.finish();
                    }
                }
                1 => known.consume(&mut stream, waiting),
                2 => {}
                3 => {
                    known.consume(&mut stream, waiting * argument / 256);
                    stream.expect(argument * 300);
                }
                4 => known.write(&mut stream, 65_537, 65_537),
                5 => known.lend(&mut stream, &self.lent, argument * argument + 1),
                6 => {
                    known.consume(&mut stream, waiting);
                    stream.finish();
                }
                7 => {
                    stream.abort();
                    drop(stream);
                    self.known[index] = None;
                }
                8 => {
                    stream.set_deadline(Some(now + Duration::from_millis(1 << (argument % 16))));
                    stream.set_policy(Policy {
                        nagle: argument & 16 != 0,
                        keep_alive: (argument & 32 != 0).then_some(Duration::from_secs(5)),
                        user_timeout: Duration::from_secs(if argument & 64 == 0 { 120 } else { 3 }),
                    });
                }
                10 => {
                    for _ in 0..argument % 70 {
                        known.lend(&mut stream, &self.lent, argument);
                        known.write(&mut stream, argument, argument);
                    }
                }
                _ => known.write(&mut stream, argument * 8, argument * 5),
            },
        }
    }

    fn dial<N: Network>(&mut self, argument: u8, network: &mut N) {
        let host = 1 + argument % 3;
        let ip = if argument & 0x80 == 0 {
            [192, 0, 2, host].into()
        } else {
            [0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(host)].into()
        };
        if let Ok(id) = network.dial(SocketAddr::new(ip, 7000 + u16::from(argument & 3))) {
            self.know(id, false);
        }
    }

    fn know(&mut self, id: StreamId, is_open: bool) {
        let place = &mut self.known[id.index()];
        assert!(place.is_none(), "two streams of one index");
        *place = Some(Known { id, incoming: pattern::FIRST + 1, outgoing: 0, is_open });
    }
}

impl Known {
    fn consume(&mut self, stream: &mut impl Stream, count: usize) {
        stream.consume(count);
        self.incoming = self.incoming.wrapping_add(count as u16);
    }

    fn write(&mut self, stream: &mut impl Stream, least: usize, count: usize) {
        let room = stream.room(least);
        if room.is_empty() {
            return;
        }
        assert!(room.len() >= least, "less room than was asked for");
        let count = count.min(room.len());
        room[..count].copy_from_slice(&pattern::some(self.outgoing, count));
        stream.commit(count);
        self.outgoing = self.outgoing.wrapping_add(count as u16);
        assert!(count == 0 || !stream.is_drained());
    }

    fn lend(&mut self, stream: &mut impl Stream, lent: &Bytes, count: usize) {
        let start = usize::from(self.outgoing);
        let region = lent.slice(start..lent.len().min(start + count));
        let count = region.len();
        if stream.lend(region).is_ok() {
            self.outgoing = self.outgoing.wrapping_add(count as u16);
        }
    }
}

impl Appliance for Actor {
    fn listeners(&self) -> &[Listener] {
        &[Listener::Stream { port: 80 }, Listener::Datagram { port: 53 }]
    }

    fn on_datagram(&mut self, _: Datagram<'_>, _: Moment) -> Reply {
        Reply::Silence
    }

    fn on_stream<N: Network>(&mut self, id: StreamId, event: StreamEvent, network: &mut N, now: Moment) {
        match event {
            StreamEvent::Opened => {
                match &mut self.known[id.index()] {
                    Some(known) if known.id == id && !known.is_open => known.is_open = true,
                    _ => self.know(id, true),
                }
                assert!(network.stream(id).is_some(), "an open stream that isn't there");
            }
            StreamEvent::Progress | StreamEvent::DeadlinePassed => {
                let known = self.known[id.index()].as_ref();
                assert!(known.is_some_and(|known| known.id == id), "{event:?} of a stream that isn't open");
            }
            StreamEvent::Closed(_) => {
                let known = self.known[id.index()].take();
                assert!(known.is_some_and(|known| known.id == id), "{event:?} of a stream that isn't open");
                return;
            }
        }
        let act = if self.is_ending { Act(Act::END, 0) } else { self.mood };
        self.do_to(id.index(), act, network, now.instant);
    }

    fn deadline(&self) -> Option<Instant> {
        self.due.map(|_| self.now)
    }

    fn on_deadline<N: Network>(&mut self, network: &mut N, now: Moment) {
        let Some((index, act)) = self.due.take() else { return };
        if act.0 == Act::END {
            for index in 0..self.known.len() {
                self.do_to(index, act, network, now.instant);
            }
        } else {
            self.do_to(usize::from(index) % self.known.len(), act, network, now.instant);
        }
    }
}
