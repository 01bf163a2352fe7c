//! The receive queue and its buffers.
//!
//! Every buffer has the descriptor of its own number, so that offering it is a single store.

use super::{Counts, ETHERNET_HEADER, header};
use crate::hardware::frames::Frames;
use crate::queue::{Queue, Used};
use alloc::boxed::Box;
use alloc::vec;
use heapless::Vec;
use platform::{Checksum, Offload};

/// The most buffers that a frame can have behind its first: a device fills one before it takes the next.
const PIECES: usize = (header::LENGTH + Offload::LONGEST).div_ceil(Frames::LENGTH) - 1;

/// Buffers that wait for frames, or hold one.
#[derive(Debug)]
pub(super) struct Reception {
    queue: Queue,
    frames: Frames,
    owners: Box<[Owner]>,
    /// How many buffers wait for frames.
    waiting: u16,
    /// Whether a frame may arrive in several buffers.
    merges_buffers: bool,
    /// What the frame that was taken last has behind its first buffer.
    pieces: Vec<Piece, PIECES>,
}

/// Whose a buffer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Driver,
    Device,
}

/// A part of a frame, in a buffer of its own.
#[derive(Clone, Copy, Debug)]
struct Piece {
    buffer: u16,
    length: u16,
}

/// A frame's first buffer, and how much of it header and frame take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) buffer: u16,
    pub(super) length: usize,
}

impl Reception {
    /// A buffer for each of the queue's descriptors, all offered.
    pub(super) fn new(queue: Queue, merges_buffers: bool) -> Self {
        let size = queue.size();
        let mut reception = Self {
            queue,
            frames: Frames::allocate(usize::from(size)),
            owners: vec![Owner::Driver; usize::from(size)].into(),
            waiting: 0,
            merges_buffers,
            pieces: Vec::new(),
        };
        for buffer in 0..size {
            let address = reception.frames.address(buffer);
            reception.queue.describe_writable(buffer, address, FRAME_LENGTH);
            reception.offer(buffer);
        }
        reception
    }

    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }

    pub(super) fn queue_mut(&mut self) -> &mut Queue {
        &mut self.queue
    }

    /// Whether so few buffers wait for frames that ones which are being sent are worth an interrupt.
    pub(super) fn is_short(&self) -> bool {
        self.waiting < self.queue.size() / 4
    }

    /// Offers a buffer for the next frame.
    #[inline]
    pub(super) fn offer(&mut self, buffer: u16) {
        self.owners[usize::from(buffer)] = Owner::Device;
        self.queue.offer(buffer);
        self.waiting += 1;
    }

    /// Offers all buffers of a frame but its first.
    #[inline]
    pub(super) fn offer_pieces(&mut self) {
        while let Some(piece) = self.pieces.pop() {
            self.offer(piece.buffer);
        }
    }

    /// The oldest frame that makes sense.
    #[inline]
    pub(super) fn take(&mut self, counts: &mut Counts) -> Option<Taken> {
        loop {
            let used = self.queue.take()?;
            if let Some(next) = self.queue.next_taken() {
                self.frames.prefetch(next);
            }
            if !self.take_back(used) {
                counts.senseless += 1;
                continue;
            }
            let taken = Taken { buffer: used.descriptor, length: octets(used) };
            // The device's word for how much it wrote is worth as much as the buffer is long.
            if !(header::LENGTH + ETHERNET_HEADER..=Frames::LENGTH).contains(&taken.length) {
                counts.senseless += 1;
                self.offer(taken.buffer);
                continue;
            }
            if self.merges_buffers && header::buffers(self.frames.read(taken.buffer)) != 1 {
                if !self.take_pieces(taken) {
                    counts.senseless += 1;
                    self.offer_pieces();
                    self.offer(taken.buffer);
                    continue;
                }
                counts.merged += 1;
            }
            return Some(taken);
        }
    }

    /// The frame that is to be taken after so many others, or a piece of one: nothing of it is known but what the device says.
    #[inline]
    pub(super) fn upcoming(&self, after: u16) -> Option<&[u8]> {
        /// So far ahead of what is looked at, buffers begin to be loaded.
        const AHEAD: u16 = 4;
        if let Some(used) = self.queue.upcoming(after + AHEAD) {
            self.frames.prefetch(used.descriptor);
        }
        let used = self.queue.upcoming(after)?;
        let is_waiting = self.owners[usize::from(used.descriptor)] == Owner::Device;
        let frame = is_waiting.then(|| self.frames.read(used.descriptor))?;
        frame.get(header::LENGTH..octets(used))
    }

    /// Whether a buffer was the device's to return; it is the driver's from now on.
    #[inline]
    fn take_back(&mut self, used: Used) -> bool {
        let owner = &mut self.owners[usize::from(used.descriptor)];
        let is_devices = *owner == Owner::Device;
        if is_devices {
            *owner = Owner::Driver;
            self.waiting -= 1;
        }
        is_devices
    }

    /// Takes what a frame has behind its first buffer, as often as that says; whether all of it makes sense.
    ///
    /// The device uses all buffers of a frame at once (virtio 1.2 §5.1.6.4.1), and only a frame that it put together itself is
    /// longer than a buffer: whose checksum it then has to vouch for (§5.1.6.4.2).
    #[cold]
    fn take_pieces(&mut self, first: Taken) -> bool {
        let header = self.frames.read(first.buffer);
        let count = usize::from(header::buffers(header));
        // All headers are to be in the first.
        let mut makes_sense = (2..=1 + PIECES).contains(&count)
            && header::is_verified(header)
            && first.length == Frames::LENGTH;
        let mut whole = first.length;
        for _ in 1..count.min(1 + PIECES) {
            let Some(used) = self.queue.take() else { return false };
            if !self.take_back(used) {
                makes_sense = false;
                continue;
            }
            let length = octets(used);
            makes_sense &= (1..=Frames::LENGTH).contains(&length);
            whole += length.min(Frames::LENGTH);
            let piece = Piece { buffer: used.descriptor, length: u16::try_from(length).unwrap_or(0) };
            // There is room: no more are taken than that.
            let _ = self.pieces.push(piece);
        }
        makes_sense && whole <= header::LENGTH + Offload::LONGEST
    }

    /// Header and frame, and what is behind them in the buffer.
    #[inline]
    pub(super) fn read(&self, buffer: u16) -> &[u8] {
        self.frames.read(buffer)
    }

    /// The same to write to.
    #[inline]
    pub(super) fn write(&mut self, buffer: u16) -> &mut [u8] {
        self.frames.write(buffer)
    }

    /// What the frame that was taken last has behind its first buffer.
    pub(super) fn piece(&self, index: usize) -> Option<&[u8]> {
        let piece = self.pieces.get(index)?;
        self.frames.read(piece.buffer).get(..usize::from(piece.length))
    }

    /// What the device says of a frame's checksum.
    #[inline]
    pub(super) fn checksum(&self, buffer: u16) -> Checksum {
        if header::is_verified(self.frames.read(buffer)) { Checksum::Verified } else { Checksum::Unverified }
    }

    /// Makes a buffer ready to be sent from: where its header and frame of so many octets lie.
    #[inline]
    pub(super) fn prepare_reply(&mut self, buffer: u16, length: usize) -> (u64, u32) {
        let address = self.frames.address(buffer);
        (address, super::prepare(self.frames.write(buffer), length, &[0; header::LENGTH]))
    }
}

const FRAME_LENGTH: u32 = Frames::LENGTH as u32;

/// How much the device says that it wrote.
#[inline]
fn octets(used: Used) -> usize {
    usize::try_from(used.length).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
