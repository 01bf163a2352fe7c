//! IPv4 packets (RFC 791, RFC 1122 §3.2.1).

use crate::checksum::Sum;
use crate::counters::Counter;
use crate::errors::Problem;
use crate::frame::{Answer, ETHERNET_HEADER, Frame, read_u16};
use crate::reception::Reception;
use crate::version::{ICMPV4, TCP, UDP, V4, Version, ipv4_addresses};
use appliance::Appliance;
use core::ops::Range;

/// More fragments, and the fragment's offset.
const FRAGMENT: u16 = 0x3fff;

impl<A: Appliance> Reception<'_, A> {
    /// An IPv4 packet came in a frame to our own hardware address.
    #[inline]
    pub(crate) fn on_ipv4_packet(&mut self, frame: Frame<'_>) -> Result<Answer, Counter> {
        let payload = read_header(&frame)?;
        if let Err(counter) = self.check_ipv4_addresses(frame.buffer) {
            return self.on_ipv4_packet_to_others(&frame, payload, counter);
        }
        if !is_whole(frame.buffer) {
            return Err(Counter::PacketFragment);
        }
        if payload.start != V4::PAYLOAD {
            check_options(&frame.buffer[V4::PAYLOAD..payload.start])?;
        }
        match frame.buffer[23] {
            UDP => self.on_datagram::<V4>(frame, payload),
            TCP => self.on_segment::<V4>(frame, payload),
            ICMPV4 => self.on_icmpv4_message(frame, payload),
            _ => self.answer_error::<V4>(frame.buffer, payload.end, Problem::PROTOCOL_UNREACHABLE),
        }
    }

    /// An IPv4 packet came in a frame that many receive: nothing in it is answered (RFC 1122 §3.3.6, §3.2.2).
    #[cold]
    pub(crate) fn on_ipv4_packet_to_many(&mut self, frame: &Frame<'_>) -> Result<Answer, Counter> {
        if !self.station.awaits_lease() {
            return Err(Counter::PacketToMany);
        }
        let payload = read_header(frame)?;
        self.on_ipv4_packet_to_others(frame, payload, Counter::PacketToMany)
    }

    /// A packet must come to one of our addresses on this link (RFC 1122 §3.3.4.2, the strong model) from one that could be
    /// answered (RFC 1122 §3.2.1.3, RFC 1812 §5.3.7).
    #[inline]
    fn check_ipv4_addresses(&self, frame: &[u8]) -> Result<(), Counter> {
        let (source, destination) = ipv4_addresses(frame);
        let station = &*self.station;
        if !station.ipv4.contains(&destination) {
            let is_shared = destination >= 0xe000_0000 || station.is_broadcast(destination);
            return Err(if is_shared { Counter::PacketToMany } else { Counter::PacketToOthers });
        }
        // This network, loopback, and from 224.0.0.0 on: groups, reserved addresses and broadcast.
        let network = source >> 24;
        if network == 0
            || network == 127
            || network >= 224
            || station.is_broadcast(source)
            || station.ipv4.contains(&source)
        {
            return Err(Counter::PacketFromNobody);
        }
        Ok(())
    }
}

/// Where the payload of a packet lies whose header is sound.
#[inline]
fn read_header(frame: &Frame<'_>) -> Result<Range<usize>, Counter> {
    if frame.length < V4::PAYLOAD {
        return Err(Counter::FrameTruncated);
    }
    let header_length = usize::from(frame.buffer[ETHERNET_HEADER] & 0x0f) * 4;
    let total_length = usize::from(read_u16(frame.buffer, 16));
    let (start, end) = (ETHERNET_HEADER + header_length, ETHERNET_HEADER + total_length);
    if frame.buffer[ETHERNET_HEADER] >> 4 != 4 || start < V4::PAYLOAD || end < start {
        return Err(Counter::PacketMalformed);
    }
    if end > frame.length {
        return Err(Counter::FrameTruncated);
    }
    if !Sum::ZERO.bytes(&frame.buffer[ETHERNET_HEADER..start]).is_valid() {
        return Err(Counter::PacketChecksumWrong);
    }
    Ok(start..end)
}

/// Whether a packet is no fragment.
#[inline]
pub(crate) fn is_whole(frame: &[u8]) -> bool {
    read_u16(frame, 20) & FRAGMENT == 0
}

/// Options are passed over, but a source route is refused (RFC 7126 §4.3, §4.4).
#[cold]
fn check_options(mut options: &[u8]) -> Result<(), Counter> {
    const END: u8 = 0;
    const NO_OPERATION: u8 = 1;
    const LOOSE_SOURCE_ROUTE: u8 = 131;
    const STRICT_SOURCE_ROUTE: u8 = 137;
    loop {
        options = match *options {
            [] | [END, ..] => return Ok(()),
            [NO_OPERATION, ref rest @ ..] => rest,
            [LOOSE_SOURCE_ROUTE | STRICT_SOURCE_ROUTE, ..] => return Err(Counter::PacketSourceRouted),
            [_, length, ..] if length >= 2 => {
                options.get(usize::from(length)..).ok_or(Counter::PacketMalformed)?
            }
            [_, ..] => return Err(Counter::PacketMalformed),
        }
    }
}
