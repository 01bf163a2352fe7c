//! One connection: what both sides agreed on, and how far they are (RFC 9293 §3.3.1, the transmission control block).
//!
//! ```text
//! segment ─▶ arrival ─▶ acknowledgement ─▶ scoreboard, rack, congestion
//!               │
//!               └─────▶ receive buffer ─▶ Stream ─▶ appliance ─▶ Stream ─▶ send queue ─▶ output ─▶ segment
//! ```

use crate::tcp::acknowledging::Acknowledging;
use crate::tcp::clock::Timestamping;
use crate::tcp::congestion::{Congestion, Pacer};
use crate::tcp::limits;
use crate::tcp::memory::Memory;
use crate::tcp::news::News;
use crate::tcp::options::Options;
use crate::tcp::receive::ReceiveBuffer;
use crate::tcp::recovery::Rack;
use crate::tcp::round_trip::RoundTrip;
use crate::tcp::scoreboard::Scoreboard;
use crate::tcp::send::SendQueue;
use crate::tcp::sequence::Sequence;
use crate::tcp::tuple::Tuple;
use crate::tcp::window::ReceiveWindow;
use appliance::{End, Policy};
use core::time::Duration;
use moment::Instant;
use platform::EthernetAddress;

/// RFC 9293 §3.3.2. LISTEN is a port and no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
    /// Over; the appliance has still to be told.
    Closed(End),
}

impl State {
    /// Whether both sides know each other's sequence numbers.
    #[inline]
    pub(crate) const fn is_synchronised(self) -> bool {
        !matches!(self, Self::SynSent | Self::SynReceived | Self::Closed(_))
    }

    /// Whether the peer may still send.
    #[inline]
    pub(crate) const fn can_receive(self) -> bool {
        matches!(self, Self::Established | Self::FinWait1 | Self::FinWait2)
    }

    /// Whether we may still send, or repeat what we sent.
    #[inline]
    pub(crate) const fn can_send(self) -> bool {
        matches!(self, Self::Established | Self::CloseWait | Self::FinWait1 | Self::Closing | Self::LastAck)
    }
}

/// Where a peer is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) link: u8,
    /// The station that the peer's frames come from; `None` while it is asked for.
    pub(crate) station: Option<EthernetAddress>,
}

/// How the connection gets over losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Open,
    /// Since a loss was found (RFC 6675 §5), until everything is acknowledged that had been sent by then.
    Recovery {
        until: Sequence,
    },
    /// Since a timeout, until everything is acknowledged that had been sent by then.
    Loss {
        until: Sequence,
    },
}

/// What the retransmission timer is set for: one purpose at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LossTimer {
    Idle,
    /// RFC 6298 §5; of a SYN too.
    Retransmission(Instant),
    /// RFC 8985 §7: the tail may be lost.
    Probe(Instant),
    /// RFC 8985 §6.2: what is late may be lost by then.
    Reordering(Instant),
    /// RFC 9293 §3.8.6.1: the peer's window may be open again.
    Persist(Instant),
}

impl LossTimer {
    #[inline]
    pub(crate) const fn at(self) -> Option<Instant> {
        match self {
            Self::Idle => None,
            Self::Retransmission(at) | Self::Probe(at) | Self::Reordering(at) | Self::Persist(at) => Some(at),
        }
    }
}

/// The probe of a tail (RFC 8985 §7.1, TLP.end_seq and TLP.is_retrans).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TailProbe {
    None,
    /// New data went out.
    New {
        end: Sequence,
    },
    /// What had been sent last went out again.
    Repeated {
        end: Sequence,
    },
}

/// Explicit congestion notification (RFC 3168 §6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Notification {
    /// Whether both sides agreed on it.
    pub(crate) is_agreed: bool,
    /// Whether the peer is to be told that its packets met congestion.
    pub(crate) echoes: bool,
    /// Whether the peer is to be told that our window was reduced.
    pub(crate) says_reduced: bool,
    /// No second reduction before this is acknowledged.
    pub(crate) reduced_until: Option<Sequence>,
}

