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
        let Some(&[a, b, c, d, e, f, g, h]) = datagram.first_chunk::<HEADER>() else {
            return Err(Counter::DatagramMalformed);
        };
        let source_port = u16::from_be_bytes([a, b]);
        let port = u16::from_be_bytes([c, d]);
        let length = usize::from(u16::from_be_bytes([e, f]));
        if length < HEADER || length > datagram.len() || source_port == 0 {
            return Err(Counter::DatagramMalformed);
        }
        match checksum {
            Checksum::Verified => {}
            // RFC 768: zero means none; over IPv6 there must be one (RFC 8200 §8.1).
            Checksum::Unverified if [g, h] == [0, 0] && V::MAY_LACK_UDP_CHECKSUM => {}
            Checksum::Unverified => {
                let sum = V::pseudo_header(buffer, UDP, length).bytes(&datagram[..length]);
                if [g, h] == [0, 0] || !sum.is_valid() {
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
                let [length_high, length_low] = (length as u16).to_be_bytes();
                let header = [c, d, a, b, length_high, length_low, 0, 0];
                buffer[V::PAYLOAD..V::PAYLOAD + HEADER].copy_from_slice(&header);
                let sum = V::pseudo_header(buffer, UDP, length).bytes(&buffer[V::PAYLOAD..end]);
                buffer[V::PAYLOAD + 6..V::PAYLOAD + HEADER].copy_from_slice(&sum.udp_checksum());
                V::turn_around(buffer, self.station.address, UDP, length);
                Ok(Answer { length: end, counter: Counter::DatagramAnswered })
            }
        }
    }
}
