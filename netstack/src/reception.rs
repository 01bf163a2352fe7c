//! Whose frame is this? Looks at the Ethernet header and passes the frame on.

use crate::bucket::TokenBucket;
use crate::counters::Counter;
use crate::frame::{ARP, Answer, ETHERNET_HEADER, Frame, IPV4, IPV6, VLAN_TAGS, is_group};
use crate::limits;
use crate::station::Station;
use crate::tcp::connections::Connections;
use appliance::Appliance;
use moment::Moment;
use platform::Checksum;

/// All that is at hand while one frame is looked at. Every layer adds its `on_…` in its own file.
///
/// `Err` is not a failure: it says that nothing goes back, and why.
pub(crate) struct Reception<'a, A> {
    /// Which link it came on.
    pub(crate) link: u8,
    pub(crate) station: &'a mut Station,
    pub(crate) ports: &'a [u16],
    pub(crate) rates: &'a mut Rates,
    pub(crate) connections: &'a mut Connections,
    pub(crate) appliance: &'a mut A,
    pub(crate) now: Moment,
}

/// The limits on what is sent to peers that asked for nothing in particular.
pub(crate) struct Rates {
    pub(crate) errors: TokenBucket,
    pub(crate) resets: TokenBucket,
}

impl Rates {
    pub(crate) fn new() -> Self {
        Self {
            errors: TokenBucket::new(limits::ERROR_INTERVAL, limits::ERROR_BURST),
            resets: TokenBucket::new(limits::RESET_INTERVAL, limits::RESET_BURST),
        }
    }
}

impl<A: Appliance> Reception<'_, A> {
    /// A frame came on the link.
    #[inline]
    pub(crate) fn on_frame(&mut self, frame: Frame<'_>) -> Result<Answer, Counter> {
        // What a device put together of several segments is longer than the link's frames; nothing as long goes back.
        let is_merged = frame.checksum == Checksum::Verified && frame.length > self.station.frame_length;
        let room = if is_merged { frame.length } else { self.station.frame_length };
        let room = frame.buffer.len().min(room);
        let length = frame.length.min(room);
        let Some(&[a, b, c, d, e, f, g, h, i, j, k, l, type_high, type_low]) =
            frame.buffer[..length].first_chunk::<ETHERNET_HEADER>()
        else {
            return Err(Counter::FrameTruncated);
        };
        if room < limits::FRAME_BUFFER {
            return Err(Counter::FrameTruncated);
        }
        let frame = Frame { buffer: &mut frame.buffer[..room], length, ..frame };

        let (destination, source) = ([a, b, c, d, e, f], [g, h, i, j, k, l]);
        let own = self.station.address.0;
        if destination != own && !is_group(destination) {
            return Err(Counter::FrameToOthers);
        }
        // Our own frames come back where a link loops, and would look like conflicts over our addresses.
        if is_group(source) || source == own {
            return Err(Counter::FrameFromNobody);
        }
        match u16::from_be_bytes([type_high, type_low]) {
            IPV4 if is_group(destination) => self.on_ipv4_packet_to_many(&frame),
            IPV4 => self.on_ipv4_packet(frame),
            IPV6 => self.on_ipv6_packet(frame),
            ARP => self.on_arp_packet(frame),
            tag if VLAN_TAGS.contains(&tag) => Err(Counter::FrameTagged),
            _ => Err(Counter::FrameUnknown),
        }
    }
}
