//! Messages that no client of good manners sends, and what each is answered with.
//!
//! The table says what we hold to be right. Where a reference server does otherwise, the table says so, and why both may.

use anyhow::{Context, Result, ensure};
use interop_tests::message::Message;
use interop_tests::subject::Subject;
use interop_tests::{Server, tests};

tests![
    shorter_than_a_question,
    responses,
    more_than_a_question,
    unknown_opcodes,
    other_classes,
    types_that_are_no_types,
    flags_that_a_query_does_not_set,
    edns,
    names,
    a_signature_of_an_unknown_key,
];

/// ID of every message here.
const ID: [u8; 2] = [0x01, 0x01];
const EXAMPLE: &[u8] = b"\x07example\x03com\x00";
const A_IN: &[u8] = &[0, 1, 0, 1];
/// OPT: the root, a payload size of 1232, version 0, no options.
const OPT: &[u8] = &[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];

/// A message, and the reactions to it that are right, with what others do and may.
struct Case {
    name: &'static str,
    octets: Vec<u8>,
    /// Separated by ` or `.
    right: &'static str,
    /// Of references only: which, what, by which RFC.
    tolerated: &'static [Tolerated],
}

type Tolerated = (Subject, &'static str, &'static str);

const KNOT_IS_SILENT: &[Tolerated] = &[(
    Subject::Knot,
    "silence",
    "no RFC asks for a reply to what can't be read; RFC 1035 §4.1.1 offers FORMERR",
)];
const NSD_IS_STRICT: &[Tolerated] = &[(
    Subject::Nsd,
    "FORMERR",
    "RFC 1035 §4.1.1 leaves records in a query undefined; NSD takes none but OPT and TSIG",
)];
const KNOT_ENDS_WITH_THE_MESSAGE: &[Tolerated] = &[(
    Subject::Knot,
    "FORMERR",
    "no RFC says what octets after a message in UDP mean: Knot holds them to be an error",
)];

fn check(server: &Server, cases: Vec<Case>) -> Result<()> {
    for case in cases {
        let reaction = reaction(server, &case.octets).with_context(|| case.name)?;
        let is_tolerated = case.tolerated.iter().any(|(subject, other, _)| {
            subject.name() == server.name && other.split(" or ").any(|other| other == reaction)
        });
        let is_right = case.right.split(" or ").any(|right| right == reaction);
        ensure!(is_right || is_tolerated, "{}: {} is right, got {reaction}", case.name, case.right);
    }
    Ok(())
}

/// `silence`, or the RCODE; an answer and a denial are NOERRORs of their own.
fn reaction(server: &Server, octets: &[u8]) -> Result<String> {
    let Some(reply) = server.send(octets)? else { return Ok("silence".to_owned()) };
    ensure!(reply.starts_with(&ID), "the ID is not as sent: {reply:02x?}");
    let message = Message::parse(&reply).with_context(|| format!("in {reply:02x?}"))?;
    let opcode = octets.get(2).map_or(0, |octet| octet & 0x78);
    ensure!(
        message.flags & 0x8000 != 0 && reply[2] & 0x78 == opcode,
        "QR or the opcode is not as it should be"
    );
    ensure!(message.flags & 0x40 == 0, "Z is set (RFC 1035 §4.1.1)");
    let status = message.status();
    Ok(match (status.as_str(), message.answer.len(), message.authority.len()) {
        ("NOERROR aa", 1, 0) => "answer".to_owned(),
        ("NOERROR", 1, 0) => "answer without aa".to_owned(),
        ("NOERROR aa", 0, 1) => "denial".to_owned(),
        _ => status,
    })
}

fn message(flags: u16, counts: [u16; 4], rest: &[&[u8]]) -> Vec<u8> {
    let mut octets = ID.to_vec();
    octets.extend(flags.to_be_bytes());
    octets.extend(counts.iter().flat_map(|count| count.to_be_bytes()));
    octets.extend(rest.concat());
    octets
}

fn question(rtype: u16, class: u16) -> Vec<u8> {
    [EXAMPLE, &rtype.to_be_bytes(), &class.to_be_bytes()].concat()
}

/// `example.com. 9 IN A 192.0.2.1`, its name a pointer to the question's.
const RECORD: &[u8] = &[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 1];

fn opt(owner: &[u8], size: u16, version: u8, options: &[u8]) -> Vec<u8> {
    let length = u16::try_from(options.len()).expect("few options").to_be_bytes();
    [owner, &[0, 41], &size.to_be_bytes(), &[0, version, 0, 0], &length, options].concat()
}

fn case(name: &'static str, octets: Vec<u8>, right: &'static str) -> Case {
    Case { name, octets, right, tolerated: &[] }
}

