use super::ReceiveBuffer;
use crate::budget::Budget;
use crate::tcp::limits;
use crate::tcp::memory::Memory;
use crate::tcp::options::SACK_BLOCKS;
use crate::tcp::sequence::Sequence;
use alloc::vec;
use alloc::vec::Vec;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::test_runner::TestCaseError;

fn memory() -> Memory {
    Memory::new(Budget { streams: 1, buffers: 1 << 18 })
}

/// The octet of a stream at this place.
fn octet(place: usize) -> u8 {
    (place * 31 + place / 256) as u8
}

#[derive(Clone, Debug)]
enum Step {
    /// So many octets come, so far behind those in order.
    Insert(usize, usize),
    /// The reader takes so many.
    Consume(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..40_usize, 1..12_usize)
            .prop_map(|(offset, count)| Step::Insert(offset * 100, count * 100)),
        2 => (0..9000_usize, 1..3000_usize).prop_map(|(offset, count)| Step::Insert(offset, count)),
        2 => (1..3000_usize).prop_map(|count| Step::Insert(0, count)),
        2 => prop_oneof![1..4000_usize, Just(usize::MAX)].prop_map(Step::Consume),
    ]
}

/// A buffer, and what it should hold.
struct Pair {
    buffer: ReceiveBuffer,
    memory: Memory,
    first: Sequence,
    consumed: usize,
    next: usize,
    /// Where isolated ranges begin and end, the one first that grew last.
    islands: Vec<(usize, usize)>,
}

impl Pair {
    fn new(first: u32) -> Self {
        let first = Sequence(first);
        let (buffer, memory) = (ReceiveBuffer::new(first), memory());
        Self { buffer, memory, first, consumed: 0, next: 0, islands: Vec::new() }
    }

    fn insert(&mut self, offset: usize, count: usize) -> bool {
        let (start, end) = (self.next + offset, self.next + offset + count);
        let octets: Vec<u8> = (start..end).map(octet).collect();
        if self.buffer.insert(self.first + start as u32, &octets, &mut self.memory).is_err() {
            return false;
        }
        let reaches = |island: &(usize, usize)| island.0 <= end && island.1 >= start;
        let (reached, others): (Vec<_>, Vec<_>) = self.islands.iter().copied().partition(reaches);
        let start = reached.iter().map(|island| island.0).min().unwrap_or(start).min(start);
        let end = reached.iter().map(|island| island.1).max().unwrap_or(end).max(end);
        self.islands = others;
        if start <= self.next {
            self.next = end;
        } else {
            self.islands.insert(0, (start, end));
        }
        true
    }

    fn consume(&mut self, count: usize) {
        let taken = self.buffer.consume(count, &mut self.memory.pool) as usize;
        assert_eq!(taken, count.min(self.next - self.consumed));
        self.consumed += taken;
    }

