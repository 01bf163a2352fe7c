//! What a server is told (RFC 2131 §4.4, table 5).

use super::message::{COOKIE, ETHERNET, HEADER, option};
use crate::datagrams;
use crate::frame::{BROADCAST, IPV4, write_ethernet};
use crate::version::{UDP, V4, Version};
use platform::EthernetAddress;

pub(crate) const CLIENT_PORT: u16 = 68;
pub(crate) const SERVER_PORT: u16 = 67;

const REQUEST: u8 = 1;
/// Where the message begins in a frame.
const MESSAGE: usize = V4::PAYLOAD + datagrams::HEADER;
/// RFC 1542 §2.1: no message is shorter than 300 octets, and ours need no more.
const LENGTH: usize = 300;
/// The longest frame with a message.
pub(crate) const FRAME: usize = MESSAGE + LENGTH;

/// What kind of message a client sends (RFC 2132 §9.6).
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Discover = 1,
    Request = 3,
    Decline = 4,
}

/// A message to a server.
#[derive(Clone, Copy)]
pub(super) struct Request {
    pub(super) kind: Kind,
    pub(super) exchange: u32,
    /// For how long we have been at it.
    pub(super) seconds: u16,
    /// The address that we have: `ciaddr`.
    pub(super) own: Option<u32>,
    /// The address that we would like.
    pub(super) wanted: Option<u32>,
    /// Whose offer we speak of.
    pub(super) server: Option<u32>,
    /// The one server that is to hear it and the way there, if not all.
    pub(super) to: Option<(u32, EthernetAddress)>,
}

impl Request {
    /// Writes the frame; returns its length.
    ///
    /// There is no client identifier, and the flag that asks for broadcasts is not set: a server knows us by our hardware
    /// address and can reach us by it (docs/decisions/0007-leased-addresses.md).
    pub(super) fn write(self, frame: &mut [u8], station: EthernetAddress) -> usize {
        let (server, to) = self.to.unwrap_or((u32::MAX, BROADCAST));
        let own = self.own.unwrap_or(0);

        let message = &mut frame[MESSAGE..FRAME];
        message.fill(0);
        message[0] = REQUEST;
        message[1..3].copy_from_slice(&ETHERNET);
        message[4..8].copy_from_slice(&self.exchange.to_be_bytes());
        message[8..10].copy_from_slice(&self.seconds.to_be_bytes());
        message[12..16].copy_from_slice(&own.to_be_bytes());
        message[28..34].copy_from_slice(&station.0);
        message[HEADER - 4..HEADER].copy_from_slice(&COOKIE);
        self.write_options(&mut message[HEADER..]);

        // As if a packet had come from there, and were answered.
        write_ethernet(frame, station, to, IPV4);
        frame[26..30].copy_from_slice(&server.to_be_bytes());
        frame[30..34].copy_from_slice(&own.to_be_bytes());
        let length = datagrams::HEADER + LENGTH;
        datagrams::Header { source_port: CLIENT_PORT, destination_port: SERVER_PORT, length }
            .write::<V4>(frame);
        V4::turn_around(frame, station, UDP, length);
        FRAME
    }

    fn write_options(self, room: &mut [u8]) {
        const PARAMETERS: [u8; 7] = [
            option::PARAMETERS,
            5,
            option::SUBNET_MASK,
            option::ROUTER,
            option::INTERFACE_MTU,
            option::RENEWAL_TIME,
            option::REBINDING_TIME,
        ];
        let mut at = 0;
        let mut write = |octets: &[u8]| {
            room[at..at + octets.len()].copy_from_slice(octets);
            at += octets.len();
        };
        write(&[option::MESSAGE_TYPE, 1, self.kind as u8]);
        for (code, address) in [(option::REQUESTED_ADDRESS, self.wanted), (option::SERVER, self.server)] {
            if let Some(address) = address {
                write(&[code, 4]);
                write(&address.to_be_bytes());
            }
        }
        // RFC 2131 §4.4.1, table 5: who declines asks for nothing.
        if !matches!(self.kind, Kind::Decline) {
            write(&PARAMETERS);
        }
        write(&[option::END]);
    }
}
