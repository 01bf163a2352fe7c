//! One turn: take what arrived, do what is due, flush.

use crate::counters::{Counter, Counters};
use crate::{Interface, limits};
use appliance::{Appliance, Listener, Reply};
use moment::{Instant, Moment};
use platform::{Checksum, Link, Platform, ReceivedFrame};

/// The network stack of one worker.
pub struct Netstack {
    counters: Counters,
}

/// What a turn did, and when the next is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// When it began.
    pub began: Instant,
    /// How many frames it took from the links.
    pub frames: usize,
    /// When the next turn is due even if no frame comes.
    pub deadline: Option<Instant>,
}

impl Netstack {
    /// A stack for the links of `platform`; `interfaces` belong to them in their order. Allocates all it will need.
    pub fn new<P: Platform>(platform: &mut P, interfaces: &[Interface], listeners: &[Listener]) -> Self {
        let _ = (platform, interfaces, listeners);
        Self { counters: Counters::new() }
    }

    /// Takes a bounded number of frames from every link, answers them, sends what is due and flushes the links.
    pub fn turn<P: Platform, A: Appliance>(&mut self, platform: &mut P, appliance: &mut A) -> Turn {
        let now = platform.now();
        let mut frames = 0;
        for (index, link) in platform.links().iter_mut().enumerate() {
            for _ in 0..limits::FRAMES_PER_TURN {
                let Some(mut frame) = link.receive() else { break };
                frames += 1;
                let (length, checksum) = (frame.bytes().len(), frame.checksum());
                if let Reply::Send { length } =
                    self.on_frame(index, frame.buffer(), length, checksum, appliance, now)
                {
                    frame.reply(length);
                }
            }
            link.flush();
        }
        Turn { began: now.instant, frames, deadline: None }
    }

    /// A frame came on a link: the first `length` octets of `buffer`. The answer, if any, is written over it.
    pub fn on_frame<A: Appliance>(
        &mut self,
        link: usize,
        buffer: &mut [u8],
        length: usize,
        checksum: Checksum,
        appliance: &mut A,
        now: Moment,
    ) -> Reply {
        let _ = (link, buffer, length, checksum, appliance, now);
        self.counters.count(Counter::UnknownProtocol);
        Reply::Silence
    }

    /// What happened so far.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }
}
