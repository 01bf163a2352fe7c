//! UDP datagrams (RFC 768), answered where they lie.

use crate::counters::Counter;
use crate::dhcp::{CLIENT_PORT, SERVER_PORT};
use crate::frame::{Answer, ETHERNET_HEADER, Frame};
use crate::reception::Reception;
use crate::version::{ICMPV4, UDP, Version};
use appliance::{Appliance, Datagram, Reply};
use core::net::{IpAddr, SocketAddr};
use core::ops::Range;
use platform::Checksum;

/// Source port, destination port, length, checksum.
pub(crate) const HEADER: usize = 8;

/// A header that was found sound.
pub(crate) struct Header {
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    /// Of the datagram, this header included.
    pub(crate) length: usize,
}

impl Header {
    /// Reads the header of the datagram that is the payload of a packet, and verifies the datagram's checksum unless the
    /// device has.
    #[inline]
    pub(crate) fn read<V: Version>(
        frame: &[u8],
        payload: Range<usize>,
        checksum: Checksum,
    ) -> Result<Self, Counter> {
        let datagram = &frame[payload];
        let Some(header) = datagram.first_chunk::<HEADER>() else { return Err(Counter::DatagramMalformed) };
        let header = u64::from_be_bytes(*header);
        let (source_port, destination_port) = ((header >> 48) as u16, (header >> 32) as u16);
        let (length, is_summed) = (usize::from((header >> 16) as u16), header as u16 != 0);
        if length < HEADER || length > datagram.len() || source_port == 0 {
            return Err(Counter::DatagramMalformed);
        }
        let is_sound = match checksum {
            Checksum::Verified => true,
            // RFC 768: zero means none; over IPv6 there must be one (RFC 8200 §8.1).
            Checksum::Unverified if !is_summed => V::MAY_LACK_UDP_CHECKSUM,
            Checksum::Unverified => {
                V::pseudo_header(frame, UDP, length).bytes(&datagram[..length]).is_valid()
            }
        };
        if is_sound {
            Ok(Self { source_port, destination_port, length })
        } else {
            Err(Counter::DatagramChecksumWrong)
        }
    }

    /// Writes this header in front of the payload of an answer, with its checksum.
    #[inline]
    pub(crate) fn write<V: Version>(&self, frame: &mut [u8]) {
        let Self { source_port, destination_port, length } = *self;
        let header = u64::from(source_port) << 48 | u64::from(destination_port) << 32 | (length as u64) << 16;
        let payload = &frame[V::PAYLOAD + HEADER..V::PAYLOAD + length];
        let sum = V::pseudo_header(frame, UDP, length).word(header).bytes(payload);
        let header = header | u64::from(u16::from_be_bytes(sum.udp_checksum()));
        frame[V::PAYLOAD..V::PAYLOAD + HEADER].copy_from_slice(&header.to_be_bytes());
    }
}

impl<A: Appliance> Reception<'_, A> {
    /// A datagram came in a packet to one of our addresses.
    #[inline]
    pub(crate) fn on_datagram<V: Version>(
        &mut self,
        frame: Frame<'_>,
        payload: Range<usize>,
    ) -> Result<Answer, Counter> {
        let Frame { buffer, checksum, .. } = frame;
        let header = Header::read::<V>(buffer, payload.clone(), checksum)?;
        if !self.ports.contains(&header.destination_port) {
            return self.on_unserved_datagram::<V>(buffer, payload, &header);
        }

        V::settle(buffer, payload);
        let (source, destination) = V::addresses(buffer);
        let mut buffer = buffer;
        if self.station.paths.is_any_narrow(self.now.instant) {
            buffer = self.narrow::<V>(buffer, source, header.length)?;
        }
        let datagram = Datagram {
            source: SocketAddr::new(source, header.source_port),
            destination: SocketAddr::new(destination, header.destination_port),
            buffer: &mut buffer[V::PAYLOAD + HEADER..],
            length: header.length - HEADER,
        };
        let room = datagram.buffer.len();
        let length = match self.appliance.on_datagram(datagram, self.now) {
            Reply::Silence => return Err(Counter::DatagramUnanswered),
            Reply::Send { length } if length > room => return Err(Counter::DatagramAnswerTooLong),
            Reply::Send { length } => HEADER + length,
        };

        let answer =
            Header { source_port: header.destination_port, destination_port: header.source_port, length };
        answer.write::<V>(buffer);
        V::turn_around(buffer, self.station.address, UDP, length);
        Ok(Answer { length: V::PAYLOAD + length, counter: Counter::DatagramAnswered })
    }

    /// As much of a frame's buffer as an answer to `host` may fill.
    #[cold]
    fn narrow<'a, V: Version>(
        &self,
        buffer: &'a mut [u8],
        host: IpAddr,
        question: usize,
    ) -> Result<&'a mut [u8], Counter> {
        let Some(packet_length) = self.station.paths.packet_length(host, self.now.instant) else {
            return Ok(buffer);
        };
        let end = buffer.len().min(ETHERNET_HEADER + usize::from(packet_length));
        // Who asks for more than the path back carries can't be told that an answer is too long.
        if end < V::PAYLOAD + question {
            return Err(Counter::DatagramAnswerTooLong);
        }
        Ok(&mut buffer[..end])
    }

    /// A datagram came to a port that the appliance does not serve.
    #[cold]
    fn on_unserved_datagram<V: Version>(
        &mut self,
        frame: &mut [u8],
        payload: Range<usize>,
        header: &Header,
    ) -> Result<Answer, Counter> {
        let ports = (header.source_port, header.destination_port);
        if V::ICMP == ICMPV4 && ports == (SERVER_PORT, CLIENT_PORT) && self.station.awaits_lease() {
            return self.on_lease_datagram(frame, payload.start + HEADER..payload.start + header.length);
        }
        self.answer_error::<V>(frame, payload.end, V::PORT_UNREACHABLE)
    }
}
