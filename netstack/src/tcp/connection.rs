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
use crate::tcp::flight::Flight;
use crate::tcp::limits;
use crate::tcp::memory::Memory;
use crate::tcp::news::News;
use crate::tcp::notification::Notification;
use crate::tcp::offer::Offer;
use crate::tcp::policy::Manner;
use crate::tcp::receive::ReceiveBuffer;
use crate::tcp::recovery::Reordering;
use crate::tcp::round_trip::RoundTrip;
use crate::tcp::sequence::Sequence;
use crate::tcp::state::State;
use crate::tcp::timers::LossTimer;
use crate::tcp::tuple::Tuple;
use crate::tcp::window::ReceiveWindow;
use alloc::boxed::Box;
use appliance::{End, Policy};
use core::time::Duration;
use moment::Instant;
use platform::EthernetAddress;

/// Where a peer is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) link: u8,
    /// The station that the peer's frames come from; `None` while it is asked for.
    pub(crate) station: Option<EthernetAddress>,
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
    /// What is on its way, or waits to be.
    pub(crate) flight: Option<Box<Flight>>,
    pub(crate) reordering: Reordering,
    pub(crate) round_trip: RoundTrip,
    pub(crate) congestion: Congestion,
    pub(crate) pacer: Pacer,
    pub(crate) loss_timer: LossTimer,
    /// When the peer last acknowledged something new, or there was nothing to acknowledge.
    pub(crate) progress_at: Instant,
    /// When pacing lets the next segment go, if one waits for that.
    pub(crate) paced_until: Option<Instant>,
    pub(crate) urgent: Urgent,
    /// How often the SYN, or a keep-alive probe, went unanswered.
    pub(crate) tries: u8,
    /// Whether the appliance sends nothing more: a FIN follows what is in the queue.
    pub(crate) is_finishing: bool,
    /// Whether the appliance knows of it, or will, and has not given it up.
    pub(crate) is_known: bool,
    /// Whether the appliance gave it up.
    pub(crate) is_aborted: bool,
    /// Whether it counts among those of its source.
    pub(crate) is_counted: bool,

    pub(crate) timestamping: Option<Timestamping>,
    pub(crate) is_sack_permitted: bool,
    pub(crate) notification: Notification,

    pub(crate) buffer: ReceiveBuffer,
    pub(crate) receive_window: ReceiveWindow,
    pub(crate) acknowledging: Acknowledging,
    pub(crate) challenged_at: Option<Instant>,

    /// When anything last came from the peer.
    pub(crate) heard_at: Instant,
    pub(crate) manner: Manner,
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
        Self {
            tuple,
            route,
            state,
            news: News::NONE,
            unacknowledged: sequence,
            next: sequence + 1,
            window: 0,
            window_most: 0,
            window_sequence: receive_next,
            window_acknowledgement: sequence,
            shift: 0,
            segment,
            link_segment: segment,
            flight: None,
            reordering: Reordering::new(),
            round_trip: RoundTrip::new(),
            congestion: Congestion::new(segment.into()),
            pacer: Pacer::new(),
            loss_timer: LossTimer::Idle,
            progress_at: now,
            paced_until: None,
            urgent: Urgent { synchronise: true, segment: false, probe: false, reset: false },
            tries: 0,
            is_finishing: false,
            is_known: state == State::SynSent,
            is_aborted: false,
            is_counted: false,
            timestamping: None,
            is_sack_permitted: false,
            notification: Notification::NONE,
            buffer: ReceiveBuffer::new(receive_next),
            receive_window: ReceiveWindow::new(receive_next, now),
            acknowledging: Acknowledging::new(receive_next),
            challenged_at: None,
            heard_at: now,
            manner: Manner::from(Policy::default()),
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
        self.queued() == 0
    }

    /// Whether our FIN was sent.
    #[inline]
    pub(crate) fn has_sent_finish(&self) -> bool {
        self.next.is_after(self.end())
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

    /// Gives back all shared memory; nothing is waited for any more.
    pub(crate) fn forget(&mut self, memory: &mut Memory) {
        if let Some(flight) = &mut self.flight {
            flight.queue.clear(memory);
            flight.scoreboard.clear(&mut memory.sent);
        }
        self.end_flight(&mut memory.flights);
        self.buffer.clear(memory);
        self.loss_timer = LossTimer::Idle;
        (self.paced_until, self.retry_at, self.deadline) = (None, None, None);
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
        let idle = self.manner.keep_alive()?;
        let is_waiting =
            self.state.is_synchronised() && self.state != State::TimeWait && self.is_all_acknowledged();
        let tries: Duration = limits::KEEP_ALIVE_INTERVAL * u32::from(self.tries);
        is_waiting.then(|| self.heard_at + idle + tries)
    }
}
