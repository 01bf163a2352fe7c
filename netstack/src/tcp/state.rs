//! How far a connection is.

use appliance::End;

/// RFC 9293 §3.3.2. LISTEN is a port and no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
    /// Over; the appliance has still to be told.
    Closed(End),
}

impl State {
    /// Whether both sides know each other's sequence numbers.
    #[inline]
    pub(crate) const fn is_synchronised(self) -> bool {
        !matches!(self, Self::SynSent | Self::SynReceived | Self::Closed(_))
    }

    /// Whether the peer may still send.
    #[inline]
    pub(crate) const fn can_receive(self) -> bool {
        matches!(self, Self::Established | Self::FinWait1 | Self::FinWait2)
    }

    /// Whether we may still send, or repeat what we sent.
    #[inline]
    pub(crate) const fn can_send(self) -> bool {
        matches!(self, Self::Established | Self::CloseWait | Self::FinWait1 | Self::Closing | Self::LastAck)
    }
}
