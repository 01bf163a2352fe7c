//! UDP datagrams (RFC 768), answered where they lie.

use crate::counters::Counter;
use crate::frame::{Answer, Frame};
use crate::reception::Reception;
use crate::version::{UDP, Version};
use appliance::{Appliance, Datagram, Reply};
use core::net::SocketAddr;
use core::ops::Range;
use platform::Checksum;

/// Source port, destination port, length, checksum.
const HEADER: usize = 8;

impl<A: Appliance> Reception<'_, A> {
    /// A datagram came in a packet to one of our addresses.
    #[inline]
    pub(crate) fn on_datagram<V: Version>(
        &mut self,
        frame: Frame<'_>,
        payload: Range<usize>,
    ) -> Result<Answer, Counter> {
        let Frame { buffer, checksum, .. } = frame;
        let datagram = &buffer[payload.clone()];
        let Some(header) = datagram.first_chunk::<HEADER>() else { return Err(Counter::DatagramMalformed) };
        let header = u64::from_be_bytes(*header);
        let (source_port, port) = ((header >> 48) as u16, (header >> 32) as u16);
        let (length, is_summed) = (usize::from((header >> 16) as u16), header as u16 != 0);
        if length < HEADER || length > datagram.len() || source_port == 0 {
            return Err(Counter::DatagramMalformed);
        }
        match checksum {
            Checksum::Verified => {}
            // RFC 768: zero means none; over IPv6 there must be one (RFC 8200 §8.1).
            Checksum::Unverified if !is_summed && V::MAY_LACK_UDP_CHECKSUM => {}
            Checksum::Unverified => {
                let sum = V::pseudo_header(buffer, UDP, length).bytes(&datagram[..length]);
                if !is_summed || !sum.is_valid() {
                    return Err(Counter::DatagramChecksumWrong);
                }
            }
        }
        if !self.ports.contains(&port) {
            return self.answer_error::<V>(buffer, payload.end, V::PORT_UNREACHABLE);
        }

        V::settle(buffer, payload);
        let (source, destination) = V::addresses(buffer);
        let datagram = Datagram {
            source: SocketAddr::new(source, source_port),
            destination: SocketAddr::new(destination, port),
            buffer: &mut buffer[V::PAYLOAD + HEADER..],
            length: length - HEADER,
        };
        match self.appliance.on_datagram(datagram, self.now) {
            Reply::Silence => Err(Counter::DatagramUnanswered),
            Reply::Send { length } => {
                if length > buffer.len() - V::PAYLOAD - HEADER {
                    return Err(Counter::DatagramAnswerTooLong);
                }
                let length = length + HEADER;
                let end = V::PAYLOAD + length;
                let header = u64::from(port) << 48 | u64::from(source_port) << 32 | (length as u64) << 16;
                let answer = &buffer[V::PAYLOAD + HEADER..end];
                let checksum =
                    V::pseudo_header(buffer, UDP, length).word(header).bytes(answer).udp_checksum();
                let header = header | u64::from(u16::from_be_bytes(checksum));
                buffer[V::PAYLOAD..V::PAYLOAD + HEADER].copy_from_slice(&header.to_be_bytes());
                V::turn_around(buffer, self.station.address, UDP, length);
                Ok(Answer { length: end, counter: Counter::DatagramAnswered })
            }
        }
    }
}
