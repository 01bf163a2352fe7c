//! ICMP and ICMPv6 messages that come to us (RFC 792, RFC 4443).

use crate::checksum::Sum;
use crate::counters::Counter;
use crate::extensions::Upper;
use crate::frame::{Answer, Frame};
use crate::ipv6::Destination;
use crate::reception::Reception;
use crate::version::{V4, V6, Version};
use appliance::Appliance;
use core::ops::Range;

impl<A: Appliance> Reception<'_, A> {
    /// An ICMP message came to one of our addresses.
    #[cold]
    pub(crate) fn on_icmpv4_message(
        &mut self,
        frame: Frame<'_>,
        payload: Range<usize>,
    ) -> Result<Answer, Counter> {
        const ECHO_REPLY: u8 = 0;
        const ECHO: u8 = 8;
        const UNREACHABLE: u8 = 3;
        const FRAGMENTATION_NEEDED: u8 = 4;
        let message = &frame.buffer[payload.clone()];
        let &[kind, code, _, _, _, _, _, _, ..] = message else { return Err(Counter::IcmpMalformed) };
        if !Sum::ZERO.bytes(message).is_valid() {
            return Err(Counter::IcmpChecksumWrong);
        }
        match kind {
            ECHO => Ok(self.answer_echo::<V4>(frame, payload, ECHO_REPLY)),
            UNREACHABLE if code == FRAGMENTATION_NEEDED => {
                Err(self.on_fragmentation_needed(frame.buffer, payload))
            }
            UNREACHABLE => Err(self.on_ipv4_unreachable(frame.buffer, payload)),
            // Source quench, redirect, time exceeded, parameter problem.
            4 | 5 | 11 | 12 => Err(Counter::ErrorReceived),
            _ => Err(Counter::IcmpIgnored),
        }
    }

    /// An ICMPv6 message came to one of our addresses or groups.
    #[cold]
    pub(crate) fn on_icmpv6_message(
        &mut self,
        frame: Frame<'_>,
        upper: Upper,
        destination: Destination,
    ) -> Result<Answer, Counter> {
        const UNREACHABLE: u8 = 1;
        const PACKET_TOO_BIG: u8 = 2;
        const ECHO: u8 = 128;
        const ECHO_REPLY: u8 = 129;
        const LISTENER_QUERY: u8 = 130;
        const ROUTER_ADVERTISEMENT: u8 = 134;
        const NEIGHBOUR_SOLICITATION: u8 = 135;
        const NEIGHBOUR_ADVERTISEMENT: u8 = 136;
        let payload = upper.payload;
        let message = &frame.buffer[payload.clone()];
        let &[kind, _, _, _, _, _, _, _, ..] = message else { return Err(Counter::IcmpMalformed) };
        if !V6::icmp_pseudo_header(frame.buffer, message.len()).bytes(message).is_valid() {
            return Err(Counter::IcmpChecksumWrong);
        }
        match kind {
            ROUTER_ADVERTISEMENT => self.on_router_advertisement(frame.buffer, payload),
            NEIGHBOUR_SOLICITATION => self.on_neighbour_solicitation(frame.buffer, payload),
            NEIGHBOUR_ADVERTISEMENT => self.on_neighbour_advertisement(frame.buffer, payload),
            LISTENER_QUERY if upper.is_alert => self.on_listener_query(frame.buffer, payload),
            LISTENER_QUERY => Err(Counter::ListenerIgnored),
            ECHO if destination == Destination::Own => Ok(self.answer_echo::<V6>(frame, payload, ECHO_REPLY)),
            // RFC 4443 §4.2 leaves it open whether an echo request to a group is answered.
            ECHO => Err(Counter::PacketToMany),
            UNREACHABLE => Err(self.on_ipv6_unreachable(frame.buffer, payload)),
            PACKET_TOO_BIG => Err(self.on_packet_too_big(frame.buffer, payload)),
            0..128 => Err(Counter::ErrorReceived),
            _ => Err(Counter::IcmpIgnored),
        }
    }

    /// Sends an echo request back as its reply.
    ///
    /// The checksum is not adjusted (RFC 1624) but summed again: of a message of zeros the adjusted one would be wrong.
    fn answer_echo<V: Version>(&mut self, frame: Frame<'_>, payload: Range<usize>, reply: u8) -> Answer {
        let buffer = frame.buffer;
        let message = V::settle(buffer, payload);
        buffer[message.start] = reply;
        buffer[message.start + 2..message.start + 4].fill(0);
        let sum = V::icmp_pseudo_header(buffer, message.len()).bytes(&buffer[message.clone()]);
        buffer[message.start + 2..message.start + 4].copy_from_slice(&sum.checksum());
        V::turn_around(buffer, self.station.address, V::ICMP, message.len());
        Answer { length: message.end, counter: Counter::EchoAnswered }
    }
}
