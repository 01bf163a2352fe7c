//! virtio-blk (virtio 1.2 §5.2): a volume.
//!
//! Every request has a header that says what is meant, content, and a status that the device writes, each with a descriptor of
//! its own: §2.7.4 leaves that to the driver, but Firecracker takes nothing else.

mod shape;

use crate::hardware::frames::Buffers;
use crate::queue::{Queue, Used};
use crate::transport::{self, Transport, TransportError};
use core::ops::Range;
use platform::{Completion, Refusal, RequestId, SECTOR, Volume, VolumeError};
use shape::{Shape, feature};

const QUEUE: u32 = 0;

const REQUIRED: u64 = transport::VERSION_1 | transport::EVENT_INDEX;
const OPTIONAL: u64 = feature::SEGMENT_SIZE | feature::READ_ONLY | feature::BLOCK_SIZE | feature::FLUSH;

/// What a request is for (virtio 1.2 §5.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Read = 0,
    Write = 1,
    Flush = 4,
}

/// What the device says of a request; and what no device says, which is there before it has answered.
mod status {
    pub(super) const DONE: u8 = 0;
    pub(super) const ERROR: u8 = 1;
    pub(super) const UNSUPPORTED: u8 = 2;
    pub(super) const UNANSWERED: u8 = 0xff;
}

/// The most requests that are under way.
const REQUESTS: u16 = 16;

/// Descriptors that a request has, and the last of which it leaves out: what the queue's size is a power of two for.
const DESCRIPTORS: u16 = 4;
const CONTENT: u16 = 1;
const STATUS: u16 = 2;

/// The most octets of one request, if the device takes so many.
const TRANSFER: usize = 64 << 10;

/// Octets of a header; the status lies behind it.
const HEADER: usize = 16;

/// A block device.
#[derive(Debug)]
pub(crate) struct BlockVolume {
    transport: Transport,
    queue: Queue,
    /// Headers, each with its status behind.
    headers: Buffers<32>,
    contents: Buffers<TRANSFER>,
    places: [Place; REQUESTS as usize],
    /// What the last completion lent, until the next is asked for.
    lent: Option<u16>,
    shape: Shape,
}

/// A request's place: its buffers and descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Free,
    /// The queue has no descriptors for it.
    Missing,
    /// A flush that waits for writes, which are named by their bits.
    Held {
        behind: u16,
    },
    /// The device has it.
    UnderWay {
        kind: Kind,
        length: usize,
    },
    /// It holds what was read.
    Lent,
}

/// Why a device can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VolumeFault {
    Transport(TransportError),
    /// It has blocks, or takes segments, of a size that makes no sense or for which there are no buffers.
    Shape,
}

impl BlockVolume {
    /// Makes the device ready.
    pub(crate) fn new(mut transport: Transport) -> Result<Self, VolumeFault> {
        let offered = transport.begin()?;
        transport.agree(offered, REQUIRED, OPTIONAL)?;
        let shape = Shape::read(&transport, offered).ok_or(VolumeFault::Shape)?;
        let most = transport.queue_size(QUEUE).min(u32::from(REQUESTS * DESCRIPTORS));
        let size = u16::try_from(most).unwrap_or(0);
        if !size.is_power_of_two() || size < DESCRIPTORS {
            return Err(VolumeFault::Transport(TransportError::Queue));
        }
        let queue = Queue::new(size);
        transport.set_queue(QUEUE, &queue)?;
        Ok(Self::start(transport, queue, shape))
    }

    fn start(transport: Transport, queue: Queue, shape: Shape) -> Self {
        let count = queue.size() / DESCRIPTORS;
        let place = |place| if place < usize::from(count) { Place::Free } else { Place::Missing };
        let mut volume = Self {
            transport,
            queue,
            headers: Buffers::allocate(count.into()),
            contents: Buffers::allocate(count.into()),
            places: core::array::from_fn(place),
            lent: None,
            shape,
        };
        volume.queue.suppress_interrupts();
        volume.transport.start();
        volume
    }

    /// Whether the device has completed something that the driver has not looked at.
    pub(crate) fn is_ready(&self) -> bool {
        self.queue.has_used()
    }

    /// Asks for an interrupt, before a sleep; what was completed before raises none, so look once more.
    pub(crate) fn request_interrupt(&mut self) {
        self.transport.acknowledge_interrupts();
        self.queue.request_interrupt();
    }

    /// Asks for none, after a sleep.
    pub(crate) fn suppress_interrupts(&mut self) {
        self.queue.suppress_interrupts();
    }

    fn free_place(&self) -> Result<u16, Refusal> {
        let free = (0..REQUESTS).find(|&place| self.places[usize::from(place)] == Place::Free);
        free.ok_or(Refusal::Busy)
    }

    /// Describes a request's header and status, and offers it; its content was described before.
    fn offer(&mut self, place: u16, kind: Kind, first: u64, length: usize) {
        let header = self.headers.write(place);
        header[..4].copy_from_slice(&(kind as u32).to_le_bytes());
        header[4..8].fill(0);
        header[8..HEADER].copy_from_slice(&first.to_le_bytes());
        header[HEADER] = status::UNANSWERED;
        let address = self.headers.address(place);
        let head = place * DESCRIPTORS;
        let next = if kind == Kind::Flush { head + STATUS } else { head + CONTENT };
        self.queue.describe_readable_before(head, address, HEADER as u32, next);
        self.queue.describe_writable(head + STATUS, address + HEADER as u64, 1);
        self.places[usize::from(place)] = Place::UnderWay { kind, length };
        self.queue.offer(head);
    }

