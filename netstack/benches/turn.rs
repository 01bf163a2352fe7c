//! What netstack itself costs for a datagram: frame in, appliance called, reply out.
//!
//! The link is an array of buffers that are refilled with the same question, so everything is in the cache; what the
//! refill and an empty round trip cost is measured as `link alone`, and subtracted where cycles are printed.

use appliance::{Appliance, Datagram, Listener, Reply};
use core::fmt;
use core::hint::black_box;
use criterion::{Criterion, Throughput, criterion_group};
use moment::{Instant, Moment};
use netstack::{Budget, Interface, Netstack, Prefix};
use platform::{Checksum, EthernetAddress, Link, OutgoingFrame, Platform, ReceivedFrame};
use std::time;

const OWN: EthernetAddress = EthernetAddress([2, 0, 0, 0, 0, 0x53]);
const FRAMES_PER_TURN: usize = 64;
/// A question of this many octets ...
const QUESTION: usize = 40;
/// ... has an answer of this many.
const ANSWER: usize = 100;

/// A link on which the same frame arrives for ever, as often a turn as a turn takes frames.
struct Loop {
    frame: [u8; 128],
    length: usize,
    checksum: Checksum,
    buffers: Vec<[u8; 2048]>,
    next: usize,
    sent: u64,
}

struct Received<'a> {
    buffer: &'a mut [u8; 2048],
    length: usize,
    checksum: Checksum,
    sent: &'a mut u64,
}

impl ReceivedFrame for Received<'_> {
    fn bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    fn buffer(&mut self) -> &mut [u8] {
        &mut self.buffer[..]
    }

    fn checksum(&self) -> Checksum {
        self.checksum
    }

    fn reply(self, length: usize) {
        *self.sent += black_box(length) as u64;
    }
}

enum Nothing {}

impl OutgoingFrame for Nothing {
    fn buffer(&mut self) -> &mut [u8] {
        match *self {}
    }

    fn send(self, _length: usize) {
        match self {}
    }
}

impl Link for Loop {
    type Received<'a> = Received<'a>;
    type Outgoing<'a> = Nothing;

    fn address(&self) -> EthernetAddress {
        OWN
    }

    fn maximum_transmission_unit(&self) -> usize {
        1500
    }

    #[inline]
    fn receive(&mut self) -> Option<Received<'_>> {
        let buffer = &mut self.buffers[self.next % FRAMES_PER_TURN];
        self.next += 1;
        buffer[..128].copy_from_slice(&self.frame);
        Some(Received { buffer, length: self.length, checksum: self.checksum, sent: &mut self.sent })
    }

    fn transmit(&mut self) -> Option<Nothing> {
        None
    }

    fn flush(&mut self) {}
}

struct Machine([Loop; 1]);

impl Platform for Machine {
    type Link = Loop;

    fn links(&mut self) -> &mut [Loop] {
        &mut self.0
    }

    fn now(&self) -> Moment {
        Moment { instant: Instant::START, unix_time: None }
    }

    fn fill_random(&mut self, bytes: &mut [u8]) {
        bytes.fill(1);
    }

    fn log(&mut self, _line: fmt::Arguments<'_>) {}

    fn wait(&mut self, _deadline: Option<Instant>) {}
}

/// Answers with what is there already: its own cost is a call.
struct Echo;

impl Appliance for Echo {
    fn listeners(&self) -> &[Listener] {
        &[Listener::Datagram { port: 53 }]
    }

