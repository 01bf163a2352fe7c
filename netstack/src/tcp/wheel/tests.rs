use super::{LAST_TICK, LEVELS, MOVES, Node, SLOT_BITS, TICK_BITS, Wheel, start_of};
use alloc::collections::BTreeMap;
use core::time::Duration;
use moment::Instant;
use proptest::prelude::{ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;

const NUMBERS: u32 = 12;

#[test]
fn a_number_costs_little() {
    assert_eq!(size_of::<Node>(), 16);
    assert_eq!(LEVELS as u32 * SLOT_BITS + TICK_BITS, u64::BITS);
}

#[test]
fn not_before_its_deadline_and_at_most_a_tick_after() {
    let tick = Duration::from_nanos(1 << TICK_BITS);
    for nanoseconds in
        [0, 1, 65_535, 65_536, 65_537, 4_194_304, 4_194_305, 1_000_000_000, 7_200_000_000_000, 1 << 62]
    {
        let mut wheel = Wheel::new(1);
        let at = Instant::from_nanoseconds(nanoseconds);
        wheel.set(0, at);
        let rounded = wheel.deadline_of(0).unwrap();
        assert!(rounded >= at && rounded.since(at) < tick);
        if nanoseconds > 0 {
            assert_eq!(wheel.take_due(Instant::from_nanoseconds(nanoseconds - 1)), None);
        }
        assert_eq!(wheel.take_due(rounded), Some(0));
        assert_eq!((wheel.take_due(rounded), wheel.deadline_of(0), wheel.next()), (None, None, None));
    }
}

#[test]
fn the_end_of_time() {
    let mut wheel = Wheel::new(2);
    wheel.set(1, Instant::from_nanoseconds(u64::MAX));
    assert_eq!(wheel.deadline_of(1), Some(start_of(LAST_TICK)));
    assert_eq!(wheel.take_due(start_of(LAST_TICK - 1)), None);
    assert_eq!(wheel.take_due(start_of(LAST_TICK)), Some(1));
}

#[test]
fn the_last_one_set_counts() {
    let mut wheel = Wheel::new(1);
    let after = |seconds| Instant::START + Duration::from_secs(seconds);
    wheel.set(0, after(5));
    wheel.set(0, after(9));
    assert_eq!(wheel.take_due(after(6)), None);
    wheel.set(0, after(7));
    assert_eq!(wheel.take_due(after(8)), Some(0));
    wheel.set(0, after(1));
    assert_eq!(wheel.take_due(after(8)), Some(0));
    wheel.set(0, after(9));
    wheel.cancel(0);
    wheel.cancel(0);
    assert_eq!((wheel.next(), wheel.deadline_of(0), wheel.take_due(after(10))), (None, None, None));
}

/// Who follows `next` is woken at most once for each level that a deadline passes through.
#[test]
fn few_wake_ups_for_a_far_deadline() {
    for shift in 0..48 {
        let mut wheel = Wheel::new(1);
        let _ = wheel.take_due(Instant::from_nanoseconds(0x1234_5678_9abc));
        let deadline = Instant::from_nanoseconds(0x1234_5678_9abc) + Duration::from_nanos(0xffff << shift);
        wheel.set(0, deadline);
        let mut calls = 0;
        while let Some(next) = wheel.next() {
            assert!(next.nanoseconds() >> TICK_BITS <= deadline.nanoseconds().div_ceil(1 << TICK_BITS));
            assert_eq!(wheel.take_due(next).is_some(), wheel.next().is_none());
            calls += 1;
        }
        assert!(calls <= LEVELS, "{calls} for {shift}");
    }
}

#[test]
fn a_call_moves_so_many_and_no_more() {
    let count = 10_000;
    let mut wheel = Wheel::new(count);
    let hour = Duration::from_secs(3600);
    for id in 0..count as u32 {
        wheel.set(id, Instant::START + hour + Duration::from_micros(u64::from(id)));
    }
    let mut now = wheel.next().unwrap();
    let mut idle_calls = 0;
    // What is set meanwhile comes in its turn.
    wheel.set(0, Instant::START);
    while wheel.next().is_some_and(|next| next <= now) {
        idle_calls += usize::from(wheel.take_due(now).is_none());
    }
    assert!(idle_calls >= (count - 1) / MOVES, "{idle_calls}");
    assert_eq!((wheel.deadline_of(0), wheel.deadline_of(1).is_some()), (None, true));
    now = now + hour * 2;
    let (mut due, mut calls) = (0, 0);
    while wheel.next().is_some() {
        due += usize::from(wheel.take_due(now).is_some());
        calls += 1;
    }
    assert_eq!(due, count - 1);
    assert!(calls <= count + count * LEVELS / MOVES, "{calls}");
}

#[derive(Clone, Debug)]
enum Step {
    /// After now, or before.
    Set(u32, u64),
    SetBefore(u32, u64),
    Cancel(u32),
    /// Time goes by, and what is due is taken.
    Pass(u64),
    /// One call, when `next` says.
    Follow,
}

fn step() -> impl Strategy<Value = Step> {
    // Of every magnitude, from nanoseconds to months, and just at the bounds of slots.
    let time = prop_oneof![
        (0..53_u32, 0..u64::MAX).prop_map(|(bits, random)| random % (1 << bits)),
        (0..37_u32, 0..3_u64).prop_map(|(bits, near)| ((1 << bits) + near).saturating_sub(1) << TICK_BITS),
    ];
    prop_oneof![
        4 => (0..NUMBERS, time.clone()).prop_map(|(id, time)| Step::Set(id, time)),
        1 => (0..NUMBERS, time.clone()).prop_map(|(id, time)| Step::SetBefore(id, time)),
        1 => (0..NUMBERS).prop_map(Step::Cancel),
        2 => time.prop_map(Step::Pass),
        2 => (0..1_u8).prop_map(|_| Step::Follow),
    ]
}

/// The tick of each number, and the nanoseconds that it is.
struct Model {
    ticks: BTreeMap<u32, u64>,
    now: u64,
}

impl Model {
    fn set(&mut self, wheel: &mut Wheel, id: u32, at: u64) {
        wheel.set(id, Instant::from_nanoseconds(at));
        self.ticks.insert(id, at.div_ceil(1 << TICK_BITS));
    }

    fn take_all(&mut self, wheel: &mut Wheel) -> Result<(), TestCaseError> {
        let (now, now_tick) = (Instant::from_nanoseconds(self.now), self.now >> TICK_BITS);
        let mut calls = 0;
        while wheel.next().is_some_and(|next| next <= now) {
            if let Some(id) = wheel.take_due(now) {
                let tick = self.ticks.remove(&id);
                prop_assert!(tick.is_some_and(|tick| tick <= now_tick), "{:?} at {}", tick, now_tick);
            }
            calls += 1;
            prop_assert!(calls <= NUMBERS * (1 + LEVELS as u32));
        }
        prop_assert_eq!(wheel.take_due(now), None);
        prop_assert!(self.ticks.values().all(|&tick| tick > now_tick));
        Ok(())
    }

    fn apply(&mut self, wheel: &mut Wheel, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Set(id, after) => self.set(wheel, id, self.now + after),
            Step::SetBefore(id, before) => self.set(wheel, id, self.now.saturating_sub(before)),
            Step::Cancel(id) => {
                wheel.cancel(id);
                self.ticks.remove(&id);
            }
            Step::Pass(time) => {
                self.now += time;
                self.take_all(wheel)?;
            }
            Step::Follow => {
                let Some(next) = wheel.next() else { return Ok(()) };
                self.now = self.now.max(next.nanoseconds());
                self.take_all(wheel)?;
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn like_a_sorted_list(start in 0..1_u64 << 60, steps in prop::collection::vec(step(), 0..150)) {
        let mut wheel = Wheel::new(NUMBERS as usize);
        let mut model = Model { ticks: BTreeMap::new(), now: start };
        for step in steps {
            model.apply(&mut wheel, &step)?;
            let next = wheel.next().map(|next| next.nanoseconds() >> TICK_BITS);
            prop_assert_eq!(next.is_some(), !model.ticks.is_empty());
            let now = model.now >> TICK_BITS;
            prop_assert!(next <= model.ticks.values().min().map(|&tick| tick.max(now)));
            for id in 0..NUMBERS {
                prop_assert_eq!(wheel.deadline_of(id), model.ticks.get(&id).map(|&tick| start_of(tick)));
            }
        }
    }

    #[test]
    fn in_order(times in prop::collection::vec(0..1_u64 << 50, 1..60), now in 0..1_u64 << 51) {
        let mut wheel = Wheel::new(times.len());
        for (id, &time) in times.iter().enumerate() {
            wheel.set(id as u32, Instant::from_nanoseconds(time));
        }
        let mut last = 0;
        while let Some(id) = wheel.take_due(Instant::from_nanoseconds(now)) {
            let tick = times[id as usize].div_ceil(1 << TICK_BITS);
            prop_assert!(last <= tick && tick <= now >> TICK_BITS);
            last = tick;
        }
    }
}
