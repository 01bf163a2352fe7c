//! A split virtqueue (virtio 1.2 §2.7), moving numbers around very carefully.
//!
//! Nothing here knows what the buffers are for, and all of it is safe: what the device writes is read atomically and
//! believed only within bounds. Which descriptor a buffer has is for the driver to say.

use crate::hardware::atomics::SharedMemory;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use core::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, fence};

/// The descriptor's buffer goes on in another descriptor's; it is written by the device (virtio 1.2 §2.7.5).
const NEXT: u64 = 1;
const DEVICE_WRITES: u64 = 2;

/// A virtqueue, from the driver's side.
#[derive(Debug)]
pub(crate) struct Queue {
    size: u16,
    /// Two words a descriptor: the address; length, flags and next.
    descriptors: &'static [AtomicU64],
    /// Flags, index, the ring, the event index.
    available: &'static [AtomicU16],
    /// Flags and index, the ring of pairs of id and length, the event index.
    used: &'static [AtomicU32],
    /// Where the next buffer is offered.
    offered: u16,
    /// Up to where the device knows of it.
    published: u16,
    /// Up to where buffers were taken back.
    taken: u16,
    /// Up to where the device was last seen to have used them.
    seen: u16,
}

/// A buffer that the device has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    /// Its descriptor: within the queue's size, but perhaps one that was not offered.
    pub(crate) descriptor: u16,
    /// How many octets the device says that it wrote.
    pub(crate) length: u32,
}

/// Where a device finds a queue's parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueAddresses {
    pub(crate) descriptors: u64,
    pub(crate) available: u64,
    pub(crate) used: u64,
}

impl Queue {
    /// An empty queue; `size` is a power of two.
    pub(crate) fn new(size: u16) -> Self {
        assert!(
            size.is_power_of_two() && size <= 32768,
            "a queue's size is a power of two (virtio 1.2 §2.7)"
        );
        let count = usize::from(size);
        // Descriptors; then the rings with their headers and event indices, each rounded up to 8 octets.
        let octets = count * 16 + (count * 2 + 6).next_multiple_of(8) + (count * 8 + 6).next_multiple_of(8);
        let mut memory = SharedMemory::allocate(octets);
        Self {
            size,
            descriptors: memory.take_u64(2 * count),
            available: memory.take_u16(count + 3),
            used: memory.take_u32(2 * count + 2),
            offered: 0,
            published: 0,
            taken: 0,
            seen: 0,
        }
    }

    pub(crate) fn size(&self) -> u16 {
        self.size
    }

    pub(crate) fn addresses(&self) -> QueueAddresses {
        QueueAddresses {
            descriptors: self.descriptors.as_ptr().expose_provenance() as u64,
            available: self.available.as_ptr().expose_provenance() as u64,
            used: self.used.as_ptr().expose_provenance() as u64,
        }
    }

    /// Describes a buffer that the device writes to.
    pub(crate) fn describe_writable(&mut self, descriptor: u16, address: u64, length: u32) {
        self.describe(descriptor, address, u64::from(length) | (DEVICE_WRITES << 32));
    }

    /// Describes a buffer that the device reads.
    #[inline]
    pub(crate) fn describe_readable(&mut self, descriptor: u16, address: u64, length: u32) {
        self.describe(descriptor, address, u64::from(length));
    }

    /// Describes a buffer that the device reads, before it goes on with another one's: the chain is offered, and comes back, as
    /// its first descriptor.
    pub(crate) fn describe_readable_before(&mut self, descriptor: u16, address: u64, length: u32, next: u16) {
        self.describe(descriptor, address, u64::from(length) | (NEXT << 32) | (u64::from(next) << 48));
    }

    /// Describes a buffer that the device writes to, before it goes on with another one's.
    #[cfg(any(feature = "trials", test))]
    pub(crate) fn describe_writable_before(&mut self, descriptor: u16, address: u64, length: u32, next: u16) {
        let flags = NEXT | DEVICE_WRITES;
        self.describe(descriptor, address, u64::from(length) | (flags << 32) | (u64::from(next) << 48));
    }

    #[inline]
    fn describe(&mut self, descriptor: u16, address: u64, rest: u64) {
        let at = 2 * usize::from(descriptor & (self.size - 1));
        self.descriptors[at].store(address, Relaxed);
        self.descriptors[at + 1].store(rest, Relaxed);
    }

    /// Offers a described buffer; the device learns of it with the next [`Queue::publish`].
    #[inline]
    pub(crate) fn offer(&mut self, descriptor: u16) {
        let at = 2 + usize::from(self.offered & (self.size - 1));
        self.available[at].store(descriptor, Relaxed);
        self.offered = self.offered.wrapping_add(1);
    }

    /// Tells the device of what was offered; returns whether it wants the doorbell rung (virtio 1.2 §2.7.10, with
    /// VIRTIO_F_EVENT_IDX).
    #[inline]
    pub(crate) fn publish(&mut self) -> bool {
        if self.offered == self.published {
            return false;
        }
        let before = self.published;
        self.published = self.offered;
        self.available[1].store(self.published, Release);
        // The index has to be visible before the event index is read, or both sides may wait for each other.
        fence(SeqCst);
        let [event, _] = halves(self.used[1 + 2 * usize::from(self.size)].load(Relaxed));
        is_passed(event, self.published, before)
    }

