//! An honest client that asks over TCP: over a stream that stays, and over a new one each time.

use super::frames::query;
use anyhow::{Context, Result, ensure};
use core::fmt;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use laboratory::{Network, SERVER};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

/// How long a stream may take to open, and an answer to come: SYNs that got lost are sent again after 1, 3 and 7 seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(20);

/// A stream to the machine.
pub(super) struct Conversation(pub(super) TcpStream);

impl Conversation {
    pub(super) fn open(network: &Network) -> Result<Self> {
        let server = SocketAddr::new(SERVER.parse()?, 53);
        let stream = network.at_client(|| Ok(TcpStream::connect_timeout(&server, PATIENCE)?));
        let stream = stream.context("opening a stream")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    /// Asks for an address, and takes the answer.
    pub(super) fn ask(&mut self) -> Result<()> {
        let asked = question();
        self.0.write_all(&asked).context("sending a question")?;
        let mut length = [0; 2];
        self.0.read_exact(&mut length).context("waiting for an answer")?;
        let mut reply = vec![0; usize::from(u16::from_be_bytes(length))];
        self.0.read_exact(&mut reply).context("taking an answer")?;
        // The same ID, QR, NOERROR, one record (RFC 1035 §4.1.1).
        let is_answer = reply.len() > 12
            && reply[..2] == asked[2..4]
            && reply[2] & 0x80 != 0
            && reply[3] & 0x0f == 0
            && reply[6..8] == [0, 1];
        ensure!(is_answer, "this is no answer: {reply:02x?}");
        Ok(())
    }
}

/// A question as it goes over a stream (RFC 1035 §4.2.2).
pub(super) fn question() -> Vec<u8> {
    let message = query(&[b"h0000001", b"example", b"com"]);
    let length = u16::try_from(message.len()).expect("a question is short");
    [&length.to_be_bytes()[..], &message].concat()
}

/// What came of an honest client's questions.
#[derive(Debug, Default)]
pub(super) struct Honest {
    /// New streams that were opened for a question, and of those that were answered.
    asked: u64,
    answered: u64,
    /// Answers over the stream that stayed.
    stayed: u64,
    slowest: Duration,
    /// What went wrong first.
    failure: Option<String>,
}

impl Honest {
    /// Whether nothing went wrong, and enough was asked to say so.
    pub(super) fn is_served(&self) -> bool {
        self.failure.is_none() && self.answered > 0 && self.answered == self.asked && self.stayed > 0
    }

    fn ask(&mut self, network: &Network, is_over: &AtomicBool) -> Result<()> {
        let mut staying = Conversation::open(network)?;
        while !is_over.load(Ordering::Relaxed) {
            staying.ask().context("over the stream that stayed")?;
            self.stayed += 1;
            self.asked += 1;
            let began = Instant::now();
            Conversation::open(network)?.ask().context("over a new stream")?;
            self.slowest = self.slowest.max(began.elapsed());
            self.answered += 1;
            thread::sleep(PAUSE);
        }
        staying.ask().context("over the stream that stayed, in the end")?;
        Ok(())
    }
}

impl fmt::Display for Honest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asked, answered, stayed, slowest, failure } = self;
        let slowest = slowest.as_millis();
        write!(
            formatter,
            "{answered} of {asked} honest questions answered over new streams, the slowest after {slowest} ms, \
             {stayed} over one that stayed"
        )?;
        failure.iter().try_for_each(|failure| write!(formatter, "; {failure}"))
    }
}

/// Does something while an honest client asks.
pub(super) fn beside<T>(network: &Network, act: impl FnOnce() -> Result<T>) -> Result<(T, Honest)> {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut honest = Honest::default();
            honest.failure = honest.ask(network, &is_over).err().map(|error| format!("{error:#}"));
            honest
        });
        let done = act();
        is_over.store(true, Ordering::Relaxed);
        let honest = asking.join().ok().context("the honest client panicked")?;
        Ok((done?, honest))
    })
}
