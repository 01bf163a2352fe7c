//! What carries messages (RFC 1035 §4.2).

/// What a request came by, and its reply goes back by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// UDP: a message is a datagram, and as long as both sides allow.
    Datagram,
    /// TCP: a message has its length before it, which is all that limits it.
    Stream,
}
