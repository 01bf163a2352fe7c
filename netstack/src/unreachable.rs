//! Reports that a host or a port can't be reached (RFC 792, RFC 4443 §3.1, RFC 9293 §3.9.2.2).

use crate::counters::Counter;
use crate::quote::Quote;
use crate::reception::Reception;
use crate::version::{TCP, V4, V6, Version};
use appliance::Appliance;
use core::net::IpAddr;
use core::ops::Range;

/// Type, code, checksum, four octets more.
const HEADER: usize = 8;

impl<A: Appliance> Reception<'_, A> {
    /// "Destination unreachable" came over IPv4.
    pub(crate) fn on_ipv4_unreachable(&mut self, frame: &[u8], message: Range<usize>) -> Counter {
        const PROTOCOL_UNREACHABLE: u8 = 2;
        const PORT_UNREACHABLE: u8 = 3;
        let message = &frame[message];
        // RFC 9293 §3.9.2.2 (MUST-56): other codes may pass, and end nothing.
        if matches!(message[1], PROTOCOL_UNREACHABLE | PORT_UNREACHABLE) {
            self.on_hard_error(Quote::read_ipv4(&message[HEADER..]), V4::addresses(frame).1);
        }
        Counter::ErrorReceived
    }

    /// "Destination unreachable" came over IPv6.
    pub(crate) fn on_ipv6_unreachable(&mut self, frame: &[u8], message: Range<usize>) -> Counter {
        const PROHIBITED: u8 = 1;
        const PORT_UNREACHABLE: u8 = 4;
        let message = &frame[message];
        if matches!(message[1], PROHIBITED | PORT_UNREACHABLE) {
            self.on_hard_error(Quote::read_ipv6(&message[HEADER..]), V6::addresses(frame).1);
        }
        Counter::ErrorReceived
    }

    /// What is about a segment of ours is passed to its connection.
    fn on_hard_error(&mut self, quote: Option<Quote>, own: IpAddr) {
        if let Some(quote) = quote.filter(|quote| quote.source == own && quote.protocol == TCP) {
            self.connections.on_unreachable(&quote.tuple(), quote.sequence);
        }
    }
}
