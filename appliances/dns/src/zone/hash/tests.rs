extern crate std;

use super::*;
use proptest::prelude::*;
use std::vec::Vec;

#[test]
fn the_hash_does_not_depend_on_case_or_on_what_follows() {
    let label = b"\x0bWwW-1@[{z\xc0\xe0\0";
    let small = b"\x0bwww-1@[{z\xc0\xe0";
    let hash = extend(ROOT, label, 0);
    assert!(hash.is_some());
    assert_eq!(hash, extend(ROOT, small, 0));
    assert_eq!(hash, extend(ROOT, b"\x0bwww-1@[{z\xc0\xe0 and much more", 0));
    assert_ne!(hash, extend(ROOT, b"\x0bwww-1`[{z\xc0\xe0", 0));
    assert_eq!(extend(ROOT, b"\x05abc", 0), None);
}

proptest! {
    #[test]
    fn folding_is_that_of_the_core_library(octets in any::<[u8; 8]>()) {
        prop_assert_eq!(fold_case(u64::from_le_bytes(octets)).to_le_bytes().to_vec(), octets.to_ascii_lowercase());
    }

    #[test]
    fn equality_is_that_of_the_core_library(one in any::<Vec<u8>>(), flips in any::<Vec<bool>>(), change in any::<Option<(usize, u8)>>()) {
        let mut other: Vec<u8> = one.clone();
        for (octet, flip) in other.iter_mut().zip(flips) {
            if flip && octet.is_ascii_alphabetic() {
                *octet ^= 0x20;
            }
        }
        if let (Some((at, octet)), false) = (change, other.is_empty()) {
            let at = at % other.len();
            other[at] = octet;
        }
        prop_assert_eq!(equal_but_for_case(&one, &other), one.eq_ignore_ascii_case(&other));
    }
}
