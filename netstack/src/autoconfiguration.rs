//! Addresses formed from the prefixes that routers advertise (RFC 4862), and the search for routers (RFC 4861 §6.3).
//!
//! An address is used while it is found out whether somebody else has it (RFC 4429): its lower half is that of the hardware
//! address, so nobody should (docs/decisions/0009-formed-addresses.md).

pub(crate) mod advertisement;

use crate::limits;
use crate::neighbours::write_solicitation_of_routers;
use crate::notices::{Loss, Notice, Notices};
use crate::random::Random;
use advertisement::{Advertisement, Lifetime, PrefixInformation};
use alloc::vec::Vec;
use core::net::Ipv6Addr;
use core::time::Duration;
use moment::Instant;
use platform::EthernetAddress;

/// What one link has learnt from its routers.
pub(crate) struct Autoconfiguration {
    link_local: u128,
    formed: Vec<Formed>,
    routers: Vec<Router>,
    /// While no router is known.
    solicitation: Option<Solicitation>,
}

struct Formed {
    address: u128,
    state: State,
    /// When it is over, if ever.
    until: Option<Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// In use; until this, an objection ends that.
    Optimistic { until: Instant },
    /// In use.
    Assigned,
    /// Somebody else's; kept so that it is not formed again and again.
    Duplicate,
}

struct Router {
    address: u128,
    until: Instant,
}

struct Solicitation {
    due: Instant,
    wait: Duration,
}

impl Solicitation {
    /// RFC 4861 §6.3.7 has a host wait for up to a second at first, lest all ask at once; what is sent again is spread.
    const fn new(due: Instant) -> Self {
        Self { due, wait: limits::SOLICITATION }
    }
}

/// A station's IPv6 addresses, and those who hear of their changes.
pub(crate) struct Own<'a> {
    pub(crate) addresses: &'a mut Vec<u128>,
    pub(crate) notices: &'a mut Notices,
}

impl Autoconfiguration {
    pub(crate) fn new(link_local: u128) -> Self {
        Self {
            link_local,
            formed: Vec::with_capacity(limits::FORMED_ADDRESSES),
            routers: Vec::with_capacity(limits::ROUTERS),
            solicitation: Some(Solicitation::new(Instant::START)),
        }
    }

