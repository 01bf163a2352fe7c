//! A client like a resolver: asks, asks again after a while, and believes no answer that is not one to its question.

use crate::peer::Client;
use crate::random::Random;
use crate::server;
use anyhow::{Context as _, Result, bail, ensure};
use core::net::SocketAddr;
use core::time::Duration;
use dns::Dns;
use dns_protocol::NameBuffer;
use moment::Instant;
use smoltcp::iface::{Interface, SocketHandle, SocketSet};
use smoltcp::socket::udp;
use smoltcp::wire::IpEndpoint;

/// How long the first try waits; each further one waits twice as long as the one before, ...
const FIRST_WAIT: Duration = Duration::from_millis(800);
/// ... up to this.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// After so many tries without an answer, a resolver asks for smaller ones (RFC 6891 §6.2.5).
pub(crate) const TRIES_WITH_EDNS: usize = 3;

/// What is asked for: names and types.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subjects {
    names: &'static [&'static str],
    types: &'static [u16],
}

impl Subjects {
    /// Names that are served and some that are not, and A, NS, SOA, MX, TXT, AAAA, SRV and ANY.
    pub(crate) const VARIED: Self = Self { names: NAMES, types: &[1, 2, 6, 15, 16, 28, 33, 255] };
    /// A large answer, and some that are not.
    pub(crate) const LARGE: Self = Self { names: &["big.edges.test"], types: &[16, 16, 1] };
}

const NAMES: &[&str] = &[
    "example.com",
    "www.example.com",
    "docs.example.com",
    "mail.example.com",
    "_sip._udp.example.com",
    "anything.wild.example.com",
    "www.old.example.com",
    "host.child.example.com",
    "lease-042.example.com",
    "nobody.example.com",
    "big.edges.test",
    "chain1.edges.test",
    "example.net",
];

/// Whether what arrives is what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The cable damages nothing that sums don't notice: every answer is right.
    Sums,
    /// It may: an answer that is not right is passed over.
    Nothing,
}

/// A resolver with some questions under way.
pub(crate) struct Resolver {
    random: Random,
    oracle: Dns,
    servers: Vec<SocketAddr>,
    lines: Vec<Line>,
    packet_lengths: Vec<usize>,
    subjects: Subjects,
    pause: Duration,
    left: u64,
    answered: u64,
    most_tries: usize,
    trust: Trust,
}

/// What a resolver is to do.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    /// Whom it asks, ...
    pub(crate) servers: Vec<SocketAddr>,
    /// ... how much, ...
    pub(crate) questions: u64,
    /// ... and how much of it at a time.
    pub(crate) lines: u16,
    /// What it asks for.
    pub(crate) subjects: Subjects,
    /// How long it may rest between two questions.
    pub(crate) pause: Duration,
    /// What it believes.
    pub(crate) trust: Trust,
    /// For which lengths of the longest packet on the way an answer may have been made.
    pub(crate) packet_lengths: Vec<usize>,
}

/// A socket and the question that is asked through it.
struct Line {
    socket: SocketHandle,
    /// Every query that was ever sent, each under its place as identity, and to whom.
    asked: Vec<(Vec<u8>, SocketAddr)>,
    question: Option<Question>,
}

struct Question {
    server: SocketAddr,
    name: NameBuffer,
    kind: u16,
    /// How many queries had been sent before its first.
    first: usize,
    next_try: Instant,
}

impl Resolver {
    /// A resolver with this task.
    pub(crate) fn new(mut random: Random, task: Task, sockets: &mut SocketSet<'static>) -> Self {
        let Task { servers, questions, lines, subjects, pause, trust, packet_lengths } = task;
        let first = random.between(1024, 60_000) as u16;
        let line = |line| Line { socket: open(sockets, first + line), asked: Vec::new(), question: None };
        let (lines, oracle) = ((0..lines).map(line).collect(), server::appliance());
        Self {
            random,
            oracle,
            servers,
            lines,
            packet_lengths,
            subjects,
            pause,
            left: questions,
            answered: 0,
            most_tries: 0,
            trust,
        }
    }

    /// How many questions were answered.
    #[must_use]
    pub(crate) const fn answered(&self) -> u64 {
        self.answered
    }

    /// How often a question had to be asked at most, of those that were answered.
    #[must_use]
    pub(crate) const fn most_tries(&self) -> usize {
        self.most_tries
    }

