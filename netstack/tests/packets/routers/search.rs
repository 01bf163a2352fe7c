//! The search for routers: RFC 7559, RFC 4861 §6.3.7.

use super::{advertisement, start};
use crate::wire::Wire;
use core::time::Duration;
use netstack::Counter;

fn is_solicitation(frame: &[u8]) -> bool {
    frame.get(54) == Some(&133)
}

#[test]
fn rfc7559_section_2_routers_are_asked_for_less_and_less_often_until_one_is_there_and_again_when_none_is() {
    let mut wire = start(&[]);
    let next = |wire: &mut Wire| {
        let began = wire.platform.now;
        loop {
            let deadline = wire.turn().deadline;
            if wire.take_sent().iter().any(|frame| is_solicitation(frame)) {
                return wire.platform.now.since(began).as_secs_f64();
            }
            wire.platform.now = deadline.expect("the next solicitation");
        }
    };
    for expected in [4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 3600.0, 3600.0_f64] {
        let waited = next(&mut wire);
        assert!((waited / expected - 1.0).abs() <= 0.1, "{waited} is not about {expected}");
    }
    // A router for no time is none.
    wire.receives(advertisement(0, &[])).counts(Counter::RouterHeard);
    next(&mut wire);
    wire.receives(advertisement(100, &[])).counts(Counter::RouterHeard);
    wire.rest(Duration::from_secs(99));
    wire.receives(advertisement(100, &[])).counts(Counter::RouterHeard);
    wire.rest(Duration::from_millis(99_999));
    assert!(!wire.take_sent().iter().any(|frame| is_solicitation(frame)));
    wire.rest(Duration::from_millis(1));
    wire.turn();
    assert!(wire.take_sent().iter().any(|frame| is_solicitation(frame)));
    // One that goes is asked after a while.
    wire.receives(advertisement(100, &[])).take_sent();
    wire.receives(advertisement(0, &[])).take_sent();
    let waited = next(&mut wire);
    assert!((waited - 4.0).abs() < 0.1, "{waited}");
}
