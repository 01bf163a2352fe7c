use super::{Delivered, Fate, Scoreboard, Sent};
use crate::tcp::memory::NOWHERE;
use crate::tcp::sequence::Sequence;
use crate::tcp::slab::Slab;
use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;
use moment::Instant;
use proptest::prelude::{ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;

#[derive(Clone, Debug)]
enum Step {
    Push(u32),
    /// From so far behind the first that is not acknowledged, so many.
    Sack(u32, u32),
    Acknowledge(u32),
    LoseOldest,
    LoseFirst(u32),
    LoseLast(u32),
    LoseAll,
    LoseNothing,
    Repeat(u32),
    Pass,
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..40_u32).prop_map(Step::Push),
        5 => (0..100_u32, 1..30_u32).prop_map(|(from, count)| Step::Sack(from, count)),
        3 => (0..40_u32).prop_map(Step::Acknowledge),
        2 => (0..1_u32).prop_map(|_| Step::LoseOldest),
        1 => (1..20_u32).prop_map(Step::LoseFirst),
        1 => (1..20_u32).prop_map(Step::LoseLast),
        1 => (0..1_u32).prop_map(|_| Step::LoseAll),
        1 => (0..1_u32).prop_map(|_| Step::LoseNothing),
        4 => (1..20_u32).prop_map(Step::Repeat),
        4 => (0..1_u32).prop_map(|_| Step::Pass),
        1 => (0..10_u32).prop_map(|chance| if chance == 0 { Step::Clear } else { Step::Pass }),
    ]
}

/// What is known of one octet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Octet {
    fate: Fate,
    at: Instant,
    is_repeated: bool,
    /// Whether it was acknowledged selectively since: of such it is forgotten when they were sent.
    is_vague: bool,
}

/// A scoreboard, and what it should say of each octet that is not acknowledged.
struct Pair {
    scoreboard: Scoreboard,
    ranges: Slab<Sent>,
    first: Sequence,
    octets: Vec<Octet>,
    now: Instant,
}

impl Pair {
    fn new(first: u32, places: usize) -> Self {
        let (scoreboard, ranges) = (Scoreboard::EMPTY, Slab::new(places));
        Self { scoreboard, ranges, first: Sequence(first), octets: Vec::new(), now: Instant::START }
    }

    fn number(&self, place: u32) -> Sequence {
        self.first + place
    }

    fn length(&self) -> u32 {
        self.octets.len() as u32
    }

    fn places(&self, start: Sequence, end: Sequence) -> core::ops::Range<usize> {
        start.since(self.first) as usize..end.since(self.first) as usize
    }

    fn count(&self, fate: Fate) -> u32 {
        self.octets.iter().filter(|octet| octet.fate == fate).count() as u32
    }

    fn set(&mut self, start: Sequence, end: Sequence, fate: Fate) {
        let places = self.places(start, end);
        for octet in &mut self.octets[places] {
            octet.fate = fate;
            octet.is_vague |= fate == Fate::Sacked;
        }
    }

    fn push(&mut self, count: u32) {
        let (start, end) = (self.number(self.length()), self.number(self.length() + count));
        if self.scoreboard.push(start, end, self.now, &mut self.ranges).is_ok() {
            let octet = Octet { fate: Fate::InFlight, at: self.now, is_repeated: false, is_vague: false };
            self.octets.extend((0..count).map(|_| octet));
        }
    }

    /// Octets that are delivered now, and were not before, all of them and those that were sent once.
    fn expect_delivered(
        &self,
        delivered: &Delivered,
        places: core::ops::Range<usize>,
    ) -> Result<(), TestCaseError> {
        let fresh =
            self.octets[places.clone()].iter().zip(places).filter(|(octet, _)| octet.fate != Fate::Sacked);
        let fresh: Vec<_> = fresh.collect();
        prop_assert_eq!(delivered.octets as usize, fresh.len());
        if fresh.iter().any(|(octet, _)| octet.is_vague) {
            return Ok(());
        }
        prop_assert_eq!(
            delivered.latest.map(|latest| latest.at),
            fresh.iter().map(|(octet, _)| octet.at).max()
        );
        let once = || fresh.iter().filter(|(octet, _)| !octet.is_repeated);
        prop_assert_eq!(
            delivered.latest_once.map(|latest| latest.at),
            once().map(|(octet, _)| octet.at).max()
        );
        prop_assert_eq!(delivered.lowest_once.is_some(), once().next().is_some());
        Ok(())
    }

