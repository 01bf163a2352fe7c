//! A frame in its buffer, and the Ethernet II header.

use platform::{Checksum, EthernetAddress};

/// A frame that arrived, in a buffer that its answer is written over.
#[derive(Debug)]
pub struct Frame<'a> {
    /// The frame in its first `length` octets, Ethernet header first, then room.
    pub buffer: &'a mut [u8],
    /// How much of `buffer` arrived; at most all of it.
    pub length: usize,
    /// What the device says of the frame's transport checksum.
    pub checksum: Checksum,
}

/// What goes back in a frame's buffer, and what to count it as.
pub(crate) struct Answer {
    pub(crate) length: usize,
    pub(crate) counter: crate::Counter,
}

/// Destination, source, type.
pub(crate) const ETHERNET_HEADER: usize = 14;

pub(crate) const IPV4: u16 = 0x0800;
pub(crate) const ARP: u16 = 0x0806;
pub(crate) const IPV6: u16 = 0x86dd;
/// IEEE 802.1Q and 802.1ad.
pub(crate) const VLAN_TAGS: [u16; 2] = [0x8100, 0x88a8];

pub(crate) const BROADCAST: EthernetAddress = EthernetAddress([0xff; 6]);

/// Whether `address` is a group's or everybody's: bit 0 of the first octet (IEEE 802 §8.2).
pub(crate) const fn is_group(address: [u8; 6]) -> bool {
    address[0] & 1 != 0
}

/// The hardware address of an IPv6 group (RFC 2464 §7).
pub(crate) fn group_address(group: u128) -> EthernetAddress {
    let [a, b, c, d] = (group as u32).to_be_bytes();
    EthernetAddress([0x33, 0x33, a, b, c, d])
}

/// Writes an Ethernet header.
pub(crate) fn write_ethernet(
    frame: &mut [u8],
    destination: EthernetAddress,
    source: EthernetAddress,
    ethertype: u16,
) {
    frame[..6].copy_from_slice(&destination.0);
    frame[6..12].copy_from_slice(&source.0);
    frame[12..ETHERNET_HEADER].copy_from_slice(&ethertype.to_be_bytes());
}

/// Reads two octets in network order.
#[inline]
pub(crate) fn read_u16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}
