//! What an answer costs, beside what two libraries take to parse the same question and to build the same answer.
//!
//! `cargo bench -p dns`. The libraries have no look-up to do: they are handed the one record that they write.

#![allow(missing_docs, reason = "criterion's macros make public functions without any")]

use appliance::{Appliance, Datagram, Reply};
use bytes::Bytes;
use configuration::{Archive, Configure, Diagnostics, Document};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use dns::Dns;
use dns_protocol::{Class, NameBuffer, Record, RecordType};
use moment::{Instant, Moment};
use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr};

const NOW: Moment = Moment { instant: Instant::START, unix_time: None };
const NOBODY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9);
const SMALL: u32 = 10_000;
const LARGE: u32 = 1_000_000;

fn answers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("answer");
    group.throughput(Throughput::Elements(1));
    for (size, names) in [("10,000 names", SMALL), ("1,000,000 names", LARGE)] {
        let mut server = server(names);
        let label = |what: &str| format!("{what}, {size}");
        let edns = queries(names, RecordType::A, |name| name);
        measure(&mut group, &mut server, &label("hit"), &edns);
        let missing = queries(names, RecordType::A, |name| format!("x{name}"));
        measure(&mut group, &mut server, &label("no such name"), &missing);
        let deep = queries(names, RecordType::A, |name| format!("a.b.c.d.e.x{name}"));
        measure(&mut group, &mut server, &label("no such name, 5 labels deeper"), &deep);
        let none = queries(names, RecordType::AAAA, |name| name);
        measure(&mut group, &mut server, &label("no such records"), &none);
        let referred = queries(names, RecordType::A, |name| format!("{name}.child"));
        measure(&mut group, &mut server, &label("referral"), &referred);
        let aliased = queries(names, RecordType::A, |name| format!("{name}.alias"));
        measure(&mut group, &mut server, &label("alias by wildcard"), &aliased);
    }
    group.finish();

    let mut group = criterion.benchmark_group("parse and build");
    group.throughput(Throughput::Elements(1));
    let hits = queries(SMALL, RecordType::A, |name| name);
    let mut turn = hits.iter().cycle();
    group.bench_function("domain", |bencher| bencher.iter(|| with_domain(turn.next().expect("a cycle"))));
    group.bench_function("hickory-proto", |bencher| bencher.iter(|| with_hickory(turn.next().expect("a cycle"))));
    group.finish();
}

fn measure(group: &mut BenchmarkGroup<'_, WallTime>, server: &mut Dns, label: &str, queries: &[Vec<u8>]) {
    // One behind the other, as a device's ring has them: the look-up is to miss the cache, not the bench.
    let length = queries.iter().map(Vec::len).max().expect("queries");
    let mut ring = vec![0; queries.len() * length];
    let mut lengths = Vec::new();
    for (place, query) in ring.chunks_exact_mut(length).zip(queries) {
        place[..query.len()].copy_from_slice(query);
        lengths.push(query.len());
    }
    let mut buffer = [0; 1472];
    let mut turn = ring.chunks_exact(length).zip(&lengths).map(|(query, &length)| &query[..length]).cycle();
    group.bench_function(label, |bencher| {
        bencher.iter(|| {
            let query = turn.next().expect("a cycle");
            buffer[..query.len()].copy_from_slice(query);
            let datagram = Datagram { source: NOBODY, destination: NOBODY, buffer: &mut buffer, length: query.len() };
            match server.on_datagram(datagram, NOW) {
                Reply::Send { length } => black_box(length),
                Reply::Silence => panic!("a query is answered"),
            }
        });
    });
}

