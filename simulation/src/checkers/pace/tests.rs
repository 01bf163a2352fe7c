use super::*;

fn at(milliseconds: u64) -> Instant {
    Instant::from_nanoseconds(milliseconds * 1_000_000)
}

#[test]
fn a_machine_that_works_may_turn_as_often_as_it_likes() {
    let mut pace = Pace::default();
    assert!((0..10_000).all(|_| pace.on_turn(true, at(0)).is_ok()));
}

#[test]
fn a_machine_that_wakes_now_and_then_is_at_rest() {
    let mut pace = Pace::default();
    assert!((0..1000).all(|turn| pace.on_turn(false, at(turn * 100)).is_ok()));
}

#[test]
fn a_machine_that_turns_for_nothing_is_found() {
    let mut pace = Pace::default();
    assert!((0..100).any(|turn| pace.on_turn(false, at(turn * 10)).is_err()));
    let mut pace = Pace::default();
    assert!((0..100).any(|_| pace.on_turn(false, at(0)).is_err()));
}

#[test]
fn a_second_begins_at_any_moment() {
    let mut pace = Pace::default();
    assert!(pace.on_turn(false, at(0)).is_ok());
    assert!((0..15).all(|turn| pace.on_turn(false, at(980 + turn)).is_ok()));
    assert!(pace.on_turn(false, at(1000)).is_ok());
    assert!(pace.on_turn(false, at(1001)).is_err());
}
