//! `struct virtio_net_hdr`, which stands before every frame on a TAP device that asks for it (tun(4), virtio 1.2 §5.1.6): ten octets,
//! in the host's order.

use platform::{Checksum, Segmentation, Work};

/// Octets of it.
pub(super) const LENGTH: usize = 10;

/// Flags: the checksum is left to whoever is at the other end; it was verified.
const NEEDS_CHECKSUM: u8 = 1;
const DATA_VALID: u8 = 2;

/// How a frame is to be cut.
mod cut {
    pub(super) const TCP_V4: u8 = 1;
    pub(super) const TCP_V6: u8 = 4;
    /// Not all segments get the congestion bits of the whole.
    pub(super) const CONGESTION: u8 = 0x80;
}

/// Where TCP's header has its checksum (RFC 9293 §3.1).
const TCP_CHECKSUM: u16 = 16;

/// What a frame of which nothing is left to do has before it.
pub(super) const FINISHED: [u8; LENGTH] = [0; LENGTH];

/// What Linux says of a frame's checksum. One that it left to the other end never was on any wire.
pub(super) fn checksum(header: &[u8; LENGTH]) -> Checksum {
    let [flags, ..] = header;
    if flags & (NEEDS_CHECKSUM | DATA_VALID) != 0 { Checksum::Verified } else { Checksum::Unverified }
}

/// Whether a frame is left to the other end to be cut.
pub(super) fn is_long(header: &[u8; LENGTH]) -> bool {
    header[1] != 0
}

/// What stands before a frame of so many octets that Linux is to finish.
pub(super) fn unfinished(work: Work, length: usize) -> [u8; LENGTH] {
    // What is one segment already is not cut.
    let is_long = |cut: &Segmentation| length > usize::from(cut.headers) + usize::from(cut.payload);
    let (kind, headers, payload) = match work.segmentation.filter(is_long) {
        None => (0, 0, 0),
        Some(Segmentation { headers, payload, is_v6, has_cwr }) => {
            let congestion = if has_cwr { cut::CONGESTION } else { 0 };
            (congestion | if is_v6 { cut::TCP_V6 } else { cut::TCP_V4 }, headers, payload)
        }
    };
    let mut header = FINISHED;
    header[0] = NEEDS_CHECKSUM;
    header[1] = kind;
    for (field, value) in header[2..].chunks_mut(2).zip([headers, payload, work.transport, TCP_CHECKSUM]) {
        field.copy_from_slice(&value.to_ne_bytes());
    }
    header
}
