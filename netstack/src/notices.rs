//! What the operator is told: which addresses came, went, or are somebody else's too.

use crate::bucket::TokenBucket;
use crate::limits;
use alloc::vec::{Drain, Vec};
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::time::Duration;
use moment::Instant;
use platform::EthernetAddress;

/// One line of the log.
#[derive(Clone, Copy)]
pub(crate) enum Notice {
    /// Somebody else uses an address of ours.
    Conflict { address: IpAddr, by: EthernetAddress },
    /// An address was leased; without a time, for ever.
    Leased { address: Ipv4Addr, prefix_length: u8, server: Ipv4Addr, time: Option<Duration> },
    /// An address was formed from a router's prefix; without a time, for ever.
    Formed { address: Ipv6Addr, time: Option<Duration> },
    /// An address is not ours any more, or was not to become it.
    Lost { address: IpAddr, reason: Loss },
}

/// Why an address is lost.
#[derive(Clone, Copy)]
pub(crate) enum Loss {
    /// Its time is over.
    Expired,
    /// The server that had given it took it back.
    Refused,
    /// It is somebody else's.
    Conflict(EthernetAddress),
}

/// The notices that are not in the log yet.
///
/// What arrives on the link causes them, and a console is slow: there is a limit on how many are kept, and on how often.
pub(crate) struct Notices {
    waiting: Vec<Notice>,
    rate: TokenBucket,
}

impl Notices {
    pub(crate) fn new() -> Self {
        let rate = TokenBucket::new(limits::NOTICE_INTERVAL, limits::NOTICE_BURST);
        Self { waiting: Vec::with_capacity(limits::NOTICES), rate }
    }

    pub(crate) fn add(&mut self, notice: Notice, now: Instant) {
        if self.waiting.len() < limits::NOTICES && self.rate.take(now).is_some() {
            self.waiting.push(notice);
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn take(&mut self) -> Drain<'_, Notice> {
        self.waiting.drain(..)
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { address, by } => write!(formatter, "{address} is also used by {by}"),
            Self::Leased { address, prefix_length, server, time } => {
                write!(formatter, "{address}/{prefix_length} leased by {server} for {}", Span(*time))
            }
            Self::Formed { address, time } => {
                write!(formatter, "{address}/64 formed from a router's prefix for {}", Span(*time))
            }
            Self::Lost { address, reason } => write!(formatter, "{address} lost: {reason}"),
        }
    }
}

/// A time, or for ever.
struct Span(Option<Duration>);

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(time) => write!(formatter, "{} s", time.as_secs()),
            None => formatter.write_str("ever"),
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => formatter.write_str("its time is over"),
            Self::Refused => formatter.write_str("the server took it back"),
            Self::Conflict(by) => write!(formatter, "it is used by {by}"),
        }
    }
}
