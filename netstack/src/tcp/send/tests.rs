use super::{Piece, SendQueue};
use crate::budget::Budget;
use crate::tcp::limits;
use crate::tcp::memory::Memory;
use crate::tcp::sequence::Sequence;
use alloc::vec;
use alloc::vec::Vec;
use appliance::Bytes;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::test_runner::TestCaseError;

const MOST: u32 = 60_000;

fn memory() -> Memory {
    Memory::new(Budget { streams: 1, buffers: 1 << 18 })
}

/// The octet of a stream at this place.
fn octet(place: usize) -> u8 {
    (place * 31 + place / 256) as u8
}

#[derive(Clone, Debug)]
enum Step {
    /// Asks for room for so many and commits a part of it.
    Write(usize, usize),
    Lend(usize),
    /// The peer acknowledges so many thousandths of what is there.
    Release(u32),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (1..9000_usize, 0..=1000_usize).prop_map(|(room, part)| Step::Write(room, room * part / 1000)),
        4 => (0..5000_usize).prop_map(Step::Lend),
        4 => prop_oneof![0..=1000_u32, Just(1000)].prop_map(Step::Release),
        1 => Just(Step::Clear),
    ]
}

/// A queue, and the stream that it should hold.
struct Pair {
    queue: SendQueue,
    memory: Memory,
    first: Sequence,
    /// All octets that ever joined, and how many are acknowledged.
    joined: usize,
    acknowledged: usize,
    /// Regions that may not be given back yet, each with the place behind its last octet.
    lent: Vec<(usize, Bytes)>,
}

impl Pair {
    fn new(first: u32) -> Self {
        let first = Sequence(first);
        let (queue, memory) = (SendQueue::new(first), memory());
        Self { queue, memory, first, joined: 0, acknowledged: 0, lent: Vec::new() }
    }

    fn number(&self, place: usize) -> Sequence {
        self.first + place as u32
    }

    fn length(&self) -> usize {
        self.joined - self.acknowledged
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Write(least, count) => {
                let (joined, length) = (self.joined, self.length());
                let Some(room) = self.queue.room(least, MOST, &mut self.memory.pool) else { return };
                assert!(room.len() >= least && room.len() + length <= MOST as usize);
                room[..count].iter_mut().enumerate().for_each(|(at, place)| *place = octet(joined + at));
                self.queue.commit(count, MOST);
                self.joined += count;
            }
            Step::Lend(count) => {
                let region: Bytes = (self.joined..self.joined + count).map(octet).collect::<Vec<_>>().into();
                if self.queue.lend(region.clone(), MOST, &mut self.memory).is_ok() && count > 0 {
                    self.joined += count;
                    self.lent.push((self.joined, region));
                }
            }
            Step::Release(thousandths) => {
                self.acknowledged += (self.length() as u64 * u64::from(thousandths) / 1000) as usize;
                self.queue.release(self.number(self.acknowledged), &mut self.memory);
            }
            Step::Clear => {
                self.acknowledged = self.joined;
                self.queue.clear(&mut self.memory);
            }
        }
        let acknowledged = self.acknowledged;
        self.lent.retain(|(end, _)| *end > acknowledged);
    }

    fn check(&mut self) -> Result<(), TestCaseError> {
        self.queue.give_back_room(&mut self.memory.pool);
        prop_assert_eq!(self.queue.length() as usize, self.length());
        prop_assert_eq!(self.queue.end(), self.number(self.joined));
        prop_assert_eq!(self.memory.lent.length(), self.lent.len());
        if self.length() == 0 {
            prop_assert_eq!(self.memory.pool.available(), self.memory.pool.capacity());
        }
        Ok(())
    }

    /// What is copied from this place on.
    fn check_copy(&self, from: usize, count: usize) -> Result<(), TestCaseError> {
        let count = count.min(self.joined - from);
        let mut target = vec![0; count];
        self.queue.copy(self.number(from), &mut target, &self.memory);
        prop_assert_eq!(target, (from..from + count).map(octet).collect::<Vec<_>>());
        Ok(())
    }

    /// Pieces are not longer than they may be, nor empty, and make up the stream.
    fn check_pieces(&self, most: usize) -> Result<(), TestCaseError> {
        let mut at = self.acknowledged;
        while let Some(piece) = self.queue.piece(self.number(at), most, &self.memory) {
            let octets: &[u8] = match &piece {
                Piece::Own(octets) => octets,
                Piece::Lent(region) => region,
            };
            prop_assert!((1..=most).contains(&octets.len()));
            prop_assert_eq!(octets, (at..at + octets.len()).map(octet).collect::<Vec<_>>());
            at += octets.len();
        }
        prop_assert_eq!(at, self.joined);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn own_octets_and_lent_regions_are_one_stream(
        first in prop_oneof![Just(0), Just(u32::MAX - 5000), 0..=u32::MAX],
        steps in prop::collection::vec((step(), 0..=1000_usize, 1..4000_usize), 1..60),
    ) {
        let mut pair = Pair::new(first);
        for (step, thousandths, count) in &steps {
            pair.take(step);
            pair.check()?;
            pair.check_copy(pair.acknowledged + pair.length() * thousandths / 1000, *count)?;
        }
        pair.check_pieces(1460)?;
        pair.check_pieces(usize::MAX)?;
        pair.take(&Step::Release(1000));
        pair.check()?;
    }
}

