//! What a router advertises (RFC 4861 §4.2, §4.6).

use crate::frame::read_u16;
use crate::limits;
use crate::neighbours::LOCAL_HOPS;
use crate::version::ipv6_addresses;
use core::ops::Range;
use core::time::Duration;
use moment::Instant;

/// Type, code, checksum, hop limit, flags, lifetimes.
const HEADER: usize = 16;
const PREFIX_INFORMATION: u8 = 3;
const MTU: u8 = 5;

/// An advertisement that was found sound. The hop limit and the times of neighbour discovery that it suggests are of no use to
/// who answers the way the question came.
pub(crate) struct Advertisement<'a> {
    pub(crate) source: u128,
    /// For how long it is a router for everything; none if it is not.
    pub(crate) lifetime: Duration,
    options: &'a [u8],
}

/// One prefix of an advertisement.
pub(super) struct PrefixInformation {
    prefix: u128,
    length: u8,
    /// Whether addresses are to be formed from it.
    is_autonomous: bool,
    pub(super) valid: Lifetime,
    preferred: Lifetime,
}

/// How long something lasts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lifetime {
    Finite(Duration),
    /// RFC 4861 §4.6.2: all ones.
    Infinite,
}

impl<'a> Advertisement<'a> {
    /// RFC 4861 §6.1.2; the checksum was found right.
    pub(crate) fn read(frame: &'a [u8], message: Range<usize>) -> Option<Self> {
        let (source, _) = ipv6_addresses(frame);
        let (header, options) = frame[message].split_first_chunk::<HEADER>()?;
        let is_link_local = source >> 118 == 0xfe80 >> 6;
        if !is_link_local || frame[21] != LOCAL_HOPS || header[1] != 0 {
            return None;
        }
        let mut rest = options;
        while !rest.is_empty() {
            let (_, behind) = split_option(rest)?;
            rest = behind;
        }
        let lifetime = Duration::from_secs(read_u16(header, 6).into());
        Some(Self { source, lifetime, options })
    }

    pub(super) fn prefixes(&self) -> impl Iterator<Item = PrefixInformation> {
        self.options().filter_map(PrefixInformation::read)
    }

    /// The largest packet of the link (RFC 4861 §6.3.4), if it is one.
    pub(crate) fn packet_length(&self) -> Option<u16> {
        let option = self.options().find(|option| option[0] == MTU && option.len() == 8)?;
        let is_small = read_u16(option, 4) == 0;
        Some(read_u16(option, 6))
            .filter(|length| is_small && usize::from(*length) >= limits::IPV6_PACKET_LENGTH)
    }

    fn options(&self) -> impl Iterator<Item = &'a [u8]> {
        let mut rest = self.options;
        core::iter::from_fn(move || {
            let (option, behind) = split_option(rest)?;
            rest = behind;
            Some(option)
        })
    }
}

/// The first option, whole, and what is behind it.
fn split_option(options: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(*options.get(1)?) * 8;
    if length == 0 { None } else { options.split_at_checked(length) }
}

impl PrefixInformation {
    fn read(option: &[u8]) -> Option<Self> {
        const AUTONOMOUS: u8 = 0x40;
        let &[
            PREFIX_INFORMATION,
            4,
            length,
            flags,
            v0,
            v1,
            v2,
            v3,
            p0,
            p1,
            p2,
            p3,
            _,
            _,
            _,
            _,
            ref prefix @ ..,
        ] = option
        else {
            return None;
        };
        Some(Self {
            prefix: u128::from_be_bytes(*prefix.first_chunk()?),
            length,
            is_autonomous: flags & AUTONOMOUS != 0,
            valid: Lifetime::of(u32::from_be_bytes([v0, v1, v2, v3])),
            preferred: Lifetime::of(u32::from_be_bytes([p0, p1, p2, p3])),
        })
    }

    /// RFC 4862 §5.5.3(a) to (d): the address that `identifier` makes of it, if it is to make one.
    pub(super) fn address(&self, identifier: u64) -> Option<u128> {
        let is_link_local = self.prefix >> 118 == 0xfe80 >> 6;
        // Groups, and ::/64, where loopback and the mapped IPv4 addresses are, are nobody's.
        let is_nobodys = self.prefix >> 120 == 0xff || self.prefix >> 64 == 0;
        let is_sound = self.is_autonomous
            && !is_link_local
            && !is_nobodys
            && self.preferred <= self.valid
            && u32::from(self.length) + u64::BITS == u128::BITS;
        is_sound.then_some(self.prefix >> 64 << 64 | u128::from(identifier))
    }
}

impl Lifetime {
    fn of(seconds: u32) -> Self {
        match seconds {
            u32::MAX => Self::Infinite,
            seconds => Self::Finite(Duration::from_secs(seconds.into())),
        }
    }

    pub(super) fn is_zero(self) -> bool {
        self == Self::Finite(Duration::ZERO)
    }

    pub(super) fn time(self) -> Option<Duration> {
        match self {
            Self::Finite(time) => Some(time),
            Self::Infinite => None,
        }
    }

    /// When it is over.
    pub(super) fn until(self, now: Instant) -> Option<Instant> {
        self.time().map(|time| now + time)
    }
}
