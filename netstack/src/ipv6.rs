//! IPv6 packets (RFC 8200).

use crate::counters::Counter;
use crate::errors::Problem;
use crate::extensions::Upper;
use crate::frame::{Answer, ETHERNET_HEADER, Frame, is_group, read_u16};
use crate::reception::Reception;
use crate::version::{ICMPV6, TCP, UDP, V6, Version, ipv6_addresses};
use appliance::Appliance;
use core::ops::Range;

/// RFC 8200 §4.7.
const NO_NEXT_HEADER: u8 = 59;
/// The address of somebody who has none yet.
pub(crate) const UNSPECIFIED: u128 = 0;

/// Whom a packet was sent to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// An address of ours.
    Own,
    /// A group that we listen to.
    Group,
}

impl<A: Appliance> Reception<'_, A> {
    /// An IPv6 packet came, to our own hardware address or to a group's.
    #[inline]
    pub(crate) fn on_ipv6_packet(&mut self, frame: Frame<'_>) -> Result<Answer, Counter> {
        if frame.length < V6::PAYLOAD {
            return Err(Counter::FrameTruncated);
        }
        if frame.buffer[ETHERNET_HEADER] >> 4 != 6 {
            return Err(Counter::PacketMalformed);
        }
        let payload = V6::PAYLOAD..V6::PAYLOAD + usize::from(read_u16(frame.buffer, 18));
        if payload.end > frame.length {
            return Err(Counter::FrameTruncated);
        }
        match self.check_ipv6_addresses(frame.buffer)? {
            Destination::Own if frame.buffer[20] == UDP => self.on_datagram::<V6>(frame, payload),
            destination @ (Destination::Own | Destination::Group) => {
                self.on_extended_packet(frame, payload, destination)
            }
        }
    }

    /// A packet must come to one of our addresses or groups on this link (RFC 1122 §3.3.4.2, the strong model) from one that
    /// could be answered (RFC 4291 §2.5.2, §2.5.3, §2.7).
    #[inline]
    fn check_ipv6_addresses(&self, frame: &[u8]) -> Result<Destination, Counter> {
        let (source, destination) = ipv6_addresses(frame);
        let own = &self.station.ipv6;
        // Nobody sends from a group, nor from ::/64, where loopback and the mapped IPv4 addresses are.
        let is_nobody = source >> 120 == 0xff || source >> 64 == 0;
        if own.contains(&destination) {
            match (is_nobody || own.contains(&source), is_group_frame(frame)) {
                (false, false) => Ok(Destination::Own),
                (true, _) => Err(Counter::PacketFromNobody),
                (false, true) => Err(Counter::PacketToMany),
            }
        } else if !self.station.is_member(destination) {
            Err(Counter::PacketToOthers)
        } else if is_nobody && source != UNSPECIFIED {
            Err(Counter::PacketFromNobody)
        // Who has an address of ours defends it from there (RFC 4861 §7.2.4): that is for neighbour discovery to find out.
        } else {
            Ok(Destination::Group)
        }
    }

    #[cold]
    fn on_extended_packet(
        &mut self,
        frame: Frame<'_>,
        payload: Range<usize>,
        destination: Destination,
    ) -> Result<Answer, Counter> {
        let end = payload.end;
        let upper = Upper::find(frame.buffer, payload)?;
        let problem = match (upper.problem, upper.protocol) {
            // RFC 4443 §2.4(e.1): an error is not answered with one.
            (Some(_), ICMPV6) if is_error(&frame.buffer[upper.payload.clone()]) => {
                return Err(Counter::ErrorReceived);
            }
            (Some(problem), _) => problem,
            (None, ICMPV6) => return self.on_icmpv6_message(frame, upper, destination),
            (None, NO_NEXT_HEADER) => return Err(Counter::PacketEmpty),
            (None, UDP | TCP) if destination == Destination::Group => return Err(Counter::PacketToMany),
            (None, UDP) => return self.on_datagram::<V6>(frame, upper.payload),
            (None, TCP) => return self.on_segment::<V6>(frame, upper.payload),
            (None, _) => Problem::unrecognised_next_header(upper.protocol_at),
        };
        match destination {
            Destination::Own => self.answer_error::<V6>(frame.buffer, end, problem),
            // RFC 4443 §2.4(e.3) would have unrecognised options reported even to groups; amplifiers are worse.
            Destination::Group => Err(Counter::ErrorSuppressed),
        }
    }
}

/// Whether the frame itself was sent to many.
fn is_group_frame(frame: &[u8]) -> bool {
    frame.first_chunk().is_some_and(|destination| is_group(*destination))
}

/// Whether an ICMPv6 message is an error (RFC 4443 §2.1), or too short to tell.
fn is_error(message: &[u8]) -> bool {
    message.first().is_none_or(|kind| *kind < 128)
}
