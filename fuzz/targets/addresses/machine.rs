//! A machine on whose link one frame at a time comes, and which remembers what it sent last.

use core::fmt;
use moment::{Instant, Moment};
use platform::{Checksum, EthernetAddress, Link, OutgoingFrame, Platform, ReceivedFrame};

pub(crate) const OWN: EthernetAddress = EthernetAddress([2, 0, 0, 0, 0, 0x53]);
/// The largest frame: an MTU of 1500 octets and an Ethernet header.
pub(crate) const FRAME: usize = 1514;

pub(crate) struct Machine {
    links: [Cable; 1],
    pub(crate) now: Instant,
}

#[derive(Default)]
pub(crate) struct Cable {
    pub(crate) incoming: Option<Vec<u8>>,
    pub(crate) sent: Vec<u8>,
    /// How many frames were sent.
    pub(crate) count: usize,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self { links: [Cable::default()], now: Instant::START }
    }

    pub(crate) fn cable(&mut self) -> &mut Cable {
        &mut self.links[0]
    }
}

/// A frame, received or to be sent.
pub(crate) struct Buffer<'a> {
    octets: Vec<u8>,
    length: usize,
    sent: &'a mut Vec<u8>,
    count: &'a mut usize,
}

impl Buffer<'_> {
    fn leave(mut self, length: usize) {
        assert!((14..=FRAME).contains(&length), "a frame of {length} octets");
        self.octets.truncate(length);
        *self.sent = self.octets;
        *self.count += 1;
    }
}

impl ReceivedFrame for Buffer<'_> {
    fn bytes(&self) -> &[u8] {
        &self.octets[..self.length]
    }
    fn buffer(&mut self) -> &mut [u8] {
        &mut self.octets
    }
    fn checksum(&self) -> Checksum {
        Checksum::Verified
    }
    fn reply(self, length: usize) {
        self.leave(length);
    }
}

impl OutgoingFrame for Buffer<'_> {
    fn buffer(&mut self) -> &mut [u8] {
        &mut self.octets
    }
    fn send(self, length: usize) {
        self.leave(length);
    }
}

impl Link for Cable {
    type Received<'a> = Buffer<'a>;
    type Outgoing<'a> = Buffer<'a>;

    fn address(&self) -> EthernetAddress {
        OWN
    }
    fn maximum_transmission_unit(&self) -> usize {
        FRAME - 14
    }
    fn receive(&mut self) -> Option<Buffer<'_>> {
        let mut octets = self.incoming.take()?;
        let length = octets.len();
        octets.resize(length.max(FRAME), 0xa5);
        Some(Buffer { octets, length, sent: &mut self.sent, count: &mut self.count })
    }
    fn transmit(&mut self) -> Option<Buffer<'_>> {
        Some(Buffer { octets: vec![0xa5; FRAME], length: 0, sent: &mut self.sent, count: &mut self.count })
    }
    fn flush(&mut self) {}
}

impl Platform for Machine {
    type Link = Cable;

    fn links(&mut self) -> &mut [Cable] {
        &mut self.links
    }
    fn now(&self) -> Moment {
        Moment { instant: self.now, unix_time: None }
    }
    fn fill_random(&mut self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
    fn log(&mut self, _: fmt::Arguments<'_>) {}
    fn wait(&mut self, _: Option<Instant>) {}
}
