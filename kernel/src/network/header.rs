//! `virtio_net_hdr_v1`, in front of every frame (virtio 1.2 §5.1.6): little-endian, twelve octets.

use platform::{Segmentation, Work};

/// Octets of it.
pub(super) const LENGTH: usize = 12;

/// Flags: the checksum is not computed yet, for the frame never left the host, or for the device to do; it was verified.
const NEEDS_CHECKSUM: u8 = 1;
const DATA_VALID: u8 = 2;

/// How the device cuts a frame.
mod cut {
    pub(super) const TCP_V4: u8 = 1;
    pub(super) const TCP_V6: u8 = 4;
    /// Not all segments get the congestion bits of the whole.
    pub(super) const CONGESTION: u8 = 0x80;
}

/// Where fields begin.
mod field {
    pub(super) const FLAGS: usize = 0;
    pub(super) const CUT: usize = 1;
    pub(super) const HEADERS: usize = 2;
    pub(super) const SEGMENT: usize = 4;
    pub(super) const CHECKSUM_START: usize = 6;
    pub(super) const CHECKSUM_OFFSET: usize = 8;
    pub(super) const BUFFERS: usize = 10;
}

/// Where TCP's header has its checksum (RFC 9293 §3.1).
const TCP_CHECKSUM: u16 = 16;

/// Whether the device vouches for the frame's checksum.
#[inline]
pub(super) fn is_verified(header: &[u8]) -> bool {
    header[field::FLAGS] & (NEEDS_CHECKSUM | DATA_VALID) != 0
}

/// In how many buffers the frame lies, the device says, once it was agreed that there may be several.
#[inline]
pub(super) fn buffers(header: &[u8]) -> u16 {
    u16::from_le_bytes([header[field::BUFFERS], header[field::BUFFERS + 1]])
}

/// That of a frame of so many octets that the device is to finish.
pub(super) fn unfinished(work: &Work, length: usize, knows_congestion: bool) -> [u8; LENGTH] {
    let mut header = [0; LENGTH];
    let mut put = |field: usize, value: u16| header[field..field + 2].copy_from_slice(&value.to_le_bytes());
    put(field::CHECKSUM_START, work.transport);
    put(field::CHECKSUM_OFFSET, TCP_CHECKSUM);
    // What is one segment already is not cut.
    let is_long = |cut: &Segmentation| length > usize::from(cut.headers) + usize::from(cut.payload);
    let cut = work.segmentation.filter(is_long);
    if let Some(Segmentation { headers, payload, .. }) = cut {
        put(field::HEADERS, headers);
        put(field::SEGMENT, payload);
    }
    header[field::FLAGS] = NEEDS_CHECKSUM;
    header[field::CUT] = cut.map_or(0, |Segmentation { is_v6, has_cwr, .. }| {
        // A device that does not know better says CWR in every segment, which the receiver takes as it takes one
        // (RFC 3168 §6.1.3).
        let congestion = if has_cwr && knows_congestion { cut::CONGESTION } else { 0 };
        congestion | if is_v6 { cut::TCP_V6 } else { cut::TCP_V4 }
    });
    header
}

/// Whether that tells the device to cut the frame.
pub(super) fn is_cut(header: &[u8; LENGTH]) -> bool {
    header[field::CUT] != 0
}

#[cfg(test)]
mod tests;
