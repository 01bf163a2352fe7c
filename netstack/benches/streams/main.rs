//! What a small request and its answer cost netstack on one of many connections, and what a connection takes that is idle.
//!
//! Connections are opened by real handshakes. Then requests come on some that are drawn by chance, each a segment that also
//! acknowledges the answer before, one or several a turn; their answers leave in the same turn, and peers look at every octet of
//! them between rounds. The device verifies and writes checksums, as virtio's does. What handing frames over costs is
//! measured as `link alone`, and subtracted where cycles are printed.

mod appliance;
mod peers;
mod wire;

use ::appliance::Appliance as _;
use appliance::Answering;
use core::hint::black_box;
use criterion::{Criterion, Throughput, criterion_group};
use netstack::{Budget, Interface, Netstack, Prefix};
use peers::Peers;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::time;
use wire::Machine;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Octets of a request ...
const REQUEST: usize = 32;
/// ... and of its answer.
const ANSWER: usize = 100;

/// Pairs of a request and an answer that are prepared, and measured, at once.
const PAIRS_PER_ROUND: usize = 1024;

/// Each connection is asked once in this time on average, however many there are: what timers have to do is then the same.
const NANOSECONDS_BETWEEN_REQUESTS: u64 = 10_000_000;

/// What waits to be acknowledged lies in these: an answer for each of 100,000 connections takes 51 MB.
const BUFFERS: usize = 128 << 20;

/// How many connections there are, and how many of them have a request in a turn: a part of a round.
const SCENARIOS: [(usize, usize); 6] =
    [(10, 1), (10, 8), (1_000, 1), (1_000, 32), (100_000, 1), (100_000, 32)];

/// A stack, its machine and its peers.
struct World {
    machine: Machine,
    netstack: Netstack,
    answering: Answering,
    peers: Peers,
    connections: usize,
}

impl World {
    /// Opens so many connections.
    fn new(connections: usize) -> Self {
        let mut machine = Machine::new();
        let netstack = stack(&mut machine, Budget { streams: connections, buffers: BUFFERS });
        let (answering, peers) = (Answering::new(connections), Peers::new(connections));
        let mut world = Self { machine, netstack, answering, peers, connections };
        for first in (0..connections).step_by(wire::FRAMES_PER_TURN) {
            let some = first..connections.min(first + wire::FRAMES_PER_TURN);
            for peer in some.clone() {
                world.machine.link().arrive(|frame| world.peers.open(peer, frame));
            }
            world.turn(some.len(), 0);
            let now = world.machine.now;
            world.machine.link().take_sent(|frame| world.peers.on_answered(frame, now));
            for peer in some.clone() {
                world.machine.link().arrive(|frame| world.peers.establish(peer, now, frame));
            }
            world.turn(some.len(), 1);
            world.machine.link().take_sent(|frame| panic!("{} octets were not asked for", frame.len()));
        }
        assert_eq!(world.statistic("network_streams"), connections as u64, "all are open");
        assert_eq!(world.answering.opened, connections, "and the appliance knows");
        world
    }

    /// A turn that takes so many frames; then time goes on, by so many pairs.
    fn turn(&mut self, frames: usize, pairs: usize) {
        self.machine.link().offer(frames);
        black_box(self.netstack.turn(&mut self.machine, &mut self.answering));
        self.machine.now += pairs as u64 * NANOSECONDS_BETWEEN_REQUESTS / self.connections as u64;
    }

    /// A round, so many requests a turn; returns how long its turns took.
    fn round(&mut self, batch: usize) -> time::Duration {
        let mut at = self.machine.now;
        let link = self.machine.link();
        for _ in 0..PAIRS_PER_ROUND / batch {
            self.peers.next_turn();
            (0..batch).for_each(|_| link.arrive(|frame| self.peers.request(at, frame)));
            at += batch as u64 * NANOSECONDS_BETWEEN_REQUESTS / self.connections as u64;
        }
        let began = time::Instant::now();
        for _ in 0..PAIRS_PER_ROUND / batch {
            self.turn(batch, batch);
        }
        let took = began.elapsed();
        let answers = self.machine.link().take_sent(|frame| self.peers.on_answer(frame));
        assert_eq!(answers, PAIRS_PER_ROUND, "each request has one answer");
        took
    }

    fn statistic(&self, name: &str) -> u64 {
        let mut statistics = self.netstack.statistics();
        statistics.find(|one| one.name == name).expect("it is counted").value
    }
}

fn stack(machine: &mut Machine, budget: Budget) -> Netstack {
    let address = Prefix { address: "192.0.2.53".parse().expect("an address"), length: 24 };
    let interface = Interface { addresses: vec![address], ..Interface::default() };
    Netstack::new(machine, &[interface], Answering::new(0).listeners(), budget)
}

