use super::{Growth, SlowStart};
use crate::tcp::congestion::Delivery;
use core::time::Duration;

const SEGMENT: u32 = 1000;
const WINDOW: u32 = 20;

/// A sender of twenty segments a round.
struct Rounds {
    slow_start: SlowStart,
    next: u32,
}

impl Rounds {
    /// The numbers wrap soon.
    fn new() -> Self {
        Self { slow_start: SlowStart::new(), next: 0_u32.wrapping_sub(30 * SEGMENT) }
    }

    /// A window is acknowledged, segment by segment, with these round trips in milliseconds, and is sent again: how much
    /// growth there was in the end, and of how many acknowledgements it was a quarter.
    fn round(&mut self, milliseconds: impl Fn(u32) -> u64) -> (Growth, usize) {
        let growths: [Growth; WINDOW as usize] = core::array::from_fn(|index| {
            let acknowledged = self.next.wrapping_sub((WINDOW - 1 - index as u32) * SEGMENT);
            let sent = self.next.wrapping_add((index as u32 + 1) * SEGMENT);
            let round_trip = Some(Duration::from_millis(milliseconds(index as u32)));
            let delivery = Delivery {
                octets: SEGMENT,
                in_flight: WINDOW * SEGMENT,
                acknowledged,
                next: sent,
                round_trip,
                is_window_limited: true,
            };
            self.slow_start.on_delivery(&delivery)
        });
        self.next = self.next.wrapping_add(WINDOW * SEGMENT);
        let before_end = growths.iter().take_while(|&&growth| growth != Growth::Over);
        let quarters = before_end.filter(|&&growth| growth == Growth::Quarter).count();
        let is_over = growths.contains(&Growth::Over);
        (if is_over { Growth::Over } else { growths[growths.len() - 1] }, quarters)
    }
}

#[test]
fn steady_round_trips_double_for_ever() {
    let mut rounds = Rounds::new();
    for _ in 0..100 {
        assert_eq!(rounds.round(|_| 50), (Growth::All, 0));
    }
}

/// RFC 9406 §4.2: eight samples find it out, and five rounds on slow start ends.
#[test]
fn longer_round_trips_end_it() {
    let mut rounds = Rounds::new();
    for _ in 0..4 {
        rounds.round(|_| 50);
    }
    // A round of ours ends with its last acknowledgement; one of RFC 9406 with its first that is beyond.
    let mut conservative = 0;
    for round in 0..10 {
        let (growth, quarters) = rounds.round(|_| 60);
        conservative += quarters;
        if growth == Growth::Over {
            assert!((4..=6).contains(&round), "{round}");
            assert!((60..=100).contains(&conservative), "{conservative}");
            return;
        }
    }
    panic!("it did not end");
}

#[test]
fn shorter_round_trips_resume_it() {
    let mut rounds = Rounds::new();
    for _ in 0..4 {
        rounds.round(|_| 50);
    }
    assert_eq!(rounds.round(|_| 60).0, Growth::Quarter);
    assert_eq!(rounds.round(|_| 60).0, Growth::Quarter);
    for _ in 0..20 {
        assert_eq!(rounds.round(|_| 52).0, Growth::All);
    }
}

/// RFC 9406 §4.3: a threshold of an eighth of the round trip, between 4 ms and 16 ms.
#[test]
fn thresholds() {
    let table = [
        // before, after, longer?
        (1, 4, false),
        (1, 5, true),
        (80, 89, false),
        (80, 90, true),
        (400, 415, false),
        (400, 416, true),
    ];
    for (before, after, is_longer) in table {
        let mut rounds = Rounds::new();
        rounds.round(|_| before);
        rounds.round(|_| before);
        let (growth, _) = rounds.round(|_| after);
        assert_eq!(growth == Growth::Quarter, is_longer, "{before} to {after}");
    }
}

/// The shortest of the first eight samples counts: some long ones are jitter.
#[test]
fn jitter_is_nothing() {
    let mut rounds = Rounds::new();
    for _ in 0..50 {
        assert_eq!(rounds.round(|index| if index % 7 == 0 { 50 } else { 90 }), (Growth::All, 0));
    }
}

#[test]
fn shares() {
    assert_eq!([Growth::All, Growth::Quarter, Growth::Over].map(|growth| growth.of(1460)), [1460, 365, 0]);
}