/// Queries with EDNS in an order that no prefetcher knows.
fn queries(names: u32, record_type: RecordType, name: impl Fn(String) -> String) -> Vec<Vec<u8>> {
    let stride = 7_368_787 % names;
    let query = |number: u32| {
        let text = format!("{}.example.com", name(format!("h{:07}", u64::from(number) * u64::from(stride) % u64::from(names))));
        let name = NameBuffer::from_text(&text).expect("a name");
        let mut query = vec![0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
        query.extend_from_slice(name.as_name().as_wire());
        query.extend(record_type.0.to_be_bytes());
        query.extend([0, 1, 0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]);
        query
    };
    (0..names).map(query).collect()
}

fn server(names: u32) -> Dns {
    let name = |text: &str| NameBuffer::from_text(text).expect("a name");
    let apex = name("example.com");
    let wire = |text: &str| name(text).as_name().as_wire().to_vec();
    let soa = [wire("ns1.example.com"), wire("hostmaster.example.com"), vec![0; 20]].concat();
    let mut owned = vec![
        (apex, RecordType::SOA, soa),
        (apex, RecordType::NS, wire("ns1.example.com")),
        (apex, RecordType::NS, wire("ns2.example.com")),
        (name("ns1.example.com"), RecordType::A, vec![192, 0, 2, 53]),
        (name("ns2.example.com"), RecordType::A, vec![192, 0, 2, 54]),
        (name("child.example.com"), RecordType::NS, wire("ns1.child.example.com")),
        (name("child.example.com"), RecordType::NS, wire("ns2.child.example.com")),
        (name("ns1.child.example.com"), RecordType::A, vec![192, 0, 2, 55]),
        (name("ns2.child.example.com"), RecordType::A, vec![192, 0, 2, 56]),
        (name("*.alias.example.com"), RecordType::CNAME, wire("ns1.example.com")),
    ];
    owned.extend((0..names).map(|number| {
        (name(&format!("h{number:07}.example.com")), RecordType::A, number.to_be_bytes().to_vec())
    }));
    let records: Vec<Record<'_>> = owned
        .iter()
        .map(|(owner, record_type, data)| Record {
            owner: owner.as_name(),
            record_type: *record_type,
            class: Class::IN,
            ttl: 3600,
            data,
        })
        .collect();
    let start = std::time::Instant::now();
    let compiled = dns::compile(apex.as_name(), &records).expect("a sound zone");
    println!(
        "{} records: {} octets, {:.1} a record; compiled in {:?}",
        records.len(),
        compiled.len(),
        compiled.len() as f64 / records.len() as f64,
        start.elapsed()
    );
    configured(&[("appliance.toml", b"[network]\n"), ("zones", &compiled)])
}

fn configured(files: &[(&str, &[u8])]) -> Dns {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, *content).expect("memory");
    }
    let archive = Archive::new(Bytes::from(archive.into_inner().expect("memory"))).expect("an archive");
    let mut diagnostics = Diagnostics::new();
    let text = archive.file(Archive::DOCUMENT).expect("its root");
    let document = Document::parse(Archive::DOCUMENT, &text, &mut diagnostics).expect("TOML");
    Dns::configure(&archive, &document, &mut diagnostics).expect("a sound archive")
}

fn with_domain(query: &[u8]) -> usize {
    use domain::base::{Message, MessageBuilder, StaticCompressor, StreamTarget, Ttl, iana::Rcode, name::ToName};
    let query = Message::from_octets(query).expect("a message");
    let question = query.first_question().expect("a question");
    let opt = query.opt().expect("an OPT record");
    let target = StaticCompressor::new(StreamTarget::new_vec());
    let mut answer = MessageBuilder::from_target(target)
        .expect("room")
        .start_answer(&query, Rcode::NOERROR)
        .expect("room");
    let owner = question.qname().to_name::<Vec<u8>>();
    let data = domain::rdata::A::new(Ipv4Addr::new(192, 0, 2, 1));
    answer.push((owner, Ttl::from_secs(3600), data)).expect("room");
    answer.header_mut().set_aa(true);
    let mut additional = answer.additional();
    additional.opt(|reply| {
        reply.set_udp_payload_size(opt.udp_payload_size().min(1232));
        Ok(())
    }).expect("room");
    black_box(additional.finish().into_target().as_dgram_slice().len())
}

fn with_hickory(query: &[u8]) -> usize {
    use hickory_proto::op::{Edns, Message};
    use hickory_proto::rr::{RData, Record, rdata::A};
    let query = Message::from_vec(query).expect("a message");
    let question = query.queries.first().expect("a question").clone();
    let mut answer = Message::response(query.metadata.id, query.metadata.op_code);
    answer.metadata.authoritative = true;
    answer.add_answer(Record::from_rdata(question.name().clone(), 3600, RData::A(A::new(192, 0, 2, 1))));
    answer.add_query(question);
    let mut edns = Edns::new();
    edns.set_max_payload(1232);
    answer.set_edns(edns);
    black_box(answer.to_vec().expect("room").len())
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_secs(2)).warm_up_time(std::time::Duration::from_secs(1));
    targets = answers
}
criterion_main!(benches);
