//! How a connection treats its peer, in few octets.

use appliance::Policy;
use core::num::NonZero;
use core::time::Duration;

/// A [`Policy`] whose times are in milliseconds, and 49 days at most: every connection has one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    keep_alive: Option<NonZero<u32>>,
    user_timeout: u32,
    pub(crate) nagle: bool,
}

impl Manner {
    /// After how long a silent peer is asked (RFC 9293 §3.8.4).
    #[inline]
    pub(crate) fn keep_alive(&self) -> Option<Duration> {
        self.keep_alive.map(|milliseconds| Duration::from_millis(milliseconds.get().into()))
    }

    /// How long nothing may be acknowledged (RFC 5482).
    pub(crate) fn user_timeout(&self) -> Duration {
        Duration::from_millis(self.user_timeout.into())
    }
}

impl From<Policy> for Manner {
    fn from(policy: Policy) -> Self {
        let milliseconds = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        Self {
            keep_alive: policy
                .keep_alive
                .map(|idle| NonZero::new(milliseconds(idle)).unwrap_or(NonZero::<u32>::MIN)),
            user_timeout: milliseconds(policy.user_timeout),
            nagle: policy.nagle,
        }
    }
}
