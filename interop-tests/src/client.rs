//! Our own client: octets in UDP datagrams.

use crate::message::{Message, type_number};
use crate::name::Name;
use crate::reply::Reply;
use anyhow::{Context, Result, bail, ensure};
use core::net::SocketAddr;
use core::sync::atomic::{AtomicU16, Ordering};
use core::time::Duration;
use std::io::ErrorKind;
use std::net::UdpSocket;

/// A server under test.
#[derive(Clone, Debug)]
pub struct Server {
    /// Which one: `nsd`, `image-tcg`.
    pub name: String,
    /// Where it answers.
    pub address: SocketAddr,
}

/// How long an answer is waited for before the question is asked again.
const PATIENCE: Duration = Duration::from_millis(1000);
/// How often a question is asked before the server counts as silent: a datagram may get lost.
const TRIES: usize = 4;

/// A question as it goes on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// QNAME.
    pub name: Name,
    /// QTYPE.
    pub rtype: u16,
    /// QCLASS.
    pub class: u16,
    /// The header's second word.
    pub flags: u16,
    /// The payload size and flags of an OPT, if there is one, and its options.
    pub edns: Option<(u16, u32, Vec<u8>)>,
}

impl Query {
    /// `www.example.com. A`, class IN, without EDNS.
    pub fn parse(text: &str) -> Result<Self> {
        let (name, rtype) = text.split_once(' ').with_context(|| format!("`{text}` is no question"))?;
        Ok(Self { name: Name::parse(name)?, rtype: type_number(rtype)?, class: 1, flags: 0, edns: None })
    }

    /// With an OPT record that offers this size.
    pub fn with_edns(mut self, size: u16) -> Self {
        self.edns = Some((size, 0, Vec::new()));
        self
    }

    /// As octets, with this ID.
    pub fn octets(&self, id: u16) -> Vec<u8> {
        let mut octets = Vec::new();
        let additional = u16::from(self.edns.is_some());
        for word in [id, self.flags, 1, 0, 0, additional] {
            octets.extend(word.to_be_bytes());
        }
        self.name.write(&mut octets);
        octets.extend(self.rtype.to_be_bytes());
        octets.extend(self.class.to_be_bytes());
        if let Some((size, flags, options)) = &self.edns {
            octets.extend([0, 0, 41]);
            octets.extend(size.to_be_bytes());
            octets.extend(flags.to_be_bytes());
            octets.extend(u16::try_from(options.len()).expect("few options").to_be_bytes());
            octets.extend(options);
        }
        octets
    }
}

/// IDs are taken in turn: a reply to an earlier question never passes for one to this.
static NEXT_ID: AtomicU16 = AtomicU16::new(1);

/// An ID that no question had for a long time.
pub fn next_id() -> u16 {
    NEXT_ID.fetch_add(1, Ordering::Relaxed)
}

impl Server {
    /// Asks `www.example.com. A` without EDNS.
    pub fn ask(&self, question: &str) -> Result<Reply> {
        self.ask_with(&Query::parse(question)?)
    }

    /// Asks, several times if need be, and reads the answer.
    pub fn ask_with(&self, query: &Query) -> Result<Reply> {
        let socket = self.socket()?;
        let id = next_id();
        let octets = query.octets(id);
        for _ in 0..TRIES {
            socket.send(&octets)?;
            if let Some(reply) = receive(&socket, id)? {
                let message = Message::parse(&reply).with_context(|| format!("in {reply:02x?}"))?;
                return Reply::to(query, message);
            }
        }
        bail!("{} is silent about {} {}", self.name, query.name, query.rtype)
    }