    /// Takes back the oldest used buffer.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Used> {
        if self.taken == self.seen {
            self.seen = self.used_index();
            if self.taken == self.seen {
                return None;
            }
        }
        let at = 1 + 2 * usize::from(self.taken & (self.size - 1));
        let id = self.used[at].load(Relaxed);
        let length = self.used[at + 1].load(Relaxed);
        self.taken = self.taken.wrapping_add(1);
        Some(Used { descriptor: self.within(id), length })
    }

    /// The descriptor of the buffer that will be taken back next, if the device was seen to have used it already.
    #[inline]
    pub(crate) fn next_taken(&self) -> Option<u16> {
        let at = 1 + 2 * usize::from(self.taken & (self.size - 1));
        (self.taken != self.seen).then(|| self.within(self.used[at].load(Relaxed)))
    }

    /// How many buffers can be taken back.
    #[inline]
    pub(crate) fn waiting(&mut self) -> u16 {
        self.seen = self.used_index();
        self.seen.wrapping_sub(self.taken).min(self.size)
    }

    /// The buffer that is to be taken back after so many others, if the device was seen to have used it already.
    #[inline]
    pub(crate) fn upcoming(&self, after: u16) -> Option<Used> {
        let is_used = after < self.seen.wrapping_sub(self.taken);
        let at = 1 + 2 * usize::from(self.taken.wrapping_add(after) & (self.size - 1));
        is_used.then(|| Used {
            descriptor: self.within(self.used[at].load(Relaxed)),
            length: self.used[at + 1].load(Relaxed),
        })
    }

    /// Whether the device has used a buffer that was not taken back yet.
    pub(crate) fn has_used(&self) -> bool {
        self.taken != self.used_index()
    }

    /// Asks for an interrupt when the device uses the next buffer. Whether one is used already has to be looked at after.
    pub(crate) fn request_interrupt(&mut self) {
        self.available[2 + usize::from(self.size)].store(self.taken, Relaxed);
        fence(SeqCst);
    }

    /// Asks for none: names an event that has passed. It comes round after 65,536 buffers, for one needless interrupt.
    pub(crate) fn suppress_interrupts(&mut self) {
        self.available[2 + usize::from(self.size)].store(self.taken.wrapping_sub(1), Relaxed);
    }

    /// Whether the device, when it was last looked at, had used every buffer that it was offered.
    #[inline]
    pub(crate) fn was_exhausted(&self) -> bool {
        self.seen == self.published
    }

    /// The published buffers that the device has not used, oldest first, with their lengths, in tests.
    #[cfg(test)]
    pub(crate) fn offered_to_device(&self) -> alloc::vec::Vec<(u16, u32)> {
        let count = self.published.wrapping_sub(self.used_index());
        // A device that says it used more than it was given has nothing left.
        let count = if count > self.size { 0 } else { count };
        let place = |past: u16| 2 + usize::from(self.used_index().wrapping_add(past) & (self.size - 1));
        let descriptor = |past| self.available[place(past)].load(Relaxed);
        let length = |descriptor: u16| {
            u32::try_from(self.descriptors[2 * usize::from(descriptor) + 1].load(Relaxed) & 0xffff_ffff)
        };
        let whole = |past| (descriptor(past), length(descriptor(past)).expect("masked"));
        (0..count).map(whole).collect()
    }

    /// What a descriptor describes, in tests: address, length, and the descriptor with which it goes on.
    #[cfg(test)]
    pub(crate) fn described(&self, descriptor: u16) -> (u64, u32, Option<u16>) {
        let [address, rest] =
            [0, 1].map(|word| self.descriptors[2 * usize::from(descriptor) + word].load(Relaxed));
        let [length, flags_and_next] =
            [rest & 0xffff_ffff, rest >> 32].map(|half| u32::try_from(half).expect("masked"));
        let [flags, next] = halves(flags_and_next);
        (address, length, (u64::from(flags) & NEXT != 0).then_some(next))
    }

    /// Uses a buffer as the device would, in tests.
    #[cfg(test)]
    pub(crate) fn use_as_device(&mut self, id: u32, length: u32) {
        let index = self.used_index();
        let at = 1 + 2 * usize::from(index & (self.size - 1));
        self.used[at].store(id, Relaxed);
        self.used[at + 1].store(length, Relaxed);
        self.used[0].store(u32::from(index.wrapping_add(1)) << 16, Release);
    }

    /// A device may lie: no number that it writes leaves the queue's bounds.
    #[inline]
    fn within(&self, id: u32) -> u16 {
        let [low, _] = halves(id);
        low & (self.size - 1)
    }

    #[inline]
    fn used_index(&self) -> u16 {
        let [_, index] = halves(self.used[0].load(Acquire));
        index
    }
}

/// The two 16-bit numbers that lie in one of 32 bits, the lower address first.
#[inline]
fn halves(word: u32) -> [u16; 2] {
    let [a, b, c, d] = word.to_le_bytes();
    [u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])]
}

/// Whether moving an index from `before` to `after` passes `event` (virtio 1.2 §2.7.10.1, `vring_need_event`).
#[inline]
fn is_passed(event: u16, after: u16, before: u16) -> bool {
    after.wrapping_sub(event).wrapping_sub(1) < after.wrapping_sub(before)
}

#[cfg(test)]
mod tests;