    /// Lets flushes go that waited for a write at `place` only. They are submitted at once: whoever waits for them may have
    /// nothing else to submit.
    fn release_flushes(&mut self, place: u16) {
        for held in 0..REQUESTS {
            let Place::Held { behind } = &mut self.places[usize::from(held)] else { continue };
            *behind &= !(1 << place);
            if *behind == 0 {
                self.offer(held, Kind::Flush, 0, 0);
            }
        }
        self.submit();
    }

    /// Takes back the oldest request that the device has done, passing over what it was not given; it is heard out no longer
    /// than one that is honest.
    fn take(&mut self) -> Option<(Used, u16, Kind, usize)> {
        for _ in 0..self.queue.size() {
            let used = self.queue.take()?;
            let place = used.descriptor / DESCRIPTORS;
            if let Some(&Place::UnderWay { kind, length }) = self.places.get(usize::from(place))
                && used.descriptor.is_multiple_of(DESCRIPTORS)
            {
                return Some((used, place, kind, length));
            }
        }
        None
    }

    /// What the device says of a request that is `length` octets of content long.
    fn verdict(&self, place: u16, kind: Kind, length: usize, used: Used) -> Result<(), VolumeError> {
        match self.headers.read(place)[HEADER] {
            status::DONE => {}
            status::ERROR => return Err(VolumeError::Device),
            status::UNSUPPORTED => return Err(VolumeError::Unsupported),
            _ => return Err(VolumeError::Malformed),
        }
        // Less than all of it, and there is something of an older request in the buffer. The status behind it is counted by some
        // devices and not by others: what they say is a lower bound (virtio 1.2 §2.7.8.2).
        let is_whole = usize::try_from(used.length).is_ok_and(|written| written >= length);
        if kind == Kind::Read && !is_whole { Err(VolumeError::Malformed) } else { Ok(()) }
    }
}

impl Volume for BlockVolume {
    fn sectors(&self) -> u64 {
        self.shape.sectors
    }

    fn block(&self) -> u64 {
        self.shape.block
    }

    fn most_sectors(&self) -> u64 {
        self.shape.most_sectors
    }

    fn is_writable(&self) -> bool {
        self.shape.is_writable
    }

    fn can_flush(&self) -> bool {
        self.shape.can_flush
    }

    fn read(&mut self, sectors: Range<u64>) -> Result<RequestId, Refusal> {
        let length = self.shape.octets(&sectors)?;
        let place = self.free_place()?;
        let (at, address) = (place * DESCRIPTORS, self.contents.address(place));
        self.queue.describe_writable_before(at + CONTENT, address, length as u32, at + STATUS);
        self.offer(place, Kind::Read, sectors.start, length);
        Ok(RequestId(place))
    }

    fn write(&mut self, first: u64, content: &[u8]) -> Result<RequestId, Refusal> {
        if !self.shape.is_writable {
            return Err(Refusal::ReadOnly);
        }
        if !content.len().is_multiple_of(SECTOR) {
            return Err(Refusal::NoBlocks);
        }
        let end = first.checked_add((content.len() / SECTOR) as u64).ok_or(Refusal::BeyondEnd)?;
        let length = self.shape.octets(&(first..end))?;
        let place = self.free_place()?;
        self.contents.write(place)[..length].copy_from_slice(content);
        let (at, address) = (place * DESCRIPTORS, self.contents.address(place));
        self.queue.describe_readable_before(at + CONTENT, address, length as u32, at + STATUS);
        self.offer(place, Kind::Write, first, length);
        Ok(RequestId(place))
    }

    /// A device's flush is about the writes that had completed when it was sent (virtio 1.2 §5.2.6.2): it is held until all
    /// that were begun before have.
    fn flush(&mut self) -> Result<RequestId, Refusal> {
        if !self.shape.can_flush {
            return Err(Refusal::NoFlush);
        }
        let place = self.free_place()?;
        let is_write = |place: &Place| matches!(place, Place::UnderWay { kind: Kind::Write, .. });
        let behind = (0..REQUESTS)
            .filter(|&place| is_write(&self.places[usize::from(place)]))
            .fold(0, |behind, place| behind | 1 << place);
        if behind == 0 {
            self.offer(place, Kind::Flush, 0, 0);
        } else {
            self.places[usize::from(place)] = Place::Held { behind };
        }
        Ok(RequestId(place))
    }

    fn submit(&mut self) {
        if self.queue.publish() {
            self.transport.notify(QUEUE);
        }
    }

    fn completion(&mut self) -> Option<Completion<'_>> {
        if let Some(place) = self.lent.take() {
            self.places[usize::from(place)] = Place::Free;
        }
        let (used, place, kind, length) = self.take()?;
        let verdict = self.verdict(place, kind, length, used);
        let request = RequestId(place);
        if let (Kind::Read, Ok(())) = (kind, verdict) {
            self.places[usize::from(place)] = Place::Lent;
            self.lent = Some(place);
            return Some(Completion { request, outcome: Ok(&self.contents.read(place)[..length]) });
        }
        self.places[usize::from(place)] = Place::Free;
        if kind == Kind::Write {
            self.release_flushes(place);
        }
        Some(Completion { request, outcome: verdict.map(|()| &[][..]) })
    }
}

impl From<TransportError> for VolumeFault {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

#[cfg(test)]
mod tests;
