use super::{Cubic, cube_root, span};
use crate::tcp::congestion::WINDOW_LIMIT;
use crate::tcp::round_trip::RoundTrip;
use core::time::Duration;
use moment::Instant;

const SEGMENT: u32 = 1460;

/// A path whose window is used to the full.
struct Path {
    cubic: Cubic,
    window: u32,
    round_trip: RoundTrip,
    time: Duration,
    now: Instant,
}

impl Path {
    fn new(window: u32, time: Duration) -> Self {
        let mut round_trip = RoundTrip::new();
        let now = Instant::START + Duration::from_secs(9);
        round_trip.sample(time, now);
        Self { cubic: Cubic::new(), window, round_trip, time, now }
    }

    fn congestion(&mut self) {
        self.cubic.on_congestion(self.window);
        self.window = super::decreased(self.window);
    }

    /// A window is delivered, two segments an acknowledgement.
    fn round(&mut self) {
        let acknowledgements = (self.window / (2 * SEGMENT)).max(1);
        let gap = self.time / acknowledgements;
        for _ in 0..acknowledgements {
            self.acknowledgement(self.now + gap, 2 * SEGMENT);
        }
    }

    fn acknowledgement(&mut self, at: Instant, octets: u32) {
        self.now = at;
        self.window = self.cubic.grown(self.window, octets, SEGMENT, &self.round_trip, at);
    }

    fn segments(&self) -> f64 {
        f64::from(self.window) / f64::from(SEGMENT)
    }
}

/// Equations 1 and 2 of RFC 9438, in segments and seconds.
fn curve(maximum: f64, begin: f64, time: f64) -> f64 {
    let period = ((maximum - begin) / 0.4).cbrt();
    0.4 * (time - period).powi(3) + maximum
}

#[test]
fn curve_of_rfc_9438() {
    let now = Instant::START + Duration::from_secs(100 * 365 * 86_400);
    for segment in [536, 1460, 8960, 65_535] {
        for window in [10 * segment, 1 << 20, 100_000_000, WINDOW_LIMIT] {
            let mut cubic = Cubic::new();
            cubic.on_congestion(window);
            let less = super::decreased(window);
            cubic.begin(less, segment, now);
            let segments = |octets: u32| f64::from(octets) / f64::from(segment);
            for tenths in 0..2000_u32 {
                let expected = curve(segments(window), segments(less), f64::from(tenths) / 10.0);
                let expected = expected.min(segments(WINDOW_LIMIT));
                let is =
                    segments(cubic.curve.at(span(Duration::from_millis(100 * u64::from(tenths))), segment));
                let error = (is - expected).abs();
                assert!(
                    error <= 3.0 / f64::from(segment) + expected * 1e-4,
                    "{window} at {tenths}: {is}, not {expected}"
                );
            }
        }
    }
}

#[test]
fn window_follows_the_curve() {
    for (maximum, milliseconds) in [(2_000, 100), (10_000, 50), (20_000, 200)] {
        let mut path = Path::new(maximum * SEGMENT, Duration::from_millis(milliseconds));
        path.congestion();
        let (begin, began) = (path.segments(), path.now);
        path.round();
        let until = ((f64::from(maximum) - begin) / 0.4).cbrt() * 1.5;
        while path.now.since(began).as_secs_f64() < until {
            path.round();
            let time = path.now.since(began).as_secs_f64();
            let expected = curve(maximum.into(), begin, time);
            let error = (path.segments() / expected - 1.0).abs();
            assert!(error < 0.01, "{maximum} at {time}: {} is not {expected}", path.segments());
        }
    }
}

/// RFC 9438 §4.3: on a short path, 9/17 of a segment a round trip up to where the loss was, and a whole one after.
#[test]
fn region_friendly_to_reno() {
    let mut path = Path::new(40 * SEGMENT, Duration::from_millis(1));
    path.congestion();
    let rounds = |path: &mut Path, count| {
        let before = path.segments();
        (0..count).for_each(|_| path.round());
        (path.segments() - before) / f64::from(count)
    };
    let below = rounds(&mut path, 20);
    assert!((0.48..0.54).contains(&below), "{below}");
    (0..4).for_each(|_| path.round());
    let above = rounds(&mut path, 20);
    assert!((0.9..1.01).contains(&above), "{above}");
}