/// The same frames, handed over and back without a look at them.
fn link_alone(machine: &mut Machine, batch: usize) -> time::Duration {
    let link = machine.link();
    (0..PAIRS_PER_ROUND).for_each(|_| link.arrive(|frame| frame.resize(peers::HEADERS + REQUEST, 0)));
    let began = time::Instant::now();
    for _ in 0..PAIRS_PER_ROUND / batch {
        link.offer(batch);
        (0..batch).for_each(|_| link.hand_over_and_back(peers::HEADERS + ANSWER));
    }
    let took = began.elapsed();
    link.take_sent(|_| {});
    took
}

fn name((connections, batch): (usize, usize)) -> String {
    format!("{connections} connections, {batch} a turn")
}

/// Those whose names have in them what was asked for, if anything was.
fn chosen() -> impl Iterator<Item = (usize, usize)> {
    let asked = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    SCENARIOS.into_iter().filter(move |one| asked.as_ref().is_none_or(|asked| name(*one).contains(asked)))
}

fn pairs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("1024 requests and answers");
    group.throughput(Throughput::Elements(PAIRS_PER_ROUND as u64)).sample_size(20);
    let mut world = None::<World>;
    for scenario in chosen() {
        let (connections, batch) = scenario;
        let kept = world.take().filter(|world| world.connections == connections);
        let world = world.insert(kept.unwrap_or_else(|| World::new(connections)));
        group.bench_function(name(scenario), |bencher| {
            bencher.iter_custom(|rounds| (0..rounds).map(|_| world.round(batch)).sum());
        });
    }
    group.finish();
}

/// Prints cycles a pair: the median of many short rounds, and the least, as the machine is shared.
fn print_cycles() {
    /// After this many pairs on each connection, or this many rounds, nothing is new any more.
    const WARM_UP: usize = 4;
    const ROUNDS: usize = 1000;
    let megahertz = megahertz();
    println!(
        "cycles a pair at {megahertz:.0} MHz, {REQUEST} octets asked, {ANSWER} answered; the link's are not among them"
    );
    let cycles = |mut taken: Vec<time::Duration>| {
        taken.sort();
        let of_round = |took: time::Duration| took.as_nanos() as f64 * megahertz / 1000.0;
        [0, taken.len() / 2].map(|index| of_round(taken[index]) / PAIRS_PER_ROUND as f64)
    };
    let mut world = None::<World>;
    for scenario in chosen() {
        let (connections, batch) = scenario;
        let kept = world.take().filter(|world| world.connections == connections);
        let world = world.insert(kept.unwrap_or_else(|| World::new(connections)));
        let link = (0..ROUNDS).map(|_| link_alone(&mut world.machine, batch)).collect();
        let [_, link] = cycles(link);
        for _ in 0..(WARM_UP * connections).div_ceil(PAIRS_PER_ROUND) {
            world.round(batch);
        }
        let [least, median] = cycles((0..ROUNDS).map(|_| world.round(batch)).collect());
        println!(
            "  {}: {:.0}, least {:.0}; the link's {link:.0}",
            name(scenario),
            median - link,
            least - link
        );
        for name in ["network_segments_repeated_total", "network_segments_without_memory_total"] {
            assert_eq!(world.statistic(name), 0, "{name}");
        }
    }
}

/// Prints what a stack allocates for each connection that it may have, besides the buffers that all share.
fn print_octets() {
    const STREAMS: usize = 100_000;
    let mut machine = Machine::new();
    let mut allocated = |streams| {
        let region = Region::new(ALLOCATOR);
        let stack = black_box(stack(&mut machine, Budget { streams, buffers: BUFFERS }));
        let change = region.change();
        drop(stack);
        change.bytes_allocated - change.bytes_deallocated
    };
    let octets = allocated(STREAMS) - allocated(0);
    let each = octets.div_ceil(STREAMS);
    println!(
        "octets allocated for each of {STREAMS} connections: {each} (at most {}, of which an idle one takes {})",
        Budget::STREAM,
        Budget::IDLE_STREAM
    );
    assert!(each <= Budget::STREAM, "nobody allocates more than is said");
}

/// The rate of the time-stamp counter: that is constant, and the core's own is not.
fn megahertz() -> f64 {
    let known = || {
        let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
        let line = text.lines().find(|line| line.starts_with("cpu MHz"))?;
        line.split(':').nth(1)?.trim().parse().ok()
    };
    known().unwrap_or(1000.0)
}

criterion_group!(benches, pairs);

fn main() {
    print_octets();
    print_cycles();
    benches();
    Criterion::default().configure_from_args().final_summary();
}