    fn sack(&mut self, from: u32, count: u32) -> Result<(), TestCaseError> {
        let start = from.min(self.length());
        let end = (from + count).min(self.length());
        let mut delivered = Delivered::default();
        let (start, end) = (self.number(start), self.number(end));
        self.scoreboard.sack(start, end, &mut delivered, &mut self.ranges);
        self.expect_delivered(&delivered, self.places(start, end))?;
        self.set(start, end, Fate::Sacked);
        Ok(())
    }

    fn acknowledge(&mut self, count: u32) -> Result<(), TestCaseError> {
        let count = count.min(self.length());
        let mut delivered = Delivered::default();
        self.scoreboard.acknowledge(self.number(count), &mut delivered, &mut self.ranges);
        self.expect_delivered(&delivered, 0..count as usize)?;
        self.octets.drain(..count as usize);
        self.first = self.number(count);
        Ok(())
    }

    /// The range that was sent first is the one that is lost.
    fn lose_oldest(&mut self) -> Result<(), TestCaseError> {
        let in_flight = || self.octets.iter().filter(|octet| octet.fate == Fate::InFlight);
        let earliest = in_flight().map(|octet| octet.at).min();
        let oldest = self.scoreboard.oldest(&self.ranges).copied();
        if in_flight().all(|octet| !octet.is_vague) {
            prop_assert_eq!(oldest.map(|sent| sent.at), earliest);
        }
        self.scoreboard.lose_oldest(&mut self.ranges);
        oldest.into_iter().for_each(|sent| self.set(sent.start, sent.end, Fate::Lost));
        Ok(())
    }

    fn lose_first(&mut self, most: u32) {
        if let Some(sent) = self.ranges.get(self.scoreboard.first).copied()
            && sent.fate == Fate::InFlight
        {
            self.set(sent.start, sent.end.min(sent.start + most), Fate::Lost);
        }
        self.scoreboard.lose_first(most, &mut self.ranges);
    }

    fn lose_last(&mut self, most: u32) {
        if let Some(sent) = self.ranges.get(self.scoreboard.last).copied()
            && sent.fate == Fate::InFlight
        {
            self.set(sent.start.max(sent.end - most), sent.end, Fate::Lost);
        }
        self.scoreboard.lose_last(most, &mut self.ranges);
    }

    fn lose_nothing(&mut self) {
        let all = self.ranges(self.scoreboard.first, |sent| sent.next);
        for sent in all.iter().filter(|sent| sent.fate == Fate::Lost && !sent.is_repeated) {
            self.set(sent.start, sent.end, Fate::InFlight);
        }
        self.scoreboard.lose_nothing(&mut self.ranges);
    }

