use super::Key;
use crate::tcp::tuple::Tuple;
use core::array;

const KEY: Key = Key([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

/// The example of "SipHash: a fast short-input PRF", appendix A.
#[test]
fn siphash_2_4() {
    let octets: [u8; 15] = array::from_fn(|position| position as u8);
    assert_eq!(KEY.hash(&octets), 0xa129_ca61_49be_45e5);
}

#[test]
fn every_part_of_a_tuple_and_of_the_key_counts() {
    let tuple = Tuple { local: 1, remote: 2, local_port: 3, remote_port: 4 };
    let hash = KEY.hash_tuple(&tuple);
    assert_eq!(KEY.hash_tuple(&tuple), hash);
    for other in [
        Tuple { local: 1 | 1 << 127, ..tuple },
        Tuple { remote: 2 | 1 << 127, ..tuple },
        Tuple { local_port: 0x0103, ..tuple },
        Tuple { remote_port: 0x0104, ..tuple },
        Tuple { local: 2, remote: 1, ..tuple },
        Tuple { local_port: 4, remote_port: 3, ..tuple },
    ] {
        assert_ne!(KEY.hash_tuple(&other), hash, "{other:?}");
    }
    assert_ne!(Key([0; 16]).hash_tuple(&tuple), hash);
}
