//! A machine in memory: links that are two queues, a clock that stands still until it is moved.

use crate::device;
use appliance::Bytes;
use core::fmt;
use moment::{Instant, Moment};
use platform::{Checksum, EthernetAddress, Link, Offload, OutgoingFrame, Platform, ReceivedFrame, Work};
use std::collections::VecDeque;

pub(crate) const MTU: usize = 1500;

pub(crate) struct MemoryLink {
    pub(crate) address: EthernetAddress,
    pub(crate) mtu: usize,
    /// Frames that wait to be received.
    pub(crate) incoming: VecDeque<Vec<u8>>,
    /// Frames that were sent.
    pub(crate) outgoing: Vec<Vec<u8>>,
    /// What the device says of the frames.
    pub(crate) checksum: Checksum,
    /// How many buffers there are to send from before the next flush.
    pub(crate) free: usize,
    pub(crate) flushes: usize,
    /// What the device does to frames on their way out, and what it was asked to do.
    pub(crate) offload: Offload,
    pub(crate) works: Vec<Work>,
    /// Frames that are longer come in pieces of so many octets.
    pub(crate) piece: usize,
}

impl MemoryLink {
    pub(crate) fn new(address: EthernetAddress) -> Self {
        Self {
            address,
            mtu: MTU,
            incoming: VecDeque::new(),
            outgoing: Vec::new(),
            checksum: Checksum::Unverified,
            free: 1024,
            flushes: 0,
            offload: Offload::NONE,
            works: Vec::new(),
            piece: usize::MAX,
        }
    }
}

pub(crate) struct Received<'a> {
    buffer: Vec<u8>,
    length: usize,
    checksum: Checksum,
    /// What lies in other buffers.
    rest: Vec<Vec<u8>>,
    sent: &'a mut Vec<Vec<u8>>,
}

impl ReceivedFrame for Received<'_> {
    fn bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    fn piece(&self, index: usize) -> Option<&[u8]> {
        self.rest.get(index).map(Vec::as_slice)
    }

    fn buffer(&mut self) -> &mut [u8] {
        &mut self.buffer
    }

    fn checksum(&self) -> Checksum {
        self.checksum
    }

    fn reply(mut self, length: usize) {
        self.buffer.truncate(length);
        self.sent.push(self.buffer);
    }
}

pub(crate) struct Outgoing<'a> {
    buffer: Vec<u8>,
    sent: &'a mut Vec<Vec<u8>>,
    works: &'a mut Vec<Work>,
    free: &'a mut usize,
}

impl OutgoingFrame for Outgoing<'_> {
    fn buffer(&mut self) -> &mut [u8] {
        &mut self.buffer
    }

    fn send(mut self, length: usize) {
        self.buffer.truncate(length);
        self.sent.push(self.buffer);
        *self.free -= 1;
    }

    fn send_unfinished(mut self, length: usize, rest: Option<Bytes>, work: Work) {
        self.buffer.truncate(length);
        self.buffer.extend_from_slice(&rest.unwrap_or_default());
        self.sent.extend(device::finish(&self.buffer, work));
        self.works.push(work);
        *self.free -= 1;
    }
}

impl MemoryLink {
    fn outgoing(&mut self, length: usize) -> Option<Outgoing<'_>> {
        let Self { outgoing: sent, works, free, .. } = self;
        (*free > 0).then_some(Outgoing { buffer: vec![0xa5; length], sent, works, free })
    }
}

impl Link for MemoryLink {
    type Received<'a> = Received<'a>;
    type Outgoing<'a> = Outgoing<'a>;

    fn address(&self) -> EthernetAddress {
        self.address
    }

    fn maximum_transmission_unit(&self) -> usize {
        self.mtu
    }

    fn waiting(&mut self) -> usize {
        self.incoming.len()
    }

    fn upcoming(&self, after: usize) -> Option<&[u8]> {
        self.incoming.get(after).map(Vec::as_slice)
    }

    fn receive(&mut self) -> Option<Received<'_>> {
        let whole = self.incoming.pop_front()?;
        let mut pieces = whole.chunks(self.piece).map(<[u8]>::to_vec);
        let mut buffer = pieces.next().unwrap_or_default();
        let (length, rest) = (buffer.len(), pieces.collect());
        // What a buffer held before is nobody's business: rubbish shows who looks at it.
        buffer.resize(length.max(self.mtu + 14), 0xa5);
        Some(Received { buffer, length, checksum: self.checksum, rest, sent: &mut self.outgoing })
    }

    fn offload(&self) -> Offload {
        self.offload
    }

    fn transmit(&mut self) -> Option<Outgoing<'_>> {
        self.outgoing(self.mtu + 14)
    }

    fn transmit_long(&mut self) -> Option<Outgoing<'_>> {
        let is_cut = self.offload.segmentation_v4 || self.offload.segmentation_v6;
        if is_cut { self.outgoing(Offload::LONGEST) } else { None }
    }

    fn flush(&mut self) {
        self.flushes += 1;
    }
}

pub(crate) struct MemoryPlatform {
    pub(crate) links: Vec<MemoryLink>,
    pub(crate) now: Instant,
    pub(crate) logged: Vec<String>,
    /// The next random numbers; there is always one more.
    pub(crate) random: VecDeque<u64>,
}

impl MemoryPlatform {
    pub(crate) fn new(links: Vec<MemoryLink>) -> Self {
        Self { links, now: Instant::START, logged: Vec::new(), random: VecDeque::new() }
    }
}

impl Platform for MemoryPlatform {
    type Link = MemoryLink;

    fn links(&mut self) -> &mut [MemoryLink] {
        &mut self.links
    }

    fn now(&self) -> Moment {
        Moment { instant: self.now, unix_time: None }
    }

    fn fill_random(&mut self, bytes: &mut [u8]) {
        let number = self.random.pop_front().unwrap_or(0x4242_4242_4242_4242).to_ne_bytes();
        bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, random)| *byte = *random);
    }

    fn log(&mut self, line: fmt::Arguments<'_>) {
        self.logged.push(line.to_string());
    }

    fn wait(&mut self, deadline: Option<Instant>) {
        self.now = deadline.unwrap_or(self.now);
    }
}
