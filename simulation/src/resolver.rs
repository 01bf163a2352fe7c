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
const TRIES_WITH_EDNS: usize = 3;

/// Names of the example, and some that are not.
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
    "example.net",
];

/// A, NS, SOA, MX, TXT, AAAA, SRV, ANY.
const TYPES: &[u16] = &[1, 2, 6, 15, 16, 28, 33, 255];

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
    left: u64,
    answered: u64,
    trust: Trust,
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
    /// A resolver that asks `servers` so many questions, `lines` of them at a time.
    pub(crate) fn new(
        mut random: Random,
        servers: Vec<SocketAddr>,
        questions: u64,
        lines: u16,
        trust: Trust,
        sockets: &mut SocketSet<'static>,
    ) -> Self {
        let first = random.between(1024, 60_000) as u16;
        let line = |line| Line { socket: open(sockets, first + line), asked: Vec::new(), question: None };
        let (lines, oracle) = ((0..lines).map(line).collect(), server::appliance());
        Self { random, oracle, servers, lines, left: questions, answered: 0, trust }
    }

    /// How many questions were answered.
    #[must_use]
    pub(crate) const fn answered(&self) -> u64 {
        self.answered
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
            *question = Some(Question::draw(&mut self.random, &self.servers, asked.len(), now));
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
        let right = server::answer(&mut self.oracle, query, from).context("it has no answer")?;
        ensure!(answer == right, "the answer to {query:02x?} is {right:02x?}");
        if question.as_ref().is_some_and(|question| place >= question.first) {
            self.answered += 1;
            *question = None;
        }
        Ok(())
    }
}

impl Question {
    fn draw(random: &mut Random, servers: &[SocketAddr], first: usize, now: Instant) -> Self {
        let (server, kind) = (*random.pick(servers), *random.pick(TYPES));
        let name = NameBuffer::from_text(NAMES[random.index(NAMES.len())]).expect("a name");
        Self { server, name, kind, first, next_try: now }
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
