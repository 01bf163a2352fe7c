use super::Sources;
use crate::tcp::keyed_hash::Key;
use alloc::collections::BTreeMap;
use core::net::{IpAddr, Ipv6Addr};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert, prop_assert_eq, proptest};

fn number(text: &str) -> u128 {
    match text.parse().unwrap() {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[test]
fn what_is_one_source() {
    for (one, other, is_same) in [
        ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1", "192.0.2.2", false),
        ("2001:db8::1", "2001:db8::2:3:4:5", true),
        ("2001:db8::1", "2001:db8:0:1::1", false),
        ("::1", "0.0.0.0", false),
    ] {
        let mut sources = Sources::new(1000, Key([7; 16]));
        assert!(sources.admit(number(one), 1).is_some());
        assert_eq!(sources.admit(number(other), 1).is_none(), is_same, "{one} {other}");
        sources.leave(number(one));
        assert!(sources.admit(number(one), 1).is_some());
    }
}

#[test]
fn a_full_counter_goes_down_as_it_went_up() {
    let mut sources = Sources::new(0, Key([7; 16]));
    for _ in 0..u16::MAX {
        assert!(sources.admit(1, u16::MAX).is_some());
    }
    assert!(sources.admit(1, u16::MAX).is_none());
    // With all of its neighbours in one row or the other, it is refused with them, and nothing is counted.
    let others = (0..1000).map(|source| Ipv6Addr::new(source, 0, 0, 0, 0, 0, 0, 0).to_bits());
    let admitted: BTreeMap<_, _> = others.map(|source| (source, sources.admit(source, u16::MAX))).collect();
    for (source, _) in admitted.into_iter().filter(|(_, admitted)| admitted.is_some()) {
        sources.leave(source);
    }
    for _ in 0..u16::MAX {
        sources.leave(1);
    }
    assert!(sources.rows.iter().flatten().all(|&count| count == 0));
}

#[test]
fn few_are_refused_for_others() {
    let connections = 4096;
    let mut sources = Sources::new(connections, Key([7; 16]));
    // Half of all are one source's. Of the others, which have one each, hardly any has both counters with it.
    for _ in 0..connections / 2 {
        assert!(sources.admit(0, u16::MAX).is_some());
    }
    let others = 1..=connections as u128 / 2;
    let refused = others.filter(|&source| sources.admit(source << 64, 100).is_none()).count();
    assert_eq!(refused, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn none_has_more_than_it_may(key in any::<[u8; 16]>(), steps in prop::collection::vec((0..6_u128, any::<bool>()), 0..200)) {
        let mut sources = Sources::new(64, Key(key));
        let mut model = BTreeMap::new();
        let most = 5;
        for (source, comes) in steps {
            let count: &mut u16 = model.entry(source).or_default();
            if comes {
                let admitted = sources.admit(source << 64, most).is_some();
                prop_assert!(!admitted || *count < most);
                *count += u16::from(admitted);
            } else if *count > 0 {
                sources.leave(source << 64);
                *count -= 1;
            }
        }
        for (source, count) in model {
            (0..count).for_each(|_| sources.leave(source << 64));
        }
        prop_assert_eq!(sources.rows.iter().flatten().filter(|&&count| count != 0).count(), 0);
    }
}
