//! A machine with a link in memory: frames are prepared beforehand, handed over in a ring of buffers as a device would, and kept
//! as they leave.

use core::fmt;
use moment::{Instant, Moment};
use platform::{Checksum, EthernetAddress, Link, Offload, OutgoingFrame, Platform, ReceivedFrame, Work};

pub(crate) const OWN: EthernetAddress = EthernetAddress([2, 0, 0, 0, 0, 0x53]);

/// As many as a turn takes.
pub(crate) const FRAMES_PER_TURN: usize = 64;

/// The buffers of a ring, as a device of virtio has them.
const RING: usize = 256;
const BUFFER: usize = 2048;

type Buffer = [u8; BUFFER];

/// Frames one behind the other.
#[derive(Default)]
struct Frames {
    octets: Vec<u8>,
    ends: Vec<usize>,
}

impl Frames {
    fn push(&mut self, frame: &[u8]) {
        self.octets.extend_from_slice(frame);
        self.ends.push(self.octets.len());
    }

    fn get(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.octets[start..self.ends[index]]
    }

    fn clear(&mut self) {
        self.octets.clear();
        self.ends.clear();
    }
}

pub(crate) struct Wire {
    arriving: Frames,
    taken: usize,
    /// Up to which frame the device has received them.
    offered: usize,
    receiving: Box<[Buffer]>,
    sending: Box<[Buffer]>,
    sent: Frames,
    scratch: Vec<u8>,
}

impl Wire {
    /// A frame will arrive.
    pub(crate) fn arrive(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.scratch.clear();
        write(&mut self.scratch);
        self.arriving.push(&self.scratch);
    }

    /// So many more have arrived.
    pub(crate) fn offer(&mut self, frames: usize) {
        self.offered += frames;
    }

    /// Looks at all packets that were sent, and forgets them and the frames that arrived; returns how many were sent. Announcements
    /// of the stack's address are nobody's.
    pub(crate) fn take_sent(&mut self, mut look: impl FnMut(&[u8])) -> usize {
        assert_eq!(self.taken, self.arriving.ends.len(), "every frame was taken");
        let frames = (0..self.sent.ends.len()).map(|index| self.sent.get(index));
        let sent = frames.filter(|frame| frame[12..14] == [8, 0]).inspect(|frame| look(frame)).count();
        self.sent.clear();
        self.arriving.clear();
        (self.taken, self.offered) = (0, 0);
        sent
    }

    pub(crate) fn hand_over_and_back(&mut self, length: usize) {
        core::hint::black_box(self.receive().expect("one was offered").bytes());
        self.transmit().expect("there is always a buffer").send(length);
    }
}

pub(crate) struct Received<'a> {
    buffer: &'a mut Buffer,
    length: usize,
    sent: &'a mut Frames,
}

impl ReceivedFrame for Received<'_> {
    fn bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    fn buffer(&mut self) -> &mut [u8] {
        &mut self.buffer[..]
    }

    fn checksum(&self) -> Checksum {
        Checksum::Verified
    }

    fn reply(self, length: usize) {
        self.sent.push(&self.buffer[..length]);
    }
}

pub(crate) struct Outgoing<'a> {
    buffer: &'a mut Buffer,
    sent: &'a mut Frames,
}

impl OutgoingFrame for Outgoing<'_> {
    fn buffer(&mut self) -> &mut [u8] {
        &mut self.buffer[..]
    }

    #[inline]
    fn send(self, length: usize) {
        self.sent.push(&self.buffer[..length]);
    }

    #[inline]
    fn send_unfinished(self, length: usize, rest: Option<bytes::Bytes>, work: Work) {
        assert!(rest.is_none() && work.segmentation.is_none(), "answers are short");
        self.send(length);
    }
}

impl Link for Wire {
    type Received<'a> = Received<'a>;
    type Outgoing<'a> = Outgoing<'a>;

    fn address(&self) -> EthernetAddress {
        OWN
    }

    fn maximum_transmission_unit(&self) -> usize {
        1500
    }

    fn offload(&self) -> Offload {
        Offload { checksum: true, ..Offload::NONE }
    }

    fn waiting(&mut self) -> usize {
        self.offered - self.taken
    }

    #[inline]
    fn upcoming(&self, after: usize) -> Option<&[u8]> {
        Some(self.arriving.get(self.taken + after))
    }

    #[inline]
    fn receive(&mut self) -> Option<Received<'_>> {
        if self.taken == self.offered {
            return None;
        }
        let buffer = &mut self.receiving[self.taken % RING];
        let frame = self.arriving.get(self.taken);
        buffer[..frame.len()].copy_from_slice(frame);
        self.taken += 1;
        Some(Received { buffer, length: frame.len(), sent: &mut self.sent })
    }

    #[inline]
    fn transmit(&mut self) -> Option<Outgoing<'_>> {
        let buffer = &mut self.sending[self.sent.ends.len() % RING];
        Some(Outgoing { buffer, sent: &mut self.sent })
    }

    fn flush(&mut self) {}
}

/// Its clock says what it is told to.
pub(crate) struct Machine {
    links: [Wire; 1],
    /// In nanoseconds.
    pub(crate) now: u64,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let ring = || vec![[0; BUFFER]; RING].into();
        let link = Wire {
            arriving: Frames::default(),
            taken: 0,
            offered: 0,
            receiving: ring(),
            sending: ring(),
            sent: Frames::default(),
            scratch: Vec::new(),
        };
        Self { links: [link], now: 0 }
    }

    pub(crate) fn link(&mut self) -> &mut Wire {
        &mut self.links[0]
    }
}

impl Platform for Machine {
    type Link = Wire;

    fn links(&mut self) -> &mut [Wire] {
        &mut self.links
    }

    fn now(&self) -> Moment {
        Moment { instant: Instant::from_nanoseconds(self.now), unix_time: None }
    }

    fn fill_random(&mut self, bytes: &mut [u8]) {
        // Keys need not be secret here, but the same in each run.
        (0..).zip(bytes).for_each(|(index, byte)| *byte = index);
    }

    fn log(&mut self, _line: fmt::Arguments<'_>) {}

    fn wait(&mut self, _deadline: Option<Instant>) {}
}
