//! An appliance that converses over streams: it accepts some and dials others, and knows of each octet that comes what it has to be.

mod conversation;

pub(crate) use conversation::{Conversation, Ending, Fortune, KEEP_ALIVE, Manner};

use anyhow::{Error, Result, anyhow};
use appliance::{Appliance, Datagram, Listener, Network, Reply, Stream, StreamEvent, StreamId};
use core::net::SocketAddr;
use core::time::Duration;
use moment::{Instant, Moment};
use std::collections::{HashMap, HashSet};

/// How soon somebody is dialled again where there was no room.
const AGAIN: Duration = Duration::from_millis(250);

/// One end of many conversations.
#[derive(Debug)]
pub(crate) struct Party {
    conversations: Vec<Conversation>,
    listeners: Vec<Listener>,
    /// Whom to dial for which conversation, and when.
    calls: Vec<(Instant, usize, SocketAddr)>,
    called: HashMap<usize, SocketAddr>,
    /// Which conversation a stream is, ...
    streams: HashMap<StreamId, usize>,
    /// ... and which are over.
    over: HashSet<StreamId>,
    /// Those that an old segment brought about: an acknowledgement that comes a second time opens what a SYN cookie let in once
    /// (RFC 4987 §3.6), and nobody is at the other end.
    ghosts: HashSet<StreamId>,
    mistake: Option<Error>,
}

impl Party {
    /// Nobody, with nothing to say.
    pub(crate) fn new() -> Self {
        Self {
            conversations: Vec::new(),
            listeners: Vec::new(),
            calls: Vec::new(),
            called: HashMap::new(),
            streams: HashMap::new(),
            over: HashSet::new(),
            ghosts: HashSet::new(),
            mistake: None,
        }
    }

    /// Waits for a conversation at a port of its own.
    pub(crate) fn accept(&mut self, port: u16, conversation: Conversation) {
        // Conversations that are accepted come first, in the order of their ports.
        debug_assert_eq!(self.listeners.len(), self.conversations.len());
        self.listeners.push(Listener::Stream { port });
        self.conversations.push(conversation);
    }

    /// Dials somebody for a conversation.
    pub(crate) fn dial(&mut self, at: Instant, to: SocketAddr, conversation: Conversation) {
        self.calls.push((at, self.conversations.len(), to));
        self.conversations.push(conversation);
    }

    /// Whether every conversation has come to its end.
    pub(crate) fn is_finished(&self) -> bool {
        self.calls.is_empty() && self.conversations.iter().all(Conversation::is_over)
    }

    /// Octets that were heard in all of them.
    pub(crate) fn heard(&self) -> u64 {
        self.conversations.iter().map(Conversation::heard).sum()
    }

    /// Nothing has hindered any stream since `unhindered`: whether all has come right so far, and goes on.
    pub(crate) fn check(&mut self, unhindered: Instant, now: Instant) -> Result<()> {
        if let Some(mistake) = self.mistake.take() {
            return Err(mistake);
        }
        for (number, conversation) in self.conversations.iter_mut().enumerate() {
            conversation
                .check(unhindered, now)
                .map_err(|error| error.context(format!("conversation {number}")))?;
        }
        Ok(())
    }

    /// The conversation of a stream.
    fn find<N: Network>(&mut self, id: StreamId, network: &mut N) -> Result<usize> {
        if let Some(&number) = self.streams.get(&id) {
            return Ok(number);
        }
        let stream = network.stream(id).ok_or_else(|| anyhow!("a stream without a first event"))?;
        let port = stream.local().port();
        let at = self.listeners.iter().position(|listener| *listener == Listener::Stream { port });
        let number = at.ok_or_else(|| anyhow!("a stream to port {port}, where nobody listens"))?;
        self.streams.insert(id, number);
        Ok(number)
    }

    fn hear<N: Network>(
        &mut self,
        id: StreamId,
        event: StreamEvent,
        network: &mut N,
        now: Instant,
    ) -> Result<()> {
        anyhow::ensure!(!self.over.contains(&id), "{event:?} of a stream that is over");
        if self.ghosts.contains(&id) {
            return Ok(());
        }
        let number = self.find(id, network)?;
        let mut stream = network.stream(id);
        anyhow::ensure!(
            stream.is_some() != matches!(event, StreamEvent::Closed(_)),
            "{event:?}, and there is {} stream",
            if stream.is_some() { "a" } else { "no" }
        );
        let Some(conversation) = self.conversations.get_mut(number) else { return Ok(()) };
        if event == StreamEvent::Opened && conversation.was_had() {
            // Where somebody may have been shed, it may be the same peer, who has not heard of that.
            let is_peer = conversation.may_have_been_shed();
            stream.iter_mut().for_each(if is_peer { Stream::abort } else { Stream::finish });
            self.streams.remove(&id);
            self.ghosts.insert(id);
            return Ok(());
        }
        if let Some(&to) = self.called.get(&number)
            && conversation.must_be_dialled_again(event, now)
        {
            self.calls.push((now + AGAIN, number, to));
            self.streams.remove(&id);
            self.over.insert(id);
            return Ok(());
        }
        let heard = conversation.hear(id, event, stream.as_mut(), now);
        if conversation.has_left(id) {
            self.streams.remove(&id);
            self.over.insert(id);
        }
        heard.map_err(|error| error.context(format!("conversation {number}, {event:?}")))
    }
}

impl Appliance for Party {
    fn listeners(&self) -> &[Listener] {
        &self.listeners
    }

    fn on_datagram(&mut self, _datagram: Datagram<'_>, _now: Moment) -> Reply {
        Reply::Silence
    }

    fn on_stream<N: Network>(&mut self, id: StreamId, event: StreamEvent, network: &mut N, now: Moment) {
        if let Err(mistake) = self.hear(id, event, network, now.instant) {
            let at = now.instant.nanoseconds();
            self.mistake.get_or_insert(mistake.context(format!("at {at} ns")));
        }
    }

    fn deadline(&self) -> Option<Instant> {
        self.calls.iter().map(|(at, ..)| *at).min()
    }

    fn on_deadline<N: Network>(&mut self, network: &mut N, now: Moment) {
        let calls = core::mem::take(&mut self.calls);
        for (at, number, to) in calls {
            if at > now.instant {
                self.calls.push((at, number, to));
                continue;
            }
            match network.dial(to) {
                Ok(id) => {
                    self.streams.insert(id, number);
                    self.called.insert(number, to);
                    self.conversations[number].dialled(id, now.instant);
                }
                Err(_) => self.calls.push((now.instant + AGAIN, number, to)),
            }
        }
    }
}