    fn repeat(&mut self, count: u32) -> Result<(), TestCaseError> {
        let first = self.octets.iter().position(|octet| octet.fate == Fate::Lost);
        let lost = self.scoreboard.first_lost(&self.ranges);
        prop_assert_eq!(lost.map(|(start, _)| start), first.map(|place| self.number(place as u32)));
        self.scoreboard.repeat_first_lost(count, self.now, &mut self.ranges);
        if let Some((start, end)) = lost {
            let places = self.places(start, end.min(start + count));
            prop_assert!(self.octets[places.clone()].iter().all(|octet| octet.fate == Fate::Lost));
            self.octets[places].fill(Octet {
                fate: Fate::InFlight,
                at: self.now,
                is_repeated: true,
                is_vague: false,
            });
        }
        Ok(())
    }

    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Push(count) => self.push(count),
            Step::Sack(from, count) => self.sack(from, count)?,
            Step::Acknowledge(count) => self.acknowledge(count)?,
            Step::LoseOldest => self.lose_oldest()?,
            Step::LoseFirst(most) => self.lose_first(most),
            Step::LoseLast(most) => self.lose_last(most),
            Step::LoseAll => {
                self.scoreboard.lose_all(&mut self.ranges);
                self.octets.iter_mut().for_each(|octet| octet.fate = Fate::Lost);
            }
            Step::LoseNothing => self.lose_nothing(),
            Step::Repeat(count) => self.repeat(count)?,
            Step::Pass => self.now = self.now + Duration::from_millis(1),
            Step::Clear => {
                self.scoreboard.clear(&mut self.ranges);
                self.first = self.number(self.length());
                self.octets.clear();
            }
        }
        Ok(())
    }

    fn ranges(&self, first: u32, follow: impl Fn(&Sent) -> u32) -> Vec<Sent> {
        let next = |place: &u32| Some(follow(self.ranges.get(*place)?)).filter(|next| *next != NOWHERE);
        let places = core::iter::successors(Some(first).filter(|first| *first != NOWHERE), next);
        places.map(|place| self.ranges[place]).collect()
    }

    /// Both lists lead forward and back, and hold what they should.
    fn check_lists(&self) -> Result<(), TestCaseError> {
        let scoreboard = &self.scoreboard;
        let numbers = |ranges: &[Sent]| ranges.iter().map(|sent| (sent.start, sent.end)).collect::<Vec<_>>();
        let all = self.ranges(scoreboard.first, |sent| sent.next);
        let mut back = self.ranges(scoreboard.last, |sent| sent.previous);
        back.reverse();
        prop_assert_eq!(numbers(&all), numbers(&back));
        prop_assert_eq!(all.len(), self.ranges.length());
        let sent = self.ranges(scoreboard.oldest, |sent| sent.later);
        let mut back = self.ranges(scoreboard.newest, |sent| sent.earlier);
        back.reverse();
        prop_assert_eq!(numbers(&sent), numbers(&back));
        prop_assert!(sent.iter().all(|sent| sent.fate == Fate::InFlight));
        prop_assert!(sent.is_sorted_by_key(|sent| sent.at));
        prop_assert_eq!(sent.len(), all.iter().filter(|sent| sent.fate == Fate::InFlight).count());
        let sum = |fate| all.iter().filter(|sent| sent.fate == fate).map(Sent::length).sum::<u32>();
        prop_assert_eq!(scoreboard.in_flight(), sum(Fate::InFlight));
        prop_assert_eq!(scoreboard.sacked(), sum(Fate::Sacked));
        prop_assert_eq!(scoreboard.lost(), sum(Fate::Lost));
        prop_assert_eq!(scoreboard.is_empty(), all.is_empty());
        prop_assert!(all.windows(2).all(|pair| pair[0].end == pair[1].start));
        Ok(())
    }

    fn check_octets(&self) -> Result<(), TestCaseError> {
        prop_assert_eq!(self.scoreboard.in_flight(), self.count(Fate::InFlight));
        prop_assert_eq!(self.scoreboard.sacked(), self.count(Fate::Sacked));
        prop_assert_eq!(self.scoreboard.lost(), self.count(Fate::Lost));
        for sent in self.ranges(self.scoreboard.first, |sent| sent.next) {
            let octets = &self.octets[self.places(sent.start, sent.end)];
            prop_assert!(octets.iter().all(|octet| octet.fate == sent.fate));
            let is_same = |octet: &Octet| octet.at == sent.at && octet.is_repeated == sent.is_repeated;
            prop_assert!(octets.iter().all(|octet| octet.is_vague || is_same(octet)));
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn what_is_known_of_ranges_is_what_is_true_of_octets(
        first in prop_oneof![0..=u32::MAX, u32::MAX - 200..=u32::MAX],
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut pair = Pair::new(first, 4096);
        for step in &steps {
            pair.take(step)?;
            pair.check_octets()?;
            pair.check_lists()?;
        }
    }

    #[test]
    fn without_places_less_is_known_and_nothing_breaks(
        places in 1..6_usize,
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut pair = Pair::new(0, places);
        let (mut first, mut end) = (Sequence(0), Sequence(0));
        for step in &steps {
            let (mut delivered, now) = (Delivered::default(), pair.now);
            let (scoreboard, ranges) = (&mut pair.scoreboard, &mut pair.ranges);
            match *step {
                Step::Push(count) => {
                    if scoreboard.push(end, end + count, now, ranges).is_ok() {
                        end = end + count;
                    }
                }
                Step::Sack(from, count) => {
                    let start = (first + from).min(end);
                    scoreboard.sack(start, (start + count).min(end), &mut delivered, ranges);
                }
                Step::Acknowledge(count) => {
                    first = (first + count).min(end);
                    scoreboard.acknowledge(first, &mut delivered, ranges);
                }
                Step::LoseOldest => scoreboard.lose_oldest(ranges),
                Step::LoseFirst(most) => scoreboard.lose_first(most, ranges),
                Step::LoseLast(most) => scoreboard.lose_last(most, ranges),
                Step::LoseAll => scoreboard.lose_all(ranges),
                Step::LoseNothing => scoreboard.lose_nothing(ranges),
                Step::Repeat(count) => scoreboard.repeat_first_lost(count, now, ranges),
                Step::Pass => pair.now = now + Duration::from_millis(1),
                Step::Clear => {
                    scoreboard.clear(ranges);
                    first = end;
                }
            }
            pair.check_lists()?;
            let all = pair.ranges(pair.scoreboard.first, |sent| sent.next);
            prop_assert_eq!(all.iter().map(Sent::length).sum::<u32>(), end.since(first));
        }
    }
}