/// What is to be sent whatever windows say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Urgent {
    /// The SYN, or its answer.
    pub(crate) synchronise: bool,
    /// One segment, beyond the congestion window.
    pub(crate) segment: bool,
    /// An empty segment from before the window, which has to be answered.
    pub(crate) probe: bool,
    /// A reset.
    pub(crate) reset: bool,
}

/// A connection.
pub(crate) struct Connection {
    pub(crate) tuple: Tuple,
    pub(crate) route: Route,
    pub(crate) state: State,
    pub(crate) news: News,

    /// SND.UNA, SND.NXT.
    pub(crate) unacknowledged: Sequence,
    pub(crate) next: Sequence,
    /// SND.WND, and the greatest it ever was (RFC 5961 §5, MAX.SND.WND).
    pub(crate) window: u32,
    pub(crate) window_most: u32,
    /// SND.WL1, SND.WL2.
    pub(crate) window_sequence: Sequence,
    pub(crate) window_acknowledgement: Sequence,
    /// How far the peer's windows are scaled.
    pub(crate) shift: u8,
    /// The most octets of data in a segment, options that every segment has already subtracted.
    pub(crate) segment: u16,
    /// What the link lets a segment have, options among it: what the peer is told.
    pub(crate) link_segment: u16,
    /// Acknowledgements in a row that say nothing new, of a peer that can't acknowledge selectively.
    pub(crate) duplicates: u8,
    pub(crate) queue: SendQueue,
    pub(crate) scoreboard: Scoreboard,
    pub(crate) rack: Rack,
    pub(crate) round_trip: RoundTrip,
    pub(crate) congestion: Congestion,
    pub(crate) pacer: Pacer,
    pub(crate) phase: Phase,
    pub(crate) loss_timer: LossTimer,
    pub(crate) tail_probe: TailProbe,
    /// The timestamp of the first repetition since losses were found, to tell whether they were any (RFC 3522).
    pub(crate) repeated_at: Option<u32>,
    /// When the peer last acknowledged something new, or there was nothing to acknowledge.
    pub(crate) progress_at: Instant,
    /// When pacing lets the next segment go, if one waits for that.
    pub(crate) paced_until: Option<Instant>,
    pub(crate) urgent: Urgent,
    /// How often the SYN, or a keep-alive probe, went unanswered.
    pub(crate) tries: u8,
    /// Whether the appliance sends nothing more: a FIN follows what is in the queue.
    pub(crate) is_finishing: bool,
    /// Whether the congestion window held something back since the last acknowledgement.
    pub(crate) is_window_limited: bool,
    /// Whether the appliance knows of it, or will, and has not given it up.
    pub(crate) is_known: bool,
    /// Whether the appliance gave it up.
    pub(crate) is_aborted: bool,

    pub(crate) timestamping: Option<Timestamping>,
    pub(crate) is_sack_permitted: bool,
    pub(crate) notification: Notification,

    pub(crate) buffer: ReceiveBuffer,
    pub(crate) receive_window: ReceiveWindow,
    pub(crate) acknowledging: Acknowledging,
    pub(crate) challenged_at: Option<Instant>,

    /// When anything last came from the peer.
    pub(crate) heard_at: Instant,
    pub(crate) policy: Policy,
    /// The appliance's own deadline.
    pub(crate) deadline: Option<Instant>,
    /// How many octets the appliance waits for, in each direction.
    pub(crate) expected: u32,
    pub(crate) wanted_room: u32,
    /// When room that was wanted in vain, for want of memory, is worth asking for again.
    pub(crate) retry_at: Option<Instant>,
}

/// What a connection begins with.
pub(crate) struct Beginning {
    pub(crate) tuple: Tuple,
    pub(crate) route: Route,
    /// ISS.
    pub(crate) sequence: Sequence,
    /// What is added to our clock in timestamps.
    pub(crate) clock_offset: u32,
    /// The most octets of data that the link and the path let a segment have, without options.
    pub(crate) segment: u16,
}

