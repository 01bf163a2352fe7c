//! Whatever comes, from the wire or in an archive: no panic, no reply that can't be read, no growth.

use super::*;
use crate::zone::compile;
use dns_protocol::{Name, Record};
use proptest::prelude::*;

const ZONE: &str = "
$TTL 60
@ SOA ns h 1 2 3 4 5
@ NS ns
ns A 192.0.2.53
*.w MX 10 ns
a.w CNAME b.w
old DNAME new
x.new CNAME old
child NS ns.child
child NS ns
ns.child A 192.0.2.1
";

fn query() -> impl Strategy<Value = Vec<u8>> {
    let label =
        prop::sample::select(vec!["ns", "w", "*", "a", "b", "old", "new", "x", "child", "t", "T", "\\000"]);
    let record_type = prop::sample::select(vec![1_u16, 2, 5, 6, 15, 39, 43, 255, 28]);
    (prop::collection::vec(label, 0..6), record_type, any::<bool>(), 0..600_u16).prop_map(
        |(labels, record_type, edns, payload)| {
            let name = labels.join(".") + ".t.";
            let mut asked = ask(&format!("{} A", name.trim_start_matches('.')));
            asked.record_type = RecordType(record_type);
            asked.edns = edns.then(|| [&OPT[..3], &payload.to_be_bytes(), &OPT[5..]].concat());
            asked.octets()
        },
    )
}

/// A reply is one whatever it replies to.
fn is_sound(request: &[u8], reply: &[u8]) {
    assert!(reply.len() <= 1232.max(request.len()));
    assert_eq!(reply[..2], request[..2]);
    let _ = described(reply);
}

proptest! {
    #[test]
    fn any_octets(request in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Some(reply) = serve(&[("t", ZONE)]).send(&request, 512) {
            is_sound(&request, &reply);
        }
    }

    #[test]
    fn queries_with_octets_changed(mut request in query(), changes in prop::collection::vec((any::<u16>(), any::<u8>()), 0..4)) {
        for (at, octet) in changes {
            let at = usize::from(at) % request.len();
            request[at] = octet;
        }
        if let Some(reply) = serve(&[("t", ZONE)]).send(&request, 512) {
            is_sound(&request, &reply);
        }
    }

    /// A zone with octets changed answers, or fails with SERVFAIL, or is not taken up; its replies may be nonsense.
    #[test]
    fn corrupt_zones(request in query(), changes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..40)) {
        let mut files = prepared("", &[("t", ZONE)]).expect("a sound zone");
        let (path, content) = files.pop().expect("the zones are the last file");
        let mut octets = content.to_vec();
        for (at, octet) in changes {
            let at = usize::from(at) % octets.len();
            octets[at] = octet;
        }
        files.push((path, Bytes::from(octets)));
        if let Ok(dns) = Dns::configure(&archive(&files)) {
            let reply = Served { dns }.send(&request, 512);
            prop_assert!(reply.is_none_or(|reply| reply.len() <= 1232));
        }
    }

    /// Records of any owners and data: a zone that finds each, or an error.
    #[test]
    fn compiled_zones_hold_what_they_are_made_of(
        records in prop::collection::vec((prop::collection::vec("[a-c*\\x00\\x01]{1,3}", 0..5), 0_u16..70, prop::collection::vec(any::<u8>(), 0..20)), 0..60),
    ) {
        let apex = NameBuffer::from_text("t").expect("a name");
        let wire = |labels: &[String]| {
            let mut wire = Vec::new();
            for label in labels {
                wire.push(label.len() as u8);
                wire.extend_from_slice(label.as_bytes());
            }
            NameBuffer::join(&wire, apex.as_name()).expect("short labels")
        };
        let mut owned: Vec<(NameBuffer, u16, Vec<u8>)> =
            records.iter().map(|(labels, record_type, data)| (wire(labels), *record_type, data.clone())).collect();
        owned.push((apex, RecordType::SOA.0, [&[0; 22][..]].concat()));
        let record = |(owner, record_type, data): &'_ (NameBuffer, u16, Vec<u8>)| (owner.as_name().as_wire().to_vec(), *record_type, data.clone());
        let all: Vec<_> = owned.iter().map(record).collect();
        let records: Vec<Record<'_>> = all
            .iter()
            .map(|(owner, record_type, data)| Record {
                owner: Name::parse(owner).expect("a name"),
                record_type: RecordType(*record_type),
                class: Class::IN,
                ttl: 60,
                data,
            })
            .collect();
        if let Ok(compiled) = compile(apex.as_name(), &records) {
            let mut served = Served { dns: Dns::of(&Bytes::from(compiled)) };
            for (owner, ..) in &owned {
                let reply = served.reply(&Asked { name: *owner, ..ask("t TYPE65535") });
                prop_assert_ne!(&described(&reply)[0], "NXDOMAIN aa");
                prop_assert_ne!(&described(&reply)[0], "SERVFAIL");
            }
        }
    }
}
