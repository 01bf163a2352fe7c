//! Reports that a packet of ours was too large for a link on its way (RFC 1191 §4, RFC 8201 §4).

use crate::counters::Counter;
use crate::frame::{ETHERNET_HEADER, read_u16};
use crate::limits;
use crate::quote::Quote;
use crate::reception::Reception;
use crate::version::{TCP, UDP, V4, V6, Version};
use appliance::Appliance;
use core::net::IpAddr;
use core::ops::Range;

/// Type, code, checksum, four octets more.
const HEADER: usize = 8;

impl<A: Appliance> Reception<'_, A> {
    /// "Fragmentation needed" came.
    pub(crate) fn on_fragmentation_needed(&mut self, frame: &[u8], message: Range<usize>) -> Counter {
        let message = &frame[message];
        // RFC 1191 §5: a router that does not say how long a packet may be leaves it to a guess.
        let packet_length = read_u16(message, 6).max(limits::IPV4_PATH);
        let is_of = V4::addresses(frame).1;
        match Quote::read_ipv4(&message[HEADER..]) {
            Some(quote) => self.believe(&quote, is_of, packet_length),
            None => Counter::ErrorReceived,
        }
    }

    /// "Packet too big" came.
    pub(crate) fn on_packet_too_big(&mut self, frame: &[u8], message: Range<usize>) -> Counter {
        let message = &frame[message];
        let (high, low) = (read_u16(message, 4), read_u16(message, 6));
        let packet_length = if high == 0 { low } else { u16::MAX };
        let is_of = V6::addresses(frame).1;
        match Quote::read_ipv6(&message[HEADER..]) {
            // RFC 8201 §4: every link carries 1280 octets.
            Some(quote) if usize::from(packet_length) >= limits::IPV6_PACKET_LENGTH => {
                self.believe(&quote, is_of, packet_length)
            }
            _ => Counter::ErrorReceived,
        }
    }

    /// Anybody may write such a report. What can be told is whether it is of a packet that we could have sent, from the address
    /// that the report came to, too long for what is said and not for our link: an answer from a port that is served, or a
    /// segment that is on its way.
    fn believe(&mut self, quote: &Quote, own: IpAddr, packet_length: u16) -> Counter {
        let longest = self.station.frame_length - ETHERNET_HEADER;
        let is_sayable = (usize::from(packet_length) + 1..=longest).contains(&quote.length);
        let is_ours = match quote.protocol {
            UDP => self.ports.contains(&quote.source_port),
            TCP => self.connections.has_sent(&quote.tuple(), quote.sequence),
            _ => false,
        };
        if quote.source != own || !is_sayable || !is_ours {
            return Counter::ErrorReceived;
        }
        let now = self.now.instant;
        self.station.paths.narrow(quote.destination, packet_length, now);
        if quote.protocol == TCP {
            let segment_most = self.station.segment_to(quote.destination, now);
            self.connections.on_too_long(&quote.tuple(), segment_most);
        }
        Counter::PathNarrowed
    }
}
