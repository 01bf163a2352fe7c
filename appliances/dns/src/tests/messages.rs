//! Requests that are no ordinary queries, and what they get.

use super::*;

fn served() -> Served {
    serve(&[("example.com", EXAMPLE)])
}

/// A query for `mail.example.com A` with this header behind its identity, and this behind its question.
fn request(flags: u16, counts: [u16; 4], rest: &[u8]) -> Vec<u8> {
    let mut octets = IDENTITY.to_vec();
    octets.extend(flags.to_be_bytes());
    octets.extend(counts.iter().flat_map(|count| count.to_be_bytes()));
    octets.extend_from_slice(b"\x04mail\x07example\x03com\0\0\x01\0\x01");
    octets.extend_from_slice(rest);
    octets
}

#[track_caller]
fn check(request: &[u8], expected: Option<&str>) {
    let reply = served().send(request, 512);
    let status = reply.as_ref().map(|reply| described(reply)[0].clone());
    assert_eq!(status.as_deref(), expected, "to {request:02x?}");
    if let Some(reply) = reply {
        assert_eq!(reply[..2], IDENTITY);
        assert_eq!(reply[2] & 0x79, request[2] & 0x79, "opcode and RD come back");
    }
}

const PLAIN: [u16; 4] = [1, 0, 0, 0];

