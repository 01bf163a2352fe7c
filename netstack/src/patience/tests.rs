use super::*;

fn at(microseconds: u64) -> Instant {
    Instant::START + Duration::from_micros(microseconds)
}

#[test]
fn an_idle_machine_has_little_patience() {
    let mut patience = Patience::LEAST;
    patience.renew(at(100));
    assert!(!patience.is_over(at(100) + limits::POLL_LEAST - Duration::from_micros(1)));
    assert!(patience.is_over(at(100) + limits::POLL_LEAST));
}

#[test]
fn short_sleeps_teach_patience_up_to_its_bound_and_long_ones_unteach_it() {
    let mut patience = Patience::LEAST;
    for _ in 0..20 {
        patience.learn(at(1000), at(1060));
    }
    assert_eq!(patience.length, limits::POLL_MOST);
    assert!(!patience.is_over(at(1070)));
    for _ in 0..20 {
        patience.learn(at(2000), at(900_000));
    }
    assert_eq!(patience.length, limits::POLL_LEAST);
}
