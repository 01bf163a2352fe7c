use super::{Key, Table};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use proptest::prelude::*;

impl Key for u64 {
    fn number(self) -> u64 {
        // Few homes, so that many share one.
        self % 5
    }
}

proptest! {
    #[test]
    fn it_holds_what_a_map_holds(steps in prop::collection::vec((0_u64..40, any::<bool>()), 0..300)) {
        let mut table = Table::new(32);
        let mut map = BTreeMap::new();
        for (number, (key, is_added)) in (0_u32..).zip(steps) {
            if !is_added {
                prop_assert_eq!(table.remove(key), map.remove(&key));
            } else if map.len() < 32 || map.contains_key(&key) {
                table.set(key, number);
                map.insert(key, number);
            }
            let found: Vec<_> = (0..40).map(|key| table.get(key)).collect();
            let expected: Vec<_> = (0..40).map(|key| map.get(&key).copied()).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
