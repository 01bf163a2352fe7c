use super::{Congestion, Delivery, Pacer, Saved, UNKNOWN, WINDOW_LIMIT};
use crate::tcp::round_trip::RoundTrip;
use core::time::Duration;
use moment::Instant;

const SEGMENT: u32 = 1460;

/// A sender that always has something to send, on a path of fifty milliseconds.
struct Sender {
    congestion: Congestion,
    round_trip: RoundTrip,
    now: Instant,
    acknowledged: u32,
}

impl Sender {
    fn new() -> Self {
        let now = Instant::START + Duration::from_secs(1);
        Self { congestion: Congestion::new(SEGMENT), round_trip: RoundTrip::new(), now, acknowledged: 0 }
    }

    fn delivery(&mut self, octets: u32, round_trip: Duration) -> Delivery {
        self.acknowledged = self.acknowledged.wrapping_add(octets);
        let window = self.congestion.window();
        Delivery {
            octets,
            in_flight: window.saturating_sub(octets),
            acknowledged: self.acknowledged,
            next: self.acknowledged.wrapping_add(window),
            round_trip: Some(round_trip),
            is_window_limited: true,
        }
    }

    /// A window is delivered, a segment at a time.
    fn round(&mut self, milliseconds: u64) {
        let round_trip = Duration::from_millis(milliseconds);
        let segments = (self.congestion.window() / SEGMENT).max(1);
        for _ in 0..segments {
            self.now = self.now + round_trip / segments;
            self.round_trip.sample(round_trip, self.now);
            let delivery = self.delivery(SEGMENT, round_trip);
            self.congestion.on_delivery(&delivery, &self.round_trip, self.now);
        }
    }

    fn rounds(&mut self, count: usize) {
        (0..count).for_each(|_| self.round(50));
    }

    /// Everything in flight arrives but for one segment, which is sent again.
    fn loss(&mut self) -> Saved {
        let window = self.congestion.window();
        let saved = self.congestion.on_loss(window);
        let mut in_flight = window - SEGMENT;
        for _ in 0..window / SEGMENT {
            in_flight = in_flight.saturating_sub(SEGMENT);
            let delivery = Delivery { in_flight, ..self.delivery(SEGMENT, Duration::from_millis(50)) };
            self.congestion.on_recovery_delivery(&delivery, false);
            let sent = self.congestion.window().saturating_sub(in_flight) / SEGMENT * SEGMENT;
            self.congestion.on_sent_in_recovery(sent);
            in_flight += sent;
        }
        self.congestion.on_recovered(in_flight);
        saved
    }

    fn state(&self) -> (u32, u32) {
        (self.congestion.window(), self.congestion.threshold())
    }
}

/// RFC 6928 §2.
#[test]
fn initial_windows() {
    let table = [(536, 5_360), (1_220, 12_200), (1_460, 14_600), (2_000, 14_600), (8_960, 17_920), (0, 10)];
    for (segment, window) in table {
        let congestion = Congestion::new(segment);
        assert_eq!((congestion.window(), congestion.threshold()), (window, UNKNOWN));
        assert!(congestion.is_slow_start() && !congestion.is_recovering());
    }
}

#[test]
fn slow_start_doubles() {
    let mut sender = Sender::new();
    for round in 0..6 {
        assert_eq!(sender.congestion.window(), 14_600 << round);
        sender.round(50);
    }
}

#[test]
fn slow_start_ends_before_a_loss() {
    let mut sender = Sender::new();
    sender.rounds(4);
    for _ in 0..8 {
        sender.round(70);
    }
    let (window, threshold) = sender.state();
    assert!(!sender.congestion.is_slow_start());
    assert!(window < 14_600 << 7, "{window}");
    assert!(threshold <= window);
}

/// RFC 9438 §5.8: what is not used does not grow.
#[test]
fn what_is_not_used_does_not_grow() {
    let mut sender = Sender::new();
    let grow = |sender: &mut Sender| {
        let before = sender.state();
        for _ in 0..100 {
            let delivery = sender.delivery(SEGMENT, Duration::from_millis(50));
            let delivery = Delivery { is_window_limited: false, ..delivery };
            sender.congestion.on_delivery(&delivery, &sender.round_trip, sender.now);
        }
        assert_eq!(sender.state(), before);
    };
    grow(&mut sender);
    sender.rounds(3);
    sender.loss();
    grow(&mut sender);
}

#[test]
fn loss_leaves_seven_tenths() {
    let mut sender = Sender::new();
    sender.rounds(3);
    let before = sender.congestion.window();
    sender.congestion.on_loss(before);
    assert!(sender.congestion.is_recovering() && !sender.congestion.is_slow_start());
    assert_eq!(sender.congestion.threshold(), before / 10 * 7);
    // The same loss again is no other.
    sender.congestion.on_loss(before / 2);
    assert_eq!(sender.congestion.threshold(), before / 10 * 7);
    let mut sender = Sender::new();
    sender.rounds(3);
    sender.loss();
    assert_eq!(sender.state(), (before / 10 * 7, before / 10 * 7));
    assert!(!sender.congestion.is_recovering() && !sender.congestion.is_slow_start());
}

