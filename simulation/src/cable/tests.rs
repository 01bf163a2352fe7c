//! Each thing that a cable may do is seen done, and nothing else with it.

use super::conditions::{Bandwidth, Bursts};
use super::damage::Corruption;
use super::*;
use crate::frames;
use crate::wire::{self, Padding};
use core::net::SocketAddr;
use platform::EthernetAddress;

const NOW: Instant = Instant::from_nanoseconds(1_000_000_000);

fn direction(conditions: Conditions) -> Direction {
    Direction::new(conditions, Random::new(1))
}

/// When each frame arrives, and those that don't.
fn carry(conditions: Conditions, count: usize) -> (Vec<Arrival>, Vec<Loss>) {
    let (mut direction, mut arrivals, mut losses) = (direction(conditions), Vec::new(), Vec::new());
    for number in 0..count {
        let frame = [&(number as u64).to_be_bytes()[..], &[0; 92]].concat();
        match direction.carry(frame, NOW) {
            Fate::Carried(more) => arrivals.extend(more),
            Fate::Lost(loss) => losses.push(loss),
        }
    }
    (arrivals, losses)
}

fn numbers(mut arrivals: Vec<Arrival>) -> Vec<u64> {
    arrivals.sort_by_key(|arrival| arrival.at);
    let number = |arrival: &Arrival| arrival.frame.first_chunk().copied().map(u64::from_be_bytes);
    arrivals.iter().map(|arrival| number(arrival).expect("a frame has a number")).collect()
}

#[test]
fn a_good_cable_delays_and_does_nothing_else() {
    let (arrivals, losses) = carry(Conditions::GOOD, 1000);
    assert!(losses.is_empty());
    let at = NOW + Conditions::GOOD.delay;
    assert!(arrivals.iter().all(|arrival| arrival.at == at && arrival.mishap.is_none()));
    assert!(numbers(arrivals).into_iter().eq(0..1000));
}

#[test]
fn jitter_spreads_arrivals_and_keeps_their_order() {
    let jitter = Duration::from_millis(10);
    let (arrivals, _) = carry(Conditions { jitter, ..Conditions::GOOD }, 1000);
    let latest = arrivals.iter().map(|arrival| arrival.at.since(NOW)).max();
    assert!(latest.is_some_and(|latest| latest > jitter / 2 && latest <= jitter + Conditions::GOOD.delay));
    assert!(numbers(arrivals).into_iter().eq(0..1000));
}

#[test]
fn a_share_is_lost() {
    let (arrivals, losses) = carry(Conditions { loss: 0.1, ..Conditions::GOOD }, 10_000);
    assert!((900..1100).contains(&losses.len()), "{}", losses.len());
    assert_eq!(arrivals.len() + losses.len(), 10_000);
}

#[test]
fn bursts_lose_frames_together() {
    let bursts = Some(Bursts { begin: 0.01, end: 0.1, loss: 1.0 });
    let (arrivals, losses) = carry(Conditions { bursts, ..Conditions::GOOD }, 100_000);
    // In the long run a burst takes 0.01 / (0.01 + 0.1) of the frames, ten each.
    assert!((8_000..10_500).contains(&losses.len()), "{}", losses.len());
    let numbers = numbers(arrivals);
    let runs = numbers.windows(2).filter(|pair| pair[1] > pair[0] + 1).count();
    let mean = losses.len() as f64 / runs as f64;
    assert!((9.0..11.0).contains(&mean), "{mean} frames in a burst");
}

#[test]
fn what_is_held_is_overtaken() {
    let holding = Duration::from_millis(5);
    let (arrivals, losses) = carry(Conditions { reordering: 0.2, holding, ..Conditions::GOOD }, 1000);
    assert!(losses.is_empty());
    let numbers = numbers(arrivals);
    assert!(numbers.is_sorted_by(|one, other| one != other) && !numbers.is_sorted());
}

#[test]
fn a_share_arrives_twice() {
    let (arrivals, _) = carry(Conditions { duplication: 0.25, ..Conditions::GOOD }, 1000);
    assert!((1200..1300).contains(&arrivals.len()), "{}", arrivals.len());
    let mut numbers = numbers(arrivals);
    numbers.sort_unstable();
    numbers.dedup();
    assert!(numbers.into_iter().eq(0..1000));
}

#[test]
fn a_cut_cable_and_a_narrow_one_carry_nothing() {
    assert_eq!(carry(Conditions { is_cut: true, ..Conditions::GOOD }, 3).1, [Loss::Cut; 3]);
    assert_eq!(carry(Conditions { mtu: 85, ..Conditions::GOOD }, 3).1, [Loss::TooLong; 3]);
    assert_eq!(carry(Conditions { mtu: 86, ..Conditions::GOOD }, 3).1, []);
}

#[test]
fn bandwidth_takes_time_and_its_queue_is_bounded() {
    let bandwidth = Some(Bandwidth { bits: 800_000, queue: 1000 });
    let (arrivals, losses) = carry(Conditions { bandwidth, ..Conditions::GOOD }, 20);
    // A frame takes a millisecond; one is on its way, ten wait.
    assert_eq!((arrivals.len(), &*losses), (11, &[Loss::QueueFull; 9][..]));
    for (arrival, number) in arrivals.iter().zip(1..) {
        assert_eq!(arrival.at, NOW + Conditions::GOOD.delay + Duration::from_millis(number));
    }
}

fn datagram() -> Vec<u8> {
    let [from, to] = [([192, 0, 2, 9], 4096), ([192, 0, 2, 53], 53)].map(SocketAddr::from);
    let payload: Vec<u8> = (0..60).collect();
    let stations = [2, 3].map(|last| EthernetAddress([2, 0, 0, 0, 0, last]));
    frames::ethernet(stations[0], stations[1], &frames::datagram(from, to, &payload))
}

/// How many of a thousand damaged datagrams are still sound, and differ from what was sent.
fn accepted_after(damage: Damage) -> usize {
    let corruption = Some(Corruption { share: 1.0, damage });
    let mut direction = direction(Conditions { corruption, ..Conditions::GOOD });
    let arrives = |_| match direction.carry(datagram(), NOW) {
        Fate::Carried(arrivals) => arrivals.into_iter().next().map(|arrival| arrival.frame),
        Fate::Lost(_) => None,
    };
    let payload = |frame: &[u8]| frame[14 + 28..].to_vec();
    (0..1000)
        .filter_map(arrives)
        .filter(|frame| wire::read(frame, Padding::Refused).is_ok() && payload(frame) != payload(&datagram()))
        .count()
}

#[test]
fn sums_notice_what_they_are_said_to_notice() {
    assert_eq!(accepted_after(Damage::Noticed), 0);
    assert!(accepted_after(Damage::Unnoticed) > 900);
}

#[test]
fn any_damage_is_survived_by_those_who_inflict_it() {
    let mut random = Random::new(3);
    for length in 0..80 {
        for damage in [Damage::Noticed, Damage::Unnoticed, Damage::Anything] {
            let mut frame = datagram();
            frame.truncate(length);
            damage.inflict(&mut frame, &mut random);
        }
    }
}
