//! News from the peer.

use core::time::Duration;

/// What an acknowledgement says, as congestion control sees it.
pub(crate) struct Delivery {
    /// Octets newly delivered: acknowledged cumulatively or selectively.
    pub(crate) octets: u32,
    /// Octets in flight after it, and before anything is sent on account of it; what is held for lost is not.
    pub(crate) in_flight: u32,
    /// SND.UNA after it.
    pub(crate) acknowledged: u32,
    /// SND.NXT: a round of HyStart++ ends where this was when it began.
    pub(crate) next: u32,
    /// The latest sample of the round-trip time, if it gave one.
    pub(crate) round_trip: Option<Duration>,
    /// Whether the window held the sender up since the last acknowledgement: what is not used does not grow (RFC 7661 §1,
    /// RFC 9438 §5.8).
    pub(crate) is_window_limited: bool,
}
