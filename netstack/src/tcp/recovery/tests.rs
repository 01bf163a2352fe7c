use super::{Rack, Reordering};
use crate::tcp::round_trip::RoundTrip;
use crate::tcp::scoreboard::{Delivered, Scoreboard, Sent};
use crate::tcp::sequence::Sequence;
use crate::tcp::slab::Slab;
use core::time::Duration;
use moment::Instant;

fn at(milliseconds: u64) -> Instant {
    Instant::START + Duration::from_millis(milliseconds)
}

/// Ten segments of ten octets, sent a millisecond apart over a path whose round trip is 100 ms.
struct Flight {
    rack: Rack,
    reordering: Reordering,
    scoreboard: Scoreboard,
    ranges: Slab<Sent>,
    round_trip: RoundTrip,
}

impl Flight {
    fn new() -> Self {
        let (mut scoreboard, mut ranges, mut round_trip) =
            (Scoreboard::EMPTY, Slab::new(64), RoundTrip::new());
        for number in 0..10 {
            let start = Sequence(10 * number);
            scoreboard.push(start, start + 10, at(1000 + u64::from(number)), &mut ranges).unwrap();
        }
        round_trip.sample(Duration::from_millis(100), at(900));
        let (rack, reordering) = (Rack::new(Sequence(0)), Reordering::new());
        Self { rack, reordering, scoreboard, ranges, round_trip }
    }

    /// These segments are acknowledged selectively.
    fn deliver(&mut self, first: u32, last: u32, now: Instant) {
        let mut delivered = Delivered::default();
        let (start, end) = (Sequence(10 * first), Sequence(10 * last + 10));
        self.scoreboard.sack(start, end, &mut delivered, &mut self.ranges);
        self.rack.on_delivery(&delivered, |_| true, &self.round_trip, &mut self.reordering, now);
    }

    /// What is lost, in octets, and how many milliseconds later to look again.
    fn detect(&mut self, is_recovering: bool, now: Instant) -> (u32, Option<u64>) {
        let Self { rack, reordering, scoreboard, ranges, round_trip } = self;
        let window = reordering.window(round_trip, is_recovering, scoreboard.sacked() / 10);
        let detection = rack.detect(scoreboard, ranges, window, now);
        (detection.lost, detection.again.map(|again| again.since(now).as_millis() as u64))
    }
}

#[test]
fn rfc8985_section_6_2_step_4_how_long_what_is_late_is_waited_for() {
    // The segments delivered, whether a recovery is under way; octets lost, milliseconds to wait for the first that is not.
    for (first, last, is_recovering, lost, wait) in [
        (1, 1, false, 0, Some(24)),
        (2, 3, false, 0, Some(22)),
        (1, 3, false, 10, None),
        (3, 5, false, 30, None),
        (1, 1, true, 10, None),
        (9, 9, true, 90, None),
        (9, 9, false, 0, Some(16)),
    ] {
        let mut flight = Flight::new();
        let now = at(1100 + u64::from(last));
        flight.deliver(first, last, now);
        assert_eq!(flight.detect(is_recovering, now), (lost, wait), "{first} {last} {is_recovering}");
    }
}

#[test]
fn rfc8985_section_6_2_step_5_what_is_waited_for_is_lost_in_the_end() {
    let mut flight = Flight::new();
    flight.deliver(2, 2, at(1102));
    assert_eq!(flight.detect(false, at(1102)), (0, Some(23)));
    assert_eq!(flight.detect(false, at(1124)), (0, Some(1)));
    assert_eq!(flight.detect(false, at(1125)), (10, Some(1)));
    assert_eq!(flight.detect(false, at(1126)), (10, None));
    assert_eq!((flight.scoreboard.lost(), flight.scoreboard.in_flight()), (20, 70));
}

#[test]
fn rfc8985_section_6_2_step_3_where_reordering_was_seen_three_do_not_tell() {
    let mut flight = Flight::new();
    flight.deliver(5, 5, at(1105));
    flight.deliver(4, 4, at(1105));
    flight.deliver(6, 8, at(1108));
    assert_eq!(flight.detect(true, at(1108)), (0, Some(17)));
}

#[test]
fn rfc8985_section_6_2_step_4_duplicates_make_the_window_longer_once_a_round() {
    for (duplicates, rounds, wait) in [(1, 1, 49), (3, 1, 49), (1, 2, 74), (1, 3, 99), (1, 9, 99)] {
        let mut flight = Flight::new();
        for round in 0..rounds {
            for _ in 0..duplicates {
                flight.rack.on_duplicate(Sequence(round), &mut flight.reordering);
            }
            flight.rack.on_cumulative(Sequence(round));
        }
        flight.deliver(1, 1, at(1101));
        // Never longer than the smoothed round trip.
        assert_eq!(flight.detect(false, at(1101)), (0, Some(wait)), "{duplicates} {rounds}");
    }
}

#[test]
fn rfc8985_section_6_2_step_4_sixteen_recoveries_later_it_is_as_short_as_at_first() {
    for (recoveries, wait) in [(0, 49), (15, 49), (16, 24)] {
        let mut flight = Flight::new();
        flight.rack.on_duplicate(Sequence(0), &mut flight.reordering);
        (0..recoveries).for_each(|_| flight.reordering.on_recovered());
        flight.deliver(1, 1, at(1101));
        assert_eq!(flight.detect(false, at(1101)), (0, Some(wait)), "{recoveries}");
    }
}

#[test]
fn rfc8985_section_6_2_step_2_what_may_be_an_answer_to_the_first_sending_tells_nothing() {
    // When the repetition is acknowledged, and whether timestamps say that it was the first that arrived.
    for (after, echoes, is_believed) in
        [(50, true, false), (99, true, false), (100, true, true), (200, false, false)]
    {
        let mut flight = Flight::new();
        flight.scoreboard.lose_first(10, &mut flight.ranges);
        flight.scoreboard.repeat_first_lost(10, at(1050), &mut flight.ranges);
        let (mut delivered, now) = (Delivered::default(), at(1050 + after));
        flight.scoreboard.acknowledge(Sequence(10), &mut delivered, &mut flight.ranges);
        flight.rack.on_delivery(&delivered, |_| echoes, &flight.round_trip, &mut flight.reordering, now);
        // Whatever was sent before it is late then.
        let (lost, again) = flight.detect(true, now);
        assert_eq!(lost + u32::from(again.is_some()) > 0, is_believed, "{after} {echoes}");
    }
}
