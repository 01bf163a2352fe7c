//! A machine on one link, whose device finishes and cuts frames as far as it says; what it sent is kept, frame by frame.

use crate::wire;
use core::fmt;
use moment::{Instant, Moment};
use platform::{
    Bytes, Checksum, EthernetAddress, Link, Offload, OutgoingFrame, Platform, ReceivedFrame, Work,
};
use std::collections::VecDeque;

pub(crate) const OWN: [u8; 6] = [2, 0, 0, 0, 0, 0x53];
/// The largest frame: an MTU of 1500 octets and an Ethernet header.
pub(crate) const FRAME: usize = 1514;
/// Frames that one turn may send; more of them without an end is a finding.
const FRAMES_A_TURN: usize = 20_000;

pub(crate) struct Machine {
    links: [Cable; 1],
    pub(crate) now: Instant,
}

pub(crate) struct Cable {
    pub(crate) offload: Offload,
    pub(crate) checksum: Checksum,
    pub(crate) incoming: VecDeque<Vec<u8>>,
    pub(crate) sent: Vec<Vec<u8>>,
    /// Buffers between two flushes, of each kind.
    pub(crate) buffers: usize,
    pub(crate) long_buffers: usize,
    used: usize,
    long_used: usize,
}

impl Machine {
    pub(crate) fn new(offload: Offload, checksum: Checksum) -> Self {
        let cable = Cable {
            offload,
            checksum,
            incoming: VecDeque::new(),
            sent: Vec::new(),
            buffers: usize::MAX,
            long_buffers: usize::MAX,
            used: 0,
            long_used: 0,
        };
        Self { links: [cable], now: Instant::from_nanoseconds(60_000_000_000) }
    }

    pub(crate) fn cable(&mut self) -> &mut Cable {
        &mut self.links[0]
    }
}

/// A frame that came; one that is longer than the link carries, in pieces.
pub(crate) struct Incoming<'a> {
    octets: Vec<u8>,
    length: usize,
    pieces: Vec<Vec<u8>>,
    cable: &'a mut Cable,
}

impl ReceivedFrame for Incoming<'_> {
    fn bytes(&self) -> &[u8] {
        &self.octets[..self.length]
    }
    fn piece(&self, index: usize) -> Option<&[u8]> {
        self.pieces.get(index).map(Vec::as_slice)
    }
    fn buffer(&mut self) -> &mut [u8] {
        &mut self.octets
    }
    fn checksum(&self) -> Checksum {
        if self.pieces.is_empty() { self.cable.checksum } else { Checksum::Verified }
    }
    fn reply(mut self, length: usize) {
        assert!((14..=FRAME).contains(&length), "a frame of {length} octets");
        self.octets.truncate(length);
        self.cable.sent.push(self.octets);
    }
}

pub(crate) struct Outgoing<'a> {
    octets: Vec<u8>,
    cable: &'a mut Cable,
    is_long: bool,
}

impl Outgoing<'_> {
    fn count(&mut self) {
        let used = if self.is_long { &mut self.cable.long_used } else { &mut self.cable.used };
        *used += 1;
        assert!(self.cable.sent.len() < FRAMES_A_TURN, "a turn that sends for ever");
    }
}

impl OutgoingFrame for Outgoing<'_> {
    fn buffer(&mut self) -> &mut [u8] {
        &mut self.octets
    }

    fn send(mut self, length: usize) {
        assert!((14..=FRAME).contains(&length), "a frame of {length} octets");
        self.count();
        self.octets.truncate(length);
        self.cable.sent.push(self.octets);
    }

    fn send_unfinished(mut self, length: usize, rest: Option<Bytes>, work: Work) {
        let offload = self.cable.offload;
        assert!(offload.checksum, "{work:?} was asked of a device that does nothing");
        if let Some(cut) = work.segmentation {
            let offers = if cut.is_v6 { offload.segmentation_v6 } else { offload.segmentation_v4 };
            assert!(offers, "{work:?} was asked of {offload:?}");
        }
        self.count();
        self.octets.truncate(length);
        self.octets.extend_from_slice(rest.as_deref().unwrap_or_default());
        wire::finish(&self.octets, work, &mut self.cable.sent);
    }
}

impl Link for Cable {
    type Received<'a> = Incoming<'a>;
    type Outgoing<'a> = Outgoing<'a>;

    fn address(&self) -> EthernetAddress {
        EthernetAddress(OWN)
    }
    fn maximum_transmission_unit(&self) -> usize {
        FRAME - 14
    }
    fn offload(&self) -> Offload {
        self.offload
    }
    fn receive(&mut self) -> Option<Incoming<'_>> {
        let mut octets = self.incoming.pop_front()?;
        let mut pieces = Vec::new();
        if octets.len() > FRAME {
            let rest = octets.split_off(FRAME);
            pieces = rest.chunks(FRAME).map(<[u8]>::to_vec).collect();
        }
        let length = octets.len();
        octets.resize(FRAME, 0xa5);
        Some(Incoming { octets, length, pieces, cable: self })
    }
    fn transmit(&mut self) -> Option<Outgoing<'_>> {
        if self.used >= self.buffers {
            return None;
        }
        Some(Outgoing { octets: vec![0xa5; FRAME], cable: self, is_long: false })
    }
    fn transmit_long(&mut self) -> Option<Outgoing<'_>> {
        let cuts = self.offload.segmentation_v4 || self.offload.segmentation_v6;
        if !cuts || self.long_used >= self.long_buffers {
            return None;
        }
        Some(Outgoing { octets: vec![0xa5; Offload::LONGEST], cable: self, is_long: true })
    }
    fn flush(&mut self) {
        (self.used, self.long_used) = (0, 0);
    }
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
