//! What a SYN offers.

use crate::tcp::limits;
use crate::tcp::options::Options;

/// What the peer takes, or does where we do it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// The largest segment that the peer takes, data and options.
    pub(crate) segment: u16,
    pub(crate) shift: Option<u8>,
    pub(crate) is_sack_permitted: bool,
    pub(crate) timestamp: Option<u32>,
    /// Whether it is ready for explicit congestion notification.
    pub(crate) has_notification: bool,
}

impl Offer {
    /// What the options of a SYN say; `has_notification` is in its flags.
    pub(crate) fn new(options: &Options, is_v4: bool, has_notification: bool) -> Self {
        let default = if is_v4 { limits::SEGMENT_V4 } else { limits::SEGMENT_V6 };
        Self {
            segment: options.maximum_segment_size.unwrap_or(default),
            shift: options.window_scale,
            is_sack_permitted: options.is_sack_permitted,
            timestamp: options.timestamps.map(|timestamps| timestamps.value),
            has_notification,
        }
    }
}