#[test]
fn no_reply_to_a_reply_or_to_a_scrap() {
    check(&[], None);
    check(&request(0, PLAIN, &[])[..11], None);
    check(&request(0x8000, PLAIN, &[]), None);
    check(&request(0xffff, [0; 4], &[]), None);
    let mut served = served();
    assert_eq!(served.send(&[1, 2, 3], 512), None);
    assert_eq!(
        counted(&served),
        [(r#"dns_requests_total{transport="udp4"}"#, 1), (r#"dns_dropped_total{reason="short"}"#, 1)]
    );
}

#[test]
fn flags_do_not_matter() {
    for bit in [0x0100, 0x0200, 0x0400, 0x0080, 0x0040, 0x0020, 0x0010, 0x000f] {
        check(&request(bit, PLAIN, &[]), Some("NOERROR aa"));
    }
}

#[test]
fn opcodes() {
    for opcode in [1, 2, 3, 6, 15] {
        check(&request(opcode << 11, PLAIN, &[]), Some("NOTIMP"));
    }
    check(&request(4 << 11, PLAIN, &[]), Some("REFUSED"));
    check(&request(5 << 11, PLAIN, &[]), Some("REFUSED"));
}

/// RFC 9619 §4 for the first.
#[test]
fn counts_that_do_not_hold() {
    for counts in [[0, 0, 0, 0], [2, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1], [1, 0, 0, 65535]] {
        check(&request(0, counts, &[]), Some("FORMERR"));
    }
    check(&request(0, PLAIN, &[0]), Some("FORMERR"));
    check(&request(0, [1, 0, 0, 1], &[&OPT[..], &[0]].concat()), Some("FORMERR"));
    check(&request(0, [1, 0, 0, 2], &[OPT, OPT].concat()), Some("FORMERR"));
    check(&request(0, [1, 0, 0, 1], &OPT[..10]), Some("FORMERR"));
    let owned = [&[0xc0, 12][..], &OPT[1..]].concat();
    check(&request(0, [1, 0, 0, 1], &owned), Some("FORMERR"));
}

/// A reply to what has no readable question is a header.
#[test]
fn names_that_are_none() {
    let with_name = |name: &[u8]| {
        let mut octets = request(0, PLAIN, &[]);
        octets.truncate(12);
        octets.extend_from_slice(name);
        octets.extend([0, 1, 0, 1]);
        octets
    };
    let label = |length: u8| [vec![length], vec![b'a'; usize::from(length)]].concat();
    let too_long = [label(63), label(63), label(63), label(62), vec![0]].concat();
    for name in [&[0xc0, 12][..], &[1, b'a', 0xc0, 12], &[64], &[0x80, 0], &[63, b'a'], &too_long] {
        check(&with_name(name), Some("FORMERR"));
        assert_eq!(served().send(&with_name(name), 512).expect("a reply").len(), 12);
    }
    check(&with_name(&[label(63), label(63), label(63), label(61), vec![0]].concat()), Some("REFUSED"));
    check(&request(0, PLAIN, &[])[..20], Some("FORMERR"));
}

#[test]
fn types_that_no_zone_has() {
    for (record_type, expected) in [
        (RecordType::AXFR, "FORMERR"),
        (RecordType::IXFR, "REFUSED"),
        (RecordType::MAILA, "NOTIMP"),
        (RecordType::MAILB, "NOTIMP"),
        (RecordType::OPT, "FORMERR"),
        (RecordType::TSIG, "FORMERR"),
        (RecordType(200), "FORMERR"),
    ] {
        let mut asked = ask("mail.example.com A");
        asked.record_type = record_type;
        served().check_asked(&asked, &[expected]);
    }
    // RFC 1995 §3: a request for an incremental transfer brings its SOA along.
    let soa = b"\xc0\x0c\0\x06\0\x01\0\0\0\0\0\x16\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let mut transfer = request(0, [1, 0, 1, 0], soa);
    let length = transfer.len();
    transfer[length - soa.len() - 3] = 251;
    check(&transfer, Some("REFUSED"));
}

/// RFC 8945 §5.2.1 and §5.3.2: NOTAUTH, and an unsigned TSIG record that says BADKEY.
#[test]
fn a_key_that_is_not_known() {
    let data = [
        b"\x0bhmac-sha256\0".as_slice(),
        &[0, 0, 1, 2, 3, 4, 1, 0x2c, 0, 2, 0xaa, 0xbb, 0x12, 0x34, 0, 0, 0, 0],
    ]
    .concat();
    let head = [0, 250, 0, 255, 0, 0, 0, 0, 0, data.len() as u8];
    let signature = [b"\x03key\0".as_slice(), &head, &data].concat();
    for (counts, rest, edns) in
        [([1, 0, 0, 1], signature.clone(), 0), ([1, 0, 0, 2], [&OPT[..], &signature].concat(), OPT.len())]
    {
        let request = request(0, counts, &rest);
        let reply = served().send(&request, 512).expect("a reply");
        assert_eq!(described(&reply)[0], "NOTAUTH");
        let mut expected = signature.clone();
        expected.truncate(expected.len() - 10);
        expected[5 + 9] -= 2;
        expected.extend([0, 0, 0x12, 0x34, 0, 17, 0, 0]);
        assert_eq!(reply[request.len() - rest.len() + edns..], expected);
    }
    // Not the last record, of another class, cut short, with a compressed owner.
    check(&request(0, [1, 0, 0, 2], &[&signature[..], &OPT].concat()), Some("FORMERR"));
    let mut other_class = signature.clone();
    other_class[8] = 1;
    check(&request(0, [1, 0, 0, 1], &other_class), Some("FORMERR"));
    check(&request(0, [1, 0, 0, 1], &signature[..signature.len() - 1]), Some("FORMERR"));
    check(&request(0, [1, 0, 0, 1], &[&[0xc0, 12], &signature[5..]].concat()), Some("FORMERR"));
}

/// What was counted at all.
fn counted(served: &Served) -> Vec<(&'static str, u64)> {
    let statistics = served.dns.statistics().filter(|statistic| statistic.value > 0);
    statistics.map(|statistic| (statistic.name, statistic.value)).collect()
}

#[test]
fn queries_count_by_type_and_by_what_became_of_them() {
    let mut served = serve(&[("example.com", &format!("{EXAMPLE}child NS ns.example.net.\n"))]);
    for question in [
        "mail.example.com A",
        "nope.example.com A",
        "example.org A",
        "mail.example.com MX",
        "www.child.example.com AAAA",
        "mail.example.com LOC",
    ] {
        let _ = served.reply(&ask(question));
    }
    let _ = served.reply(&ask("mail.example.com A").without_edns());
    let dnssec_ok = [0, 0, 41, 0x04, 0xd0, 0, 0, 0x80, 0, 0, 0];
    let _ = served.reply(&ask("mail.example.com A").with_edns(&dnssec_ok));
    assert_eq!(
        counted(&served),
        [
            (r#"dns_requests_total{transport="udp4"}"#, 8),
            (r#"dns_queries_total{type="A"}"#, 5),
            (r#"dns_queries_total{type="MX"}"#, 1),
            (r#"dns_queries_total{type="AAAA"}"#, 1),
            (r#"dns_queries_total{type="other"}"#, 1),
            (r#"dns_edns_total{with="edns"}"#, 7),
            (r#"dns_edns_total{with="do"}"#, 1),
            (r#"dns_noerror_total{kind="answer"}"#, 3),
            (r#"dns_noerror_total{kind="nodata"}"#, 2),
            (r#"dns_noerror_total{kind="referral"}"#, 1),
            (r#"dns_responses_total{rcode="NXDOMAIN"}"#, 1),
            (r#"dns_responses_total{rcode="REFUSED"}"#, 1),
            (r#"dns_opcodes_total{opcode="QUERY"}"#, 8),
            (r#"dns_responses_total{rcode="NOERROR"}"#, 6),
        ]
    );
}

#[test]
fn requests_that_are_no_queries_count_by_what_is_wrong_with_them() {
    let tsig = [&b"\x03key\0\0\xfa\0\xff\0\0\0\0\0\x1b"[..], b"\x0bhmac-sha256\0", &[0; 8], &[0; 6]].concat();
    let tsig = &[&tsig[..5 + 9], &[13 + 8 + 2 + 6], &tsig[15..], &[0; 2]].concat();
    let bad_version = [0, 0, 41, 0x04, 0xd0, 0, 1, 0, 0, 0, 0];
    let mut transfer = request(0, PLAIN, &[]);
    let end = transfer.len();
    transfer[end - 3] = 252;
    for (request, expected) in [
        (request(0x8000, PLAIN, &[]), r#"dns_dropped_total{reason="response"}"#),
        (request(4 << 11, PLAIN, &[]), r#"dns_opcodes_total{opcode="NOTIFY"}"#),
        (request(5 << 11, PLAIN, &[]), r#"dns_opcodes_total{opcode="UPDATE"}"#),
        (request(6 << 11, PLAIN, &[]), r#"dns_opcodes_total{opcode="other"}"#),
        (request(0, [0; 4], &[]), r#"dns_rejected_total{reason="question_count"}"#),
        (request(0, PLAIN, &[])[..20].to_vec(), r#"dns_rejected_total{reason="question"}"#),
        (request(0, [1, 1, 0, 0], &[]), r#"dns_rejected_total{reason="sections"}"#),
        (request(0, [1, 0, 0, 1], &[]), r#"dns_rejected_total{reason="records"}"#),
        (request(0, [1, 0, 0, 2], &[OPT, OPT].concat()), r#"dns_rejected_total{reason="edns"}"#),
        (request(0, [1, 0, 0, 1], &bad_version), r#"dns_rejected_total{reason="edns_version"}"#),
        (request(0, [1, 0, 0, 1], &tsig[..20]), r#"dns_rejected_total{reason="records"}"#),
        (request(0, [1, 0, 0, 1], tsig), r#"dns_rejected_total{reason="key"}"#),
        (request(0, [1, 0, 0, 2], &[tsig, &OPT[..]].concat()), r#"dns_rejected_total{reason="tsig"}"#),
        (transfer, r#"dns_rejected_total{reason="type"}"#),
    ] {
        let mut served = served();
        let reply = served.send(&request, 512);
        let counted = counted(&served);
        assert!(counted.contains(&(expected, 1)), "{expected}: {counted:?}");
        let of = |metric: &str| -> u64 {
            counted.iter().filter(|(name, _)| name.starts_with(metric)).map(|(_, value)| value).sum()
        };
        assert_eq!(
            of("dns_requests_total"),
            of("dns_rejected_total") + of("dns_dropped_total"),
            "{counted:?}"
        );
        assert_eq!(of("dns_responses_total"), u64::from(reply.is_some()), "{counted:?}");
    }
}
