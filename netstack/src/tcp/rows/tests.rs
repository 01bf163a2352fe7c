use super::{List, Rows};
use alloc::collections::VecDeque;
use moment::Instant;
use proptest::prelude::{any, prop, prop_assert_eq, proptest};

const CAPACITY: usize = 8;

const LISTS: [List; super::LISTS] = [List::Telling, List::Sending, List::Awaiting];

#[test]
fn what_was_not_made_room_for_is_not_kept() {
    let mut rows = Rows::new(2);
    [2, 7, u32::MAX, u32::MAX - 1].into_iter().for_each(|number| rows.push(List::Sending, number));
    assert!(rows.is_empty(List::Sending));
    assert_eq!(rows.pop(List::Sending), None);
    assert_eq!(Rows::new(0).pop(List::Telling), None);
    assert!(!rows.hasten_timer(2, Instant::START));
    assert_eq!(rows.generation(2), None);
}

#[test]
fn a_timer_is_set_for_what_is_sooner_alone() {
    let at = Instant::from_nanoseconds;
    let mut rows = Rows::new(2);
    assert!(rows.hasten_timer(1, at(70)));
    assert!(!rows.hasten_timer(1, at(70)) && !rows.hasten_timer(1, at(80)));
    assert!(rows.hasten_timer(1, at(60)) && rows.hasten_timer(0, at(90)), "each has its own");
    rows.forget_timer(1);
    assert!(rows.hasten_timer(1, at(75)));
    rows.end_generation(1);
    assert!(rows.hasten_timer(1, at(80)), "whoever comes next has set none");
    assert_eq!((rows.generation(0), rows.generation(1)), (Some(0), Some(1)));
}

proptest! {
    #[test]
    fn first_in_first_out_and_nobody_twice(
        steps in prop::collection::vec((0..super::LISTS, 0..CAPACITY as u32, any::<bool>()), 0..300)
    ) {
        let mut rows = Rows::new(CAPACITY);
        let mut models = [const { VecDeque::new() }; super::LISTS];
        for (list, number, is_push) in steps {
            let (list, model) = (LISTS[list], &mut models[list]);
            if is_push {
                rows.push(list, number);
                if !model.contains(&number) {
                    model.push_back(number);
                }
            } else {
                prop_assert_eq!(rows.pop(list), model.pop_front());
            }
            prop_assert_eq!(rows.is_empty(list), model.is_empty());
        }
        for (list, model) in LISTS.into_iter().zip(models) {
            for number in model {
                prop_assert_eq!(rows.pop(list), Some(number));
            }
            prop_assert_eq!(rows.pop(list), None);
        }
    }
}
