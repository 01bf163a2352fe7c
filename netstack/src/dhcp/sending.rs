//! What a client sends, and when (RFC 2131 §4.4).

use super::exchange::{Exchange, back_off};
use super::lease::{Lease, Offer};
use super::request::{self, Request};
use super::{Change, Client, Probes, State};
use crate::limits;
use crate::random::Random;
use core::mem;
use moment::Instant;
use platform::EthernetAddress;

/// What is to be sent.
enum Outgoing {
    Message(Request),
    Probe(u32),
}

impl Client {
    /// Writes what is due, if anything is; returns the frame's length, and what becomes of the address.
    pub(crate) fn write_due(
        &mut self,
        frame: &mut [u8],
        station: EthernetAddress,
        now: Instant,
        random: &mut Random,
    ) -> (Option<usize>, Option<Change>) {
        if let Some(change) = self.expire(now) {
            return (None, Some(change));
        }
        if self.deadline().is_none_or(|deadline| deadline > now) {
            return (None, None);
        }
        let was_in_use = self.is_in_use();
        let outgoing = self.proceed(now, random);
        let change = match &self.state {
            State::Bound(lease) if !was_in_use => {
                self.failures = 0;
                Some(Change::Taken(*lease))
            }
            _ => None,
        };
        let length = outgoing.map(|outgoing| match outgoing {
            Outgoing::Message(request) => request.write(frame, station),
            Outgoing::Probe(address) => crate::arp::write_probe(frame, station, address.into()),
        });
        (length, change)
    }

    /// Does what is due.
    fn proceed(&mut self, now: Instant, random: &mut Random) -> Option<Outgoing> {
        let state = mem::replace(&mut self.state, State::Waiting { due: now });
        let (state, outgoing) = match state {
            State::Waiting { .. } => Exchange::new(now, random).discover(now, random),
            State::Selecting(exchange) => exchange.discover(now, random),
            // RFC 2131 §3.1(5): a server that offered and then says nothing is given up.
            State::Requesting(exchange, _) if exchange.attempts >= limits::REQUESTS => {
                (self.start_over(now), None)
            }
            State::Requesting(exchange, offer) => exchange.request(offer, now, random),
            State::Probing(lease, probes) => probes.proceed(lease, now, random),
            State::Declining(lease) => {
                // RFC 2131 §3.1(5): at least ten seconds.
                let due = now + limits::WAIT_AFTER_CONFLICT.max(back_off(self.failures));
                (State::Waiting { due }, Some(decline(&lease, random)))
            }
            State::Bound(lease) => renew(lease, Exchange::new(now, random), now),
            State::Renewing(lease, _) if lease.times.is_some_and(|times| times.rebinding <= now) => {
                rebind(lease, Exchange::new(now, random), now)
            }
            State::Renewing(lease, exchange) => renew(lease, exchange, now),
            State::Rebinding(lease, exchange) => rebind(lease, exchange, now),
        };
        self.state = state;
        outgoing
    }
}

impl Probes {
    /// RFC 5227 §2.1.1, with less patience (`limits`).
    fn proceed(self, lease: Lease, now: Instant, random: &mut Random) -> (State, Option<Outgoing>) {
        if self.sent == limits::ADDRESS_PROBES {
            return (State::Bound(lease), None);
        }
        let sent = self.sent + 1;
        let wait = if sent == limits::ADDRESS_PROBES {
            limits::LAST_PROBE_WAIT
        } else {
            random.around(limits::PROBE_INTERVAL, limits::PROBE_SPREAD)
        };
        (State::Probing(lease, Self { sent, due: now + wait }), Some(Outgoing::Probe(lease.address)))
    }
}

/// RFC 2131 §4.4.1.
impl Exchange {
    fn discover(mut self, now: Instant, random: &mut Random) -> (State, Option<Outgoing>) {
        self.seconds = self.elapsed(now);
        let request = Request {
            kind: request::Kind::Discover,
            exchange: self.number,
            seconds: self.seconds,
            own: None,
            wanted: None,
            server: None,
            to: None,
        };
        (State::Selecting(self.send(now, random)), Some(Outgoing::Message(request)))
    }

    /// RFC 2131 §3.1(3): as many seconds as when offers were asked for.
    fn request(self, offer: Offer, now: Instant, random: &mut Random) -> (State, Option<Outgoing>) {
        let request = Request {
            kind: request::Kind::Request,
            exchange: self.number,
            seconds: self.seconds,
            own: None,
            wanted: Some(offer.address),
            server: Some(offer.server),
            to: None,
        };
        (State::Requesting(self.send(now, random), offer), Some(Outgoing::Message(request)))
    }
}

/// RFC 2131 §4.4.5. The way to the server is the one that its last message came.
fn renew(lease: Lease, exchange: Exchange, now: Instant) -> (State, Option<Outgoing>) {
    let to = Some((lease.server, lease.station));
    let request = prolong(&lease, &exchange, to, now);
    let exchange = match lease.times {
        Some(times) => exchange.send_before(times.rebinding, now),
        None => exchange,
    };
    (State::Renewing(lease, exchange), Some(Outgoing::Message(request)))
}

/// RFC 2131 §4.4.5.
fn rebind(lease: Lease, exchange: Exchange, now: Instant) -> (State, Option<Outgoing>) {
    let request = prolong(&lease, &exchange, None, now);
    let exchange = match lease.times {
        Some(times) => exchange.send_before(times.end, now),
        None => exchange,
    };
    (State::Rebinding(lease, exchange), Some(Outgoing::Message(request)))
}

fn prolong(lease: &Lease, exchange: &Exchange, to: Option<(u32, EthernetAddress)>, now: Instant) -> Request {
    Request {
        kind: request::Kind::Request,
        exchange: exchange.number,
        seconds: exchange.elapsed(now),
        own: Some(lease.address),
        wanted: None,
        server: None,
        to,
    }
}

/// RFC 2131 §4.4.4.
fn decline(lease: &Lease, random: &mut Random) -> Outgoing {
    Outgoing::Message(Request {
        kind: request::Kind::Decline,
        exchange: random.next() as u32,
        seconds: 0,
        own: None,
        wanted: Some(lease.address),
        server: Some(lease.server),
        to: None,
    })
}
