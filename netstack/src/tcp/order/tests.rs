use super::{Liveliness, Queue};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use proptest::prelude::{any, prop, prop_assert_eq, proptest};

const CAPACITY: usize = 8;

#[test]
fn what_was_not_made_room_for_is_not_kept() {
    let mut queue = Queue::new(2);
    [2, 7, u32::MAX, u32::MAX - 1].into_iter().for_each(|number| queue.push(number));
    assert!(queue.is_empty());
    assert_eq!(queue.pop(), None);
    assert_eq!(Queue::new(0).pop(), None);

    let mut liveliness = Liveliness::new(2);
    [2, 7, u32::MAX - 1].into_iter().for_each(|number| liveliness.touch(number));
    liveliness.remove(5);
    assert_eq!(liveliness.oldest_first().next(), None);
}

proptest! {
    #[test]
    fn first_in_first_out_and_nobody_twice(
        steps in prop::collection::vec((0..CAPACITY as u32, any::<bool>()), 0..200)
    ) {
        let mut queue = Queue::new(CAPACITY);
        let mut model = VecDeque::new();
        for (number, is_push) in steps {
            if is_push {
                queue.push(number);
                if !model.contains(&number) {
                    model.push_back(number);
                }
            } else {
                prop_assert_eq!(queue.pop(), model.pop_front());
            }
            prop_assert_eq!(queue.is_empty(), model.is_empty());
        }
        while let Some(number) = model.pop_front() {
            prop_assert_eq!(queue.pop(), Some(number));
        }
        prop_assert_eq!(queue.pop(), None);
    }

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
