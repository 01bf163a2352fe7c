//! A story: one thing after another, to one machine and its peers; after each, everything is as it must be.

use crate::actor::{Act, Actor};
use crate::machine::{FRAME, Machine};
use crate::peer::Peer;
use crate::wire::{self, ACK, Ends, FIN, PSH, RST, SYN, Segment};
use core::time::Duration;
use moment::Instant;
use netstack::{Budget, Interface, Netstack, Prefix};
use platform::{Checksum, Offload};

/// The most that happens in one story: more takes long, and shows little more.
pub(crate) const STEPS: usize = 400;
const STREAMS: usize = 8;
/// The connections that peers remember.
const PEERS: usize = 16;
/// The turns that a stretch of time takes at most, and an hour at the end.
const TURNS: usize = 300;
const LAST_TURNS: usize = 200_000;
/// The turns in a row that a machine may want without any time between them.
const TURNS_AT_ONCE: usize = 2_000;
/// Frames of the peers that may come again.
const REMEMBERED: usize = 16;

pub(crate) struct Story {
    machine: Machine,
    netstack: Netstack,
    actor: Actor,
    peers: Vec<Peer>,
    /// Whether the station answers who asks for peers, and how peers answer who dials them.
    is_reachable: bool,
    manner: u8,
    /// Frames that came, and the machine's last.
    came: Vec<Vec<u8>>,
    last: Vec<u8>,
    at_once: usize,
}

impl Story {
    pub(crate) fn new([manner, budget]: [u8; 2]) -> Self {
        let offload = Offload {
            checksum: manner & 1 != 0,
            segmentation_v4: manner & 3 == 3,
            segmentation_v6: manner & 5 == 5,
        };
        let checksum = if manner & 8 == 0 { Checksum::Unverified } else { Checksum::Verified };
        let mut machine = Machine::new(offload, checksum);
        let addresses = [("192.0.2.53", 24), ("2001:db8::53", 64)];
        let addresses = addresses
            .map(|(address, length)| Prefix { address: address.parse().expect("an address"), length });
        let interface = Interface { addresses: addresses.to_vec(), ..Interface::default() };
        let actor = Actor::new(STREAMS, machine.now);
        let budget = Budget { streams: STREAMS, buffers: (32 << 10) << (budget % 5) };
        let listeners = appliance::Appliance::listeners(&actor);
        let mut netstack = Netstack::new(&mut machine, &[interface], listeners, budget);
        let mut actor = Actor::new(STREAMS, machine.now);
        // What a machine says at its start is no part of the story.
        netstack.turn(&mut machine, &mut actor);
        machine.cable().sent.clear();
        if manner & 16 != 0 {
            machine.cable().buffers = 3;
        }
        if manner & 32 != 0 {
            machine.cable().long_buffers = 1;
        }
        Self {
            machine,
            netstack,
            actor,
            peers: Vec::new(),
            is_reachable: true,
            manner: 0xcf,
            came: Vec::new(),
            last: Vec::new(),
            at_once: 0,
        }
    }

