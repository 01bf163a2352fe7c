//! Our own client on TCP: messages behind their lengths, and not an octet besides.

use crate::client::{Query, Server, next_id};
use crate::message::Message;
use crate::reply::Reply;
use anyhow::{Context, Result, bail, ensure};
use core::time::Duration;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

/// A connection to a server.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// What came and was not read as a message.
    received: Vec<u8>,
    name: String,
}

/// How long an answer is waited for; nothing gets lost on a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Octets of a message's length (RFC 1035 §4.2.2).
const LENGTH: usize = 2;

impl Server {
    /// Connects.
    pub fn connect(&self) -> Result<Connection> {
        let stream = TcpStream::connect_timeout(&self.address, PATIENCE)
            .with_context(|| format!("connecting to {}", self.name))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        // What is written at once is to go at once: how it is cut into segments is what is tried.
        stream.set_nodelay(true)?;
        Ok(Connection { stream, received: Vec::new(), name: self.name.clone() })
    }

    /// Asks one question on a connection of its own.
    pub fn ask_by_stream(&self, query: &Query) -> Result<Reply> {
        self.connect()?.ask(query)
    }
}

/// A message with its length before it.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).expect("a message has 65,535 octets at most");
    [&length.to_be_bytes(), message].concat()
}

impl Connection {
    /// Sends these octets, as they are and at once.
    pub fn send(&mut self, octets: &[u8]) -> Result<()> {
        self.stream.write_all(octets).with_context(|| format!("sending to {}", self.name))
    }

    /// Sends a question; its ID.
    pub fn send_query(&mut self, query: &Query) -> Result<u16> {
        let id = next_id();
        self.send(&framed(&query.octets(id)))?;
        Ok(id)
    }

    /// Asks, and reads the answer, which is the next message.
    pub fn ask(&mut self, query: &Query) -> Result<Reply> {
        let id = self.send_query(query)?;
        let octets = self.next_message()?.context("it closed the connection instead of answering")?;
        let message = Message::parse(&octets).with_context(|| format!("in {octets:02x?}"))?;
        ensure!(message.id == id, "an answer to {} where one to {id} was expected", message.id);
        Reply::by_stream(query, message)
    }

    /// The next message; `None` if the server has closed its side behind a whole one.
    pub fn next_message(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            if let Some((length, rest)) = self.received.split_first_chunk::<LENGTH>() {
                let length = usize::from(u16::from_be_bytes(*length));
                ensure!(length >= 12, "a message of {length} octets");
                if let Some(message) = rest.get(..length) {
                    let message = message.to_vec();
                    self.received.drain(..LENGTH + length);
                    return Ok(Some(message));
                }
            }
            if !self.receive()? {
                ensure!(self.received.is_empty(), "it ended inside a message: {:02x?}", self.received);
                return Ok(None);
            }
        }
    }

    /// Takes in what comes next; whether anything did before the end.
    fn receive(&mut self) -> Result<bool> {
        let mut octets = [0; 16_384];
        loop {
            match self.stream.read(&mut octets) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    self.received.extend(&octets[..count]);
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    bail!("{} is silent on a connection", self.name)
                }
                Err(error) => return Err(error).with_context(|| format!("from {}", self.name)),
            }
        }
    }

    /// Says that nothing more will be asked.
    pub fn finish(&self) -> Result<()> {
        Ok(self.stream.shutdown(Shutdown::Write)?)
    }

    /// For another thread: what one sends, the other may read the answers to.
    pub fn second(&self) -> Result<Self> {
        Ok(Self { stream: self.stream.try_clone()?, received: Vec::new(), name: self.name.clone() })
    }
}
