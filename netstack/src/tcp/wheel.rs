//! When each connection has to be looked at next (a hierarchical timing wheel).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::iter;
use moment::Instant;

/// At most one deadline for each of the numbers below `capacity`.
///
/// Time is counted in ticks. What a tick's number has in common with the current tick's from the front decides the level of
/// a deadline: on the lowest are those that differ in the last six bits only, on the next those that differ in the six bits
/// before, and so on. Those six bits are its slot on that level. When the current tick gets to a slot of a level above the
/// lowest, what is in it *cascades*: it has more in common now, and goes to a level below. So a deadline is moved at most
/// once for each level, and setting or cancelling one touches its neighbours in a list and nothing else.
pub(crate) struct Wheel {
    /// The head of each slot's list, then a node for each number. Lists are circular, so that a node is taken out of its list
    /// without looking for the list.
    nodes: Box<[Node]>,
    /// For each level, a bit for each slot that isn't empty.
    occupied: [u64; LEVELS],
    /// Every tick before this is over. No slot of a level above the lowest that this tick is in has anything in it, but the one
    /// that is cascading.
    current: u64,
    /// The level of the slot that began to cascade last, and may not have finished.
    cascading: usize,
}

#[derive(Clone, Copy)]
struct Node {
    next: u32,
    previous: u32,
    /// Of the deadline, or [`NEVER`].
    tick: u64,
}

/// One that isn't empty.
struct Slot {
    level: usize,
    number: usize,
    /// The first that is in it.
    tick: u64,
}

/// A tick is 2^16 ns, or 65.5 µs. The shortest delays of TCP are a quarter of a round trip (RFC 8985 §6.2) and gaps of pacing,
/// for which a data centre's round trip is the measure; a shorter tick would wake machines more often for the same work.
const TICK_BITS: u32 = 16;

const SLOT_BITS: u32 = 6;
const SLOTS: usize = 1 << SLOT_BITS;

/// With so many there is a slot for every [`Instant`], and no horizon beyond which deadlines would need another treatment.
const LEVELS: usize = ((u64::BITS - TICK_BITS) / SLOT_BITS) as usize;

/// The last tick of all, after 584 years.
const LAST_TICK: u64 = u64::MAX >> TICK_BITS;

const HEADS: usize = LEVELS * SLOTS;

/// Of what isn't set.
const NEVER: u64 = u64::MAX;

/// As many deadlines are looked at to find the earliest.
const LOOKS: usize = 8;

/// The most deadlines that one call cascades: some microseconds' work, however many connections were idle for hours.
const MOVES: usize = 1024;

impl Wheel {
    /// Octets for each number.
    pub(crate) const PLACE: usize = size_of::<Node>();

    /// # Panics
    ///
    /// If nodes can't be numbered by 32 bits.
    pub(crate) fn new(capacity: usize) -> Self {
        u32::try_from(HEADS + capacity).expect("nodes are numbered by 32 bits");
        let heads = (0..HEADS as u32).map(|head| Node { next: head, previous: head, tick: NEVER });
        let numbers = iter::repeat_n(Node { next: 0, previous: 0, tick: NEVER }, capacity);
        let mut nodes = Vec::with_capacity(HEADS + capacity);
        nodes.extend(heads.chain(numbers));
        Self { nodes: nodes.into(), occupied: [0; LEVELS], current: 0, cascading: 0 }
    }

    /// Sets a number's deadline in place of what it was. One that is over is due within a tick.
    #[inline]
    pub(crate) fn set(&mut self, id: u32, at: Instant) {
        let tick = at.nanoseconds().div_ceil(1 << TICK_BITS).min(LAST_TICK);
        let node = HEADS + id as usize;
        let was = self.nodes[node].tick;
        if was == tick {
            return;
        }
        if was != NEVER {
            self.unlink(node);
        }
        self.nodes[node].tick = tick;
        self.place(node);
    }

    /// Forgets a number's deadline, if it has one.
    #[inline]
    pub(crate) fn cancel(&mut self, id: u32) {
        let node = HEADS + id as usize;
        if self.nodes[node].tick != NEVER {
            self.unlink(node);
            self.nodes[node].tick = NEVER;
        }
    }