impl Connection {
    /// A connection that we are about to open: a SYN is due (RFC 9293 §3.10.1).
    pub(crate) fn dial(beginning: &Beginning, now: Instant) -> Self {
        let mut connection = Self::new(beginning, State::SynSent, Sequence(0), now);
        connection.timestamping = Some(Timestamping::new(beginning.clock_offset));
        connection.is_sack_permitted = true;
        connection.notification.is_agreed = true;
        connection
    }

    /// A connection that a peer is about to open by a SYN with this sequence number: the answer is due (RFC 9293 §3.10.7.2).
    pub(crate) fn answer(
        beginning: &Beginning,
        sequence: Sequence,
        offer: &Offer,
        window: u16,
        now: Instant,
    ) -> Self {
        let mut connection = Self::new(beginning, State::SynReceived, sequence + 1, now);
        connection.timestamping = Some(Timestamping::new(beginning.clock_offset));
        connection.is_sack_permitted = true;
        connection.notification.is_agreed = true;
        connection.accept(offer, now);
        // RFC 7323 §2.2: the window of a SYN is never scaled.
        connection.set_window(window.into(), sequence, beginning.sequence);
        connection
    }

    fn new(beginning: &Beginning, state: State, receive_next: Sequence, now: Instant) -> Self {
        let &Beginning { tuple, route, sequence, segment, .. } = beginning;
        let first = sequence + 1;
        Self {
            tuple,
            route,
            state,
            news: News::NONE,
            unacknowledged: sequence,
            next: first,
            window: 0,
            window_most: 0,
            window_sequence: receive_next,
            window_acknowledgement: sequence,
            shift: 0,
            segment,
            link_segment: segment,
            duplicates: 0,
            queue: SendQueue::new(first),
            scoreboard: Scoreboard::EMPTY,
            rack: Rack::new(first),
            round_trip: RoundTrip::new(),
            congestion: Congestion::new(segment.into()),
            pacer: Pacer::new(),
            phase: Phase::Open,
            loss_timer: LossTimer::Idle,
            tail_probe: TailProbe::None,
            repeated_at: None,
            progress_at: now,
            paced_until: None,
            urgent: Urgent { synchronise: true, segment: false, probe: false, reset: false },
            tries: 0,
            is_finishing: false,
            is_window_limited: false,
            is_known: state == State::SynSent,
            is_aborted: false,
            timestamping: None,
            is_sack_permitted: false,
            notification: Notification {
                is_agreed: false,
                echoes: false,
                says_reduced: false,
                reduced_until: None,
            },
            buffer: ReceiveBuffer::new(receive_next),
            receive_window: ReceiveWindow::new(receive_next, now),
            acknowledging: Acknowledging::new(receive_next),
            challenged_at: None,
            heard_at: now,
            policy: Policy::default(),
            deadline: None,
            expected: 1,
            wanted_room: 0,
            retry_at: None,
        }
    }

    /// Takes up what a peer's SYN offers of what ours does, or will: nothing else is used (RFC 7323 §1.3, RFC 2018 §2).
    pub(crate) fn accept(&mut self, offer: &Offer, now: Instant) {
        self.shift = offer.shift.unwrap_or(0);
        if offer.shift.is_none() {
            self.receive_window.forgo_scaling();
        }
        self.is_sack_permitted &= offer.is_sack_permitted;
        self.notification.is_agreed &= offer.has_notification;
        match (offer.timestamp, &mut self.timestamping) {
            (Some(timestamp), Some(timestamping)) => timestamping.begin(timestamp, now),
            (None, timestamping) => *timestamping = None,
            (Some(_), None) => {}
        }
        self.limit_segment(offer.segment);
        self.congestion = Congestion::new(self.segment.into());
    }

    /// Full segments have at most `octets` of data and options from now on (RFC 9293 §3.7.1).
    pub(crate) fn limit_segment(&mut self, octets: u16) {
        let options =
            if self.timestamping.is_some() { crate::tcp::options::TIMESTAMPS_LENGTH as u16 } else { 0 };
        let most = octets.min(self.link_segment).max(limits::SEGMENT_LEAST) - options;
        if most < self.segment {
            self.segment = most;
            self.congestion.set_segment(most.into());
        }
    }

