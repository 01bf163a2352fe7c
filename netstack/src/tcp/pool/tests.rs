use super::{Block, NoMemory, Pool, UNIT};
use alloc::vec;
use alloc::vec::Vec;
use core::mem::size_of;
use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::test_runner::TestCaseError;

#[test]
fn blocks_cost_little() {
    assert_eq!(size_of::<Block>(), 8);
    assert_eq!(size_of::<Option<Block>>(), 8);
}

#[test]
fn so_does_keeping_account_of_them() {
    let pool = Pool::new(1 << 26);
    let words: usize = pool.vacant.iter().flat_map(|vacant| &vacant.levels).map(|level| level.len()).sum();
    assert!(words * 8 * 1000 < pool.capacity(), "{words}");
}

#[test]
fn capacity_is_rounded_down() {
    for (octets, capacity) in
        [(0, 0), (511, 0), (512, 512), (1023, 512), (1024, 1024), (1 << 20, 1 << 20), (1_500_000, 1 << 20)]
    {
        let mut pool = Pool::new(octets);
        assert_eq!((pool.capacity(), pool.available()), (capacity, capacity));
        assert_eq!(pool.allocate(capacity + 1), None);
        assert_eq!(pool.allocate(usize::MAX), None);
        let all = pool.allocate(capacity);
        assert_eq!(all.is_some(), capacity > 0);
        assert_eq!((pool.available(), pool.allocate(0)), (0, None));
        all.into_iter().for_each(|all| pool.release(all));
        assert_eq!(pool.available(), capacity);
    }
}

#[test]
fn lengths_are_rounded_up() {
    let mut pool = Pool::new(1 << 16);
    for (asked, given) in [(0, 512), (1, 512), (512, 512), (513, 1024), (1460, 2048), (1 << 15, 1 << 15)] {
        let block = pool.allocate(asked).unwrap();
        assert_eq!((block.length(), pool.bytes(&block).len()), (given, given));
        pool.release(block);
    }
}

#[test]
fn long_blocks_stay_whole() {
    let mut pool = Pool::new(8 * UNIT);
    let blocks: Vec<_> = (0..4).map(|_| pool.allocate(UNIT).unwrap()).collect();
    assert_eq!(blocks.iter().map(|block| block.offset).collect::<Vec<_>>(), [0, 1, 2, 3]);
    let mut blocks = blocks.into_iter();
    pool.release(blocks.next().unwrap());
    let half = pool.allocate(4 * UNIT).unwrap();
    assert_eq!(half.offset, 4);
    assert_eq!(pool.allocate(2 * UNIT), None);
    pool.release(half);
    blocks.for_each(|block| pool.release(block));
    assert_eq!(pool.allocate(8 * UNIT).map(|all| all.length()), Some(8 * UNIT));
}

#[test]
fn a_block_grows_over_its_buddy() {
    let mut pool = Pool::new(2 * UNIT);
    let first = pool.allocate(UNIT).unwrap();
    let mut second = pool.allocate(UNIT).unwrap();
    pool.bytes_mut(&second)[100..200].fill(7);
    assert_eq!(pool.grow(&mut second, UNIT + 1, 100..200), Err(NoMemory));
    assert_eq!(pool.grow(&mut second, usize::MAX, 100..200), Err(NoMemory));
    pool.release(first);
    assert_eq!(pool.grow(&mut second, UNIT + 1, 100..200), Ok(()));
    assert_eq!((second.length(), pool.available()), (2 * UNIT, 0));
    assert_eq!(pool.bytes(&second)[..100], [7; 100]);
    pool.release(second);
    assert_eq!(pool.available(), pool.capacity());
}

#[test]
#[should_panic(expected = "only what is in a block")]
fn keeping_what_is_in_no_block_is_a_mistake() {
    let mut pool = Pool::new(8 * UNIT);
    let mut block = pool.allocate(UNIT).unwrap();
    let _ = pool.grow(&mut block, 2 * UNIT, 0..UNIT + 1);
}

