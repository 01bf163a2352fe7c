//! The heap: memory is handed out while the appliance is made, and never after.
//!
//! What is given back is lost, unless it was the last piece; what starts with a machine stays with it.

use super::memory_functions::clear;
use core::alloc::{GlobalAlloc, Layout};
use core::ops::Range;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[global_allocator]
static HEAP: Heap = Heap { next: AtomicUsize::new(0), end: AtomicUsize::new(0) };

/// Octets of a large page: the least that a host gives at once.
const LARGE: usize = 2 << 20;

/// The piece between `next` and `end` is free. One processor, no interrupts in ring 3: relaxed order is enough.
struct Heap {
    next: AtomicUsize,
    end: AtomicUsize,
}

/// Gives the heap its memory.
///
/// # Safety
///
/// The memory is mapped for writing and nobody else's.
pub(crate) unsafe fn start(memory: Range<u64>) {
    HEAP.next.store(usize::try_from(memory.start).expect("64 bits"), Relaxed);
    HEAP.end.store(usize::try_from(memory.end).expect("64 bits"), Relaxed);
}

/// How much was not asked for yet, in octets.
pub(crate) fn left() -> usize {
    HEAP.end.load(Relaxed).saturating_sub(HEAP.next.load(Relaxed))
}

/// Ends it: from now on, asking for memory is a panic. Returns how much was never asked for, in octets.
pub(crate) fn seal() -> usize {
    let left = left();
    HEAP.end.store(0, Relaxed);
    left
}

// SAFETY: 1. Pieces handed out are disjoint: `next` only passes over them, and goes back only over the last one, when that is
// given back. 2. They lie in the memory that `start` was promised. 3. Failure is a null pointer, nothing unwinds.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let start = self.next.load(Relaxed).next_multiple_of(layout.align());
        match start.checked_add(layout.size()) {
            Some(end) if end <= self.end.load(Relaxed) => {
                self.next.store(end, Relaxed);
                core::ptr::with_exposed_provenance_mut(start)
            }
            Some(_) | None => core::ptr::null_mut(),
        }
    }

    /// A piece of which every octet is zero. RAM comes from a monitor zeroed, but not from firmware or across a reset: nobody's word
    /// is taken for it. Of a large piece only what is not zero is written: the host gives memory to what was written once, and
    /// reading all of it costs less than being given it.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise of a size that is not zero.
        let piece = unsafe { self.alloc(layout) };
        match layout.size() {
            _ if piece.is_null() => {}
            // SAFETY: the piece is nobody else's, and so long.
            ..LARGE => unsafe { piece.write_bytes(0, layout.size()) },
            // SAFETY: likewise.
            _ => unsafe { clear(piece, layout.size()) },
        }
        piece
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        let start = piece.addr();
        if start + layout.size() == self.next.load(Relaxed) {
            self.next.store(start, Relaxed);
        }
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let start = piece.addr();
        let is_last = start + layout.size() == self.next.load(Relaxed);
        if is_last && start + size <= self.end.load(Relaxed) {
            self.next.store(start + size, Relaxed);
            return piece;
        }
        if size <= layout.size() {
            return piece;
        }
        let Ok(layout_after) = Layout::from_size_align(size, layout.align()) else {
            return core::ptr::null_mut();
        };
        // SAFETY: the caller's promise of a size that is not zero.
        let moved = unsafe { self.alloc(layout_after) };
        if !moved.is_null() {
            // SAFETY: both pieces hold the smaller of the two sizes, and are disjoint.
            unsafe { core::ptr::copy_nonoverlapping(piece, moved, layout.size().min(size)) };
        }
        moved
    }
}
