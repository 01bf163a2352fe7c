//! The least machine there can be: one link on which nothing ever comes.

use core::fmt;
use moment::{Instant, Moment};
use platform::{Checksum, EthernetAddress, Link, OutgoingFrame, Platform, ReceivedFrame};

/// The largest frame: an MTU of 1500 octets and an Ethernet header.
pub(crate) const FRAME: usize = 1514;

pub(crate) struct Machine([Silent; 1]);

impl Default for Machine {
    fn default() -> Self {
        Self([Silent])
    }
}

pub(crate) struct Silent;

/// There is none.
pub(crate) enum Nothing {}

impl ReceivedFrame for Nothing {
    fn bytes(&self) -> &[u8] {
        match *self {}
    }
    fn buffer(&mut self) -> &mut [u8] {
        match *self {}
    }
    fn checksum(&self) -> Checksum {
        match *self {}
    }
    fn reply(self, _: usize) {}
}

impl OutgoingFrame for Nothing {
    fn buffer(&mut self) -> &mut [u8] {
        match *self {}
    }
    fn send(self, _: usize) {}
}

impl Link for Silent {
    type Received<'a> = Nothing;
    type Outgoing<'a> = Nothing;

    fn address(&self) -> EthernetAddress {
        EthernetAddress([2, 0, 0, 0, 0, 0x53])
    }
    fn maximum_transmission_unit(&self) -> usize {
        FRAME - 14
    }
    fn receive(&mut self) -> Option<Nothing> {
        None
    }
    fn transmit(&mut self) -> Option<Nothing> {
        None
    }
    fn flush(&mut self) {}
}

impl Platform for Machine {
    type Link = Silent;

    fn links(&mut self) -> &mut [Silent] {
        &mut self.0
    }
    fn now(&self) -> Moment {
        Moment { instant: Instant::START, unix_time: None }
    }
    fn fill_random(&mut self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
    fn log(&mut self, _: fmt::Arguments<'_>) {}
    fn wait(&mut self, _: Option<Instant>) {}
}
