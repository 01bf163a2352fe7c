//! Master file text to records: records a second, beside the readers of hickory-proto and `domain` on the same text.
//!
//! What is measured is the processor's time, not the clock's: other work on the machine changes it little.

use bytes::Bytes;
use configuration::{Diagnostics, Files};
use core::fmt::Write;
use core::hint::black_box;
use core::time::Duration;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use dns_protocol::{NameBuffer, master_file};

/// As many as a zone of the figures has.
const RECORDS: usize = 1_000_000;

struct Memory<'a>(&'a Bytes);

impl Files for Memory<'_> {
    fn read(&mut self, _path: &str) -> Result<Bytes, String> {
        Ok(self.0.clone())
    }
}

/// A zone of a million lines as `host123456.example.com. 3600 IN A 192.0.2.1`.
fn hosts() -> String {
    let mut text =
        String::from("example.com. 3600 IN SOA ns1.example.com. host.example.com. 1 7200 3600 1209600 300\n");
    for number in 0..RECORDS {
        let [_, b, c, d] = u32::try_from(number).expect("a million").to_be_bytes();
        writeln!(text, "host{number:06}.example.com. 3600 IN A 10.{b}.{c}.{d}").expect("memory");
    }
    text
}

/// A zone as a registry has it: delegations with relative names, glue, and keys' digests.
fn delegations() -> String {
    let mut text =
        String::from("$ORIGIN example.com.\n$TTL 3600\n@ IN SOA ns1 host 1 7200 3600 1209600 300\n");
    for number in 0..RECORDS / 5 {
        writeln!(
            text,
            "d{number}\tNS\tns1.d{number}\n\tNS\tns2.host.example.net.\n\tDS\t{} 13 2 \
             3E9CE7A8C1B3D4F5061728394A5B6C7D8E9FA0B1C2D3E4F5061728394A5B6C7D\n\
             ns1.d{number}\tA\t192.0.2.{}\n\tAAAA\t2001:db8::{:x}",
            number % 65_536,
            number % 256,
            number % 65_536,
        )
        .expect("memory");
    }
    text
}

fn ours(text: &Bytes) -> usize {
    let origin = NameBuffer::from_text("example.com").expect("a name");
    let mut diagnostics = Diagnostics::new();
    let mut count = 0;
    master_file::read("zone", origin.as_name(), &mut Memory(text), &mut diagnostics, |record, location| {
        black_box((record, location));
        count += 1;
    });
    assert_eq!(diagnostics.errors(), 0, "the zone is sound");
    count
}

fn of_domain(zone: domain::zonefile::inplace::Zonefile) -> usize {
    let mut zone = zone;
    let mut count = 0;
    while let Some(entry) = zone.next_entry().expect("the zone is sound") {
        black_box(&entry);
        count += usize::from(matches!(entry, domain::zonefile::inplace::Entry::Record(_)));
    }
    count
}

fn of_hickory(text: &str) -> usize {
    let origin = hickory_proto::rr::Name::from_ascii("example.com.").expect("a name");
    let parser = hickory_proto::serialize::txt::Parser::new(text, None, Some(origin));
    let (_, records) = parser.parse().expect("the zone is sound");
    records.values().map(|set| set.records_without_rrsigs().count()).sum()
}

fn zones(criterion: &mut Criterion<ProcessorTime>) {
    for (name, text) in [("hosts", hosts()), ("delegations", delegations())] {
        let bytes = Bytes::from(text.clone());
        let records = ours(&bytes);
        let mut group = criterion.benchmark_group(name);
        group
            .sample_size(10)
            .warm_up_time(Duration::from_secs(1))
            .throughput(Throughput::Elements(records as u64));
        group.bench_function("isopod", |bencher| bencher.iter(|| ours(black_box(&bytes))));
        let load = || domain::zonefile::inplace::Zonefile::from(text.as_bytes());
        assert_eq!(of_domain(load()), records, "both read the whole zone");
        group
            .bench_function("domain", |bencher| bencher.iter_batched(load, of_domain, BatchSize::LargeInput));
        // It refuses DS records.
        if name == "hosts" {
            group.bench_function("hickory-proto", |bencher| bencher.iter(|| of_hickory(black_box(&text))));
        }
        group.finish();
    }
}

/// The time that this thread had a processor.
struct ProcessorTime;

/// Writes times, of whichever kind.
static FORM: WallTime = WallTime;

impl ProcessorTime {
    fn now() -> Duration {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::try_from(now).expect("a thread's time is not negative")
    }
}

impl Measurement for ProcessorTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        Self::now()
    }

    fn end(&self, start: Duration) -> Duration {
        Self::now() - start
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        FORM.formatter()
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ProcessorTime);
    targets = zones
}
criterion_main!(benches);
