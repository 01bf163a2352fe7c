use super::{Pacer, rate};
use core::time::Duration;
use moment::Instant;

const SEGMENT: u32 = 1460;

/// Sends whole segments whenever it may, woken this much too late each time: octets and wake-ups.
fn send(pacer: &mut Pacer, rate: u64, from: Instant, for_: Duration, late: Duration) -> (u64, u32) {
    let (mut now, mut octets, mut wakes) = (from, 0, 0);
    while now.since(from) < for_ {
        let sent = pacer.allowance(rate, SEGMENT, now) / SEGMENT * SEGMENT;
        pacer.on_sent(sent, rate, now);
        octets += u64::from(sent);
        wakes += 1;
        let next = pacer.next(rate, SEGMENT, now);
        assert!(next > now);
        now = next + late;
        assert!(pacer.allowance(rate, SEGMENT, now) >= SEGMENT);
    }
    (octets, wakes)
}

#[test]
fn keeps_to_the_rate() {
    let second = Duration::from_secs(1);
    for rate in [100_000, 1_250_000, 12_500_000, 125_000_000, 1_250_000_000, 12_500_000_000] {
        for late in [Duration::ZERO, Duration::from_micros(400)] {
            let mut pacer = Pacer::new();
            // The clock wraps in the middle of it.
            let start = Instant::START + Duration::from_micros((1 << 32) - 500_000);
            let first = pacer.allowance(rate, SEGMENT, start);
            pacer.on_sent(first, rate, start);
            let (octets, wakes) = send(&mut pacer, rate, start, second, late);
            let error = (octets as f64 / rate as f64 - 1.0).abs();
            assert!(error < 0.01, "{octets} at {rate}, {late:?} late");
            assert!(wakes <= 2500);
        }
    }
}

/// RFC 6928: ten segments after idleness, or a millisecond's worth.
#[test]
fn bursts() {
    let start = Instant::START + Duration::from_secs(100_000);
    for (rate, burst) in [(1, 14_600), (1_000_000, 14_600), (125_000_000, 125_000), (u64::MAX, u32::MAX)] {
        let mut pacer = Pacer::new();
        assert_eq!(pacer.allowance(rate, SEGMENT, start), burst);
        assert_eq!(pacer.next(rate, SEGMENT, start), start);
        pacer.on_sent(burst, rate, start);
        assert_eq!(pacer.allowance(rate, SEGMENT, start), 0);
    }
}

/// A window of a local network goes at once, over and over, however much its round trips vary.
#[test]
fn never_slows_a_local_network() {
    let (fastest, smoothed) = (Duration::from_micros(200), Duration::from_millis(20));
    let mut now = Instant::START + Duration::from_secs(1);
    let mut pacer = Pacer::new();
    for window in [2 * SEGMENT, 14_600, 1_000_000, 1 << 24] {
        for _ in 0..1000 {
            let rate = rate(window, 6, smoothed, fastest);
            assert!(pacer.allowance(rate, SEGMENT, now) >= window);
            pacer.on_sent(window, rate, now);
            now = now + fastest;
        }
    }
}

/// What went ahead of its time at a low rate is paid off quickly at a higher one.
#[test]
fn rates_change() {
    let start = Instant::START + Duration::from_secs(1);
    let mut pacer = Pacer::new();
    pacer.on_sent(14_600, 100, start);
    assert!(pacer.next(100, SEGMENT, start) > start + Duration::from_secs(14));
    assert!(pacer.next(1_000_000, SEGMENT, start) < start + Duration::from_millis(2));
}

#[test]
fn rates() {
    let milliseconds = Duration::from_millis;
    let table = [
        // window, gain, smoothed, minimum, rate
        (1_000_000, 10, milliseconds(100), milliseconds(100), 20_000_000),
        (1_000_000, 6, milliseconds(100), milliseconds(50), 12_000_000),
        (1_000_000, 5, milliseconds(100), Duration::from_micros(500), 2_000_000_000),
        (1, 5, milliseconds(120_000), milliseconds(120_000), 1),
        (1 << 30, 5, Duration::ZERO, Duration::ZERO, (1 << 30) * 1_000_000_000),
    ];
    for (window, gain, smoothed, minimum, expected) in table {
        assert_eq!(rate(window, gain, smoothed, minimum), expected);
    }
}

#[test]
fn nothing_overflows() {
    let late = Instant::from_nanoseconds(u64::MAX);
    for rate in [0, 1, u64::MAX] {
        for segment in [1, 65_535] {
            let mut pacer = Pacer::new();
            for now in [Instant::START, late, Instant::START] {
                pacer.on_sent(u32::MAX, rate, now);
                pacer.allowance(rate, segment, now);
                pacer.next(rate, segment, now);
            }
        }
    }
}
