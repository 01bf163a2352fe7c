//! What a block device says of itself.

use super::TRANSFER;
use crate::transport::Transport;
use core::ops::Range;
use platform::{Refusal, SECTOR};

/// Feature bits (virtio 1.2 §5.2.3).
pub(super) mod feature {
    pub(crate) const SEGMENT_SIZE: u64 = 1 << 1;
    pub(crate) const READ_ONLY: u64 = 1 << 5;
    pub(crate) const BLOCK_SIZE: u64 = 1 << 6;
    pub(crate) const FLUSH: u64 = 1 << 9;
}

/// Where the device's configuration says what (virtio 1.2 §5.2.4): 64 bits, then 32 each.
mod configuration {
    pub(super) const CAPACITY: usize = 0;
    pub(super) const SEGMENT_SIZE: usize = 8;
    pub(super) const BLOCK_SIZE: usize = 20;
}

/// What the device says of itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) sectors: u64,
    pub(super) block: u64,
    pub(super) most_sectors: u64,
    pub(super) is_writable: bool,
    pub(super) can_flush: bool,
}

impl Shape {
    /// `None` if it makes no sense.
    pub(super) fn read(transport: &Transport, offered: u64) -> Option<Self> {
        let number = |at, bit, otherwise: u64| {
            if offered & bit == 0 { otherwise } else { transport.configuration(at).into() }
        };
        let block = number(configuration::BLOCK_SIZE, feature::BLOCK_SIZE, SECTOR as u64);
        let segment = number(configuration::SEGMENT_SIZE, feature::SEGMENT_SIZE, TRANSFER as u64);
        let transfer = segment.min(TRANSFER as u64);
        if !block.is_power_of_two() || block < SECTOR as u64 || block > transfer {
            return None;
        }
        let sector = SECTOR as u64;
        Some(Self {
            sectors: capacity(transport)?,
            block: block / sector,
            most_sectors: (transfer - transfer % block) / sector,
            is_writable: offered & feature::READ_ONLY == 0,
            can_flush: offered & feature::FLUSH != 0,
        })
    }

    /// How many octets a request has that is for these sectors.
    pub(super) fn octets(&self, sectors: &Range<u64>) -> Result<usize, Refusal> {
        let count = sectors.end.saturating_sub(sectors.start);
        if count == 0 || !sectors.start.is_multiple_of(self.block) || !count.is_multiple_of(self.block) {
            return Err(Refusal::NoBlocks);
        }
        if sectors.end > self.sectors {
            return Err(Refusal::BeyondEnd);
        }
        if count > self.most_sectors {
            return Err(Refusal::TooLong);
        }
        usize::try_from(count).map(|count| count * SECTOR).map_err(|_| Refusal::TooLong)
    }
}

/// The volume's sectors: both halves of one number. `None` from a device whose size does not hold still.
fn capacity(transport: &Transport) -> Option<u64> {
    const TRIES: usize = 8;
    let read = || {
        let [low, high] = [0, 4].map(|at| u64::from(transport.configuration(configuration::CAPACITY + at)));
        low | (high << 32)
    };
    (0..TRIES).find_map(|_| Some(read()).filter(|capacity| *capacity == read()))
}
