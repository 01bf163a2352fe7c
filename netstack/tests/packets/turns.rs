//! The turn: bounded, one flush.

use crate::memory::{MemoryLink, MemoryPlatform};
use crate::traffic::{to_us, udp};
use crate::wire::{Manner, OUR_STATION, Oracle, Wire, interface};
use appliance::Appliance;
use core::time::Duration;
use moment::{Instant, Moment};
use netstack::{Budget, Counter, Netstack};
use operator::{Request, Statistic};
use platform::Platform;

#[test]
fn a_turn_takes_a_bounded_number_of_frames_and_flushes_once() {
    let mut wire = Wire::new();
    let question = to_us(udp("192.0.2.9:4096", "192.0.2.53:53", b"q"));
    wire.platform.links[0].incoming.extend(core::iter::repeat_n(question, 100));
    wire.platform.links[0].flushes = 0;
    assert_eq!(wire.turn().frames, 64);
    assert_eq!(wire.platform.links[0].flushes, 1);
    assert_eq!(wire.turn().frames, 36);
    assert_eq!(wire.turn().frames, 0);
    assert_eq!(wire.take_sent().len(), 100);
    assert_eq!(wire.netstack.counters().read(Counter::DatagramAnswered), 100);
}

#[test]
fn links_without_interfaces_are_mute_and_interfaces_without_links_are_logged() {
    let links = vec![MemoryLink::new(OUR_STATION)];
    let mut platform = MemoryPlatform::new(links);
    let mut appliance = Oracle::new(Manner::Echo);
    let mut netstack = Netstack::new(&mut platform, &[], &[], Budget::NONE);
    platform.links[0].incoming.push_back(to_us(udp("192.0.2.9:4096", "192.0.2.53:53", b"q")));
    netstack.turn(&mut platform, &mut appliance);
    platform.now = platform.now + Duration::from_secs(1);
    netstack.turn(&mut platform, &mut appliance);
    assert!(platform.links[0].outgoing.is_empty());

    Netstack::new(&mut platform, &[interface(&[]), interface(&["192.0.2.53/24"])], &[], Budget::NONE);
    assert_eq!(platform.logged, ["there is no link for interface 1"]);
}

#[test]
fn every_frame_counts_once() {
    let mut wire = Wire::new();
    let frames: Vec<Vec<u8>> = crate::hostile_frames::sound_frames();
    for frame in &frames {
        wire.receives(&**frame).take_sent();
    }
    let counted: u64 = wire.netstack.counters().iter().map(|(_, count)| count).sum();
    assert_eq!(counted, frames.len() as u64);
}

/// A machine whose clock moves 4 µs a turn, and which ends, by a panic, when it is to sleep the second time.
struct Restless {
    links: [MemoryLink; 1],
    turns: core::cell::Cell<u64>,
    sleeps: Vec<(u64, Option<Instant>)>,
}

impl Platform for Restless {
    type Link = MemoryLink;

    fn links(&mut self) -> &mut [MemoryLink] {
        &mut self.links
    }

    fn now(&self) -> Moment {
        self.turns.set(self.turns.get() + 1);
        Moment { instant: Instant::from_nanoseconds(4_000 * self.turns.get()), unix_time: None }
    }

    fn fill_random(&mut self, bytes: &mut [u8]) {
        bytes.fill(1);
    }

    fn log(&mut self, _line: core::fmt::Arguments<'_>) {}

    fn wait(&mut self, deadline: Option<Instant>) {
        self.sleeps.push((self.turns.get(), deadline));
        if self.sleeps.len() == 2 {
            std::panic::panic_any(core::mem::take(&mut self.sleeps));
        }
        self.links[0].incoming.push_back(to_us(udp("192.0.2.9:4096", "192.0.2.53:53", b"q")));
    }
}

#[test]
fn a_busy_link_is_polled_before_the_machine_sleeps_until_the_deadline() {
    let links = [MemoryLink::new(OUR_STATION)];
    let mut machine = Restless { links, turns: core::cell::Cell::new(0), sleeps: Vec::new() };
    let appliance = Oracle::new(Manner::Echo);
    let netstack =
        Netstack::new(&mut machine, &[interface(&["192.0.2.53/24"])], appliance.listeners(), Budget::NONE);
    let end = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
        netstack::serve(machine, netstack, appliance);
    }));
    let sleeps =
        *end.expect_err("the machine ends").downcast::<Vec<(u64, Option<Instant>)>>().expect("sleeps");
    // The first turn, at 4 µs, finds nothing to poll for; the second, at 8 µs, a frame; the one at 24 µs is the first
    // that began 15 µs later. The next announcement is due a second after the first.
    let deadline = Some(Instant::from_nanoseconds(1_000_004_000));
    assert_eq!(sleeps, [(1, deadline), (6, deadline)]);
}

/// A machine whose link never rests, whose clock moves 1 ms a turn, and whose operator has asked once. It ends, by a panic, when it
/// answers.
struct Asked {
    links: [MemoryLink; 1],
    turns: core::cell::Cell<u64>,
    looks: Vec<u64>,
}

/// At which turns the machine looked for a request, and what it answered.
type Heard = (Vec<u64>, Vec<Statistic>);

impl Platform for Asked {
    type Link = MemoryLink;

    fn links(&mut self) -> &mut [MemoryLink] {
        if self.turns.get() > 0 && self.links[0].incoming.is_empty() {
            self.links[0].incoming.push_back(to_us(udp("192.0.2.9:4096", "192.0.2.53:53", b"q")));
        }
        &mut self.links
    }

    fn now(&self) -> Moment {
        self.turns.set(self.turns.get() + 1);
        Moment { instant: Instant::from_nanoseconds(1_000_000 * self.turns.get()), unix_time: None }
    }

    fn fill_random(&mut self, bytes: &mut [u8]) {
        bytes.fill(1);
    }

    fn log(&mut self, _line: core::fmt::Arguments<'_>) {}

    fn wait(&mut self, _deadline: Option<Instant>) {
        panic!("there is always a frame");
    }

    fn request(&mut self) -> Option<Request> {
        self.looks.push(self.turns.get());
        (self.looks.len() == 4).then_some(Request::Statistics)
    }

    fn answer(&mut self, statistics: impl Iterator<Item = Statistic>) {
        let heard: Heard = (core::mem::take(&mut self.looks), statistics.collect());
        std::panic::panic_any(heard);
    }
}

#[test]
fn a_machine_that_never_rests_hears_its_operator_every_10_ms() {
    let links = [MemoryLink::new(OUR_STATION)];
    let mut machine = Asked { links, turns: core::cell::Cell::new(0), looks: Vec::new() };
    let appliance = Oracle::new(Manner::Echo);
    let netstack =
        Netstack::new(&mut machine, &[interface(&["192.0.2.53/24"])], appliance.listeners(), Budget::NONE);
    let end = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
        netstack::serve(machine, netstack, appliance);
    }));
    let (looks, statistics) = *end.expect_err("the machine ends").downcast::<Heard>().expect("an answer");
    assert_eq!(looks, [1, 11, 21, 31]);
    let value = |name: &str| {
        let mut named = statistics.iter().filter(|statistic| statistic.name == name);
        (named.next().map(|statistic| statistic.value), named.next())
    };
    assert_eq!(value("network_frames_total{fate=\"datagram_answered\"}"), (Some(31), None));
    assert_eq!(value("network_turns_total"), (Some(31), None));
    assert_eq!(value("oracle_questions_total"), (Some(31), None), "the appliance's are among them");
}
