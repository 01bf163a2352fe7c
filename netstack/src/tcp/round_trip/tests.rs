use super::RoundTrip;
use core::time::Duration;
use moment::Instant;

fn at(milliseconds: u64) -> Instant {
    Instant::START + Duration::from_millis(milliseconds)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}

fn near(is: Duration, expected: f64, what: &str) {
    assert!((milliseconds(is) - expected).abs() < 0.01, "{what}: {is:?} is not {expected} ms");
}

/// RFC 6298 §2: one sample a round trip, so that weights are 1/8 and 1/4.
#[test]
fn arithmetic_of_rfc_6298() {
    let table = [
        // sample, SRTT, RTTVAR, RTO
        (100.0, 100.0, 50.0, 300.0),
        (100.0, 100.0, 37.5, 300.0),
        (300.0, 125.0, 78.125, 437.5),
        (300.0, 146.875, 102.344, 556.25),
        (20.0, 131.016, 108.477, 564.922),
    ];
    let mut round_trip = RoundTrip::new();
    for (row, (sample, smoothed, variation, timeout)) in table.into_iter().enumerate() {
        round_trip.sample(Duration::from_secs_f64(sample / 1e3), at(1000 * row as u64));
        near(round_trip.smoothed().unwrap(), smoothed, "SRTT");
        near(round_trip.variation(), variation, "RTTVAR");
        near(round_trip.timeout(), timeout, "RTO");
    }
}

#[test]
fn timeouts_before_the_first_sample() {
    let mut round_trip = RoundTrip::new();
    assert_eq!(round_trip.smoothed(), None);
    assert_eq!(round_trip.minimum(), None);
    assert_eq!(round_trip.timeout(), Duration::from_secs(1));
    round_trip.back_off();
    assert_eq!(round_trip.timeout(), Duration::from_secs(2));
    round_trip.on_first_retransmitted();
    assert_eq!(round_trip.timeout(), Duration::from_secs(3));
    round_trip.sample(Duration::from_millis(10), at(0));
    assert_eq!(round_trip.timeout(), Duration::from_millis(210));
}

#[test]
fn backing_off() {
    let mut round_trip = RoundTrip::new();
    round_trip.sample(Duration::from_millis(100), at(0));
    for (times, seconds) in
        [0.3, 0.6, 1.2, 2.4, 4.8, 9.6, 19.2, 38.4, 76.8, 120.0, 120.0].into_iter().enumerate()
    {
        assert_eq!(round_trip.backed_off(), times as u32);
        near(round_trip.timeout(), seconds * 1e3, "RTO");
        round_trip.back_off();
    }
    (0..1000).for_each(|_| round_trip.back_off());
    assert_eq!(round_trip.timeout(), Duration::from_secs(120));
    round_trip.forgive();
    near(round_trip.timeout(), 300.0, "RTO");
    round_trip.back_off();
    round_trip.sample(Duration::from_millis(100), at(1000));
    assert_eq!(round_trip.backed_off(), 0);
}

/// Whatever is measured, the timeout is in its bounds.
#[test]
fn bounds() {
    for sample in [Duration::ZERO, Duration::from_nanos(1), Duration::from_secs(3600), Duration::MAX] {
        let mut round_trip = RoundTrip::new();
        for second in 0..100 {
            round_trip.sample(sample, at(second * 1000));
            assert!(round_trip.timeout() >= Duration::from_millis(200));
            assert!(round_trip.timeout() <= Duration::from_secs(120));
            assert!(round_trip.smoothed().is_some());
        }
    }
}

/// RFC 7323 appendix G: with a hundred samples a round trip, the estimate moves in one about as far as with one.
#[test]
fn many_samples_a_round_trip() {
    let mut round_trip = RoundTrip::new();
    let mut now = at(1000);
    let mut samples = |round_trip: &mut RoundTrip, sample, count| {
        for _ in 0..count {
            now = now + Duration::from_millis(1);
            round_trip.sample(Duration::from_millis(sample), now);
        }
    };
    samples(&mut round_trip, 100, 300);
    near(round_trip.smoothed().unwrap(), 100.0, "SRTT");
    samples(&mut round_trip, 200, 100);
    let smoothed = milliseconds(round_trip.smoothed().unwrap());
    assert!((110.0..114.0).contains(&smoothed), "{smoothed}");
    samples(&mut round_trip, 200, 40_000);
    near(round_trip.smoothed().unwrap(), 200.0, "SRTT");
}

#[test]
fn minimum_of_a_window() {
    let mut round_trip = RoundTrip::new();
    let table = [
        // at, sample, minimum
        (0, 50, 50),
        (1_000, 20, 20),
        (4_000, 70, 20),
        (6_000, 70, 20),
        (10_900, 60, 20),
        (12_000, 65, 60),
        (16_000, 90, 60),
        (40_000, 95, 95),
        (5_000_000_000, 40, 40),
        (5_000_000_001, 45, 40),
    ];
    for (when, sample, minimum) in table {
        round_trip.sample(Duration::from_millis(sample), at(when));
        assert_eq!(round_trip.minimum(), Some(Duration::from_millis(minimum)), "at {when} ms");
    }
}