    /// The deadline of a number, rounded up to its tick.
    #[cfg(test)]
    pub(crate) fn deadline_of(&self, id: u32) -> Option<Instant> {
        let tick = self.nodes[HEADS + id as usize].tick;
        (tick != NEVER).then(|| start_of(tick))
    }

    /// Forgets a deadline that has come, and says whose it was; the earlier first.
    ///
    /// Work is bounded, by [`MOVES`]: where so much more has to be cascaded, there is none yet, but [`Wheel::next`] is not
    /// later than `now`.
    #[inline]
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<u32> {
        let now = now.nanoseconds() >> TICK_BITS;
        for _ in 0..MOVES {
            let Some(slot) = self.first().filter(|slot| slot.tick <= now) else {
                // Nothing is in any slot up to `now`: whatever is set has as much in common with `now` as with the ticks before.
                self.current = self.current.max(now);
                return None;
            };
            self.current = slot.tick;
            let node = self.nodes[slot.level * SLOTS + slot.number].next as usize;
            self.unlink(node);
            if slot.level == 0 {
                self.nodes[node].tick = NEVER;
                return Some((node - HEADS) as u32);
            }
            self.cascading = slot.level;
            self.place(node);
        }
        None
    }

    /// When [`Wheel::take_due`] should be called next: at the earliest deadline, rounded up to its tick; or, where many are
    /// about as early, before that to cascade.
    #[inline]
    pub(crate) fn next(&self) -> Option<Instant> {
        let slot = self.first()?;
        let tick = if slot.level == 0 { slot.tick } else { self.earliest(&slot).unwrap_or(slot.tick) };
        Some(start_of(tick))
    }

    /// The earliest tick in a slot, unless there are many: a machine with little to do sleeps until then, and not until it cascades.
    fn earliest(&self, slot: &Slot) -> Option<u64> {
        let head = slot.level * SLOTS + slot.number;
        let mut node = self.nodes[head].next as usize;
        let mut earliest = NEVER;
        for _ in 0..LOOKS {
            if node == head {
                return Some(earliest);
            }
            earliest = earliest.min(self.nodes[node].tick);
            node = self.nodes[node].next as usize;
        }
        None
    }

    /// The slot that comes first. Deadlines of a level are before those of the next; what still cascades is before all.
    fn first(&self) -> Option<Slot> {
        let cascading = slot_number(self.current, self.cascading);
        let (level, number) = if self.occupied[self.cascading] >> cascading & 1 != 0 {
            (self.cascading, cascading)
        } else {
            let level = self.occupied.iter().position(|&occupied| occupied != 0)?;
            (level, self.occupied[level].trailing_zeros() as usize)
        };
        let shift = level as u32 * SLOT_BITS;
        let above = self.current >> shift & !(SLOTS as u64 - 1);
        Some(Slot { level, number, tick: (above | number as u64) << shift })
    }

    /// Puts a node that is in no list into the one where its tick belongs.
    fn place(&mut self, node: usize) {
        let tick = self.nodes[node].tick.max(self.current);
        let level = ((tick ^ self.current).checked_ilog2().unwrap_or(0) / SLOT_BITS) as usize;
        let number = slot_number(tick, level);
        self.occupied[level] |= 1 << number;
        let head = level * SLOTS + number;
        let last = self.nodes[head].previous;
        self.nodes[node].next = head as u32;
        self.nodes[node].previous = last;
        self.nodes[last as usize].next = node as u32;
        self.nodes[head].previous = node as u32;
    }

    /// Takes a node out of its list.
    fn unlink(&mut self, node: usize) {
        let Node { next, previous, .. } = self.nodes[node];
        self.nodes[previous as usize].next = next;
        self.nodes[next as usize].previous = previous;
        // On both sides of the only node is the head.
        if next == previous {
            let head = next as usize;
            self.occupied[head / SLOTS] &= !(1 << (head % SLOTS));
        }
    }
}

fn start_of(tick: u64) -> Instant {
    Instant::from_nanoseconds(tick << TICK_BITS)
}

/// Of the slot that a tick is in, on a level.
fn slot_number(tick: u64, level: usize) -> usize {
    (tick >> (level as u32 * SLOT_BITS)) as usize % SLOTS
}

#[cfg(test)]
mod tests;
