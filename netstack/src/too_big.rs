//! Reports that a packet of ours was too large for a link on its way (RFC 1191 §4, RFC 8201 §4).

use crate::counters::Counter;
use crate::frame::{ETHERNET_HEADER, read_u16};
use crate::limits;
use crate::reception::Reception;
use crate::version::{UDP, V4, V6, Version};
use appliance::Appliance;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::ops::Range;

/// Type, code, checksum, four octets more.
const HEADER: usize = 8;

/// The packet that an error quotes, as far as it says whose it was.
struct Quote {
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    /// Its whole length.
    length: usize,
    source_port: u16,
}

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

    /// Anybody may write such a report. What can be told is whether it is of a packet that we could have sent: an answer, from
    /// the address that the report came to and a port that is served, too long for what is said and not for our link.
    fn believe(&mut self, quote: &Quote, own: IpAddr, packet_length: u16) -> Counter {
        let longest = self.station.frame_length - ETHERNET_HEADER;
        let is_ours = quote.source == own && quote.protocol == UDP && self.ports.contains(&quote.source_port);
        if !is_ours || !(usize::from(packet_length) + 1..=longest).contains(&quote.length) {
            return Counter::ErrorReceived;
        }
        self.station.paths.narrow(quote.destination, packet_length, self.now.instant);
        Counter::PathNarrowed
    }
}

impl Quote {
    fn read_ipv4(quote: &[u8]) -> Option<Self> {
        let header = quote.first_chunk::<20>()?;
        let payload = quote.get(usize::from(header[0] & 15) * 4..)?;
        let [s0, s1, s2, s3, d0, d1, d2, d3] = *header[12..].first_chunk()?;
        (header[0] >> 4 == 4 && payload.len() >= 8).then(|| Self {
            source: Ipv4Addr::new(s0, s1, s2, s3).into(),
            destination: Ipv4Addr::new(d0, d1, d2, d3).into(),
            protocol: header[9],
            length: read_u16(header, 2).into(),
            source_port: read_u16(payload, 0),
        })
    }

    fn read_ipv6(quote: &[u8]) -> Option<Self> {
        let (header, payload) = quote.split_first_chunk::<40>()?;
        let (addresses, _) = header[8..].as_chunks::<16>();
        let &[source, destination] = addresses else { return None };
        (header[0] >> 4 == 6 && payload.len() >= 8).then(|| Self {
            source: Ipv6Addr::from(source).into(),
            destination: Ipv6Addr::from(destination).into(),
            protocol: header[6],
            length: 40 + usize::from(read_u16(header, 4)),
            source_port: read_u16(payload, 0),
        })
    }
}
