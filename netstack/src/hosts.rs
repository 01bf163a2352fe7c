//! Which station a neighbour's address belongs to, for what we send of our own accord (RFC 826, RFC 4861 §7.2). Answers need
//! none: they go back to where the question came from.

use crate::limits;
use alloc::vec::Vec;
use moment::Instant;
use platform::EthernetAddress;

/// The neighbours that somebody wanted to reach lately.
pub(crate) struct Hosts {
    known: Vec<Host>,
}

struct Host {
    /// In the form of IPv6, as is `own`.
    address: u128,
    /// The address that it is asked from.
    own: u128,
    state: State,
    /// Asked for last.
    wanted_at: Instant,
}

#[derive(Clone, Copy)]
enum State {
    /// A question is due; so many were asked.
    Asked {
        due: Instant,
        times: u8,
    },
    Known {
        station: EthernetAddress,
        until: Instant,
    },
}

/// A question to a link: who has an address?
pub(crate) struct Question {
    pub(crate) address: u128,
    pub(crate) own: u128,
}

impl Hosts {
    pub(crate) fn new() -> Self {
        Self { known: Vec::with_capacity(limits::NEIGHBOURS) }
    }

    /// The station of a neighbour; it is asked for if it is not known, from `own`.
    pub(crate) fn find(&mut self, address: u128, own: u128, now: Instant) -> Option<EthernetAddress> {
        let asked = State::Asked { due: now, times: 0 };
        if let Some(host) = self.known.iter_mut().find(|host| host.address == address) {
            host.wanted_at = now;
            match host.state {
                State::Known { station, until } if now < until => return Some(station),
                State::Known { .. } => host.state = asked,
                State::Asked { times, due } if times >= limits::NEIGHBOUR_QUESTIONS && due <= now => {
                    host.state = asked
                }
                State::Asked { .. } => {}
            }
            return None;
        }
        let host = Host { address, own, state: asked, wanted_at: now };
        if self.known.len() < limits::NEIGHBOURS {
            self.known.push(host);
        } else if let Some(oldest) = self.known.iter_mut().min_by_key(|host| host.wanted_at) {
            *oldest = host;
        }
        None
    }

    /// A neighbour said which station it is. Only who was asked for is believed.
    pub(crate) fn on_answer(&mut self, address: u128, station: EthernetAddress, now: Instant) -> bool {
        let Some(host) = self.known.iter_mut().find(|host| host.address == address) else { return false };
        host.state = State::Known { station, until: now + limits::NEIGHBOUR_LIFETIME };
        true
    }

    /// When the next question is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let due = |host: &Host| match host.state {
            State::Asked { due, times } => (times < limits::NEIGHBOUR_QUESTIONS).then_some(due),
            State::Known { .. } => None,
        };
        self.known.iter().filter_map(due).min()
    }

    /// The question that is due, if one is.
    pub(crate) fn question(&mut self, now: Instant) -> Option<Question> {
        self.known.iter_mut().find_map(|host| match &mut host.state {
            State::Asked { due, times } if *due <= now && *times < limits::NEIGHBOUR_QUESTIONS => {
                *times += 1;
                *due = now + limits::NEIGHBOUR_INTERVAL;
                Some(Question { address: host.address, own: host.own })
            }
            State::Asked { .. } | State::Known { .. } => None,
        })
    }
}

#[cfg(test)]
mod tests;
