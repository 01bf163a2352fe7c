//! How fast records become a compiled zone, and how many octets of it each takes.
//!
//! `cargo bench -p dns --bench compile`.

use core::hint::black_box;
use core::time::Duration;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dns_protocol::{Class, NameBuffer, Record, RecordType};

const NAMES: u32 = 1_000_000;

fn compile(criterion: &mut Criterion) {
    let name = |text: &str| NameBuffer::from_text(text).expect("a name");
    let apex = name("example.com");
    let wire = |text: &str| name(text).as_name().as_wire().to_vec();
    let soa = [wire("ns1.example.com"), wire("hostmaster.example.com"), vec![0; 20]].concat();
    let host = |number: u32| wire(&format!("h{number:07}.example.com"));
    let mut parts = vec![
        (wire("example.com"), RecordType::SOA, soa),
        (wire("example.com"), RecordType::NS, wire("ns1.example.com")),
    ];
    parts.extend((0..NAMES).map(|number| (host(number), RecordType::A, number.to_be_bytes().to_vec())));
    let records: Vec<Record<'_>> = parts
        .iter()
        .map(|(owner, record_type, data)| Record {
            owner: dns_protocol::Name::parse(owner).expect("a name"),
            record_type: *record_type,
            class: Class::IN,
            ttl: 3600,
            data,
        })
        .collect();
    let length = dns::compile(apex.as_name(), &records).expect("a sound zone").len();
    println!("{:.1} octets a record", length as f64 / records.len() as f64);

    let mut group = criterion.benchmark_group("compile");
    group.throughput(Throughput::Elements(records.len() as u64));
    group.bench_function("1,000,000 address records", |bencher| {
        bencher.iter(|| black_box(dns::compile(apex.as_name(), &records).expect("a sound zone")));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(10));
    targets = compile
}
criterion_main!(benches);