    /// SND.WND is what a segment says.
    #[inline]
    pub(crate) fn set_window(&mut self, window: u32, sequence: Sequence, acknowledgement: Sequence) {
        self.window = window;
        self.window_most = self.window_most.max(window);
        (self.window_sequence, self.window_acknowledgement) = (sequence, acknowledgement);
    }

    /// The most octets that the appliance may have waiting here (see `limits::QUEUE_LEAST`).
    pub(crate) fn queue_most(&self) -> u32 {
        self.congestion.window().saturating_mul(2).clamp(limits::QUEUE_LEAST, limits::QUEUE_MOST)
    }

    /// Whether there is anything that the peer has to acknowledge, or will have to.
    #[inline]
    pub(crate) fn is_drained(&self) -> bool {
        self.queue.length() == 0
    }

    /// Whether our FIN was sent.
    #[inline]
    pub(crate) fn has_sent_finish(&self) -> bool {
        self.next.is_after(self.queue.end())
    }

    /// The connection is over, and nothing of it is kept but what the appliance is to be told.
    pub(crate) fn close(&mut self, end: End, memory: &mut Memory) {
        self.forget(memory);
        self.state = State::Closed(end);
        // There is nothing to look at any more.
        let is_opened = self.news.take(News::OPENED);
        self.news = if is_opened { News::OPENED } else { News::NONE };
        self.news.add(News::CLOSED);
    }

    /// Gives back all shared memory.
    pub(crate) fn forget(&mut self, memory: &mut Memory) {
        self.queue.clear(memory);
        self.buffer.clear(memory);
        self.scoreboard.clear(&mut memory.sent);
        self.loss_timer = LossTimer::Idle;
        self.paced_until = None;
    }

    /// Whether a peer opened it, and has not shown yet that it is where it says. One that we dialled is never: there are no more
    /// of those than the appliance wants.
    #[inline]
    pub(crate) fn is_half_open(&self) -> bool {
        self.state == State::SynReceived && !self.is_known
    }

    /// Whether nothing is left to do but to forget it, once the appliance knows.
    pub(crate) fn is_over(&self) -> bool {
        match self.state {
            State::Closed(End::Finished) | State::TimeWait => self.buffer.length() == 0,
            State::Closed(_) => true,
            _ => false,
        }
    }

    /// When something is to be done though no segment comes.
    #[inline]
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let timers = [
            self.loss_timer.at(),
            self.acknowledging.deadline(),
            self.paced_until,
            self.retry_at,
            self.keep_alive_at(),
            self.deadline,
        ];
        timers.into_iter().flatten().min()
    }

    /// When a silent peer is to be asked whether it is there (RFC 9293 §3.8.4).
    #[inline]
    pub(crate) fn keep_alive_at(&self) -> Option<Instant> {
        let idle = self.policy.keep_alive?;
        let is_waiting =
            self.state.is_synchronised() && self.state != State::TimeWait && self.scoreboard.is_empty();
        let tries: Duration = limits::KEEP_ALIVE_INTERVAL * u32::from(self.tries);
        is_waiting.then(|| self.heard_at + idle + tries)
    }
}

/// What a SYN offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// The largest segment that the peer takes, data and options.
    pub(crate) segment: u16,
    pub(crate) shift: Option<u8>,
    pub(crate) is_sack_permitted: bool,
    pub(crate) timestamp: Option<u32>,
    /// Whether it is ready for explicit congestion notification.
    pub(crate) has_notification: bool,
}

impl Offer {
    /// What the options of a SYN say; `has_notification` is in its flags.
    pub(crate) fn new(options: &Options, is_v4: bool, has_notification: bool) -> Self {
        let default = if is_v4 { limits::SEGMENT_V4 } else { limits::SEGMENT_V6 };
        Self {
            segment: options.maximum_segment_size.unwrap_or(default),
            shift: options.window_scale,
            is_sack_permitted: options.is_sack_permitted,
            timestamp: options.timestamps.map(|timestamps| timestamps.value),
            has_notification,
        }
    }
}
