//! What happened, in plain memory; reading it is the outside's job.

use dns_protocol::Rcode;

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Count {
    /// A datagram came.
    Received,
    /// It got no reply.
    Silent,
    /// The reply did not fit and says so.
    Truncated,
    /// NOERROR.
    NoError,
    /// FORMERR.
    FormatError,
    /// SERVFAIL.
    ServerFailure,
    /// NXDOMAIN.
    NoSuchName,
    /// NOTIMP.
    NotImplemented,
    /// REFUSED.
    Refused,
    /// Any other response code.
    OtherRcode,
}

/// How often each [`Count`] was seen.
#[derive(Clone, Debug, Default)]
pub struct Counters([u64; Count::OtherRcode as usize + 1]);

impl Counters {
    /// How often it was seen; starts again from 0 after 2^64.
    #[must_use]
    pub const fn of(&self, count: Count) -> u64 {
        self.0[count as usize]
    }

    #[inline]
    pub(crate) fn add(&mut self, count: Count) {
        let counter = &mut self.0[count as usize];
        *counter = counter.wrapping_add(1);
    }
}

impl From<Rcode> for Count {
    fn from(rcode: Rcode) -> Self {
        match rcode {
            Rcode::NOERROR => Self::NoError,
            Rcode::FORMERR => Self::FormatError,
            Rcode::SERVFAIL => Self::ServerFailure,
            Rcode::NXDOMAIN => Self::NoSuchName,
            Rcode::NOTIMP => Self::NotImplemented,
            Rcode::REFUSED => Self::Refused,
            Rcode(_) => Self::OtherRcode,
        }
    }
}
