//! The extension headers of an IPv6 packet (RFC 8200 §4).

use crate::counters::Counter;
use crate::errors::Problem;
use crate::frame::ETHERNET_HEADER;
use crate::limits;
use core::ops::Range;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION: u8 = 60;

/// The upper-layer header of a packet.
pub(crate) struct Upper {
    pub(crate) protocol: u8,
    /// Where the protocol is named, from the start of the packet: what an error points at.
    pub(crate) protocol_at: usize,
    /// Where it lies in the frame, with all that it carries.
    pub(crate) payload: Range<usize>,
    /// Whether routers were to look at the packet (RFC 2711).
    pub(crate) is_alert: bool,
    /// What an extension header obliges us to complain of.
    pub(crate) problem: Option<Problem>,
}

impl Upper {
    /// Walks the extension headers of a packet whose own header was found sound.
    pub(crate) fn find(frame: &[u8], payload: Range<usize>) -> Result<Self, Counter> {
        let mut upper = Self {
            protocol: frame[20],
            protocol_at: 20 - ETHERNET_HEADER,
            payload,
            is_alert: false,
            problem: None,
        };
        for count in 0..=limits::EXTENSION_HEADERS {
            // RFC 8200 §4.1: hop-by-hop options stand first or nowhere; elsewhere they are no header that we know.
            let is_extension = match upper.protocol {
                HOP_BY_HOP => count == 0,
                ROUTING | FRAGMENT | DESTINATION => true,
                _ => false,
            };
            if !is_extension {
                return Ok(upper);
            }
            upper.pass(frame)?;
        }
        Err(Counter::PacketExtension)
    }

    /// Passes over the extension header at `start`.
    fn pass(&mut self, frame: &[u8]) -> Result<(), Counter> {
        let rest = &frame[self.payload.clone()];
        let &[next, length, ..] = rest else { return Err(Counter::PacketMalformed) };
        let length = match self.protocol {
            FRAGMENT => 8,
            _ => (usize::from(length) + 1) * 8,
        };
        let header = rest.get(..length).ok_or(Counter::PacketMalformed)?;
        match self.protocol {
            FRAGMENT => check_fragment(header)?,
            ROUTING => self.check_route(header),
            _ => self.check_options(header)?,
        }
        self.protocol = next;
        self.protocol_at = self.payload.start - ETHERNET_HEADER;
        self.payload.start += length;
        Ok(())
    }

    /// RFC 8200 §4.4, RFC 5095: a route that has ended is passed over, another is refused, whatever its type.
    fn check_route(&mut self, header: &[u8]) {
        let (routing_type_at, segments_left) = (2, header[3]);
        if segments_left != 0 {
            let pointer = self.payload.start + routing_type_at - ETHERNET_HEADER;
            self.problem.get_or_insert(Problem::erroneous_field(pointer));
        }
    }

    /// RFC 8200 §4.2.
    fn check_options(&mut self, header: &[u8]) -> Result<(), Counter> {
        const PAD_1: u8 = 0;
        const PAD_N: u8 = 1;
        const ROUTER_ALERT: u8 = 5;
        let mut at = 2;
        for _ in 0..limits::EXTENSION_OPTIONS {
            let length = match header[at..] {
                [] => return Ok(()),
                [PAD_1, ..] => 1,
                [kind, length, ..] => {
                    match kind {
                        PAD_N => {}
                        ROUTER_ALERT => self.is_alert = true,
                        _ => self.on_unrecognised_option(kind, at)?,
                    }
                    2 + usize::from(length)
                }
                [_] => return Err(Counter::PacketMalformed),
            };
            at += length;
            if at > header.len() {
                return Err(Counter::PacketMalformed);
            }
        }
        if at == header.len() { Ok(()) } else { Err(Counter::PacketExtension) }
    }

    /// The two highest bits of an option's type say what to do with a packet whose option is not known.
    fn on_unrecognised_option(&mut self, kind: u8, at: usize) -> Result<(), Counter> {
        match kind >> 6 {
            0b00 => Ok(()),
            0b01 => Err(Counter::PacketExtension),
            // To report always (10), or unless sent to a group (11); we report to no group at all.
            _ => {
                let pointer = self.payload.start + at - ETHERNET_HEADER;
                self.problem.get_or_insert(Problem::unrecognised_option(pointer));
                Ok(())
            }
        }
    }
}

/// Fragments are refused by policy; a packet that is its own only fragment is whole (RFC 6946 §4).
fn check_fragment(header: &[u8]) -> Result<(), Counter> {
    const OFFSET_AND_MORE: u16 = 0xfff9;
    if u16::from_be_bytes([header[2], header[3]]) & OFFSET_AND_MORE == 0 {
        Ok(())
    } else {
        Err(Counter::PacketFragment)
    }
}