/// Little is in flight at the end: the rest is not sent at once.
#[test]
fn no_burst_after_recovery() {
    let mut sender = Sender::new();
    sender.rounds(5);
    let before = sender.congestion.window();
    sender.congestion.on_loss(before);
    sender.congestion.on_recovered(2 * SEGMENT);
    assert_eq!(sender.state(), (12 * SEGMENT, before / 10 * 7));
    assert!(sender.congestion.is_slow_start());
}

/// RFC 5681 §3.1, RFC 9438 §4.8.
#[test]
fn timeout_begins_again_with_one_segment() {
    let mut sender = Sender::new();
    sender.rounds(3);
    let before = sender.congestion.window();
    sender.congestion.on_timeout(before);
    assert_eq!(sender.state(), (SEGMENT, before / 10 * 7));
    sender.congestion.on_timeout_again();
    assert_eq!(sender.state(), (SEGMENT, before / 10 * 7));
    assert!(sender.congestion.is_recovering() && sender.congestion.is_slow_start());
    // RFC 3465 §2.3: an acknowledgement of much is worth a segment.
    let delivery = sender.delivery(20 * SEGMENT, Duration::from_millis(50));
    sender.congestion.on_recovery_delivery(&delivery, true);
    assert_eq!(sender.congestion.window(), 2 * SEGMENT);
    sender.congestion.on_delivery(&delivery, &sender.round_trip, sender.now);
    assert_eq!(sender.congestion.window(), 3 * SEGMENT);
    (0..100).for_each(|_| sender.congestion.on_recovery_delivery(&delivery, true));
    assert_eq!(sender.congestion.window(), before / 10 * 7);
    sender.congestion.on_recovered(SEGMENT);
    assert_eq!(sender.state(), (before / 10 * 7, before / 10 * 7));
    assert!(!sender.congestion.is_recovering());
}

#[test]
fn undo_restores() {
    let losses: [fn(&mut Sender) -> Saved; 3] = [
        |sender| sender.congestion.on_loss(sender.congestion.window()),
        |sender| sender.congestion.on_timeout(sender.congestion.window()),
        |sender| sender.loss(),
    ];
    for loss in losses {
        // In the first slow start, ...
        let mut sender = Sender::new();
        sender.rounds(3);
        let before = sender.state();
        let saved = loss(&mut sender);
        assert_ne!(sender.state(), before);
        sender.congestion.undo(saved);
        assert_eq!(sender.state(), before);
        assert!(sender.congestion.is_slow_start() && !sender.congestion.is_recovering());
        // ... and on the curve.
        sender.loss();
        sender.rounds(30);
        let mut other = Sender::new();
        other.rounds(3);
        other.loss();
        other.rounds(30);
        assert_eq!(sender.state(), other.state());
        let saved = loss(&mut sender);
        sender.congestion.undo(saved);
        assert_eq!(sender.state(), other.state());
        sender.rounds(30);
        other.rounds(30);
        let (window, expected) =
            (f64::from(sender.congestion.window()), f64::from(other.congestion.window()));
        assert!((window / expected - 1.0).abs() < 0.02, "{window}, not {expected}");
    }
}

/// A timeout during recovery that was none: back to recovery's end, for the loss was one.
#[test]
fn undo_restores_the_last_only() {
    let mut sender = Sender::new();
    sender.rounds(3);
    let before = sender.congestion.window();
    sender.congestion.on_loss(before);
    let saved = sender.congestion.on_timeout(before);
    assert_eq!(sender.state(), (SEGMENT, before / 10 * 7));
    sender.congestion.undo(saved);
    assert_eq!(sender.state(), (before / 10 * 7, before / 10 * 7));
    sender.congestion.undo(saved);
    assert_eq!(sender.state(), (before / 10 * 7, before / 10 * 7));
}

#[test]
fn congestion_experienced() {
    let mut sender = Sender::new();
    sender.rounds(3);
    let before = sender.congestion.window();
    sender.congestion.on_congestion_experienced(before);
    let after = (before / 10 * 7, before / 10 * 7);
    assert_eq!(sender.state(), after);
    assert!(!sender.congestion.is_recovering() && !sender.congestion.is_slow_start());
    // RFC 9438 §4.6: down to a segment.
    for _ in 0..20 {
        sender.congestion.on_congestion_experienced(sender.congestion.window());
    }
    assert_eq!(sender.state(), (SEGMENT, 2 * SEGMENT));
    // While losses are repaired it is one reduction.
    let mut sender = Sender::new();
    sender.rounds(3);
    sender.congestion.on_loss(before);
    let state = sender.state();
    sender.congestion.on_congestion_experienced(before);
    assert_eq!(sender.state(), state);
}

