//! What a router says that is heard, and what is not: RFC 4861 §6.1.2, RFC 4862 §5.5.3.

use super::{
    AUTONOMOUS, FOR_EVER, FORMED, NODES, PREFIX, ROUTER, advertised, advertisement, answers, formed, prefix,
    start,
};
use crate::traffic::{PEER_STATION, ethernet, group, icmpv6, with};
use netstack::Counter;

#[test]
fn rfc4861_section_6_1_2_an_unsound_advertisement_is_dropped() {
    let sound = prefix(64, AUTONOMOUS, 3600, 3600, PREFIX);
    let mut wire = start(&[]);
    for frame in [
        advertised("2001:db8::1", 255, 0, 1800, &sound),
        advertised("::", 255, 0, 1800, &sound),
        advertised(ROUTER, 254, 0, 1800, &sound),
        advertised(ROUTER, 255, 1, 1800, &sound),
        advertisement(1800, &[&sound[..], &[1, 0, 0, 0, 0, 0, 0, 0]].concat()),
        advertisement(1800, &[&sound[..], &[1]].concat()),
        advertisement(1800, &[&sound[..], &[1, 2, 0, 0, 0, 0, 0, 0]].concat()),
        advertisement(1800, &sound[..31]),
        ethernet(PEER_STATION, group(NODES), icmpv6(ROUTER, NODES, [134, 0], 255, &[0; 11])),
    ] {
        wire.receives(frame).stays_silent().counts(Counter::NeighbourMalformed);
    }
    let wrong_sum = with(advertisement(1800, &sound), 56, &[0, 0]);
    wire.receives(wrong_sum).stays_silent().counts(Counter::IcmpChecksumWrong);
    assert!(!answers(&mut wire, FORMED));
}

#[test]
fn rfc4862_section_5_5_3_prefixes_that_no_address_is_formed_from() {
    for option in [
        prefix(64, 0x80, 3600, 3600, PREFIX),
        prefix(63, AUTONOMOUS, 3600, 3600, PREFIX),
        prefix(65, AUTONOMOUS, 3600, 3600, PREFIX),
        prefix(128, AUTONOMOUS, 3600, 3600, PREFIX),
        prefix(255, AUTONOMOUS, 3600, 3600, PREFIX),
        prefix(64, AUTONOMOUS, 3600, 3601, PREFIX),
        prefix(64, AUTONOMOUS, 3600, FOR_EVER, PREFIX),
        prefix(64, AUTONOMOUS, 0, 0, PREFIX),
        prefix(64, AUTONOMOUS, 3600, 3600, "fe80::"),
        prefix(64, AUTONOMOUS, 3600, 3600, "ff02::"),
        prefix(64, AUTONOMOUS, 3600, 3600, "::"),
        // Not long enough for one.
        [3, 1, 64, AUTONOMOUS, 0, 0, 14, 16].to_vec(),
    ] {
        let mut wire = start(&[]);
        wire.receives(advertisement(1800, &option)).stays_silent().counts(Counter::RouterHeard);
        wire.logs(&[]);
    }
}

#[test]
fn rfc4861_section_6_3_4_a_router_may_say_that_the_link_carries_less() {
    for (mtu, expected) in
        [(1400_u32, 1352), (1280, 1232), (1279, 1452), (0, 1452), (9000, 1452), (0x1_0500, 1452)]
    {
        let mut wire = formed(36_000);
        let option = [&[5, 1, 0, 0], &mtu.to_be_bytes()[..]].concat();
        wire.receives(advertisement(1800, &option)).counts(Counter::RouterHeard);
        assert!(answers(&mut wire, FORMED));
        assert_eq!(wire.appliance.asked.as_ref().map(|asked| asked.3), Some(expected), "{mtu}");
        // The last one that says anything holds.
        wire.receives(advertisement(1800, &[5, 1, 0, 0, 0, 0, 5, 220])).take_sent();
        assert!(answers(&mut wire, FORMED));
        assert_eq!(wire.appliance.asked.as_ref().map(|asked| asked.3), Some(1452));
    }
}
