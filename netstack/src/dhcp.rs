//! A client of DHCP (RFC 2131): an address that a server gives for a time.
//!
//! ```text
//!            discover          offer          acknowledged       nobody objects
//!   Waiting ─────────▶ Selecting ──▶ Requesting ──▶ Probing ───────────▶ Bound ◀──┐
//!      ▲                                 │             │ conflict          │ T1    │
//!      │◀──── refused, unanswered ───────┘             ▼                   ▼       │
//!      │◀───────────────────────────────────────── Declining           Renewing ───┤
//!      │                                                                   │ T2    │
//!      └◀──────── refused, over ◀──────────────────────────────────── Rebinding ───┘
//! ```
//!
//! The first offer that can be used is taken. A machine without a store forgets its lease when it ends: there is no INIT-REBOOT.

mod answers;
mod exchange;
mod lease;
mod message;
mod request;
mod sending;

use crate::notices::Loss;
use exchange::{Exchange, back_off};
pub(crate) use lease::Lease;
use lease::Offer;
use moment::Instant;
use platform::EthernetAddress;
pub(crate) use request::{CLIENT_PORT, FRAME, SERVER_PORT};

/// The client of one link.
pub(crate) struct Client {
    state: State,
    /// How often in a row an attempt came to nothing.
    failures: u32,
}

enum State {
    /// Nothing happens before this.
    Waiting { due: Instant },
    /// Whoever serves is asked for offers.
    Selecting(Exchange),
    /// The server of an offer is asked for the address.
    Requesting(Exchange, Offer),
    /// The address is ours, unless somebody uses it (RFC 5227 §2.1).
    Probing(Lease, Probes),
    /// Somebody uses it, which the server has to hear.
    Declining(Lease),
    /// The address is in use.
    Bound(Lease),
    /// So it is; the server that gave it is asked for more time.
    Renewing(Lease, Exchange),
    /// So it is; whoever serves is asked for more time.
    Rebinding(Lease, Exchange),
}

struct Probes {
    sent: u8,
    due: Instant,
}

/// What becomes of the address.
pub(crate) enum Change {
    Taken(Lease),
    /// The lease goes on, on other terms perhaps.
    Renewed(Lease),
    Lost(Lease, Loss),
}

/// What a message was worth.
pub(crate) enum Verdict {
    Taken(Option<Change>),
    Ignored,
    Malformed,
}

impl Client {
    /// One that begins at once: a machine starts when somebody needs it. RFC 2131 §4.4.1 has it wait for some seconds, lest
    /// all machines of a building ask at once; what is sent again is spread.
    pub(crate) fn new() -> Self {
        Self { state: State::Waiting { due: Instant::START }, failures: 0 }
    }

    /// When there is something to do, if no message comes.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Waiting { due } => Some(*due),
            State::Selecting(exchange) | State::Requesting(exchange, _) => Some(exchange.due),
            State::Probing(_, probes) => Some(probes.due),
            State::Declining(_) => Some(Instant::START),
            State::Bound(lease) => lease.times.map(|times| times.renewal),
            State::Renewing(lease, exchange) => {
                lease.times.map(|times| exchange.due.min(times.rebinding).min(times.end))
            }
            State::Rebinding(lease, exchange) => lease.times.map(|times| exchange.due.min(times.end)),
        }
    }

    /// RFC 2131 §4.4.5: an address whose time is over is not ours from that moment on.
    pub(crate) fn expire(&mut self, now: Instant) -> Option<Change> {
        let lease = *self.lease().filter(|lease| lease.is_over(now))?;
        let is_in_use = self.is_in_use();
        self.state = State::Waiting { due: now };
        is_in_use.then_some(Change::Lost(lease, Loss::Expired))
    }

    /// Somebody else uses `address`, or is about to: what becomes of it, if it is the one that a server gave us.
    pub(crate) fn on_conflict(&mut self, address: u32, by: EthernetAddress) -> Option<Change> {
        let lease = *self.lease().filter(|lease| lease.address == address)?;
        self.state = State::Declining(lease);
        self.failures = self.failures.saturating_add(1);
        Some(Change::Lost(lease, Loss::Conflict(by)))
    }

    /// Whether `address` is about to become ours.
    pub(crate) fn is_probing(&self, address: u32) -> bool {
        matches!(&self.state, State::Probing(lease, _) if lease.address == address)
    }

    /// Whether `address` was given to us, and is in use.
    pub(crate) fn has(&self, address: u32) -> bool {
        self.is_in_use() && self.lease().is_some_and(|lease| lease.address == address)
    }

    fn is_in_use(&self) -> bool {
        matches!(self.state, State::Bound(_) | State::Renewing(..) | State::Rebinding(..))
    }

    /// The lease that is not declined.
    fn lease(&self) -> Option<&Lease> {
        match &self.state {
            State::Waiting { .. } | State::Selecting(_) | State::Requesting(..) | State::Declining(_) => None,
            State::Probing(lease, _)
            | State::Bound(lease)
            | State::Renewing(lease, _)
            | State::Rebinding(lease, _) => Some(lease),
        }
    }

    /// The exchange that is under way.
    fn exchange(&self) -> Option<&Exchange> {
        match &self.state {
            State::Selecting(exchange)
            | State::Requesting(exchange, _)
            | State::Renewing(_, exchange)
            | State::Rebinding(_, exchange) => Some(exchange),
            State::Waiting { .. } | State::Probing(..) | State::Declining(_) | State::Bound(_) => None,
        }
    }

    /// Begins anew: at once the first time, later the later, as servers that always refuse would otherwise be asked all the
    /// time.
    fn start_over(&mut self, now: Instant) -> State {
        let due = if self.failures == 0 { now } else { now + back_off(self.failures - 1) };
        self.failures = self.failures.saturating_add(1);
        State::Waiting { due }
    }
}
