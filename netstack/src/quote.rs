//! The packet that an ICMP or ICMPv6 error is about, as far as the error quotes it (RFC 792, RFC 4443 §3).

use crate::frame::read_u16;
use crate::tcp::sequence::Sequence;
use crate::tcp::tuple::Tuple;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The packet that an error quotes, as far as it says whose it was.
pub(crate) struct Quote {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) protocol: u8,
    /// Its whole length.
    pub(crate) length: usize,
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    /// Of a segment: the number of its first octet.
    pub(crate) sequence: Sequence,
}

impl Quote {
    pub(crate) fn read_ipv4(quote: &[u8]) -> Option<Self> {
        let header = quote.first_chunk::<20>()?;
        let payload = quote.get(usize::from(header[0] & 15) * 4..)?;
        let [s0, s1, s2, s3, d0, d1, d2, d3] = *header[12..].first_chunk()?;
        (header[0] >> 4 == 4 && payload.len() >= 8).then(|| Self {
            source: Ipv4Addr::new(s0, s1, s2, s3).into(),
            destination: Ipv4Addr::new(d0, d1, d2, d3).into(),
            protocol: header[9],
            length: read_u16(header, 2).into(),
            source_port: read_u16(payload, 0),
            destination_port: read_u16(payload, 2),
            sequence: read_sequence(payload),
        })
    }

    pub(crate) fn read_ipv6(quote: &[u8]) -> Option<Self> {
        let (header, payload) = quote.split_first_chunk::<40>()?;
        let (addresses, _) = header[8..].as_chunks::<16>();
        let &[source, destination] = addresses else { return None };
        (header[0] >> 4 == 6 && payload.len() >= 8).then(|| Self {
            source: Ipv6Addr::from(source).into(),
            destination: Ipv6Addr::from(destination).into(),
            protocol: header[6],
            length: 40 + usize::from(read_u16(header, 4)),
            source_port: read_u16(payload, 0),
            destination_port: read_u16(payload, 2),
            sequence: read_sequence(payload),
        })
    }

    /// Both ends of the connection that a segment belongs to.
    pub(crate) fn tuple(&self) -> Tuple {
        let local = SocketAddr::new(self.source, self.source_port);
        Tuple::new(local, SocketAddr::new(self.destination, self.destination_port))
    }
}

/// What follows the ports.
fn read_sequence(segment: &[u8]) -> Sequence {
    Sequence(u32::from(read_u16(segment, 4)) << 16 | u32::from(read_u16(segment, 6)))
}