impl Case {
    fn but(self, tolerated: &'static [Tolerated]) -> Self {
        Self { tolerated, ..self }
    }
}

fn shorter_than_a_question(server: &Server) -> Result<()> {
    let whole = message(0, [1, 0, 0, 0], &[EXAMPLE, A_IN]);
    let mut cases = Vec::new();
    for length in 0..12 {
        cases.push(case("less than a header", whole[..length].to_vec(), "silence"));
    }
    for length in 12..whole.len() {
        cases.push(case("less than its question", whole[..length].to_vec(), "FORMERR").but(KNOT_IS_SILENT));
    }
    cases.push(case("the whole", whole, "answer"));
    cases.push(case("a header alone", message(0, [0; 4], &[]), "FORMERR"));
    cases.push(case("EDNS alone", message(0, [0, 0, 0, 1], &[OPT]), "FORMERR").but(&[(
        Subject::Nsd,
        "NOERROR",
        "RFC 7873 §5.4: a query without a question asks for a cookie; NSD doesn't look for the option",
    )]));
    check(server, cases)
}

/// RFC 1034 §7.1 (and every reflection attack since): never a reply to a reply.
fn responses(server: &Server) -> Result<()> {
    check(
        server,
        vec![
            case("a response", message(0x8000, [1, 0, 0, 0], &[EXAMPLE, A_IN]), "silence"),
            case("a response cut short", message(0x8000, [1, 0, 0, 0], &[EXAMPLE]), "silence"),
            case("a response without a question", message(0x8000, [0; 4], &[]), "silence"),
            case("a response of opcode 3", message(0x9800, [1, 0, 0, 0], &[EXAMPLE, A_IN]), "silence"),
            case(
                "a response with EDNS of version 1",
                message(0x8000, [1, 0, 0, 1], &[EXAMPLE, A_IN, &opt(&[0], 1232, 1, &[])]),
                "silence",
            ),
        ],
    )
}

fn more_than_a_question(server: &Server) -> Result<()> {
    let asked: &[u8] = &[EXAMPLE, A_IN].concat();
    let with = |counts, rest| message(0, counts, &[asked, rest]);
    check(
        server,
        vec![
            // RFC 9619 §4: "QDCOUNT > 1 MUST be treated as an incorrectly formatted message".
            case("two questions", with([2, 0, 0, 0], asked), "FORMERR").but(KNOT_IS_SILENT),
            case("two questions promised", with([2, 0, 0, 0], &[]), "FORMERR").but(KNOT_IS_SILENT),
            case("65535 questions promised", with([65535, 0, 0, 0], &[]), "FORMERR").but(KNOT_IS_SILENT),
            case("an answer", with([1, 1, 0, 0], RECORD), "answer or FORMERR").but(NSD_IS_STRICT),
            case("an answer promised", with([1, 1, 0, 0], &[]), "FORMERR"),
            case("an authority record", with([1, 0, 1, 0], RECORD), "answer or FORMERR").but(NSD_IS_STRICT),
            case("an authority record promised", with([1, 0, 1, 0], &[]), "FORMERR"),
            case("an additional record", with([1, 0, 0, 1], RECORD), "answer or FORMERR").but(NSD_IS_STRICT),
            case("an additional record promised", with([1, 0, 0, 1], &[]), "FORMERR"),
            case("65535 additional records promised", with([1, 0, 0, 65535], &[]), "FORMERR"),
            case("octets after the message", with([1, 0, 0, 0], b"more"), "answer or FORMERR")
                .but(KNOT_ENDS_WITH_THE_MESSAGE),
            case("octets after EDNS", with([1, 0, 0, 1], &[OPT, b"more"].concat()), "answer or FORMERR")
                .but(KNOT_ENDS_WITH_THE_MESSAGE),
        ],
    )
}

fn unknown_opcodes(server: &Server) -> Result<()> {
    let asked: &[u8] = &[EXAMPLE, A_IN].concat();
    let mut cases = Vec::new();
    for opcode in [1, 2, 3, 6, 7, 15] {
        cases.push(case(
            "an opcode that is not served",
            message(opcode << 11, [1, 0, 0, 0], &[asked]),
            "NOTIMP",
        ));
    }
    cases.extend([
        case("NOTIFY", message(4 << 11, [1, 0, 0, 0], &[asked]), "NOTIMP or REFUSED or NOTAUTH").but(&[(
            Subject::Bind,
            "FORMERR",
            "RFC 1996 §3.7 wants QTYPE SOA and AA: BIND looks before it looks who asks",
        )]),
        case("UPDATE", message(5 << 11, [1, 0, 0, 0], &[asked]), "NOTIMP or REFUSED").but(&[
            (Subject::Knot, "FORMERR", "RFC 2136 §3.1.1 wants ZTYPE SOA"),
            (Subject::Bind, "FORMERR", "RFC 2136 §3.1.1 wants ZTYPE SOA"),
        ]),
        case("opcode 15 without a question", message(15 << 11, [0; 4], &[]), "NOTIMP"),
        case("opcode 15 with EDNS", message(15 << 11, [1, 0, 0, 1], &[asked, OPT]), "NOTIMP"),
        case("opcode 15 cut short", message(15 << 11, [1, 0, 0, 0], &[EXAMPLE]), "NOTIMP or FORMERR")
            .but(KNOT_IS_SILENT),
    ]);
    check(server, cases)
}

