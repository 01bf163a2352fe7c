//! An Ethernet link that lends its own buffers.

use bytes::Bytes;
use core::fmt;

/// An Ethernet link.
///
/// A received frame is lent in the buffer that it arrived in, with room behind it, and may go back out from there:
/// a reply costs no copy and no second buffer.
pub trait Link {
    /// A frame that arrived.
    type Received<'a>: ReceivedFrame
    where
        Self: 'a;

    /// A buffer for a frame that answers none.
    type Outgoing<'a>: OutgoingFrame
    where
        Self: 'a;

    /// The link's own hardware address.
    fn address(&self) -> EthernetAddress;

    /// The largest Ethernet payload (IP packet) that the link carries, in octets.
    fn maximum_transmission_unit(&self) -> usize;

    /// What the device does to frames on their way out. Never changes.
    fn offload(&self) -> Offload {
        Offload::NONE
    }

    /// How many frames wait, as far as the link knows.
    fn waiting(&mut self) -> usize {
        0
    }

    /// The frame that [`Link::receive`] is about to give after so many others, less than [`Link::waiting`] said: for whoever wants to
    /// prepare. What [`Link::receive`] gives may still be another, or none.
    fn upcoming(&self, _after: usize) -> Option<&[u8]> {
        None
    }

    /// The oldest waiting frame, or `None`.
    fn receive(&mut self) -> Option<Self::Received<'_>>;

    /// A free buffer to send from, or `None` while all are on their way. Who was refused asks again in every turn: a
    /// [`wait`](crate::Platform::wait) ends when the device has sent something.
    fn transmit(&mut self) -> Option<Self::Outgoing<'_>>;

    /// A free buffer for a frame that the device cuts into segments: at least [`Offload::LONGEST`] octets; or `None` while all
    /// are on their way, and always where the device does not do that.
    fn transmit_long(&mut self) -> Option<Self::Outgoing<'_>> {
        None
    }

    /// Tells the device of everything sent since the last call, and gives it back the buffers that were dropped: at most
    /// one doorbell for each direction.
    fn flush(&mut self);
}

/// A frame that arrived; dropped, its buffer returns to the device.
pub trait ReceivedFrame {
    /// The frame as it arrived, Ethernet header first. Of a frame in [several pieces](ReceivedFrame::piece), the first.
    fn bytes(&self) -> &[u8];

    /// What lies behind [`ReceivedFrame::bytes`] in other buffers, piece by piece from 0 on, until `None`. Only a frame that
    /// the device put together from several segments has any; the headers are all in the first piece, and its checksum is
    /// [`Checksum::Verified`].
    fn piece(&self, _index: usize) -> Option<&[u8]> {
        None
    }

    /// The frame's whole buffer: the frame, then room for a longer reply. At least as long as [`ReceivedFrame::bytes`],
    /// and at least the link's maximum transmission unit with an Ethernet header.
    fn buffer(&mut self) -> &mut [u8];

    /// What the device says of this very frame's transport checksum.
    fn checksum(&self) -> Checksum;

    /// Sends the first `length` octets of the buffer as a frame. Lengths beyond the buffer are a bug of the caller.
    fn reply(self, length: usize);
}

/// What a device says of the transport checksum of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// Nothing: the receiver has to look.
    Unverified,
    /// It was verified, or it never left the host and was never computed (virtio 1.2 §5.1.6.4.2).
    Verified,
}

/// A buffer for a frame that answers none; dropped, it is sent nowhere.
pub trait OutgoingFrame: Sized {
    /// Where the frame is written, Ethernet header first; at least the link's maximum transmission unit with that header.
    fn buffer(&mut self) -> &mut [u8];

    /// Sends the first `length` octets of the buffer as a frame. Lengths beyond the buffer are a bug of the caller.
    fn send(self, length: usize);

    /// Sends the first `length` octets of the buffer, and `rest` behind them, as a frame that the device is to finish. Only what
    /// [`Link::offload`] offers may be asked for. `rest` is kept until the device is done with it.
    ///
    /// A link that offers nothing is never asked.
    fn send_unfinished(self, length: usize, rest: Option<Bytes>, work: Work) {
        debug_assert!(false, "a link that offers nothing was asked for {work:?}");
        let _ = (length, rest);
    }
}

/// What a device does to frames on their way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offload {
    /// It writes TCP's checksum, and takes the payload from memory that lies elsewhere.
    pub checksum: bool,
    /// It cuts a frame over IPv4 that is longer than the link carries into segments. Only where `checksum` is.
    pub segmentation_v4: bool,
    /// The same over IPv6.
    pub segmentation_v6: bool,
}

impl Offload {
    /// Nothing.
    pub const NONE: Self = Self { checksum: false, segmentation_v4: false, segmentation_v6: false };

    /// The longest frame that a device cuts into segments, in octets: an IP packet of 65,535 octets and its Ethernet header.
    pub const LONGEST: usize = 14 + 65_535;
}

/// What a device is to do to one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Where in the frame the TCP header begins. Its checksum field holds the sum of the pseudo-header, not inverted, whose length is that
    /// of the whole frame's segment; the device adds the rest (virtio 1.2 §5.1.6.2).
    pub transport: u16,
    /// How the frame is cut into segments, if it is longer than the link carries.
    pub segmentation: Option<Segmentation>,
}

/// How a device cuts a frame into segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segmentation {
    /// Octets of all headers together, Ethernet's first: each segment gets them.
    pub headers: u16,
    /// The most octets of payload of each segment.
    pub payload: u16,
    /// Whether the packet is of IPv6, not IPv4.
    pub is_v6: bool,
    /// Whether the first segment alone says that the congestion window was reduced (RFC 3168 §6.1.2).
    pub has_cwr: bool,
}

/// An IEEE 802 MAC-48 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EthernetAddress(pub [u8; 6]);

impl fmt::Display for EthernetAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, f] = self.0;
        write!(formatter, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")
    }
}
