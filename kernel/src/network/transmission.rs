//! The transmit queue, and buffers for frames that answer none.
//!
//! A frame has one descriptor, and one more if it goes on in memory that was lent. Frames that answer none have at most half of all
//! descriptors: however many are sent, answers go out.

use super::{LONG, Purpose, header};
use crate::hardware::frames::{Buffers, Frames};
use crate::queue::Queue;
use alloc::boxed::Box;
use alloc::vec;
use bytes::Bytes;
use core::iter::repeat_with;

/// The most descriptors that a frame has.
const CHAIN: usize = 2;

/// What is being sent, and what else could be.
#[derive(Debug)]
pub(super) struct Transmission {
    queue: Queue,
    frames: Frames,
    /// Those for frames that the device cuts, if it does.
    long: Option<Buffers<LONG>>,
    free_frames: Free,
    free_long: Free,
    free_descriptors: Free,
    /// By the first descriptor of each frame.
    sent: Box<[Sent]>,
    /// What was lent, by its descriptor.
    lent: Box<[Option<Bytes>]>,
    /// Descriptors of frames that answer none.
    outgoing: usize,
    lack: Lack,
}

/// What the device was given to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Nothing,
    /// An answer, in the buffer of what it answers.
    Reply {
        buffer: u16,
    },
    /// A frame that answers none; the descriptor of what was lent.
    Outgoing {
        place: Place,
        lent: Option<u16>,
    },
}

/// A buffer for a frame that answers none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Frame(u16),
    Long(u16),
}

/// Whether somebody has something to send and was given no buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lack {
    Nothing,
    /// They wait for the device.
    Buffers,
    /// It has sent something since.
    Over,
}

/// Numbers of what is used for nothing.
#[derive(Debug)]
struct Free {
    numbers: Box<[u16]>,
    count: usize,
}