#[derive(Clone, Debug)]
enum Step {
    Allocate(usize),
    Release(usize),
    Grow { which: usize, length: usize, keep: (usize, usize) },
}

fn step() -> impl Strategy<Value = Step> {
    let length = prop_oneof![0..600_usize, 0..10_000_usize, 0..100_000_usize, Just(usize::MAX)];
    prop_oneof![
        3 => length.clone().prop_map(Step::Allocate),
        2 => any::<usize>().prop_map(Step::Release),
        2 => (any::<usize>(), length, any::<(usize, usize)>())
            .prop_map(|(which, length, keep)| Step::Grow { which, length, keep }),
    ]
}

/// A block, and the octets that must be in it.
type Kept = (Block, Vec<u8>);

/// Blocks are whole and where they may be, none overlaps another, and each has what was written into it.
fn holds(pool: &Pool, model: &[Kept]) -> Result<(), TestCaseError> {
    let mut units = vec![false; pool.capacity() / UNIT];
    for (block, octets) in model {
        prop_assert_eq!(pool.bytes(block), octets);
        prop_assert_eq!(block.offset as usize * UNIT % block.length(), 0);
        for unit in &mut units[block.range().start / UNIT..block.range().end / UNIT] {
            prop_assert!(!*unit);
            *unit = true;
        }
    }
    prop_assert_eq!(units.iter().filter(|&&taken| !taken).count() * UNIT, pool.available());
    Ok(())
}

/// Whether a block of `length` could be taken from what `model` leaves: some aligned place of that length has nothing in it.
fn is_possible(pool: &Pool, model: &[Kept], length: usize) -> bool {
    let Some(length) = length.max(UNIT).checked_next_power_of_two() else { return false };
    (0..pool.capacity() / length).any(|place| {
        let (start, end) = (place * length, (place + 1) * length);
        model.iter().all(|(block, _)| block.range().end <= start || end <= block.range().start)
    })
}

fn apply(pool: &mut Pool, model: &mut Vec<Kept>, step: Step, mark: u8) -> Result<(), TestCaseError> {
    match step {
        Step::Allocate(length) => {
            let possible = is_possible(pool, model, length);
            let block = pool.allocate(length);
            prop_assert_eq!(block.is_some(), possible);
            if let Some(block) = block {
                prop_assert!(block.length() >= length && block.length() < (2 * length).max(UNIT + 1));
                pool.bytes_mut(&block).fill(mark);
                let octets = pool.bytes(&block).to_vec();
                model.push((block, octets));
            }
        }
        Step::Release(which) if !model.is_empty() => {
            let (block, _) = model.swap_remove(which % model.len());
            pool.release(block);
        }
        Step::Grow { which, length, keep } if !model.is_empty() => {
            let (mut block, mut octets) = model.swap_remove(which % model.len());
            let start = keep.0 % (octets.len() + 1);
            let keep = start..start + keep.1 % (octets.len() + 1 - start);
            let was = block.length();
            match pool.grow(&mut block, length, keep.clone()) {
                Ok(()) => {
                    prop_assert!(block.length() >= length.max(was));
                    prop_assert_eq!(&pool.bytes(&block)[..keep.len()], &octets[keep.clone()]);
                    pool.bytes_mut(&block)[keep.len()..].fill(mark);
                    octets = pool.bytes(&block).to_vec();
                }
                Err(NoMemory) => prop_assert_eq!(block.length(), was),
            }
            model.push((block, octets));
        }
        Step::Release(_) | Step::Grow { .. } => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn like_memory(octets in 0..200_000_usize, steps in prop::collection::vec(step(), 0..120)) {
        let mut pool = Pool::new(octets);
        let mut model = Vec::new();
        for (mark, step) in steps.into_iter().enumerate() {
            apply(&mut pool, &mut model, step, mark as u8)?;
            holds(&pool, &model)?;
        }
        for (block, _) in model {
            pool.release(block);
        }
        prop_assert_eq!(pool.available(), pool.capacity());
        prop_assert_eq!(pool.allocate(pool.capacity()).map(|all| all.length()).unwrap_or(0), pool.capacity());
    }
}
