//! What is agreed with a network card, and what follows from it (virtio 1.2 §5.1.3).

use super::Purpose;
use crate::transport;
use platform::Offload;

/// Feature bits.
mod bit {
    pub(super) const CHECKSUM: u64 = 1 << 0;
    pub(super) const GUEST_CHECKSUM: u64 = 1 << 1;
    pub(super) const MTU: u64 = 1 << 3;
    pub(super) const ADDRESS: u64 = 1 << 5;
    pub(super) const GUEST_SEGMENTATION_V4: u64 = 1 << 7;
    pub(super) const GUEST_SEGMENTATION_V6: u64 = 1 << 8;
    pub(super) const GUEST_CONGESTION: u64 = 1 << 9;
    pub(super) const SEGMENTATION_V4: u64 = 1 << 11;
    pub(super) const SEGMENTATION_V6: u64 = 1 << 12;
    pub(super) const CONGESTION: u64 = 1 << 13;
    pub(super) const MERGED_BUFFERS: u64 = 1 << 15;
}

/// What this driver can't do without.
pub(super) const REQUIRED: u64 = transport::VERSION_1 | transport::EVENT_INDEX | bit::ADDRESS;

/// Features that a device offers, or that were agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Features(pub(super) u64);

impl Features {
    /// Of what is offered, all that is of use. What needs another feature is left when that is not offered (§5.1.3.1).
    pub(super) fn useful(self, purpose: Purpose) -> Self {
        let Purpose::Streams { long, .. } = purpose else {
            return Self(self.0 & (REQUIRED | bit::GUEST_CHECKSUM | bit::MTU));
        };
        let segmentation = bit::SEGMENTATION_V4 | bit::SEGMENTATION_V6;
        let guest_segmentation = bit::GUEST_SEGMENTATION_V4 | bit::GUEST_SEGMENTATION_V6;
        let mut useful = REQUIRED | bit::MTU | bit::MERGED_BUFFERS | bit::CHECKSUM | bit::GUEST_CHECKSUM;
        if self.has(bit::CHECKSUM) && long > 0 {
            useful |= segmentation;
            if self.0 & segmentation != 0 {
                useful |= bit::CONGESTION;
            }
        }
        // A buffer here is shorter than what such a frame may need: several have to make one up.
        if self.has(bit::GUEST_CHECKSUM | bit::MERGED_BUFFERS) {
            useful |= guest_segmentation;
            if self.0 & guest_segmentation != 0 {
                useful |= bit::GUEST_CONGESTION;
            }
        }
        Self(self.0 & useful)
    }

    /// Whether the device says what it carries.
    pub(super) fn says_mtu(self) -> bool {
        self.has(bit::MTU)
    }

    /// Whether the device says which address it has.
    pub(super) fn says_address(self) -> bool {
        self.has(bit::ADDRESS)
    }

    /// Whether a frame may arrive in several buffers.
    pub(super) fn merges_buffers(self) -> bool {
        self.has(bit::MERGED_BUFFERS)
    }

    /// Whether the device can be told that the first of the segments that it cuts alone says CWR.
    pub(super) fn knows_congestion(self) -> bool {
        self.has(bit::CONGESTION)
    }

    /// What the device does to frames on their way out.
    pub(super) fn offload(self) -> Offload {
        Offload {
            checksum: self.has(bit::CHECKSUM),
            segmentation_v4: self.has(bit::SEGMENTATION_V4),
            segmentation_v6: self.has(bit::SEGMENTATION_V6),
        }
    }

    fn has(self, bits: u64) -> bool {
        self.0 & bits == bits
    }
}

#[cfg(test)]
mod tests;