    /// Whether every question was answered.
    #[must_use]
    pub(crate) fn is_finished(&self) -> bool {
        self.left == 0 && self.lines.iter().all(|line| line.question.is_none())
    }

    fn ask(&mut self, line: usize, socket: &mut udp::Socket<'_>, now: Instant) -> Option<Instant> {
        let Line { asked, question, .. } = &mut self.lines[line];
        if question.is_none() && self.left > 0 {
            self.left -= 1;
            let begins = now + self.random.duration(self.pause);
            *question =
                Some(Question::draw(&mut self.random, &self.servers, self.subjects, asked.len(), begins));
        }
        let question = question.as_mut()?;
        if question.next_try <= now {
            let query = question.query(asked.len());
            // A socket whose queue is full tries again later, as if the query had been lost.
            let _is_queued = socket.send_slice(&query, IpEndpoint::from(question.server)).is_ok();
            asked.push((query, question.server));
            let doubled = 1_u32 << (asked.len() - question.first - 1).min(10);
            question.next_try = now + (FIRST_WAIT * doubled).min(LONGEST_WAIT);
        }
        Some(question.next_try)
    }

    fn hear(&mut self, line: usize, socket: &mut udp::Socket<'_>) -> Result<()> {
        while let Ok((answer, from)) = socket.recv() {
            match self.judge(line, answer, from.endpoint.into()) {
                Err(error) if self.trust == Trust::Sums => {
                    return Err(error.context(format!("{from} says {answer:02x?}")));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Every answer that comes is right, however late and however often.
    fn judge(&mut self, line: usize, answer: &[u8], from: SocketAddr) -> Result<()> {
        let Line { asked, question, .. } = &mut self.lines[line];
        let [high, low, ..] = *answer else { bail!("an answer without an identity") };
        let place = usize::from(u16::from_be_bytes([high, low]));
        let (query, server) = asked.get(place).context("the answer to a question that was never asked")?;
        ensure!(from == *server, "{server} was asked");
        let oracle = &mut self.oracle;
        let is_right = |&length: &usize| {
            server::answer(oracle, query, from, length).is_some_and(|right| right == answer)
        };
        ensure!(self.packet_lengths.iter().any(is_right), "another is right for {query:02x?}");
        if let Some(done) = question.take_if(|question| place >= question.first) {
            self.answered += 1;
            self.most_tries = self.most_tries.max(asked.len() - done.first);
        }
        Ok(())
    }
}

impl Question {
    fn draw(
        random: &mut Random,
        servers: &[SocketAddr],
        subjects: Subjects,
        first: usize,
        begins: Instant,
    ) -> Self {
        let (server, kind) = (*random.pick(servers), *random.pick(subjects.types));
        let name = NameBuffer::from_text(subjects.names[random.index(subjects.names.len())]).expect("a name");
        Self { server, name, kind, first, next_try: begins }
    }

    /// RFC 1035 §4.1; with EDNS (RFC 6891 §6.1.2) at first.
    fn query(&self, place: usize) -> Vec<u8> {
        const ONE_QUESTION: [u8; 8] = [0, 0, 0, 1, 0, 0, 0, 0];
        const EDNS: [u8; 11] = [0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0];
        let has_edns = place - self.first < TRIES_WITH_EDNS;
        let mut query = (place as u16).to_be_bytes().to_vec();
        query.extend_from_slice(&ONE_QUESTION);
        query.extend_from_slice(&[0, u8::from(has_edns)]);
        query.extend_from_slice(self.name.as_name().as_wire());
        query.extend_from_slice(&self.kind.to_be_bytes());
        query.extend_from_slice(&[0, 1]);
        if has_edns {
            query.extend_from_slice(&EDNS);
        }
        query
    }
}

impl Client for Resolver {
    fn act(
        &mut self,
        _interface: &mut Interface,
        sockets: &mut SocketSet<'static>,
        now: Instant,
    ) -> Result<Option<Instant>> {
        let mut next: Option<Instant> = None;
        for line in 0..self.lines.len() {
            let socket = sockets.get_mut(self.lines[line].socket);
            self.hear(line, socket)?;
            next = next.into_iter().chain(self.ask(line, socket, now)).min();
        }
        Ok(next)
    }
}

fn open(sockets: &mut SocketSet<'static>, port: u16) -> SocketHandle {
    let room = || udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; 16], vec![0; 16 * 1500]);
    let mut socket = udp::Socket::new(room(), room());
    socket.bind(port).expect("a port other than zero");
    sockets.add(socket)
}
