//! An address for a time.

use super::message::{Message, Time};
use crate::limits;
use crate::random::Random;
use core::net::Ipv4Addr;
use moment::Instant;
use platform::EthernetAddress;

/// What a server offers.
#[derive(Clone, Copy)]
pub(super) struct Offer {
    pub(super) address: u32,
    pub(super) server: u32,
}

/// What a server gave.
#[derive(Clone, Copy)]
pub(crate) struct Lease {
    pub(crate) address: u32,
    pub(crate) prefix_length: u8,
    /// The router to other networks, if the server says.
    pub(crate) router: Option<u32>,
    /// The largest packet on this network, if the server says.
    pub(crate) mtu: Option<u16>,
    pub(crate) server: u32,
    /// Who brought the server's message: itself, or the router that relays for it. What is for the server goes back there.
    pub(super) station: EthernetAddress,
    /// `None` if it is for ever.
    pub(crate) times: Option<Times>,
}

/// When a lease is to be renewed, renewed anywhere, over (RFC 2131 §4.4.5: T1, T2, expiry).
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(super) renewal: Instant,
    pub(super) rebinding: Instant,
    pub(crate) end: Instant,
}

impl Offer {
    /// `None` if nobody could take it.
    pub(super) fn read(message: &Message) -> Option<Self> {
        let &Message { address, server, .. } = message;
        let is_lasting = message.lease.is_none_or(Time::is_enough);
        (is_lasting && is_assignable(address, prefix_length(message)?)).then_some(Self { address, server })
    }
}

impl Lease {
    /// What an acknowledgement of our request of `asked` gives, or `None` if it gives nothing that can be used.
    pub(super) fn read(
        message: &Message,
        station: EthernetAddress,
        asked: Instant,
        random: &mut Random,
    ) -> Option<Self> {
        let &Message { address, server, router, mtu, .. } = message;
        let prefix_length = prefix_length(message)?;
        // RFC 2131 §4.3.1, table 3: there must be one.
        let lease = message.lease.filter(|lease| lease.is_enough())?;
        let times = Times::of(lease, message, asked, random);
        is_assignable(address, prefix_length).then_some(Self {
            address,
            prefix_length,
            router,
            mtu,
            server,
            station,
            times,
        })
    }

    /// Whether its time is over.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.times.is_some_and(|times| times.end <= now)
    }
}

impl Times {
    /// RFC 2131 §4.4.5: times that are not given, or contradict each other, are half and seven eighths of the whole; and
    /// not all clients come at once. They count from our asking (§4.4.1), so that ours is over before the server's.
    fn of(lease: Time, message: &Message, asked: Instant, random: &mut Random) -> Option<Self> {
        let Time::Finite(whole) = lease else { return None };
        let (renewal, rebinding) = match (message.renewal, message.rebinding) {
            (Some(Time::Finite(renewal)), Some(Time::Finite(rebinding)))
                if !renewal.is_zero() && renewal < rebinding && rebinding < whole =>
            {
                (renewal, rebinding)
            }
            _ => (whole / 2, whole / 8 * 7),
        };
        let renewal = renewal - random.up_to(renewal / limits::RENEWAL_SPREAD);
        Some(Self { renewal: asked + renewal, rebinding: asked + rebinding, end: asked + whole })
    }
}

impl Time {
    fn is_enough(self) -> bool {
        match self {
            Self::Finite(time) => time >= limits::SHORTEST_LEASE,
            Self::Infinite => true,
        }
    }
}

/// `None` if the mask has holes. Without one, nobody else is known to be in the network.
fn prefix_length(message: &Message) -> Option<u8> {
    let mask = message.subnet_mask.unwrap_or(u32::MAX);
    let length = mask.leading_ones();
    (mask.count_ones() == length).then_some(length as u8)
}

/// Whether a host may have this address, as one of this network (RFC 1122 §3.2.1.3, RFC 3021).
fn is_assignable(address: u32, prefix_length: u8) -> bool {
    let own = Ipv4Addr::from_bits(address);
    let host = u32::MAX.checked_shr(prefix_length.into()).unwrap_or(0);
    let is_of_no_host = prefix_length < 31 && [0, host].contains(&(address & host));
    // RFC 3927 §1.6: 169.254/16 is nobody's to give.
    let is_special =
        own.octets()[0] == 0 || own.octets()[0] >= 224 || own.is_loopback() || own.is_link_local();
    !is_of_no_host && !is_special
}
