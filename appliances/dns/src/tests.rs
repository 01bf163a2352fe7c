extern crate std;

use super::*;
use alloc::vec;
use alloc::vec::Vec;
use bytes::Bytes;
use dns_protocol::{Class, NameBuffer, Record, RecordType};

fn smoke() -> Snapshot {
    let name = |t: &str| NameBuffer::from_text(t).unwrap();
    let apex = name("example.com");
    let mut soa = Vec::new();
    soa.extend_from_slice(name("ns1.example.com").as_name().as_wire());
    soa.extend_from_slice(name("root.example.com").as_name().as_wire());
    soa.extend([0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5]);
    let ns1 = name("ns1.example.com");
    let ns2 = name("ns2.example.com");
    let www = name("www.example.com");
    let al = name("al.example.com");
    let child = name("child.example.com");
    let nsc = name("ns.child.example.com");
    let a = [192, 0, 2, 1];
    let r = |o, t, d| Record { owner: o, record_type: t, class: Class::IN, ttl: 3600, data: d };
    let records = [
        r(apex.as_name(), RecordType::SOA, &soa[..]),
        r(apex.as_name(), RecordType::NS, ns1.as_name().as_wire()),
        r(apex.as_name(), RecordType::NS, ns2.as_name().as_wire()),
        r(ns1.as_name(), RecordType::A, &a[..]),
        r(www.as_name(), RecordType::A, &a[..]),
        r(al.as_name(), RecordType::CNAME, www.as_name().as_wire()),
        r(child.as_name(), RecordType::NS, nsc.as_name().as_wire()),
        r(nsc.as_name(), RecordType::A, &a[..]),
    ];
    let z = compile(apex.as_name(), &records).unwrap();
    Snapshot::of(&Bytes::from(z))
}

#[test]
fn a_first_zone_is_served() {
    let snapshot = smoke();
    // Question, then rcode and records of the three sections.
    for (name, record_type, expected) in [
        ("www.example.com", RecordType::A, [0, 1, 0, 1]),
        ("al.example.com", RecordType::A, [0, 2, 0, 1]),
        ("example.com", RecordType::NS, [0, 2, 0, 2]),
        ("example.com", RecordType::SOA, [0, 1, 0, 1]),
        ("x.example.com", RecordType::A, [3, 0, 1, 1]),
        ("www.example.com", RecordType::AAAA, [0, 0, 1, 1]),
        ("a.child.example.com", RecordType::A, [0, 0, 1, 2]),
        ("x.net", RecordType::A, [5, 0, 0, 1]),
    ] {
        let mut buffer = vec![0; 1500];
        buffer[5] = 1;
        buffer[11] = 1;
        let mut end = 12;
        let name_buffer = NameBuffer::from_text(name).expect(name);
        let [type_0, type_1] = record_type.0.to_be_bytes();
        let opt = [0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0];
        for part in [name_buffer.as_name().as_wire(), &[type_0, type_1, 0, 1], &opt] {
            buffer[end..end + part.len()].copy_from_slice(part);
            end += part.len();
        }
        let length = snapshot.reply(&mut buffer, end, &mut Counters::default()).expect(name);
        let message = domain::base::Message::from_octets(&buffer[..length]).expect(name);
        let counts = message.header_counts();
        let found = [
            u16::from(message.header().rcode().to_int()),
            counts.ancount(),
            counts.nscount(),
            counts.arcount(),
        ];
        assert_eq!(found, expected, "{name} {record_type}");
        for record in message.iter() {
            let (record, _) = record.expect(name);
            record.to_any_record::<domain::rdata::AllRecordData<_, _>>().expect(name);
        }
    }
}