    fn check(&mut self) -> Result<(), TestCaseError> {
        prop_assert_eq!(self.buffer.next(), self.first + self.next as u32);
        prop_assert_eq!(self.buffer.length() as usize, self.next - self.consumed);
        let expected: Vec<u8> = (self.consumed..self.next).map(octet).collect();
        prop_assert_eq!(&self.buffer.received(&mut self.memory.pool)[..], &expected[..]);
        prop_assert_eq!(self.buffer.has_islands(), !self.islands.is_empty());
        prop_assert_eq!(self.memory.islands.length(), self.islands.len());
        prop_assert!(self.islands.len() <= limits::ISLANDS.into());
        // RFC 2018 §4.
        let (blocks, count) = self.buffer.blocks(&self.memory.islands);
        let blocks = blocks.map(|block| (block.start, block.end));
        let number = |place: usize| self.first + place as u32;
        let expected: Vec<_> = self
            .islands
            .iter()
            .take(SACK_BLOCKS)
            .map(|(start, end)| (number(*start), number(*end)))
            .collect();
        prop_assert_eq!(&blocks[..count], &expected[..]);
        if self.next == self.consumed && self.islands.is_empty() {
            prop_assert_eq!(self.memory.pool.available(), self.memory.pool.capacity());
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn any_order_and_overlap_makes_up_the_stream(
        first in prop_oneof![Just(0), Just(u32::MAX - 5000), 0..=u32::MAX],
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut pair = Pair::new(first);
        for step in &steps {
            match *step {
                Step::Insert(offset, count) => {
                    let is_taken = pair.insert(offset, count);
                    prop_assert!(is_taken || pair.next - pair.consumed > 1 << 16);
                }
                Step::Consume(count) => pair.consume(count),
            }
            pair.check()?;
        }
        pair.buffer.clear(&mut pair.memory);
        prop_assert_eq!(pair.memory.pool.available(), pair.memory.pool.capacity());
        prop_assert_eq!(pair.memory.islands.length(), 0);
    }
}

#[test]
fn islands_are_bounded() {
    let mut pair = Pair::new(0);
    let most = usize::from(limits::ISLANDS);
    for number in 1..=most {
        assert!(pair.insert(10 * number, 1));
    }
    assert!(!pair.insert(10 * most + 10, 1), "one more");
    // One that touches another makes none.
    assert!(pair.insert(11, 1));
    assert!(pair.insert(9, 1));
    assert!(pair.insert(10 * most + 1, 9));
    pair.check().unwrap();
    // One that joins two makes room for another.
    assert!(pair.insert(12, 8));
    assert!(pair.insert(10 * most + 20, 1));
    pair.check().unwrap();
    // What is in front of all is taken whatever there is.
    assert!(pair.insert(0, 10 * most + 20));
    assert_eq!((pair.islands.len(), pair.buffer.length() as usize), (0, 10 * most + 21));
    pair.check().unwrap();
}

#[test]
fn rfc2018_section_4_a_block_that_is_told_of_contains_what_came_last() {
    let mut pair = Pair::new(1);
    for (offset, count, expected) in [
        (100, 10, &[(100, 110)][..]),
        (200, 10, &[(200, 210), (100, 110)]),
        (300, 10, &[(300, 310), (200, 210), (100, 110)]),
        (110, 5, &[(100, 115), (300, 310), (200, 210)]),
        (400, 10, &[(400, 410), (100, 115), (300, 310), (200, 210)]),
        (500, 10, &[(500, 510), (400, 410), (100, 115), (300, 310)]),
        // What was there already is told of again.
        (202, 3, &[(200, 210), (500, 510), (400, 410), (100, 115)]),
        (115, 385, &[(100, 510)]),
    ] {
        assert!(pair.insert(offset, count));
        let (blocks, number) = pair.buffer.blocks(&pair.memory.islands);
        let blocks: Vec<_> = blocks[..number]
            .iter()
            .map(|block| (block.start.0 as usize - 1, block.end.0 as usize - 1))
            .collect();
        assert_eq!(blocks, expected);
    }
}

#[test]
fn without_memory_nothing_is_taken_and_nothing_is_lost() {
    let mut pair = Pair::new(0);
    assert!(pair.insert(0, 500));
    assert!(pair.insert(200, 300));
    let mut taken = Vec::new();
    for length in (9..=18).rev() {
        while let Some(block) = pair.memory.pool.allocate(1 << length) {
            taken.push(block);
        }
    }
    assert!(!pair.insert(600, 600));
    assert!(!pair.insert(0, 600));
    pair.check().unwrap();
    assert!(pair.insert(0, 200));
    assert_eq!(pair.buffer.length(), 1000);
    pair.check().unwrap();
}

#[test]
fn the_end_takes_one_number() {
    let mut pair = Pair::new(u32::MAX);
    assert!(pair.insert(0, 3));
    pair.buffer.finish();
    assert_eq!(pair.buffer.next(), Sequence(3));
    assert_eq!(pair.buffer.received(&mut pair.memory.pool), vec![octet(0), octet(1), octet(2)]);
}
