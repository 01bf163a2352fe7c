//! An Ethernet link that lends its own buffers.

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

    /// The oldest waiting frame, or `None`.
    fn receive(&mut self) -> Option<Self::Received<'_>>;

    /// A free buffer to send from, or `None` while all are on their way.
    fn transmit(&mut self) -> Option<Self::Outgoing<'_>>;

    /// Tells the device of everything sent since the last call, and gives it back the buffers that were dropped: at most
    /// one doorbell for each direction.
    fn flush(&mut self);
}

/// A frame that arrived; dropped, its buffer returns to the device.
pub trait ReceivedFrame {
    /// The frame as it arrived, Ethernet header first.
    fn bytes(&self) -> &[u8];

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
pub trait OutgoingFrame {
    /// Where the frame is written, Ethernet header first; at least the link's maximum transmission unit with that header.
    fn buffer(&mut self) -> &mut [u8];

    /// Sends the first `length` octets of the buffer as a frame. Lengths beyond the buffer are a bug of the caller.
    fn send(self, length: usize);
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
