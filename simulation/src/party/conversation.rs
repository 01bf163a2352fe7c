//! One end of a conversation: how it speaks, how it listens and how it ends.

use crate::checkers::{Pattern, Progress, Reader, Writer};
use crate::random::Random;
use crate::talker::PATIENCE;
use anyhow::{Result, bail, ensure};
use appliance::{Bytes, End, Policy, Stream, StreamEvent, StreamId};
use core::time::Duration;
use moment::Instant;

/// One end.
#[derive(Debug)]
pub(crate) struct Conversation {
    manner: Manner,
    writer: Writer,
    reader: Reader,
    progress: Progress,
    fortune: Fortune,
    state: State,
    /// What was to be lent and had no room.
    pending: Option<Bytes>,
    dialled_at: Instant,
    /// When a slow reader reads on.
    reads_at: Instant,
}

/// How an end behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) writing: Writing,
    pub(crate) reading: Reading,
    pub(crate) ending: Ending,
}

/// How it speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Writing {
    /// Into the stream's room, at most so much at once.
    Commits(usize),
    /// From memory of its own, in regions of this length.
    Lends(usize),
    /// Now so and now so.
    Both(usize),
}

/// How it listens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reading {
    /// All that came, at once.
    Eagerly,
    /// When so much is there.
    InPortions(usize),
    /// So much at a time, and then a pause.
    Slowly(usize, Duration),
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It finishes as soon as all is said, and goes on listening.
    WhenSaid,
    /// It finishes when the other has.
    AfterTheOther,
    /// It aborts once it has heard so much.
    Aborts(u64),
}

/// What may become of a conversation that nobody is to blame for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fortune {
    /// It comes to its end, whatever the cable does.
    Lasts,
    /// An end may be reset, because the other aborts.
    MayBeReset,
    /// It may be shed or reset for want of memory.
    MayBeShed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Expected,
    Dialled(StreamId),
    Open(StreamId),
    /// It aborted.
    Left(StreamId),
    Over(StreamId),
}

/// How long a stream may rest whose other end may have been shed in silence: until its user timeout, and what may go by until that is
/// looked at (RFC 9293 §3.8.3; two minutes, and as long again).
const LONG_PATIENCE: Duration = Duration::from_secs(250);

/// How long a SYN is answered, as Linux does by default too (RFC 9293 §3.8.1, R2), without an acknowledgement.
const HALF_OPEN: Duration = Duration::from_secs(60);

/// How long somebody who may have been reset without hearing of it waits before it asks.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(10);

impl Manner {
    /// A manner of somebody who says so many octets.
    pub(crate) fn draw(random: &mut Random, says: u64) -> Self {
        /// Regions and writes of a whole stream.
        const PIECES: u64 = 512;
        let size = (1_u64 << random.between(0, 17)).max(says / PIECES) as usize;
        let writing = *random.pick(&[Writing::Commits(size), Writing::Lends(size), Writing::Both(size)]);
        let pause = Duration::from_millis(random.between(1, 50));
        let slowly = Reading::Slowly(random.between(2_000, 20_000) as usize, pause);
        let portions = Reading::InPortions(random.between(2, 66_000) as usize);
        let reading = *random.pick(&[Reading::Eagerly, Reading::Eagerly, slowly, portions]);
        Self { writing, reading, ending: Ending::WhenSaid }
    }
}

impl Conversation {
    /// An end that says and hears these: each a seed and a length.
    pub(crate) fn new(manner: Manner, says: (u64, u64), hears: (u64, u64), fortune: Fortune) -> Self {
        Self {
            manner,
            writer: Writer::new(Pattern::new(says.0), says.1),
            reader: Reader::new(Pattern::new(hears.0), hears.1),
            progress: Progress::new(if fortune == Fortune::MayBeShed { LONG_PATIENCE } else { PATIENCE }),
            fortune,
            state: State::Expected,
            pending: None,
            dialled_at: Instant::START,
            reads_at: Instant::START,
        }
    }

    /// It was dialled.
    pub(super) fn dialled(&mut self, id: StreamId, now: Instant) {
        (self.state, self.dialled_at) = (State::Dialled(id), now);
    }

    /// Whether nothing more happens; where the other end may have been reset, nothing may happen at all.
    pub(crate) fn is_over(&self) -> bool {
        let is_refused = self.state == State::Expected && self.fortune != Fortune::Lasts;
        is_refused || matches!(self.state, State::Over(..) | State::Left(_))
    }

    /// Whether it has to be dialled once more: nobody was found at the other's address, as happens on a bad cable (RFC 4861 §7.2.2:
    /// three solicitations in three seconds); or the other, who answered and heard nothing of us for a minute, has given us up.
    pub(super) fn must_be_dialled_again(&mut self, event: StreamEvent, now: Instant) -> bool {
        let is_lost = match (self.state, event) {
            (State::Dialled(_), StreamEvent::Closed(End::Unreachable)) => true,
            (State::Open(_), StreamEvent::Closed(End::Reset)) => {
                self.fortune == Fortune::Lasts && self.heard() == 0 && now.since(self.dialled_at) >= HALF_OPEN
            }
            _ => false,
        };
        if is_lost {
            (self.state, self.pending) = (State::Expected, None);
            self.writer.begin_anew();
        }
        is_lost
    }

    /// Whether it has come to its end.
    pub(super) const fn was_had(&self) -> bool {
        matches!(self.state, State::Over(_) | State::Left(_))
    }

    pub(super) fn may_have_been_shed(&self) -> bool {
        self.fortune == Fortune::MayBeShed
    }