fn other_classes(server: &Server) -> Result<()> {
    const BIND_KNOWS_CLASSES: &[Tolerated] = &[(
        Subject::Bind,
        "FORMERR or NOTIMP",
        "RFC 6895 §3.2: meta-classes and reserved ones are no data classes",
    )];
    let asks = |class| message(0, [1, 0, 0, 0], &[&question(1, class)]);
    check(
        server,
        vec![
            case("class 0", asks(0), "REFUSED").but(BIND_KNOWS_CLASSES),
            case("class CHAOS", asks(3), "REFUSED"),
            case("class HESIOD", asks(4), "REFUSED"),
            case("class NONE", asks(254), "REFUSED").but(BIND_KNOWS_CLASSES),
            // RFC 1035 §3.2.5 makes `*` a QCLASS; RFC 1034 §6.2.2 says that such an answer is never authoritative.
            case("class ANY", asks(255), "REFUSED or answer without aa").but(&[
                (Subject::Knot, "answer", "takes it for IN"),
                (Subject::Bind, "FORMERR", "RFC 6895 §3.2: a meta-class is no data class"),
            ]),
            case("class 65535", asks(65535), "REFUSED").but(BIND_KNOWS_CLASSES),
        ],
    )
}

fn types_that_are_no_types(server: &Server) -> Result<()> {
    const BIND_KNOWS_TYPES: &[Tolerated] =
        &[(Subject::Bind, "FORMERR or NOTIMP", "RFC 6895 §3.1: meta-types can't be asked for")];
    let asks = |rtype| message(0, [1, 0, 0, 0], &[&question(rtype, 1)]);
    let mut cases = vec![
        case("type 0", asks(0), "denial or NOTIMP or FORMERR"),
        case("AXFR over UDP", asks(252), "NOTIMP or REFUSED or FORMERR"),
        case("IXFR", asks(251), "NOTIMP or REFUSED or NOTAUTH or FORMERR"),
        case("a type that nobody knows", asks(65535), "denial"),
    ];
    for rtype in [41, 250, 249, 253, 254, 128] {
        cases.push(case("a meta-type", asks(rtype), "denial or NOTIMP or FORMERR").but(BIND_KNOWS_TYPES));
    }
    check(server, cases)
}

fn flags_that_a_query_does_not_set(server: &Server) -> Result<()> {
    let mut cases = Vec::new();
    for bit in [10, 9, 8, 7, 6, 5, 4] {
        cases.push(case("a flag", message(1 << bit, [1, 0, 0, 0], &[EXAMPLE, A_IN]), "answer"));
    }
    cases.push(
        case("an RCODE", message(5, [1, 0, 0, 0], &[EXAMPLE, A_IN]), "answer or FORMERR").but(NSD_IS_STRICT),
    );
    check(server, cases)
}

