use super::{Place, Slab};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use core::num::NonZeroU32;
use proptest::prelude::{ProptestConfig, any, prop, prop_assert_eq, proptest};

#[test]
fn full_and_empty() {
    let mut slab = Slab::new(2);
    assert_eq!((slab.length(), slab.capacity(), slab.is_full()), (0, 2, false));
    let first = slab.insert("first").unwrap();
    let second = slab.insert("second").unwrap();
    assert_eq!(slab.insert("third"), Err("third"));
    assert_eq!((slab.length(), slab.is_full()), (2, true));
    assert_eq!(slab.remove(first), "first");
    assert_eq!(
        (slab.get(first), slab.get(second), slab.get(7), slab.get(u32::MAX)),
        (None, Some(&"second"), None, None)
    );
    assert_eq!(slab.insert("third"), Ok(first));
    slab[first] = "fourth";
    assert_eq!(slab[first], "fourth");
}

#[test]
fn none() {
    let mut slab = Slab::new(0);
    assert!(slab.is_full());
    assert_eq!(slab.insert(1), Err(1));
}

#[test]
#[should_panic(expected = "nothing has the number 0")]
fn removing_twice_is_a_mistake() {
    let mut slab = Slab::new(1);
    let number = slab.insert(1).unwrap();
    slab.remove(number);
    slab.remove(number);
}

#[test]
fn a_place_costs_little() {
    assert_eq!(size_of::<Place<[u64; 8]>>(), 72);
    assert_eq!(size_of::<Place<(u64, bool)>>(), 16);
    assert_eq!(size_of::<Place<(Box<u8>, NonZeroU32)>>(), 16);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn like_a_map(capacity in 0_usize..20, steps in prop::collection::vec(any::<(bool, u8)>(), 0..200)) {
        let mut slab = Slab::new(capacity);
        let mut model = BTreeMap::new();
        for (inserts, value) in steps {
            if inserts {
                match slab.insert(value) {
                    Ok(number) => prop_assert_eq!(model.insert(number, value), None),
                    Err(back) => prop_assert_eq!((back, model.len()), (value, capacity)),
                }
            } else if let Some((&number, &kept)) = model.iter().nth(usize::from(value) % model.len().max(1)) {
                prop_assert_eq!(slab.remove(number), kept);
                model.remove(&number);
            }
            prop_assert_eq!(slab.length(), model.len());
            for number in 0..20 {
                prop_assert_eq!(slab.get(number), model.get(&number));
                prop_assert_eq!(slab.get_mut(number).copied(), model.get(&number).copied());
            }
        }
    }
}