    #[inline(never)]
    fn on_datagram(&mut self, datagram: Datagram<'_>, _now: Moment) -> Reply {
        black_box(datagram.source);
        Reply::Send { length: ANSWER }
    }
}

/// The same frames, turned around without a look at them.
fn link_alone(machine: &mut Machine) {
    for _ in 0..FRAMES_PER_TURN {
        let mut received = machine.0[0].receive().expect("frames arrive for ever");
        black_box(received.buffer());
        received.reply(ANSWER);
    }
}

/// Sums 16-bit words as the Internet checksum does; here slowly, to owe nothing to what is measured.
fn checksum(words: impl Iterator<Item = u16>) -> [u8; 2] {
    let mut sum: u32 = words.map(u32::from).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    (!(sum as u16)).to_be_bytes()
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
}

fn datagram() -> Vec<u8> {
    let length = (QUESTION + 8) as u16;
    let mut bytes = [4096_u16, 53, length, 0].map(u16::to_be_bytes).concat();
    bytes.extend((0..QUESTION).map(|index| index as u8));
    bytes
}

fn question_v4() -> Vec<u8> {
    let mut datagram = datagram();
    let mut header =
        vec![0x45, 0, 0, 20 + datagram.len() as u8, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 9, 192, 0, 2, 53];
    let sum = checksum(words(&header));
    header[10..12].copy_from_slice(&sum);
    let length = datagram.len() as u16;
    let sum = checksum(words(&header[12..]).chain(words(&datagram)).chain([17, length]));
    datagram[6..8].copy_from_slice(&sum);
    [&OWN.0[..], &[2, 0, 0, 0, 0, 9], &[8, 0], &header, &datagram].concat()
}

fn question_v6() -> Vec<u8> {
    let mut datagram = datagram();
    let length = datagram.len() as u16;
    let mut addresses = [[0; 16]; 2].concat();
    addresses[..4].copy_from_slice(&[0x20, 1, 0x0d, 0xb8]);
    addresses[16..20].copy_from_slice(&[0x20, 1, 0x0d, 0xb8]);
    (addresses[15], addresses[31]) = (9, 0x53);
    let sum = checksum(words(&addresses).chain(words(&datagram)).chain([17, length]));
    datagram[6..8].copy_from_slice(&sum);
    let header = [0x60, 0, 0, 0, 0, length as u8, 17, 64];
    [&OWN.0[..], &[2, 0, 0, 0, 0, 9], &[0x86, 0xdd], &header, &addresses, &datagram].concat()
}

fn machine(question: &[u8], checksum: Checksum) -> (Machine, Netstack) {
    let mut frame = [0; 128];
    frame[..question.len()].copy_from_slice(question);
    let buffers = vec![[0; 2048]; FRAMES_PER_TURN];
    let link = Loop { frame, length: question.len(), checksum, buffers, next: 0, sent: 0 };
    let mut machine = Machine([link]);
    let prefix = |address: &str, length| Prefix { address: address.parse().expect("an address"), length };
    let addresses = vec![prefix("192.0.2.53", 24), prefix("2001:db8::53", 64)];
    let interface = Interface { addresses, gateways: Vec::new(), ..Interface::default() };
    let netstack = Netstack::new(&mut machine, &[interface], Echo.listeners(), Budget::NONE);
    (machine, netstack)
}

fn scenarios() -> [(&'static str, Vec<u8>, Checksum); 3] {
    [
        ("IPv4", question_v4(), Checksum::Unverified),
        ("IPv4, verified by the device", question_v4(), Checksum::Verified),
        ("IPv6", question_v6(), Checksum::Unverified),
    ]
}

fn turn(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a turn of 64 datagrams");
    group.throughput(Throughput::Elements(FRAMES_PER_TURN as u64));
    let (mut alone, _) = machine(&question_v4(), Checksum::Unverified);
    group.bench_function("link alone", |bencher| bencher.iter(|| link_alone(&mut alone)));
    for (name, question, checksum) in scenarios() {
        let (mut machine, mut netstack) = machine(&question, checksum);
        group.bench_function(name, |bencher| bencher.iter(|| netstack.turn(&mut machine, &mut Echo)));
        assert_eq!(
            netstack.counters().read(netstack::Counter::DatagramAnswered),
            netstack.counters().iter().map(|(_, count)| count).sum::<u64>(),
            "every datagram is answered",
        );
    }
    group.finish();
}

/// Prints cycles a datagram: the best of many short runs, as the machine is shared.
fn print_cycles() {
    let Some(megahertz) = megahertz() else { return };
    let cycles = |run: &mut dyn FnMut()| {
        const TURNS: u32 = 200;
        let best = (0..300).map(|_| {
            let began = time::Instant::now();
            (0..TURNS).for_each(|_| run());
            began.elapsed()
        });
        let nanoseconds = best.min().unwrap_or_default().as_nanos() as f64;
        nanoseconds * megahertz / 1000.0 / f64::from(TURNS) / FRAMES_PER_TURN as f64
    };
    let (mut alone, _) = machine(&question_v4(), Checksum::Unverified);
    let link = cycles(&mut || link_alone(&mut alone));
    println!(
        "cycles a datagram at {megahertz:.0} MHz, {QUESTION} octets asked, {ANSWER} answered; the link's {link:.0} are not among them"
    );
    for (name, question, checksum) in scenarios() {
        let (mut machine, mut netstack) = machine(&question, checksum);
        let whole = cycles(&mut || {
            black_box(netstack.turn(&mut machine, &mut Echo));
        });
        println!("  {name}: {:.0}", whole - link);
    }
}

fn megahertz() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("cpu MHz"))?;
    line.split(':').nth(1)?.trim().parse().ok()
}

criterion_group!(benches, turn);

fn main() {
    print_cycles();
    benches();
    Criterion::default().configure_from_args().final_summary();
}
