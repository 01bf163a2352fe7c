//! TCP to a machine that has none: refused at once, so that a client need not wait for a time-out.

use crate::counters::Counter;
use crate::frame::{Answer, Frame};
use crate::reception::Reception;
use crate::version::{TCP, Version};
use appliance::Appliance;
use core::ops::Range;
use platform::Checksum;

/// A header without options.
const HEADER: usize = 20;
const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

impl<A: Appliance> Reception<'_, A> {
    /// A segment came in a packet to one of our addresses: to a connection that is closed (RFC 9293 §3.10.7.1).
    #[cold]
    pub(crate) fn on_segment<V: Version>(
        &mut self,
        frame: Frame<'_>,
        payload: Range<usize>,
    ) -> Result<Answer, Counter> {
        let Frame { buffer, checksum, .. } = frame;
        let segment = &buffer[payload];
        let Some(&[a, b, c, d, s0, s1, s2, s3, a0, a1, a2, a3, offset, flags, ..]) =
            segment.first_chunk::<HEADER>()
        else {
            return Err(Counter::SegmentMalformed);
        };
        let header_length = usize::from(offset >> 4) * 4;
        if header_length < HEADER || header_length > segment.len() {
            return Err(Counter::SegmentMalformed);
        }
        if checksum == Checksum::Unverified
            && !V::pseudo_header(buffer, TCP, segment.len()).bytes(segment).is_valid()
        {
            return Err(Counter::SegmentChecksumWrong);
        }
        if flags & RST != 0 {
            return Err(Counter::SegmentReset);
        }
        self.rates.resets.take(self.now.instant).ok_or(Counter::ResetSuppressed)?;

        // A segment that acknowledges something is reset from there; another is acknowledged whole.
        let ([s0, s1, s2, s3], [a0, a1, a2, a3], flags) = if flags & ACK != 0 {
            ([a0, a1, a2, a3], [0; 4], RST)
        } else {
            let controls = u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0);
            let length = (segment.len() - header_length) as u32 + controls;
            let sequence = u32::from_be_bytes([s0, s1, s2, s3]);
            ([0; 4], sequence.wrapping_add(length).to_be_bytes(), RST | ACK)
        };
        let header = [c, d, a, b, s0, s1, s2, s3, a0, a1, a2, a3, 0x50, flags, 0, 0, 0, 0, 0, 0];
        let checksum = V::pseudo_header(buffer, TCP, HEADER).bytes(&header).checksum();
        buffer[V::PAYLOAD..V::PAYLOAD + HEADER].copy_from_slice(&header);
        buffer[V::PAYLOAD + 16..V::PAYLOAD + 18].copy_from_slice(&checksum);
        V::turn_around(buffer, self.station.address, TCP, HEADER);
        Ok(Answer { length: V::PAYLOAD + HEADER, counter: Counter::ResetSent })
    }
}
