//! What of the memory that is left links and streams get.

use crate::network::Purpose;
use netstack::Budget;

/// Buffers for frames that answer none, of a link with streams: as many as the transmit queue takes of them.
const FRAMES: u16 = 128;

/// Buffers for frames that the device cuts: a megabyte on its way to the device, which is more than it is asked to do in a turn.
const LONG_FRAMES: u16 = 16;

/// Fewer of them are not worth it: while the device has one, the next is made.
const FEWEST_LONG_FRAMES: u16 = 4;

/// A link gets one in so many octets for either kind of buffer.
const OF_LINK: usize = 16;

/// What the network stack takes besides what streams do, in octets: its tables, some KiB for each of a handful of links.
const STACK: usize = 64 << 10;

/// What a stream takes besides its buffers, in octets: what it is and its places in tables, what is known of what it sends, and of it for
/// a minute when it is over.
const STREAM: usize = 832;
const _: () = assert!(Budget::STREAM <= STREAM, "streams take what is thought here");

/// The most streams, and octets for what they receive and send. More of either was never tried.
const STREAMS: usize = 131_072;
const BUFFERS: usize = 1 << 30;

/// The fewest octets for what streams receive and send: less, and there are none.
const FEWEST_BUFFERS: usize = 64 << 10;

/// What a link with streams gets of so many octets.
pub(crate) fn of_link(left: usize) -> Purpose {
    let buffers = |length: usize| u16::try_from(left / OF_LINK / length).unwrap_or(u16::MAX);
    let long = buffers(Purpose::LONG_FRAME).min(LONG_FRAMES);
    Purpose::Streams {
        frames: buffers(Purpose::FRAME).clamp(Purpose::FEW, FRAMES),
        long: if long < FEWEST_LONG_FRAMES { 0 } else { long },
    }
}

/// What all streams get of so many octets: half for what they receive and send, a quarter for what they are. The rest is a reserve, for
/// who takes more than is thought here.
pub(crate) fn budget(left: usize) -> Budget {
    let left = left.saturating_sub(STACK);
    let streams = (left / 4 / STREAM).min(STREAMS);
    let buffers = (left / 2).checked_ilog2().map_or(0, |power| 1 << power).min(BUFFERS);
    if buffers < FEWEST_BUFFERS { Budget::NONE } else { Budget { streams, buffers } }
}

#[cfg(test)]
mod tests;
