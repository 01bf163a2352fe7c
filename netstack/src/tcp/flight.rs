//! What a connection has on its way, or waiting to be: it holds this only meanwhile, so that an idle one is small.
//!
//! ```text
//! Flights ── take ──▶ Connection ── everything is acknowledged ──▶ Flights
//! ```

use crate::tcp::congestion::Saved;
use crate::tcp::connection::Connection;
use crate::tcp::recovery::Rack;
use crate::tcp::scoreboard::Scoreboard;
use crate::tcp::send::SendQueue;
use crate::tcp::sequence::Sequence;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// From the first octet that is not acknowledged on.
pub(crate) struct Flight {
    pub(crate) queue: SendQueue,
    pub(crate) scoreboard: Scoreboard,
    pub(crate) rack: Rack,
    pub(crate) phase: Phase,
    pub(crate) tail_probe: TailProbe,
    /// The timestamp of the first repetition since losses were found, to tell whether they were any (RFC 3522).
    pub(crate) repeated_at: Option<u32>,
    /// Acknowledgements in a row that say nothing new, of a peer that can't acknowledge selectively.
    pub(crate) duplicates: u8,
    /// What is before this was sent while the congestion window held something back: for that alone it may grow (RFC 9438 §5.8).
    pub(crate) limited_until: Option<Sequence>,
}

/// How a connection gets over losses.
pub(crate) enum Phase {
    Open,
    /// Since a loss was found (RFC 6675 §5), until everything is acknowledged that had been sent by then.
    Recovery {
        until: Sequence,
        before: Saved,
    },
    /// Since a timeout, until everything is acknowledged that had been sent by then.
    Loss {
        until: Sequence,
        before: Saved,
    },
}

impl Phase {
    #[inline]
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self, Self::Open)
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

impl Flight {
    /// Nothing is on its way yet.
    const fn new(first: Sequence) -> Self {
        Self {
            queue: SendQueue::new(first),
            scoreboard: Scoreboard::EMPTY,
            rack: Rack::new(first),
            phase: Phase::Open,
            tail_probe: TailProbe::None,
            repeated_at: None,
            duplicates: 0,
            limited_until: None,
        }
    }

    /// Whether nothing is on its way, nor waits to be.
    #[inline]
    const fn is_over(&self) -> bool {
        self.queue.is_empty() && self.scoreboard.is_empty()
    }
}

/// As many flights as there may be at once, of those that nobody has.
pub(crate) struct Flights {
    /// The one that was given back last is taken first: it is still at hand. The boxes are asked for once, and never more.
    #[expect(clippy::vec_box, reason = "a connection keeps the box")]
    vacant: Vec<Box<Flight>>,
    capacity: usize,
}

impl Flights {
    pub(crate) fn new(capacity: usize) -> Self {
        let mut vacant = Vec::with_capacity(capacity);
        vacant.resize_with(capacity, || Box::new(Flight::new(Sequence(0))));
        Self { vacant, capacity }
    }

    /// One that begins with this number, if there is one left.
    #[inline]
    fn take(&mut self, first: Sequence) -> Option<Box<Flight>> {
        let mut flight = self.vacant.pop()?;
        *flight = Flight::new(first);
        Some(flight)
    }

    #[inline]
    fn give_back(&mut self, flight: Box<Flight>) {
        debug_assert!(flight.is_over(), "what is on its way is not forgotten");
        debug_assert!(self.vacant.len() < self.capacity, "every flight came from here");
        self.vacant.push(flight);
    }

    /// How many may be taken.
    pub(crate) const fn available(&self) -> usize {
        self.vacant.len()
    }

    /// How many there are, taken or not.
    pub(crate) const fn capacity(&self) -> usize {
        self.capacity
    }
}

impl Connection {
    /// What is on its way; begun if nothing is, and there is a place for it.
    #[inline]
    pub(crate) fn begin_flight(&mut self, flights: &mut Flights) -> Option<&mut Flight> {
        if self.flight.is_none() {
            self.flight = flights.take(self.next);
        }
        self.flight.as_deref_mut()
    }

    /// Everything may be acknowledged by now.
    #[inline]
    pub(crate) fn end_flight(&mut self, flights: &mut Flights) {
        if let Some(flight) = self.flight.take_if(|flight| flight.is_over()) {
            flights.give_back(flight);
        }
    }

    /// Octets that wait to be sent or to be acknowledged.
    #[inline]
    pub(crate) fn queued(&self) -> u32 {
        self.flight.as_ref().map_or(0, |flight| flight.queue.length())
    }

    /// The number behind the last octet that the appliance gave us.
    #[inline]
    pub(crate) fn end(&self) -> Sequence {
        self.flight.as_ref().map_or(self.next, |flight| flight.queue.end())
    }

    /// Octets believed to be on their way (RFC 6675 §3, "pipe").
    #[inline]
    pub(crate) fn in_flight(&self) -> u32 {
        self.flight.as_ref().map_or(0, |flight| flight.scoreboard.in_flight())
    }

    /// Whether nothing was sent that is not acknowledged.
    #[inline]
    pub(crate) fn is_all_acknowledged(&self) -> bool {
        self.flight.as_ref().is_none_or(|flight| flight.scoreboard.is_empty())
    }
}