    /// Sends octets that begin with an ID of their own; the reply to them, if any comes before the one to an ordinary
    /// question that is sent after them.
    pub fn send(&self, octets: &[u8]) -> Result<Option<Vec<u8>>> {
        let socket = self.socket()?;
        let probe = Query::parse("example.com. SOA")?;
        for _ in 0..TRIES {
            let id = next_id() | PROBE;
            socket.send(octets)?;
            std::thread::sleep(Duration::from_millis(2));
            socket.send(&probe.octets(id))?;
            let mut reply = None;
            while let Some(datagram) = receive_any(&socket)? {
                if datagram.starts_with(&id.to_be_bytes()) {
                    return Ok(reply);
                }
                reply = Some(datagram);
            }
        }
        bail!("{} is silent, even to an ordinary question", self.name)
    }

    /// A conversation of many questions over one socket.
    pub fn converse(&self) -> Result<Conversation> {
        let socket = self.socket()?;
        socket.set_read_timeout(Some(IMPATIENCE))?;
        Ok(Conversation { socket, probe: Query::parse("example.com. SOA")? })
    }

    fn socket(&self) -> Result<UdpSocket> {
        let any = if self.address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(any)?;
        socket.connect(self.address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(socket)
    }

    /// Waits until it answers at all.
    pub fn wait_until_it_answers(
        &self,
        deadline: Duration,
        mut running: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        let start = std::time::Instant::now();
        let octets = Query::parse("example.com. SOA")?.octets(0);
        let socket = self.socket()?;
        socket.set_read_timeout(Some(Duration::from_millis(20)))?;
        loop {
            running()?;
            let _refused_until_it_listens = socket.send(&octets);
            match socket.recv(&mut [0; 512]) {
                Ok(_) => return Ok(()),
                Err(_) if start.elapsed() < deadline => std::thread::sleep(Duration::from_millis(5)),
                Err(error) => bail!("{} did not answer within {deadline:?}: {error}", self.name),
            }
        }
    }
}

/// Many questions over one socket, one after the other.
#[derive(Debug)]
pub struct Conversation {
    socket: UdpSocket,
    /// What every server answers.
    probe: Query,
}

/// How long an answer is waited for before it is asked whether there will be one.
const IMPATIENCE: Duration = Duration::from_millis(60);

/// How often a probe is sent, [`IMPATIENCE`] apart.
const PROBES: usize = 100;

impl Conversation {
    /// The reply to a query; `None` if the server answered a later probe and not the query, each of [`TRIES`].
    pub fn ask(&mut self, query: &Query) -> Result<Option<Vec<u8>>> {
        for _ in 0..TRIES {
            let id = next_id();
            self.socket.send(&query.octets(id))?;
            if let Some(reply) = receive(&self.socket, id)? {
                return Ok(Some(reply));
            }
            let reply = self.receive_before_probe(id)?;
            if reply.is_some() {
                return Ok(reply);
            }
        }
        Ok(None)
    }

    /// What comes before the reply to a probe that is sent now.
    fn receive_before_probe(&self, id: u16) -> Result<Option<Vec<u8>>> {
        for _ in 0..PROBES {
            let probe = next_id();
            self.socket.send(&self.probe.octets(probe))?;
            while let Some(datagram) = receive_any(&self.socket)? {
                if datagram.starts_with(&id.to_be_bytes()) {
                    return Ok(Some(datagram));
                }
                if datagram.starts_with(&probe.to_be_bytes()) {
                    return Ok(None);
                }
            }
        }
        bail!("it is silent, even to an ordinary question")
    }
}

/// Set in the IDs of probes, and in no ID that a table of malformed messages uses.
pub const PROBE: u16 = 0x8000;

fn receive(socket: &UdpSocket, id: u16) -> Result<Option<Vec<u8>>> {
    while let Some(datagram) = receive_any(socket)? {
        ensure!(datagram.len() >= 12, "a reply of {} octets", datagram.len());
        if datagram.starts_with(&id.to_be_bytes()) {
            return Ok(Some(datagram));
        }
    }
    Ok(None)
}

fn receive_any(socket: &UdpSocket) -> Result<Option<Vec<u8>>> {
    let mut octets = vec![0; usize::from(u16::MAX)];
    match socket.recv(&mut octets) {
        Ok(length) => {
            octets.truncate(length);
            Ok(Some(octets))
        }
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
