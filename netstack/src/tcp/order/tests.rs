use super::Liveliness;
use alloc::vec::Vec;
use moment::Instant;
use proptest::prelude::{any, prop, prop_assert_eq, proptest};

const CAPACITY: usize = 8;

#[test]
fn what_was_not_made_room_for_is_not_kept() {
    let mut liveliness = Liveliness::new(2);
    [2, 7, u32::MAX - 1].into_iter().for_each(|number| liveliness.touch(number));
    liveliness.remove(5);
    assert_eq!(liveliness.oldest_first().next(), None);
}

#[test]
fn who_gets_on_all_the_time_is_touched_once_a_period() {
    let at = |periods: u64, rest| Instant::from_nanoseconds((periods << super::PERIOD_SHIFT) + rest);
    let mut liveliness = Liveliness::new(CAPACITY);
    [0, 1, 2].into_iter().for_each(|number| liveliness.touch(number));
    liveliness.get_on(0, at(3, 0), at(3, 70));
    assert_eq!(liveliness.oldest_first().collect::<Vec<_>>(), [0, 1, 2]);
    liveliness.get_on(0, at(3, 70), at(4, 0));
    assert_eq!(liveliness.oldest_first().collect::<Vec<_>>(), [1, 2, 0]);
}

proptest! {
    #[test]
    fn those_touched_longest_ago_come_first(
        steps in prop::collection::vec((0..CAPACITY as u32, any::<bool>()), 0..200)
    ) {
        let mut liveliness = Liveliness::new(CAPACITY);
        let mut model: Vec<u32> = Vec::new();
        for (number, is_touched) in steps {
            model.retain(|other| *other != number);
            if is_touched {
                liveliness.touch(number);
                model.push(number);
            } else {
                liveliness.remove(number);
            }
            prop_assert_eq!(liveliness.oldest_first().collect::<Vec<_>>(), model.clone());
        }
    }
}