/// RFC 6891 §6.1.1 and §6.1.3; BADVERS comes before everything else.
fn edns(server: &Server) -> Result<()> {
    const KNOT_DOES_NOT_MIND: &[Tolerated] =
        &[(Subject::Knot, "answer", "RFC 6891 §6.1.2: the owner MUST be 0, and no word on who checks it")];
    let asked: &[u8] = &[EXAMPLE, A_IN].concat();
    let with = |counts, rest: &[&[u8]]| message(0, counts, &[asked, &rest.concat()]);
    let option = |octets| with([1, 0, 0, 1], &[&opt(&[0], 1232, 0, octets)]);
    let not_served = [b"\x07invalid\x00".as_slice(), A_IN, &opt(&[0], 1232, 1, &[])];
    check(
        server,
        vec![
            case("EDNS", with([1, 0, 0, 1], &[OPT]), "answer"),
            case("twice", with([1, 0, 0, 2], &[OPT, OPT]), "FORMERR"),
            case("with an owner", with([1, 0, 0, 1], &[&opt(EXAMPLE, 1232, 0, &[])]), "FORMERR")
                .but(KNOT_DOES_NOT_MIND),
            case("in the answer section", with([1, 1, 0, 0], &[OPT]), "FORMERR"),
            case("in the authority section", with([1, 0, 1, 0], &[OPT]), "FORMERR"),
            case("after a record", with([1, 0, 0, 2], &[RECORD, OPT]), "answer or FORMERR")
                .but(NSD_IS_STRICT),
            case("before a record", with([1, 0, 0, 2], &[OPT, RECORD]), "answer or FORMERR")
                .but(NSD_IS_STRICT),
            case("version 1", with([1, 0, 0, 1], &[&opt(&[0], 1232, 1, &[])]), "BADVERS"),
            case("version 255", with([1, 0, 0, 1], &[&opt(&[0], 1232, 255, &[])]), "BADVERS"),
            case("version 1, for a name not served", message(0, [1, 0, 0, 1], &not_served), "BADVERS"),
            case("size 0", with([1, 0, 0, 1], &[&opt(&[0], 0, 0, &[])]), "answer"),
            case("longer than the message", with([1, 0, 0, 1], &[&OPT[..9], &[0, 9]]), "FORMERR"),
            case("cut short", with([1, 0, 0, 1], &[&OPT[..8]]), "FORMERR"),
            case("an option longer than EDNS", option(&[0, 3, 0, 9]), "FORMERR"),
            case("an option without a length", option(&[0, 3, 0]), "FORMERR"),
            case("an option that nobody knows", option(&[0xff, 0xe6, 0, 1, 7]), "answer"),
            case("NSID with data", option(&[0, 3, 0, 1, 7]), "answer"),
            case("a client subnet", option(&[0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2]), "answer"),
            // RFC 7873 §5.2.2 wants FORMERR of servers that know cookies.
            case("a cookie of 7 octets", option(&[0, 10, 0, 7, 1, 2, 3, 4, 5, 6, 7]), "answer or FORMERR"),
        ],
    )
}

/// RFC 1035 §4.1.4: "a pointer to a *prior* occurrence"; nothing comes before a question's name but the header.
fn names(server: &Server) -> Result<()> {
    const BIND_FOLLOWS: &[Tolerated] = &[
        (Subject::Knot, "silence", "can't be read"),
        (Subject::Bind, "REFUSED", "reads the header as a name"),
    ];
    let asks = |name: &[u8]| message(0, [1, 0, 0, 0], &[name, A_IN]);
    let label = |length: u8| [vec![length], vec![b'a'; usize::from(length)]].concat();
    let longest = [label(63), label(63), label(63), label(61), vec![0]].concat();
    let too_long = [label(63), label(63), label(63), label(62), vec![0]].concat();
    check(
        server,
        vec![
            case("points to itself", asks(&[0xc0, 12]), "FORMERR").but(KNOT_IS_SILENT),
            case("points onwards", asks(&[0xc0, 14, 1, b'a', 0]), "FORMERR").but(KNOT_IS_SILENT),
            case("points into the header", asks(&[0xc0, 4]), "FORMERR").but(BIND_FOLLOWS),
            case("points behind the end", asks(&[0xff, 0xff]), "FORMERR").but(KNOT_IS_SILENT),
            case("loops through a label", asks(&[1, b'a', 0xc0, 12]), "FORMERR").but(KNOT_IS_SILENT),
            case("a pointer cut in two", message(0, [1, 0, 0, 0], &[&[0xc0]]), "FORMERR").but(KNOT_IS_SILENT),
            case("a label of type 01", asks(&[0x41, b'a', 0]), "FORMERR").but(KNOT_IS_SILENT),
            case("a label of type 10", asks(&[0x81, b'a', 0]), "FORMERR").but(KNOT_IS_SILENT),
            case("256 octets", asks(&too_long), "FORMERR").but(KNOT_IS_SILENT),
            case("255 octets", asks(&longest), "REFUSED"),
            case("the root", asks(&[0]), "REFUSED"),
        ],
    )
}

/// RFC 8945 §5.2.1: NOTAUTH with BADKEY; a server without TSIG may see a record of a type it does not know.
fn a_signature_of_an_unknown_key(server: &Server) -> Result<()> {
    let data =
        [b"\x0bhmac-sha256\x00".as_slice(), &[0, 0, 0x65, 0, 0, 0, 1, 0x2c, 0, 0, 1, 1, 0, 0, 0, 0]].concat();
    let length = u8::try_from(data.len()).expect("short");
    let signature = [b"\x03key\x00".as_slice(), &[0, 250, 0, 255, 0, 0, 0, 0, 0, length], &data].concat();
    let signed = message(0, [1, 0, 0, 1], &[EXAMPLE, A_IN, &signature]);
    check(server, vec![case("TSIG", signed, "NOTAUTH or answer or FORMERR")])
}
