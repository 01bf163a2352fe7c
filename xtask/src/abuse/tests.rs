use super::{Counters, Outcome};

#[track_caller]
fn check(dropped: u64, answered: u64, counters: Counters, is_sound: bool) {
    let outcome = Outcome { sent: 1_000, dropped, asked: 100, answered, counters };
    assert_eq!(outcome.is_sound(), is_sound, "{outcome}");
}

#[test]
fn what_was_not_checked_is_not_sound() {
    check(0, 100, Counters::Right, true);
    check(1, 100, Counters::NotChecked, false);
    check(0, 100, Counters::Wrong(vec!["arp_ignored grew".to_owned()]), false);
}

#[test]
fn an_abuse_that_hardly_arrives_is_none() {
    check(500, 50, Counters::Right, true);
    check(501, 50, Counters::Right, false);
    check(0, 94, Counters::Right, false);
}
