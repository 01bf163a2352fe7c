//! What a client makes of what servers say (RFC 2131 §4.4).

use super::lease::{Lease, Offer};
use super::message::{Kind, Message, Useless};
use super::{Change, Client, Probes, State, Verdict};
use crate::notices::Loss;
use crate::random::Random;
use core::mem;
use moment::Instant;
use platform::EthernetAddress;

impl Client {
    /// A datagram came from a server's port to ours, in a frame from `from`. `is_ours` knows the addresses that we have
    /// otherwise.
    pub(crate) fn on_message(
        &mut self,
        payload: &[u8],
        (station, from): (EthernetAddress, EthernetAddress),
        is_ours: impl Fn(u32) -> bool,
        now: Instant,
        random: &mut Random,
    ) -> Verdict {
        let message = match Message::read(payload, station) {
            Ok(message) => message,
            Err(Useless::Malformed) => return Verdict::Malformed,
            Err(Useless::Foreign) => return Verdict::Ignored,
        };
        if self
            .exchange()
            .is_none_or(|exchange| exchange.number != message.exchange || exchange.attempts == 0)
        {
            return Verdict::Ignored;
        }
        let state = mem::replace(&mut self.state, State::Waiting { due: now });
        let (state, verdict) = match (state, message.kind) {
            (State::Selecting(exchange), Kind::Offer) => match Offer::read(&message) {
                Some(offer) if !is_ours(offer.address) => {
                    (State::Requesting(exchange.next(now), offer), Verdict::Taken(None))
                }
                _ => (State::Selecting(exchange), Verdict::Ignored),
            },
            (State::Requesting(exchange, offer), Kind::Acknowledgement) => {
                match Lease::read(&message, from, exchange.sent, random).filter(|lease| offer.is_kept(lease))
                {
                    Some(lease) => {
                        (State::Probing(lease, Probes { sent: 0, due: now }), Verdict::Taken(None))
                    }
                    None => (State::Requesting(exchange, offer), Verdict::Ignored),
                }
            }
            (State::Requesting(_, offer), Kind::Refusal) if offer.server == message.server => {
                (self.start_over(now), Verdict::Taken(None))
            }
            (State::Renewing(lease, exchange), kind) if lease.server == message.server => {
                match self.on_answer(kind, &message, &lease, (from, exchange.sent), now, random) {
                    Some((state, change)) => (state, Verdict::Taken(Some(change))),
                    None => (State::Renewing(lease, exchange), Verdict::Ignored),
                }
            }
            (State::Rebinding(lease, exchange), kind) => {
                match self.on_answer(kind, &message, &lease, (from, exchange.sent), now, random) {
                    Some((state, change)) => (state, Verdict::Taken(Some(change))),
                    None => (State::Rebinding(lease, exchange), Verdict::Ignored),
                }
            }
            (state, _) => (state, Verdict::Ignored),
        };
        self.state = state;
        verdict
    }

    /// An answer to who asked for more time.
    fn on_answer(
        &mut self,
        kind: Kind,
        message: &Message,
        lease: &Lease,
        (from, asked): (EthernetAddress, Instant),
        now: Instant,
        random: &mut Random,
    ) -> Option<(State, Change)> {
        match kind {
            Kind::Offer => None,
            Kind::Acknowledgement => {
                let renewed = Lease::read(message, from, asked, random)
                    .filter(|renewed| renewed.address == lease.address && !renewed.is_over(now))?;
                Some((State::Bound(renewed), Change::Renewed(renewed)))
            }
            Kind::Refusal => Some((self.start_over(now), Change::Lost(*lease, Loss::Refused))),
        }
    }
}

impl Offer {
    /// Whether an acknowledgement is of this offer.
    fn is_kept(&self, lease: &Lease) -> bool {
        (lease.address, lease.server) == (self.address, self.server)
    }
}
