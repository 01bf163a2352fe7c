//! How long an address lasts: RFC 4862 §5.5.

use super::{AUTONOMOUS, FOR_EVER, FORMED, LINK_LOCAL, PREFIX, advertisement, answers, prefix, start, valid};
use core::time::Duration;

#[test]
fn rfc4862_section_5_5_4_an_address_is_answered_until_it_is_invalid_deprecated_or_not() {
    let mut wire = start(&[]);
    wire.receives(advertisement(1800, &prefix(64, AUTONOMOUS, 3600, 10, PREFIX))).take_sent();
    wire.rest(Duration::from_secs(3599));
    assert!(answers(&mut wire, FORMED));
    wire.platform.logged.clear();
    wire.rest(Duration::from_secs(1));
    assert!(!answers(&mut wire, FORMED));
    wire.logs(&["2001:db8:5::ff:fe00:53 lost: its time is over"]);
    assert!(answers(&mut wire, LINK_LOCAL));
}

#[test]
fn rfc4862_section_5_5_3_e_no_advertisement_takes_an_address_away_within_two_hours() {
    const HOUR: u32 = 3600;
    for (had, told, expected) in [
        (10 * HOUR, 5 * HOUR, 5 * HOUR),
        (5 * HOUR, 10 * HOUR, 10 * HOUR),
        (HOUR, HOUR + 1, HOUR + 1),
        (10 * HOUR, 0, 2 * HOUR),
        (10 * HOUR, HOUR, 2 * HOUR),
        (FOR_EVER, 1, 2 * HOUR),
        (HOUR, 0, HOUR),
        (HOUR, 60, HOUR),
        (HOUR, FOR_EVER, 1000 * HOUR),
    ] {
        let mut wire = start(&[]);
        wire.receives(valid(had)).take_sent();
        wire.receives(valid(told)).take_sent();
        wire.rest(Duration::from_secs(u64::from(expected) - 1));
        assert!(answers(&mut wire, FORMED), "{had} {told}");
        wire.rest(Duration::from_secs(1));
        assert_eq!(answers(&mut wire, FORMED), expected == 1000 * HOUR, "{had} {told}");
    }
}
