use super::{Cookies, mark_timestamp, read_offer};
use crate::tcp::keyed_hash::Key;
use crate::tcp::limits;
use crate::tcp::offer::Offer;
use crate::tcp::sequence::Sequence;
use crate::tcp::tuple::Tuple;
use core::time::Duration;
use moment::Instant;
use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

fn tuple() -> Tuple {
    Tuple::new("192.0.2.53:7".parse().unwrap(), "192.0.2.9:4096".parse().unwrap())
}

fn at(milliseconds: u64) -> Instant {
    Instant::START + Duration::from_millis(milliseconds)
}

#[test]
fn before_one_was_given_none_is_believed() {
    let cookies = Cookies::new(Key([7; 16]));
    let mut other = Cookies::new(Key([7; 16]));
    let cookie = other.give(&tuple(), Sequence(1), 1460, at(0));
    assert_eq!(other.check(&tuple(), Sequence(1), cookie, at(0)), Some(1460));
    assert_eq!(cookies.check(&tuple(), Sequence(1), cookie, at(0)), None);
}

#[test]
fn a_cookie_of_an_old_period_is_not_believed_though_others_are_given() {
    let mut cookies = Cookies::new(Key([7; 16]));
    let cookie = cookies.give(&tuple(), Sequence(1), 1460, at(0));
    for (seconds, is_good) in [(0, true), (63, true), (64, true), (127, true), (128, false), (1000, false)] {
        cookies.give(&tuple(), Sequence(2), 1460, at(1000 * seconds));
        let checked = cookies.check(&tuple(), Sequence(1), cookie, at(1000 * seconds));
        assert_eq!(checked.is_some(), is_good, "{seconds}");
    }
    // The bits of the time go round after 32 periods; the hash does not.
    let later = at(32 * 64 * 1000);
    cookies.give(&tuple(), Sequence(2), 1460, later);
    assert_eq!(cookies.check(&tuple(), Sequence(1), cookie, later), None);
}

#[test]
fn a_cookie_tells_a_size_that_is_not_larger() {
    let mut cookies = Cookies::new(Key([7; 16]));
    for (segment, told) in [
        (0, limits::SEGMENT_LEAST),
        (535, limits::SEGMENT_LEAST),
        (536, 536),
        (1219, 536),
        (1220, 1220),
        (1380, 1300),
        (1440, 1440),
        (1460, 1460),
        (8939, 1460),
        (8940, 8940),
        (u16::MAX, 8940),
    ] {
        let cookie = cookies.give(&tuple(), Sequence(9), segment, at(5));
        assert_eq!(cookies.check(&tuple(), Sequence(9), cookie, at(5)), Some(told), "{segment}");
    }
}

#[test]
fn without_an_echo_only_the_size_is_known() {
    let nothing = Offer {
        segment: 1460,
        shift: None,
        is_sack_permitted: false,
        timestamp: None,
        has_notification: false,
    };
    assert_eq!(read_offer(1460, None), nothing);
}

proptest! {
    #[test]
    fn cookies_are_good_for_one_to_two_periods(
        given in 0..1_000_000_u64,
        after in 0..300_000_u64,
        sequence: u32,
    ) {
        let mut cookies = Cookies::new(Key([7; 16]));
        let cookie = cookies.give(&tuple(), Sequence(sequence), 1460, at(given));
        let checked = cookies.check(&tuple(), Sequence(sequence), cookie, at(given + after));
        match after {
            0..64_000 => prop_assert_eq!(checked, Some(1460)),
            64_000..128_000 => prop_assert!(checked.is_none_or(|size| size == 1460)),
            _ => prop_assert_eq!(checked, None),
        }
    }

    #[test]
    fn others_are_never_believed(bit in 0..32_u32, port: u16, number: u32) {
        let mut cookies = Cookies::new(Key([7; 16]));
        let cookie = cookies.give(&tuple(), Sequence(number), 1460, at(100));
        let check = |tuple: &Tuple, sequence, cookie| cookies.check(tuple, Sequence(sequence), cookie, at(100));
        prop_assert_eq!(check(&tuple(), number, Sequence(cookie.0 ^ 1 << bit)), None);
        prop_assert_eq!(check(&tuple(), number ^ 1 << bit, cookie), None);
        if port != 4096 {
            prop_assert_eq!(check(&Tuple { remote_port: port, ..tuple() }, number, cookie), None);
        }
        prop_assert_eq!(check(&Tuple { remote: tuple().remote ^ 1 << bit, ..tuple() }, number, cookie), None);
    }

    #[test]
    fn what_was_offered_comes_back_with_the_timestamp(
        value: u32,
        shift in prop::option::of(0_u8..=14),
        is_sack_permitted: bool,
        has_notification: bool,
        timestamp: u32,
    ) {
        let offer = Offer {
            segment: 1400,
            shift,
            is_sack_permitted,
            timestamp: Some(timestamp),
            has_notification,
        };
        let marked = mark_timestamp(value, &offer);
        // A clock that ran ahead would make round trips negative.
        prop_assert!(value.wrapping_sub(marked) < 64);
        prop_assert_eq!(read_offer(1400, Some((timestamp, marked))), offer);
    }
}
