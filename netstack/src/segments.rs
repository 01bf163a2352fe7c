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
use core::net::SocketAddr;
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
