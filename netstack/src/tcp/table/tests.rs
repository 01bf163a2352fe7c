use super::{Place, Table};
use alloc::collections::BTreeMap;
use proptest::prelude::{ProptestConfig, Strategy, any, prop, prop_assert_eq, prop_oneof, proptest};

const CAPACITY: usize = 12;

#[test]
fn sizes() {
    assert_eq!(size_of::<Place>(), 8);
    for (capacity, places) in [(0, 1), (1, 2), (2, 4), (3, 8), (1000, 2048), (1024, 2048), (1025, 4096)] {
        assert_eq!(Table::new(capacity).places.len(), places);
    }
}

#[test]
fn nothing_is_in_the_empty() {
    let mut table = Table::new(0);
    assert_eq!(table.find(7, |_| true), None);
    assert!(!table.remove(7, 1));
}

#[test]
#[should_panic(expected = "as large as what it is for")]
fn more_than_it_is_for_is_a_mistake() {
    let mut table = Table::new(3);
    (0..4).for_each(|number| table.insert(7, number));
}

#[test]
#[should_panic(expected = "what is replaced is there")]
fn replacing_nothing_is_a_mistake() {
    Table::new(3).replace(7, 1, 2);
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u32, u64),
    Remove(u32),
    Replace(u32, u32),
}

fn step() -> impl Strategy<Value = Step> {
    // Equal hashes, hashes of neighbours, and such as differ in what isn't kept or doesn't say the place.
    let hash = prop_oneof![
        any::<u64>(),
        (0..4_u64),
        (0..4_u64).prop_map(|hash| u64::MAX - hash),
        (0..2_u64, 0..2_u64, 28..32_u64).prop_map(|(high, middle, low)| high << 60 | middle << 20 | low),
    ];
    prop_oneof![
        3 => (0..20_u32, hash).prop_map(|(number, hash)| Step::Insert(number, hash)),
        2 => (0..20_u32).prop_map(Step::Remove),
        1 => (0..20_u32, 0..20_u32).prop_map(|(old, new)| Step::Replace(old, new)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn like_a_map(steps in prop::collection::vec(step(), 0..300)) {
        let mut table = Table::new(CAPACITY);
        let mut model = BTreeMap::new();
        for step in steps {
            match step {
                Step::Insert(number, hash) if model.len() < CAPACITY && !model.contains_key(&number) => {
                    table.insert(hash, number);
                    model.insert(number, hash);
                }
                Step::Insert(..) => {}
                Step::Remove(number) => match model.remove(&number) {
                    Some(hash) => prop_assert_eq!((table.remove(hash, number), table.remove(hash, number)), (true, false)),
                    None => prop_assert_eq!(table.remove(7, number), false),
                },
                Step::Replace(old, new) if !model.contains_key(&new) => {
                    if let Some(hash) = model.remove(&old) {
                        table.replace(hash, old, new);
                        model.insert(new, hash);
                    }
                }
                Step::Replace(..) => {}
            }
            prop_assert_eq!(table.length, model.len());
            for (&number, &hash) in &model {
                prop_assert_eq!(table.find(hash, |found| found == number), Some(number));
                // Others of the same hash are offered, and nothing else is.
                let mut offered = 0;
                prop_assert_eq!(table.find(hash, |other| {
                    offered += usize::from(model[&other] as u32 == hash as u32);
                    false
                }), None);
                prop_assert_eq!(offered, model.values().filter(|&&other| other as u32 == hash as u32).count());
            }
        }
    }
}

#[test]
fn a_guess_is_who_stands_where_a_hash_says() {
    let mut table = Table::new(4);
    assert_eq!(table.guess(5), u32::MAX);
    table.insert(5, 3);
    table.insert(5 + (9 << 32), 1);
    assert_eq!((table.guess(5), table.guess(5 + (9 << 32))), (3, 3));
    assert_eq!(table.find(5 + (9 << 32), |number| number == 1), Some(1), "a guess may be wrong");
}