impl Transmission {
    pub(super) fn new(queue: Queue, purpose: Purpose) -> Self {
        let size = queue.size();
        let (frames, long) = purpose.buffers();
        let mut transmission = Self {
            queue,
            frames: Frames::allocate(usize::from(frames)),
            long: (long > 0).then(|| Buffers::allocate(usize::from(long))),
            free_frames: Free::first(frames),
            free_long: Free::first(long),
            free_descriptors: Free::first(size),
            sent: vec![Sent::Nothing; usize::from(size)].into(),
            lent: repeat_with(|| None).take(usize::from(size)).collect(),
            outgoing: 0,
            lack: Lack::Nothing,
        };
        transmission.queue.suppress_interrupts();
        transmission
    }

    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }

    pub(super) fn queue_mut(&mut self) -> &mut Queue {
        &mut self.queue
    }

    /// Whether there is no descriptor for an answer.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.free_descriptors.count == 0
    }

    /// Whether a frame of any kind can be sent: a descriptor is left for what may be lent, too.
    fn has_descriptors(&self) -> bool {
        self.free_descriptors.count >= CHAIN && self.outgoing + CHAIN <= usize::from(self.queue.size() / 2)
    }

    /// A buffer of a frame's length, if one is free.
    pub(super) fn take_frame(&mut self) -> Option<Place> {
        if !self.has_descriptors() {
            return None;
        }
        self.free_frames.pop().map(Place::Frame)
    }

    /// A buffer for a frame that the device cuts, if one is free.
    pub(super) fn take_long(&mut self) -> Option<Place> {
        if !self.has_descriptors() {
            return None;
        }
        self.free_long.pop().map(Place::Long)
    }

    /// Whether the device cuts frames, so that there are buffers for such.
    pub(super) fn has_long(&self) -> bool {
        self.long.is_some()
    }

    /// Gives back a buffer that nothing was sent from.
    pub(super) fn put_back(&mut self, place: Place) {
        match place {
            Place::Frame(number) => self.free_frames.push(number),
            Place::Long(number) => self.free_long.push(number),
        }
    }

    /// The whole of a buffer.
    pub(super) fn write(&mut self, place: Place) -> &mut [u8] {
        match (place, &mut self.long) {
            (Place::Frame(number), _) => self.frames.write(number),
            (Place::Long(number), Some(long)) => long.write(number),
            (Place::Long(_), None) => &mut [],
        }
    }

    fn address(&self, place: Place) -> u64 {
        match (place, &self.long) {
            (Place::Frame(number), _) => self.frames.address(number),
            (Place::Long(number), Some(long)) => long.address(number),
            (Place::Long(_), None) => 0,
        }
    }

    /// Offers an answer, in a buffer of reception's.
    #[inline]
    pub(super) fn offer_reply(&mut self, buffer: u16, address: u64, length: u32) {
        let descriptor = self.free_descriptors.pop().expect("nothing is received without one");
        self.queue.describe_readable(descriptor, address, length);
        self.sent[usize::from(descriptor)] = Sent::Reply { buffer };
        self.queue.offer(descriptor);
    }

    /// Offers a frame that answers none, of which `length` octets are in its buffer.
    pub(super) fn offer(
        &mut self,
        place: Place,
        length: usize,
        header: &[u8; header::LENGTH],
        lent: Option<Bytes>,
    ) {
        let length = super::prepare(self.write(place), length, header);
        let address = self.address(place);
        let descriptor = self.free_descriptors.pop().expect("no buffer was given out without");
        let lent = lent.filter(|lent| !lent.is_empty());
        let lent = lent.map(|lent| (self.free_descriptors.pop().expect("nor without a second"), lent));
        self.outgoing += 1 + usize::from(lent.is_some());
        let next = lent.map(|(next, lent)| {
            self.queue.describe_readable_before(descriptor, address, length, next);
            self.describe_lent(next, lent);
            next
        });
        if next.is_none() {
            self.queue.describe_readable(descriptor, address, length);
        }
        self.sent[usize::from(descriptor)] = Sent::Outgoing { place, lent: next };
        self.queue.offer(descriptor);
    }

    /// Shows the device memory that was lent, and keeps it. All memory that Rust knows here is RAM at the same address for a device:
    /// image, archive and heap are mapped so (`hardware/claims.rs`).
    fn describe_lent(&mut self, descriptor: u16, lent: Bytes) {
        let length = u32::try_from(lent.len()).expect("no longer than a frame");
        self.queue.describe_readable(descriptor, lent.as_ptr().expose_provenance() as u64, length);
        self.lent[usize::from(descriptor)] = Some(lent);
    }

    /// Takes back what the device has sent. Of that, a buffer of reception's is returned, whereupon it goes on with the next call.
    #[inline]
    pub(super) fn reclaim(&mut self) -> Option<u16> {
        loop {
            let used = self.queue.take()?;
            let sent = &mut self.sent[usize::from(used.descriptor)];
            match core::mem::replace(sent, Sent::Nothing) {
                // A device that returns what it was not given gives nothing.
                Sent::Nothing => continue,
                Sent::Reply { buffer } => {
                    self.free_descriptors.push(used.descriptor);
                    self.end_lack();
                    return Some(buffer);
                }
                Sent::Outgoing { place, lent } => self.release(used.descriptor, place, lent),
            }
        }
    }

    fn release(&mut self, descriptor: u16, place: Place, lent: Option<u16>) {
        self.free_descriptors.push(descriptor);
        if let Some(descriptor) = lent {
            self.lent[usize::from(descriptor)] = None;
            self.free_descriptors.push(descriptor);
        }
        self.outgoing -= 1 + usize::from(lent.is_some());
        self.put_back(place);
        self.end_lack();
    }

    /// Somebody was given no buffer: remembered until they had a turn after one that may do was free again.
    #[cold]
    pub(super) fn lack(&mut self) {
        if self.lack == Lack::Nothing {
            self.lack = Lack::Buffers;
        }
    }

    #[inline]
    fn end_lack(&mut self) {
        if self.lack == Lack::Buffers {
            self.lack = Lack::Over;
        }
    }

    /// Whether somebody waits for the device to have sent something.
    pub(super) fn is_awaited(&self) -> bool {
        self.lack == Lack::Buffers
    }

    /// Whether somebody who was given no buffer may be given one now.
    pub(super) fn owes_turn(&self) -> bool {
        self.lack == Lack::Over
    }

    /// Everybody gets a turn: who still lacks a buffer will ask for it.
    pub(super) fn forget_lack(&mut self) {
        self.lack = Lack::Nothing;
    }
}

impl Free {
    /// The numbers below `count`.
    fn first(count: u16) -> Self {
        Self { numbers: (0..count).rev().collect(), count: usize::from(count) }
    }

    #[inline]
    fn push(&mut self, number: u16) {
        self.numbers[self.count] = number;
        self.count += 1;
    }

    #[inline]
    fn pop(&mut self) -> Option<u16> {
        self.count = self.count.checked_sub(1)?;
        Some(self.numbers[self.count])
    }
}

#[cfg(test)]
mod tests;
