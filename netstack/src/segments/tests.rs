use super::guess_ends;
use crate::tcp::tuple::Tuple;
use alloc::vec::Vec;
use proptest::prelude::{any, prop, proptest};

const PORTS: [u8; 4] = [0x10, 0, 0, 7];

fn ends(local: &str, remote: &str) -> Option<Tuple> {
    let [local, remote] = [local, remote].map(|text| text.parse().expect("an address and a port"));
    Some(Tuple::new(local, remote))
}

fn v4(first: u8, protocol: u8) -> Vec<u8> {
    let header =
        [&[first, 0, 0, 40, 0, 0, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 9, 192, 0, 2, 53][..], &PORTS]
            .concat();
    [&[0; 12][..], &[0x08, 0x00], &header, &[0; 16]].concat()
}

fn v6(next: u8) -> Vec<u8> {
    let addresses = ["2001:db8::9", "2001:db8::53"];
    let addresses = addresses.map(|text| text.parse::<core::net::Ipv6Addr>().expect("an address").octets());
    let header = [&[0x60, 0, 0, 0, 0, 20, next, 64][..], &addresses.concat(), &PORTS].concat();
    [&[0; 12][..], &[0x86, 0xdd], &header, &[0; 16]].concat()
}

#[test]
fn ends_are_guessed_of_ordinary_segments() {
    assert_eq!(guess_ends(&v4(0x45, 6)), ends("192.0.2.53:7", "192.0.2.9:4096"));
    assert_eq!(guess_ends(&v6(6)), ends("[2001:db8::53]:7", "[2001:db8::9]:4096"));
    for other in [v4(0x46, 6), v4(0x45, 17), v6(17)] {
        assert_eq!(guess_ends(&other), None);
    }
}

#[test]
fn nothing_is_guessed_of_what_ends_before_its_ports() {
    for (frame, least) in [(v4(0x45, 6), 38), (v6(6), 58)] {
        for length in 0..frame.len() {
            assert_eq!(guess_ends(&frame[..length]).is_some(), length >= least, "{length}");
        }
    }
}

proptest! {
    #[test]
    fn any_frame_is_looked_at(frame in prop::collection::vec(any::<u8>(), 0..80)) {
        guess_ends(&frame);
    }
}