/// RFC 5681 §4.1, RFC 2861 §3.2.
#[test]
fn idleness() {
    let timeout = Duration::from_millis(300);
    let table = [(299, 0), (300, 1), (700, 2), (900, 3), (1_200, 3), (u64::MAX, 3)];
    for (milliseconds, halvings) in table {
        let mut sender = Sender::new();
        sender.rounds(3);
        sender.congestion.on_idle(Duration::from_millis(milliseconds), timeout);
        assert_eq!(sender.state(), (116_800 >> halvings, UNKNOWN));
    }
    let mut sender = Sender::new();
    sender.rounds(3);
    sender.congestion.on_congestion_experienced(100_000);
    sender.rounds(100);
    let window = sender.congestion.window();
    sender.congestion.on_idle(timeout, timeout);
    assert_eq!(sender.state(), (window / 2, window / 4 * 3));
    assert!(sender.congestion.is_slow_start());
    sender.rounds(1);
    assert!(sender.congestion.window() <= window);
    sender.congestion.on_idle(Duration::MAX, Duration::ZERO);
    assert!(sender.congestion.window() > 14_600);
}

#[test]
fn segments_change() {
    let mut congestion = Congestion::new(1_460);
    congestion.set_segment(1_240);
    assert_eq!((congestion.window(), congestion.threshold()), (14_600, UNKNOWN));
    congestion.on_timeout(0);
    assert_eq!((congestion.window(), congestion.threshold()), (1_240, 2_480));
    congestion.set_segment(8_960);
    assert_eq!((congestion.window(), congestion.threshold()), (8_960, 17_920));
}

#[test]
fn rates() {
    let mut sender = Sender::new();
    assert_eq!(sender.congestion.pacing_rate(&sender.round_trip), None);
    sender.round(100);
    let rate = |sender: &Sender| sender.congestion.pacing_rate(&sender.round_trip).unwrap();
    assert_eq!(rate(&sender), 2 * 10 * 29_200);
    sender.congestion.on_congestion_experienced(29_200);
    assert_eq!(rate(&sender), 12 * 29_200 / 10 * 7);
    let burst = Pacer::new().allowance(rate(&sender), SEGMENT, sender.now);
    assert_eq!(burst, 10 * SEGMENT);
}

/// A link of 100 Mbit/s and 40 ms whose queue holds as much again is kept busy, with losses by which the window is a sawtooth.
#[test]
fn a_link_is_kept_busy() {
    let mut sender = Sender::new();
    let (capacity, queue) = (500_000, 250_000);
    let (mut losses, mut carried, mut rounds) = (0, 0_u64, 0_u64);
    while rounds < 2_000 {
        let window = sender.congestion.window();
        let queued = window.saturating_sub(capacity);
        if queued > queue {
            losses += 1;
            sender.loss();
        } else {
            sender.round(40 + u64::from(queued) * 40 / u64::from(capacity));
        }
        carried += u64::from(window.min(capacity));
        rounds += 1;
    }
    let share = carried as f64 / (rounds as f64 * f64::from(capacity));
    assert!(share > 0.97, "{share}");
    assert!((5..200).contains(&losses), "{losses}");
}

/// Whatever is heard in whatever order, there is a window, and nothing overflows.
#[test]
fn anything_in_any_order() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let numbers = [0, 1, 500, 1_460, 14_600, 1 << 20, WINDOW_LIMIT, u32::MAX];
    let (mut congestion, mut round_trip) = (Congestion::new(1_460), RoundTrip::new());
    let (mut pacer, mut now, mut saved) = (Pacer::new(), Instant::START, congestion.saved());
    for _ in 0..300_000 {
        let mut number = || numbers[random() as usize % numbers.len()];
        let (octets, in_flight, next) = (number(), number(), number());
        let measured = Duration::from_micros(u64::from(number()) << (number() % 11));
        let chance = random();
        now = now + measured / 64;
        let (is_first, is_window_limited) = (chance & 256 > 0, chance & 512 > 0);
        let round_trip_of_it = (chance & 1024 > 0).then_some(measured);
        let delivery = Delivery {
            octets,
            in_flight,
            acknowledged: next.wrapping_sub(octets),
            next,
            round_trip: round_trip_of_it,
            is_window_limited,
        };
        match chance % 24 {
            0 => saved = congestion.on_loss(in_flight),
            1 if is_first => saved = congestion.on_timeout(in_flight),
            1 => congestion.on_timeout_again(),
            2 => congestion.undo(saved),
            3 => congestion.on_recovered(in_flight),
            4 => congestion.on_congestion_experienced(in_flight),
            5 => congestion.on_idle(measured, round_trip.timeout()),
            6 => congestion.set_segment(octets),
            7 => round_trip.back_off(),
            8 => congestion = Congestion::new(octets),
            9..12 => round_trip.sample(measured, now),
            12..16 => congestion.on_recovery_delivery(&delivery, is_first),
            16..18 => congestion.on_sent_in_recovery(octets),
            _ => congestion.on_delivery(&delivery, &round_trip, now),
        }
        if let Some(rate) = congestion.pacing_rate(&round_trip) {
            pacer.on_sent(pacer.allowance(rate, 1_460, now), rate, now);
            assert!(pacer.next(rate, 1_460, now) >= now);
        }
        assert!((1..=WINDOW_LIMIT).contains(&congestion.window()));
        assert!(congestion.threshold() >= 2);
    }
}