#[test]
fn lent_regions_are_not_copied() {
    let mut pair = Pair::new(5);
    pair.take(&Step::Write(10, 10));
    pair.take(&Step::Lend(3000));
    let region = pair.lent[0].1.clone();
    for (from, most, expected) in [(0, 3000, 0..3000), (0, 1460, 0..1460), (2999, 9, 2999..3000)] {
        match pair.queue.piece(pair.number(10 + from), most, &pair.memory) {
            Some(Piece::Lent(piece)) => assert_eq!(piece.as_ptr_range(), region[expected].as_ptr_range()),
            _ => panic!("a lent region is in one piece"),
        }
    }
}

#[test]
fn what_is_too_much_is_given_back() {
    let mut pair = Pair::new(0);
    let long = Bytes::from(vec![0; limits::QUEUE_MOST as usize + 1]);
    assert_eq!(pair.queue.lend(long.clone(), MOST, &mut pair.memory), Err(long));
    for _ in 0..limits::LENT_REGIONS {
        pair.take(&Step::Lend(1));
    }
    let region = Bytes::from_static(b"one more");
    assert_eq!(pair.queue.lend(region.clone(), MOST, &mut pair.memory), Err(region.clone()));
    // Nothing is nothing, however much there is.
    assert_eq!(pair.queue.lend(Bytes::new(), MOST, &mut pair.memory), Ok(()));
    pair.take(&Step::Release(1000));
    pair.take(&Step::Write(MOST as usize, MOST as usize));
    assert_eq!(pair.joined - pair.acknowledged, MOST as usize);
    assert_eq!(pair.queue.lend(region.clone(), MOST, &mut pair.memory), Err(region));
    assert!(pair.queue.room(1, MOST, &mut pair.memory.pool).is_none());
}

#[test]
fn without_memory_there_is_no_room_and_nothing_is_lost() {
    let mut pair = Pair::new(0);
    pair.take(&Step::Write(5000, 5000));
    let mut taken = Vec::new();
    for length in (9..=18).rev() {
        while let Some(block) = pair.memory.pool.allocate(1 << length) {
            taken.push(block);
        }
    }
    // What is left of the block is enough for some.
    pair.take(&Step::Write(3000, 3000));
    assert_eq!(pair.joined, 8000);
    pair.take(&Step::Write(3000, 3000));
    assert_eq!(pair.joined, 8000);
    pair.check_copy(0, 8000).unwrap();
    // What was acknowledged makes room.
    pair.take(&Step::Release(500));
    pair.take(&Step::Write(3000, 3000));
    assert_eq!(pair.joined, 11_000);
    pair.check_copy(4000, 7000).unwrap();
}

#[test]
fn committing_more_than_there_is_room_for_commits_the_room() {
    let mut pair = Pair::new(0);
    pair.queue.commit(7, MOST);
    assert_eq!(pair.queue.length(), 0);
    let room = pair.queue.room(1, MOST, &mut pair.memory.pool).unwrap().len();
    pair.queue.commit(usize::MAX, MOST);
    assert_eq!(pair.queue.length() as usize, room);
    pair.queue.clear(&mut pair.memory);
    assert_eq!(pair.memory.pool.available(), pair.memory.pool.capacity());
}