    pub(super) fn has_left(&self, id: StreamId) -> bool {
        matches!(self.state, State::Over(of) | State::Left(of) if of == id)
    }

    /// How many octets were heard.
    pub(crate) const fn heard(&self) -> u64 {
        self.reader.received()
    }

    pub(super) fn check(&mut self, unhindered: Instant, now: Instant) -> Result<()> {
        if self.is_over() {
            return Ok(());
        }
        // What is said counts as well: the other end may listen and say nothing.
        let moved = self.reader.received() + self.writer.written();
        let checked = self.progress.check(moved, unhindered, now);
        checked.map_err(|error| error.context(format!("{:?}", self.state)))
    }

    /// An event of its stream, which is there unless it is closed.
    pub(super) fn hear(
        &mut self,
        id: StreamId,
        event: StreamEvent,
        stream: Option<&mut impl Stream>,
        now: Instant,
    ) -> Result<()> {
        match (event, self.state) {
            (StreamEvent::Opened, State::Expected) => self.state = State::Open(id),
            (StreamEvent::Opened, State::Dialled(dialled)) if dialled == id => self.state = State::Open(id),
            (StreamEvent::Progress | StreamEvent::DeadlinePassed, State::Open(open)) if open == id => {}
            (StreamEvent::Closed(end), State::Open(open) | State::Dialled(open)) if open == id => {
                return self.close(id, end);
            }
            (_, state) => bail!("in state {state:?}"),
        }
        let Some(stream) = stream else { return Ok(()) };
        if event == StreamEvent::Opened && self.fortune != Fortune::Lasts {
            stream.set_policy(Policy { keep_alive: Some(KEEP_ALIVE), ..Policy::default() });
        }
        self.listen(stream, event, now)?;
        if let Ending::Aborts(heard) = self.manner.ending
            && self.reader.received() >= heard
        {
            stream.abort();
            self.state = State::Left(id);
            return Ok(());
        }
        self.speak(stream);
        let may_finish = self.manner.ending != Ending::AfterTheOther || self.reader.is_finished();
        if self.writer.is_finished() && self.pending.is_none() && may_finish {
            stream.finish();
        }
        Ok(())
    }

    fn close(&mut self, id: StreamId, end: End) -> Result<()> {
        let (has_heard, has_said) = (self.reader.is_finished(), self.writer.is_finished());
        let is_fair = match (end, self.fortune) {
            (End::Finished, _) => has_heard && has_said,
            // Who has said and heard all may be gone before it says so: smoltcp 0.14 does not wait for longer than ten seconds.
            (End::Reset, _) if has_heard && has_said => true,
            (_, Fortune::Lasts) => false,
            (End::Reset, Fortune::MayBeReset) => true,
            (_, Fortune::MayBeReset) => false,
            (End::Reset | End::Shed | End::TimedOut, Fortune::MayBeShed) => true,
            (End::Unreachable, Fortune::MayBeShed) => false,
        };
        self.state = State::Over(id);
        let (heard, said) = (self.reader.received(), self.writer.written());
        ensure!(is_fair, "it ended after {heard} octets were heard and {said} said");
        Ok(())
    }

    fn listen(&mut self, stream: &mut impl Stream, event: StreamEvent, now: Instant) -> Result<()> {
        if self.reader.is_finished() {
            ensure!(stream.received().is_empty() && stream.is_finished(), "octets behind the end");
            return Ok(());
        }
        let came = stream.received().len();
        let count = match self.manner.reading {
            Reading::Eagerly => came,
            Reading::InPortions(least) => {
                stream.expect(least);
                // With less, progress means that the peer has finished, or that no more can be received.
                if event == StreamEvent::Opened && came < least && !stream.is_finished() { 0 } else { came }
            }
            Reading::Slowly(..) if now < self.reads_at => 0,
            Reading::Slowly(most, pause) => {
                self.reads_at = now + pause;
                stream.set_deadline(Some(self.reads_at));
                came.min(most)
            }
        };
        self.reader.receive(&stream.received()[..count])?;
        stream.consume(count);
        ensure!(stream.received().len() == came - count, "{count} octets of {came} were consumed");
        if count == came && stream.is_finished() {
            self.reader.end()?;
            stream.set_deadline(None);
        }
        Ok(())
    }

    /// Says as much as there is room for.
    fn speak(&mut self, stream: &mut impl Stream) {
        while self.pending.is_some() || !self.writer.is_finished() {
            let lends = match self.manner.writing {
                Writing::Commits(_) => false,
                Writing::Lends(_) => true,
                Writing::Both(_) => self.pending.is_some() || self.writer.written().is_multiple_of(3),
            };
            let (Writing::Commits(size) | Writing::Lends(size) | Writing::Both(size)) = self.manner.writing;
            let has_said = if lends { self.lend(stream, size) } else { self.commit(stream, size) };
            if !has_said {
                break;
            }
        }
    }

    fn lend(&mut self, stream: &mut impl Stream, size: usize) -> bool {
        let region = self.pending.take().unwrap_or_else(|| {
            let mut region = vec![0; size];
            let length = self.writer.write(&mut region);
            region.truncate(length);
            region.into()
        });
        self.pending = stream.lend(region).err();
        self.pending.is_none()
    }

    fn commit(&mut self, stream: &mut impl Stream, size: usize) -> bool {
        // A whole message of its own sometimes, as DNS has them.
        let least = size.min(self.writer.left()).min(65_537);
        let room = stream.room(least);
        if room.len() < least {
            return false;
        }
        let length = room.len().min(size);
        let length = self.writer.write(&mut room[..length]);
        stream.commit(length);
        true
    }
}