    /// When there is something to do.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let formed = self.formed.iter().flat_map(|formed| match formed.state {
            State::Optimistic { until } => [Some(until), formed.until],
            State::Assigned | State::Duplicate => [formed.until, None],
        });
        let routers = self.routers.iter().map(|router| router.until);
        let solicitation = self.solicitation.as_ref().map(|solicitation| solicitation.due);
        formed.flatten().chain(routers).chain(solicitation).min()
    }

    /// Forgets what is over at `now`.
    pub(crate) fn expire(&mut self, own: &mut Own<'_>, now: Instant) {
        self.formed.retain(|formed| {
            let is_over = formed.until.is_some_and(|until| until <= now);
            if is_over && formed.state != State::Duplicate {
                own.drop(formed.address, Loss::Expired, now);
            }
            !is_over
        });
        for formed in &mut self.formed {
            // RFC 4862 §5.4: nobody objected.
            if matches!(formed.state, State::Optimistic { until } if until <= now) {
                formed.state = State::Assigned;
            }
        }
        let had_router = !self.routers.is_empty();
        self.routers.retain(|router| router.until > now);
        if had_router && self.routers.is_empty() {
            self.solicitation.get_or_insert(Solicitation::new(now));
        }
    }

    /// Writes a solicitation, if one is due; returns the frame's length.
    pub(crate) fn write_due(
        &mut self,
        frame: &mut [u8],
        station: EthernetAddress,
        now: Instant,
        random: &mut Random,
    ) -> Option<usize> {
        let solicitation = self.solicitation.as_mut().filter(|solicitation| solicitation.due <= now)?;
        // RFC 7559 §2: less and less often, but for ever.
        let wait = solicitation.wait;
        solicitation.due = now + random.around(wait, wait / 10);
        solicitation.wait = wait.saturating_mul(2).min(limits::LONGEST_SOLICITATION);
        Some(write_solicitation_of_routers(frame, station, self.link_local))
    }

    /// A router, if one is known.
    pub(crate) fn router(&self) -> Option<u128> {
        self.routers.first().map(|router| router.address)
    }

    /// A router advertised itself. Whether a new address is to be announced.
    pub(crate) fn on_advertisement(
        &mut self,
        advertisement: &Advertisement<'_>,
        own: &mut Own<'_>,
        now: Instant,
    ) -> bool {
        self.on_router(advertisement, now);
        let before = self.formed.len();
        for prefix in advertisement.prefixes() {
            self.on_prefix(&prefix, own, now);
        }
        self.formed.len() > before
    }

    /// RFC 4861 §6.3.4. Who says that it is a router for no time is none.
    fn on_router(&mut self, advertisement: &Advertisement<'_>, now: Instant) {
        let Advertisement { source, lifetime, .. } = *advertisement;
        self.routers.retain(|router| router.address != source);
        if !lifetime.is_zero() && self.routers.len() < limits::ROUTERS {
            self.routers.push(Router { address: source, until: now + lifetime });
        }
        if self.routers.is_empty() {
            self.solicitation.get_or_insert(Solicitation::new(now + limits::SOLICITATION));
        } else {
            self.solicitation = None;
        }
    }

    /// RFC 4862 §5.5.3. That a prefix is on the link (L) says where to send what nobody asked for: nothing here does. That an
    /// address is deprecated forbids to begin with it what others have not (§5.5.4): neither.
    fn on_prefix(&mut self, prefix: &PrefixInformation, own: &mut Own<'_>, now: Instant) {
        let Some(address) = prefix.address(self.link_local as u64) else { return };
        let lifetime = prefix.valid;
        if let Some(formed) = self.formed.iter_mut().find(|formed| formed.address == address) {
            formed.until = prolonged(formed.until, lifetime, now);
            return;
        }
        let is_given = own.addresses.contains(&address);
        if lifetime.is_zero() || is_given || self.formed.len() == limits::FORMED_ADDRESSES {
            return;
        }
        let state = State::Optimistic { until: now + limits::OBJECTION };
        self.formed.push(Formed { address, state, until: lifetime.until(now) });
        own.take(address, prefix.valid, now);
    }

    /// RFC 4862 §5.4.4, §5.4.3: somebody else has `address`, or is about to take it. Whether it was in doubt, and is given up.
    pub(crate) fn on_objection(
        &mut self,
        address: u128,
        by: EthernetAddress,
        own: &mut Own<'_>,
        now: Instant,
    ) -> bool {
        let doubtful = |formed: &&mut Formed| formed.address == address && formed.is_doubtful(now);
        let Some(formed) = self.formed.iter_mut().find(doubtful) else { return false };
        formed.state = State::Duplicate;
        own.drop(address, Loss::Conflict(by), now);
        true
    }

    /// Whether somebody may still object to `address`.
    pub(crate) fn is_doubtful(&self, address: u128, now: Instant) -> bool {
        self.formed.iter().any(|formed| formed.address == address && formed.is_doubtful(now))
    }
}

impl Formed {
    fn is_doubtful(&self, now: Instant) -> bool {
        matches!(self.state, State::Optimistic { until } if now < until)
    }
}

impl Own<'_> {
    /// There is room: [`limits::FORMED_ADDRESSES`] are there beside those that the operator gave.
    fn take(&mut self, address: u128, lifetime: Lifetime, now: Instant) {
        debug_assert!(self.addresses.len() < self.addresses.capacity());
        self.addresses.push(address);
        self.notices
            .add(Notice::Formed { address: Ipv6Addr::from_bits(address), time: lifetime.time() }, now);
    }

    fn drop(&mut self, address: u128, reason: Loss, now: Instant) {
        self.addresses.retain(|own| *own != address);
        self.notices.add(Notice::Lost { address: Ipv6Addr::from_bits(address).into(), reason }, now);
    }
}

/// RFC 4862 §5.5.3(e): anybody can write an advertisement, so none makes an address end within two hours, unless it would
/// have.
fn prolonged(until: Option<Instant>, lifetime: Lifetime, now: Instant) -> Option<Instant> {
    let Lifetime::Finite(valid) = lifetime else { return None };
    let remaining = until.map_or(Duration::MAX, |until| until.since(now));
    if valid > limits::SURE_LIFETIME || valid > remaining {
        Some(now + valid)
    } else if remaining <= limits::SURE_LIFETIME {
        until
    } else {
        Some(now + limits::SURE_LIFETIME)
    }
}