    /// One step; returns what it left of `behind`. What is missing there is zeros.
    pub(crate) fn step<'a>(&mut self, step: u8, behind: &'a [u8]) -> &'a [u8] {
        let mut arguments = [0; 8];
        let count = [3, 4, 5, 7, 1, 3, 2, 2, 1, 3, 2, 2, 4][usize::from(step & 0x7f) % 13].min(behind.len());
        arguments[..count].copy_from_slice(&behind[..count]);
        match usize::from(step & 0x7f) % 13 {
            0 => self.open(arguments),
            1 => self.send_octets(arguments),
            2 => self.acknowledge(arguments),
            3 => self.send_anything(arguments),
            4 => self.pass(arguments[0]),
            5 => self.actor.order(arguments[0], Act(arguments[1], arguments[2]), self.machine.now),
            6 => self.actor.mood = Act(arguments[0], arguments[1]),
            7 => self.send_plain(arguments[0], 255, FIN),
            8 => self.send_plain(arguments[0], 255, RST),
            9 => self.report(arguments),
            10 => (self.is_reachable, self.manner) = (arguments[0] & 7 != 0, arguments[1]),
            11 => self.repeat(arguments[0]),
            _ => self.answer(arguments),
        }
        // With the highest bit, the next comes in the same turn.
        if step & 0x80 == 0 {
            self.turn();
        }
        &behind[count..]
    }

    fn open(&mut self, [who, offers, window, ..]: [u8; 8]) {
        let own_port = if who == 0xff { 81 } else { 80 };
        let ends = Ends {
            is_v6: who & 1 != 0,
            host: 1 + (who >> 1) % 3,
            port: 5000 + u16::from(who >> 3 & 15),
            own_port,
        };
        let index = self.peer(ends, who >> 7 == 0);
        self.peers[index].window = u16::from(window) << 8 | u16::from(window);
        let segment = self.peers[index].open(offers, SYN);
        self.send(index, segment);
    }

    /// The connection between these ends, as a peer remembers it.
    fn peer(&mut self, ends: Ends, is_honest: bool) -> usize {
        if let Some(index) = self.peers.iter().position(|peer| peer.ends == ends) {
            return index;
        }
        if self.peers.len() < PEERS {
            self.peers.push(Peer::new(ends, self.peers.len() as u8, is_honest));
            return self.peers.len() - 1;
        }
        // Whoever is forgotten was reset, so that nothing of his is looked at wrongly.
        self.send_plain(0, 255, RST);
        self.turn();
        let index = ends.port as usize % PEERS;
        self.peers[index] = Peer::new(ends, ends.host, is_honest);
        index
    }

    fn chosen(&self, index: u8) -> Option<usize> {
        (!self.peers.is_empty()).then(|| usize::from(index) % self.peers.len())
    }

    /// Octets at, before or behind the place where the next belong; many of them come in pieces.
    fn send_octets(&mut self, [index, place, count, more, ..]: [u8; 8]) {
        let Some(index) = self.chosen(index) else { return };
        let peer = &mut self.peers[index];
        let mut segment = peer.ordinary(more, PSH);
        let count = match more {
            0xf0.. => usize::from(count) * 250,
            _ => (usize::from(count) * 6).min(FRAME - 54 - 20 - segment.options.len() - 12),
        };
        if place.cast_signed() == 0 {
            peer.next = peer.next.wrapping_add(count as u32);
        } else {
            let away = i32::from(place.cast_signed()) * 128;
            segment.sequence = segment.sequence.wrapping_add_signed(away);
        }
        Peer::fill(&mut segment, count);
        self.send(index, segment);
    }

    fn acknowledge(&mut self, [index, part, window, blocks @ ..]: [u8; 8]) {
        let Some(index) = self.chosen(index) else { return };
        let peer = &mut self.peers[index];
        peer.window = u16::from(window) << 8 | u16::from(window & 0x0f);
        let mut segment = peer.ordinary(part, 0);
        if blocks[0] != 0 {
            peer.add_blocks(&mut segment, &blocks[..2]);
        }
        self.send(index, segment);
    }

    fn send_anything(
        &mut self,
        [index, flags, sequence, acknowledgement, window, choice, count, _]: [u8; 8],
    ) {
        let Some(index) = self.chosen(index) else { return };
        let peer = &mut self.peers[index];
        let away = |octet: u8| match octet.cast_signed() {
            near @ -64..64 => i32::from(near),
            far => i32::from(far).wrapping_pow(5),
        };
        let mut segment = peer.ordinary(0, 0);
        segment.flags = flags;
        segment.sequence = segment.sequence.wrapping_add_signed(away(sequence));
        segment.acknowledgement = segment.acknowledgement.wrapping_add_signed(away(acknowledgement));
        segment.window = u16::from(window) << 8 | u16::from(window);
        segment.notification = choice & 3;
        match choice >> 2 & 7 {
            0 | 1 => {}
            2 => segment.options.clear(),
            3 => peer.add_blocks(&mut segment, &[sequence, window, acknowledgement, 3, 5, 2, 1, 2]),
            4 => segment.options = vec![5, 0, 0, 0],
            5 => segment.options = vec![3, 3, window, 2, 4, window, 1, 1],
            6 => segment.options = [&[8, 10][..], &[window; 8], &[1, 0]].concat(),
            _ => segment.options = vec![choice; 40],
        }
        Peer::align(&mut segment);
        Peer::fill(&mut segment, usize::from(count) * 4);
        self.send(index, segment);
    }

    /// The answer to a SYN of ours, as good as what is chosen.
    fn answer(&mut self, [index, offers, away, flags, ..]: [u8; 8]) {
        let Some(index) = self.chosen(index) else { return };
        let mut segment = self.peers[index].open(offers, if flags & 1 == 0 { SYN | ACK } else { SYN });
        segment.acknowledgement = segment.acknowledgement.wrapping_add(away.into());
        self.send(index, segment);
    }

    fn send_plain(&mut self, index: u8, part: u8, flags: u8) {
        let Some(index) = self.chosen(index) else { return };
        let segment = self.peers[index].ordinary(part, flags);
        if flags & FIN != 0 {
            self.peers[index].next = self.peers[index].next.wrapping_add(1);
        }
        self.send(index, segment);
    }

    fn send(&mut self, index: usize, segment: Segment) {
        let peer = &mut self.peers[index];
        peer.permit(&segment);
        let frame = wire::frame(peer.ends, &segment);
        self.came.insert(0, frame.clone());
        self.came.truncate(REMEMBERED);
        self.machine.cable().incoming.push_back(frame);
    }

    /// An error about what the machine sent last.
    fn report(&mut self, [kind, code, value, ..]: [u8; 8]) {
        if self.last.len() < 54 {
            return;
        }
        let frame = wire::error(kind, code & 15, u32::from(value) * 11, &self.last);
        self.machine.cable().incoming.push_back(frame);
    }

    /// What a peer sent comes again.
    fn repeat(&mut self, index: u8) {
        if let Some(frame) = self.came.get(usize::from(index) % REMEMBERED) {
            self.machine.cable().incoming.push_back(frame.clone());
        }
    }

    /// Time passes: from a microsecond to a quarter of an hour.
    fn pass(&mut self, time: u8) {
        let duration = Duration::from_micros(1 << (time % 30)) * (1 + u32::from(time) / 30) / 2;
        for peer in &mut self.peers {
            peer.tick(duration.as_millis() as u32);
        }
        self.wait(duration, TURNS);
    }

    /// Turns whenever one is due; returns whether there were few enough.
    fn wait(&mut self, duration: Duration, most: usize) -> bool {
        let end = self.machine.now + duration;
        for _ in 0..most {
            match self.turn().filter(|deadline| *deadline <= end) {
                Some(deadline) if deadline > self.machine.now => {
                    (self.machine.now, self.at_once) = (deadline, 0);
                }
                Some(_) => {
                    self.at_once += 1;
                    assert!(self.at_once < TURNS_AT_ONCE, "a machine that never waits");
                }
                None => {
                    (self.machine.now, self.at_once) = (end, 0);
                    return true;
                }
            }
        }
        (self.machine.now, self.at_once) = (end, 0);
        false
    }

    fn turn(&mut self) -> Option<Instant> {
        let mut deadline = self.netstack.turn(&mut self.machine, &mut self.actor).deadline;
        while self.look() {
            deadline = self.netstack.turn(&mut self.machine, &mut self.actor).deadline;
        }
        let [used, all, streams] = self.gauges([
            "network_stream_buffers_used_bytes",
            "network_stream_buffers_bytes",
            "network_streams",
        ]);
        assert!(used <= all && streams <= STREAMS as u64);
        deadline
    }

    /// Looks at what the machine sent; whether anybody said something to it at once.
    fn look(&mut self) -> bool {
        let sent = core::mem::take(&mut self.machine.cable().sent);
        let mut is_answered = false;
        for frame in sent {
            if let Some((ends, segment)) = wire::read(&frame) {
                let index = if segment.flags & (SYN | ACK) == SYN {
                    Some(self.peer_dialled(ends))
                } else {
                    self.peers.iter().position(|peer| peer.ends == ends)
                };
                let manner = self.manner;
                if let Some(index) = index
                    && let Some(answer) = self.peers[index].on_segment(&segment, manner)
                {
                    self.send(index, answer);
                    is_answered = true;
                }
                self.last = frame;
            } else if self.is_reachable
                && let Some(answer) = wire::answer_question(&frame)
            {
                self.machine.cable().incoming.push_back(answer);
                is_answered = true;
            }
        }
        is_answered
    }

    fn peer_dialled(&mut self, ends: Ends) -> usize {
        let is_honest = self.manner & 0x40 != 0;
        if let Some(index) = self.peers.iter().position(|peer| peer.ends == ends) {
            return index;
        }
        let peer = Peer::new(ends, ends.host, is_honest);
        if self.peers.len() < PEERS {
            self.peers.push(peer);
            return self.peers.len() - 1;
        }
        let index = usize::from(ends.own_port) % PEERS;
        self.peers[index] = peer;
        index
    }

    fn gauges<const COUNT: usize>(&self, names: [&str; COUNT]) -> [u64; COUNT] {
        let mut values = [0; COUNT];
        for statistic in self.netstack.statistics() {
            if let Some(index) = names.iter().position(|name| *name == statistic.name) {
                values[index] = statistic.value;
            }
        }
        values
    }

    /// Everybody falls silent; an hour later nothing is left.
    pub(crate) fn end(mut self) {
        self.actor.end(self.machine.now);
        for peer in &mut self.peers {
            peer.is_honest = false;
        }
        self.is_reachable = false;
        assert!(self.wait(Duration::from_secs(3600), LAST_TURNS), "a machine that never rests");
        self.turn();
        assert!(!self.actor.has_streams(), "a stream is open an hour later");
        let names = [
            "network_streams",
            "network_streams_half_open",
            "network_streams_in_time_wait",
            "network_stream_buffers_used_bytes",
        ];
        assert_eq!(self.gauges(names), [0; 4], "of {names:?}");
        assert!(self.actor.has_all_back(), "a region that was lent is kept");
    }
}
