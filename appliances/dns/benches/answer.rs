//! What an answer costs, beside what two libraries take to parse the same question and to build the same answer.
//!
//! `cargo bench -p dns`. The libraries have no look-up to do: they are handed the one record that they write.

use appliance::{Appliance, Datagram, Reply};
use bytes::Bytes;
use configuration::{Archive, Configure, Diagnostics, Document, Files};
use core::fmt::Write;
use core::hint::black_box;
use core::net::{Ipv4Addr, SocketAddr};
use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use dns::Dns;
use dns_protocol::{NameBuffer, RecordType};
use moment::{Instant, Moment};

const NOW: Moment = Moment { instant: Instant::START, unix_time: None };
const NOBODY: SocketAddr = SocketAddr::new(core::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9);
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
    group.bench_function("hickory-proto", |bencher| {
        bencher.iter(|| with_hickory(turn.next().expect("a cycle")))
    });
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
            let datagram =
                Datagram { source: NOBODY, destination: NOBODY, buffer: &mut buffer, length: query.len() };
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
        let text = format!(
            "{}.example.com",
            name(format!("h{:07}", u64::from(number) * u64::from(stride) % u64::from(names)))
        );
        let name = NameBuffer::from_text(&text).expect("a name");
        let mut query = vec![0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
        query.extend_from_slice(name.as_name().as_wire());
        query.extend(record_type.0.to_be_bytes());
        query.extend([0, 1, 0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]);
        query
    };
    (0..names).map(query).collect()
}

/// A server of one zone: so many names with an address each, and a little of everything else.
fn server(names: u32) -> Dns {
    let mut zone = String::from(
        "$TTL 3600\n@ SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.53\nns2 A 192.0.2.54\n\
         child NS ns1.child\nchild NS ns2.child\nns1.child A 192.0.2.55\nns2.child A 192.0.2.56\n*.alias CNAME ns1\n",
    );
    for number in 0..names {
        writeln!(zone, "h{number:07} A {}", Ipv4Addr::from_bits(number)).expect("memory");
    }
    let start = std::time::Instant::now();
    let archive = archive(Bytes::from(zone));
    println!("{names} records read and compiled in {:?}", start.elapsed());
    Dns::configure(&archive).expect("a sound archive")
}

/// The one file that the configuration names.
struct OneFile(Bytes);

impl Files for OneFile {
    fn read(&mut self, _path: &str) -> Result<Bytes, String> {
        Ok(self.0.clone())
    }
}

fn archive(zone: Bytes) -> Archive {
    let text = Bytes::from_static(
        b"[network]\naddress = [\"192.0.2.53/24\"]\n[[zone]]\nname = \"example.com\"\nfile = \"example.com.zone\"\n",
    );
    let mut diagnostics = Diagnostics::new();
    let document = Document::parse(Archive::DOCUMENT, &text, &mut diagnostics).expect("TOML");
    let files = dns::prepare(&text, &document, &mut OneFile(zone), &mut diagnostics);
    let files = files.unwrap_or_else(|| panic!("{diagnostics:?}"));
    let mut archive = tar::Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, &*content).expect("memory");
    }
    Archive::new(Bytes::from(archive.into_inner().expect("memory"))).expect("an archive")
}

fn with_domain(query: &[u8]) -> usize {
    use domain::base::{
        Message, MessageBuilder, StaticCompressor, StreamTarget, Ttl, iana::Rcode, name::ToName,
    };
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
    additional
        .opt(|reply| {
            reply.set_udp_payload_size(opt.udp_payload_size().min(1232));
            Ok(())
        })
        .expect("room");
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
    config = Criterion::default().sample_size(20).measurement_time(core::time::Duration::from_secs(2)).warm_up_time(core::time::Duration::from_secs(1));
    targets = answers
}
criterion_main!(benches);
