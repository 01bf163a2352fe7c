//! TCP segments, handed to their connections; and resets for those that have none (RFC 9293 §3.10.7.1).

use crate::counters::Counter;
use crate::frame::{Answer, Frame};
use crate::reception::Reception;
use crate::tcp::Route;
use crate::tcp::arrival::Arrival;
use crate::tcp::connections::Outcome;
use crate::tcp::options::Written;
use crate::tcp::segment::{Flags, Header, Segment, write_checksum};
use crate::tcp::sequence::Sequence;
use crate::tcp::tuple::Tuple;
use crate::version::{MARKED, TCP, Version};
use appliance::Appliance;
use core::net::{IpAddr, SocketAddr};
use core::ops::Range;
use platform::EthernetAddress;

impl<A: Appliance> Reception<'_, A> {
    /// A segment came in a packet to one of our addresses.
    #[inline]
    pub(crate) fn on_segment<V: Version>(
        &mut self,
        frame: Frame<'_>,
        payload: Range<usize>,
    ) -> Result<Answer, Counter> {
        let Frame { buffer, checksum, .. } = frame;
        let segment = Segment::read::<V>(buffer, payload, checksum)?;
        let (source, destination) = V::addresses(buffer);
        let local = SocketAddr::new(destination, segment.destination_port);
        let remote = SocketAddr::new(source, segment.source_port);
        let from = buffer[6..].first_chunk().copied().map(EthernetAddress);
        let arrival = Arrival {
            tuple: Tuple::new(local, remote),
            segment: &segment,
            octets: &buffer[segment.payload.clone()],
            route: Route { link: self.link, station: from },
            has_met_congestion: V::notification(buffer) == MARKED,
        };
        let now = self.now.instant;
        let segment_most = self.station.segment_to(source, now);
        match self.connections.on_segment(&arrival, segment_most, now) {
            Outcome::Silence(counter) => Err(counter),
            Outcome::Answer(header, options, counter) => {
                Ok(self.answer_segment::<V>(buffer, &header, &options, counter))
            }
            Outcome::Reset => self.answer_with_reset::<V>(buffer, &segment),
        }
    }

    #[cold]
    fn answer_with_reset<V: Version>(
        &mut self,
        frame: &mut [u8],
        segment: &Segment,
    ) -> Result<Answer, Counter> {
        if segment.has(Flags::RST) {
            return Err(Counter::SegmentReset);
        }
        self.rates.resets.take(self.now.instant).ok_or(Counter::ResetSuppressed)?;
        // A segment that acknowledges something is reset from there; another is acknowledged whole.
        let (sequence, acknowledgement, flags) = if segment.has(Flags::ACK) {
            (segment.acknowledgement, Sequence(0), Flags::RST)
        } else {
            (Sequence(0), segment.sequence + segment.length(), Flags::RST | Flags::ACK)
        };
        let header = Header {
            source_port: segment.destination_port,
            destination_port: segment.source_port,
            sequence,
            acknowledgement,
            flags,
            window: 0,
        };
        Ok(self.answer_segment::<V>(frame, &header, &Written::new(), Counter::ResetSent))
    }

    /// Writes a segment without data over the one that came.
    fn answer_segment<V: Version>(
        &self,
        frame: &mut [u8],
        header: &Header,
        options: &Written,
        counter: Counter,
    ) -> Answer {
        let length = header.write(&mut frame[V::PAYLOAD..], options);
        V::turn_around(frame, self.station.address, TCP, length);
        write_checksum::<V>(frame, length);
        Answer { length: V::PAYLOAD + length, counter }
    }
}

/// Both ends of the connection that a frame is for, if it looks like an ordinary segment: nothing of it is verified.
#[inline]
pub(crate) fn guess_ends(frame: &[u8]) -> Option<Tuple> {
    const V4: [u8; 3] = [0x08, 0x00, 0x45];
    const V6: [u8; 2] = [0x86, 0xdd];
    let octets = |at: usize| frame.get(at..)?.first_chunk::<4>().copied();
    let (source, destination, ports) = if frame.get(12..)?.starts_with(&V4) && frame.get(23) == Some(&TCP) {
        (IpAddr::from(octets(26)?), IpAddr::from(octets(30)?), octets(34)?)
    } else if frame.get(12..)?.starts_with(&V6) && frame.get(20) == Some(&TCP) {
        let address = |at: usize| frame.get(at..)?.first_chunk::<16>().copied();
        (IpAddr::from(address(22)?), IpAddr::from(address(38)?), octets(54)?)
    } else {
        return None;
    };
    let [from_high, from_low, to_high, to_low] = ports;
    let local = SocketAddr::new(destination, u16::from_be_bytes([to_high, to_low]));
    let remote = SocketAddr::new(source, u16::from_be_bytes([from_high, from_low]));
    Some(Tuple::new(local, remote))
}

#[cfg(test)]
mod tests;