/// RFC 9438 §4.7.
#[test]
fn fast_convergence() {
    let mut cubic = Cubic::new();
    let table =
        [(100_000, 100_000), (200_000, 200_000), (150_000, 127_500), (130_000, 130_000), (100_000, 85_000)];
    for (window, maximum) in table {
        cubic.on_congestion(window);
        assert_eq!((cubic.curve.maximum, cubic.curve.prior), (maximum, window));
    }
}

/// RFC 9438 §4.8, §4.10: the curve begins at its flat point.
#[test]
fn unknown_maximum() {
    let mut path = Path::new(1000 * SEGMENT, Duration::from_millis(100));
    path.congestion();
    path.cubic.forget_maximum(1000 * SEGMENT);
    let (begin, began) = (path.segments(), path.now);
    path.round();
    assert_eq!(path.cubic.curve.period, 0);
    for _ in 0..100 {
        path.round();
    }
    let expected = begin + 0.4 * path.now.since(began).as_secs_f64().powi(3);
    assert!((path.segments() / expected - 1.0).abs() < 0.01);
}

/// RFC 9438 §5.8: t "MUST NOT include these periods".
#[test]
fn time_that_does_not_count() {
    let mut path = Path::new(1000 * SEGMENT, Duration::from_millis(100));
    path.congestion();
    (0..30).for_each(|_| path.round());
    let (window, elapsed) = (path.window, path.cubic.curve.elapsed);
    // Silence, ...
    path.acknowledgement(path.now + Duration::from_secs(3600), SEGMENT);
    // ... and an hour of less than the window.
    for second in 0..3600 {
        path.cubic.pass(path.now + Duration::from_secs(second));
    }
    path.acknowledgement(path.now + Duration::from_secs(3600), SEGMENT);
    assert!(path.cubic.curve.elapsed - elapsed <= 4 * span(path.time));
    assert!(path.window - window <= 2 * SEGMENT);
}

/// However many acknowledgements there are a microsecond, time passes.
#[test]
fn time_does_not_get_lost() {
    let mut path = Path::new(1000 * SEGMENT, Duration::from_micros(100));
    path.congestion();
    for _ in 0..1_000_000 {
        path.acknowledgement(path.now + Duration::from_nanos(100), 1);
    }
    let second = span(Duration::from_secs(1));
    assert!(path.cubic.curve.elapsed.abs_diff(second / 10) <= 2);
}

#[test]
fn fractions_of_octets_add_up() {
    let grown = |octets, count| {
        let mut path = Path::new(1000 * SEGMENT, Duration::from_millis(1));
        path.congestion();
        (0..count).for_each(|_| path.acknowledgement(path.now, octets));
        path.window
    };
    assert!(grown(10, 14_600).abs_diff(grown(1460, 100)) <= 1);
}

#[test]
fn nothing_overflows() {
    let extremes = [1, 2, 1460, 65_535, 1 << 20, WINDOW_LIMIT];
    for window in extremes {
        for octets in extremes.into_iter().chain([0, u32::MAX]) {
            for segment in [1, 1460, 65_535] {
                let mut path = Path::new(window, Duration::from_secs(200));
                path.congestion();
                path.cubic.grown(path.window.max(1), octets, segment, &path.round_trip, Instant::START);
                for seconds in [0, 1, 1 << 20, u64::MAX] {
                    let now = Instant::START + Duration::from_secs(seconds);
                    let before = path.window.max(1);
                    path.window = path.cubic.grown(before, octets, segment, &path.round_trip, now);
                    assert!((before..=WINDOW_LIMIT).contains(&path.window));
                }
            }
        }
    }
}

#[test]
fn cube_roots() {
    let cube = |root: u128| root * root * root;
    for root in
        (0..32).flat_map(|bit| [1_u128 << bit, (1 << bit) + 1, (1_u128 << (bit + 1)) - 1]).chain([12_345_678])
    {
        assert_eq!(u128::from(cube_root(cube(root))), root);
        assert_eq!(u128::from(cube_root(cube(root) - 1)), root - 1);
        assert_eq!(u128::from(cube_root(cube(root + 1) - 1)), root);
    }
    for number in (0..100_000).map(|step: u64| step * step * 7919) {
        assert_eq!(cube_root(number.into()), ((number as f64).cbrt() + 1e-9) as u32, "{number}");
    }
}
