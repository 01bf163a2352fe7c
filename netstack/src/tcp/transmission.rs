//! Segments into frames, and frames onto links.

use crate::station::Station;
use crate::tcp::connection::Connection;
use crate::tcp::connections::Connections;
use crate::tcp::counters::{Count, Counts};
use crate::tcp::limits;
use crate::tcp::memory::Memory;
use crate::tcp::plan::{Planned, Purpose};
use crate::tcp::rows::List;
use crate::tcp::segment::{write_checksum, write_partial_checksum};
use crate::tcp::send::Piece;
use crate::version::{Envelope, MARKABLE, TCP, V4, V6, Version};
use appliance::Bytes;
use moment::Instant;
use platform::{EthernetAddress, Link, Offload, OutgoingFrame, Segmentation, Work};

/// A link has no buffer to send from.
struct Exhausted;

impl Connections {
    /// Sends what may be sent, of as many connections as one turn sees to.
    #[inline]
    pub(crate) fn send<L: Link>(&mut self, links: &mut [L], stations: &mut [Station], now: Instant) {
        let mut exhausted = 0_u64;
        for _ in 0..limits::STREAMS_PER_TURN {
            let Some(number) = self.rows.pop(List::Sending) else { return };
            let sent = self.send_for(number, links, stations, now);
            // Its timers do not wait for a buffer.
            self.settle(number, now);
            if sent.is_err() {
                self.counts.add(Count::NoBuffer);
                self.rows.push(List::Sending, number);
                exhausted |=
                    self.connections.get(number).map_or(0, |connection| 1 << (connection.route.link % 64));
                // Others may be sent for over other links.
                if exhausted.count_ones() as usize >= links.len() {
                    return;
                }
            }
        }
    }

    #[inline]
    fn send_for<L: Link>(
        &mut self,
        number: u32,
        links: &mut [L],
        stations: &mut [Station],
        now: Instant,
    ) -> Result<(), Exhausted> {
        let Some(connection) = self.connections.get_mut(number) else { return Ok(()) };
        let index = usize::from(connection.route.link);
        let (Some(link), Some(station)) = (links.get_mut(index), stations.get_mut(index)) else {
            return Ok(());
        };
        if connection.route.station.is_none() {
            connection.find_station(station, now);
        }
        let Some(to) = connection.route.station else {
            self.rows.push(List::Awaiting, number);
            return Ok(());
        };
        let stack = (&mut self.memory, &mut self.counts);
        if connection.tuple.is_v4() {
            connection.send::<V4, L>(link, (to, station.address), stack, now)
        } else {
            connection.send::<V6, L>(link, (to, station.address), stack, now)
        }
    }
}

impl Connection {
    /// Sends segment by segment what may be sent.
    #[inline]
    fn send<V: Version, L: Link>(
        &mut self,
        link: &mut L,
        (to, from): (EthernetAddress, EthernetAddress),
        (memory, counts): (&mut Memory, &mut Counts),
        now: Instant,
    ) -> Result<(), Exhausted> {
        let offload = link.offload();
        let notification = if self.notification.is_agreed { MARKABLE } else { 0 };
        let long = if V::is_cut(offload) { limits::LONG_PAYLOAD } else { 0 };
        let (source, destination) = (self.tuple.local, self.tuple.remote);
        self.paced_until = None;
        loop {
            // First the buffer: what is planned is promised.
            let mut frame = link.transmit().ok_or(Exhausted)?;
            let Some(mut planned) = self.next_segment(long, memory, now) else { return Ok(()) };
            // Beside blocks that are acknowledged selectively a segment has less room than was planned with.
            if long == 0 {
                planned.shorten();
            }
            let notification = if planned.is_markable() { notification } else { 0 };
            let envelope = Envelope { to, from, source, destination, notification };
            let rest = if offload.checksum { self.lent(&planned, memory) } else { None };
            if rest.is_none() && planned.length > planned.segment.into() {
                drop(frame);
                // Where all long buffers are on their way, a short one has to do.
                let is_long = link.transmit_long().is_some();
                if !is_long {
                    planned.shorten();
                }
                let again = if is_long { link.transmit_long() } else { link.transmit() };
                frame = again.ok_or(Exhausted)?;
            }
            let written = Written { planned: &planned, rest, offload };
            self.write::<V>(frame, &envelope, written, memory);
            counts.add(Count::SegmentSent);
            counts.add_many(Count::OctetsSent, planned.length.into());
            if planned.purpose == Purpose::Repetition {
                counts.add(Count::Repeated);
            }
            self.on_sent(&planned, memory, now);
        }
    }

    /// The data of a segment, if all of it lies in one lent region and is worth a descriptor.
    #[inline]
    fn lent(&self, planned: &Planned, memory: &Memory) -> Option<Bytes> {
        if planned.length < limits::COPIED {
            return None;
        }
        match self.flight.as_ref()?.queue.piece(planned.header.sequence, planned.length as usize, memory)? {
            Piece::Lent(region) if region.len() == planned.length as usize => Some(region),
            Piece::Lent(_) | Piece::Own(_) => None,
        }
    }

    /// Writes a segment into a frame and hands it to the link.
    #[inline]
    fn write<V: Version>(
        &self,
        mut frame: impl OutgoingFrame,
        envelope: &Envelope,
        Written { planned, rest, offload }: Written<'_>,
        memory: &Memory,
    ) {
        let buffer = frame.buffer();
        let data = planned.length as usize;
        let header = planned.header.write(&mut buffer[V::PAYLOAD..], &planned.options);
        let (headers, length) = (V::PAYLOAD + header, header + data);
        V::write(buffer, envelope, TCP, length);
        if rest.is_none()
            && let Some(flight) = &self.flight
        {
            flight.queue.copy(planned.header.sequence, &mut buffer[headers..headers + data], memory);
        }
        if !offload.checksum {
            write_checksum::<V>(buffer, length);
            return frame.send(headers + data);
        }
        write_partial_checksum::<V>(buffer, length);
        let segmentation = (planned.length > planned.segment.into()).then_some(Segmentation {
            headers: headers as u16,
            payload: planned.segment,
            is_v6: V::IS_V6,
            has_cwr: planned.header.flags.has(crate::tcp::segment::Flags::CWR),
        });
        let own = if rest.is_some() { headers } else { headers + data };
        frame.send_unfinished(own, rest, Work { transport: V::PAYLOAD as u16, segmentation });
    }
}

/// What a frame is made of.
struct Written<'a> {
    planned: &'a Planned,
    rest: Option<Bytes>,
    offload: Offload,
}
