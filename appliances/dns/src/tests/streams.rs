//! RFC 7766, RFC 7828: messages in streams, whatever the pieces that they come in.

use super::network::{State, Wires};
use super::*;
use appliance::End;
use core::net::SocketAddr;
use core::time::Duration;
use proptest::prelude::*;

/// Room for whatever is sent.
const ENDLESS: usize = 1 << 20;

fn peer() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 9], 4096))
}

/// A server and the streams to it.
struct Session {
    served: Served,
    wires: Wires,
}

impl Session {
    fn new(settings: &str, zones: &[(&str, &str)]) -> Self {
        Self { served: serve_with(settings, zones), wires: Wires::new() }
    }

    fn example() -> Self {
        Self::new("", &[("example.com", EXAMPLE)])
    }

    fn open(&mut self, peer: SocketAddr, room: usize) -> StreamId {
        self.wires.open(&mut self.served.dns, peer, room, &[])
    }

    fn send(&mut self, id: StreamId, octets: &[u8]) {
        self.wires.send(&mut self.served.dns, id, octets);
    }

    fn finish(&mut self, id: StreamId) {
        self.wires.finish(&mut self.served.dns, id);
    }

    fn pass(&mut self, seconds: u64) {
        self.wires.pass(&mut self.served.dns, Duration::from_secs(seconds));
    }

    fn state(&self, id: StreamId) -> State {
        self.wires.wire(id).state
    }

    /// All messages that were sent, every one whole.
    fn replies(&self, id: StreamId) -> Vec<Vec<u8>> {
        messages(&self.wires.wire(id).sent)
    }

    /// How often it was counted.
    #[track_caller]
    fn counted(&self, name: &str) -> u64 {
        let mut statistics = self.served.dns.statistics();
        statistics.find(|statistic| statistic.name == name).expect(name).value
    }

    #[track_caller]
    fn check_closed(&self, reasons: &[(&str, u64)]) {
        let closed = self.served.dns.statistics().filter(|statistic| {
            statistic.value > 0 && statistic.name.starts_with("dns_connections_closed_total")
        });
        let expected = |(reason, count): &(&str, u64)| {
            (format!("dns_connections_closed_total{{reason=\"{reason}\"}}"), *count)
        };
        let expected: Vec<_> = reasons.iter().map(expected).collect();
        let closed: Vec<_> = closed.map(|statistic| (statistic.name.to_owned(), statistic.value)).collect();
        assert_eq!(closed, expected);
    }
}

fn messages(mut octets: &[u8]) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    while let Some((length, rest)) = octets.split_first_chunk() {
        let (message, rest) = rest.split_at(usize::from(u16::from_be_bytes(*length)));
        messages.push(message.to_vec());
        octets = rest;
    }
    assert!(octets.is_empty(), "half a length");
    messages
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u16).to_be_bytes(), message].concat()
}

/// A few messages of all kinds: answers, refusals, one that gets none.
fn mixture() -> Vec<Vec<u8>> {
    let response = [&IDENTITY[..], &[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat();
    let mut many: Vec<Vec<u8>> = [
        "mail.example.com A",
        "www.example.com A",
        "nope.example.com AAAA",
        "example.com MX",
        "example.org A",
        "version.bind CH TXT",
    ]
    .map(|question| ask(question).octets())
    .into();
    many.insert(2, response);
    many.push([&IDENTITY[..], &[0, 0, 0, 9, 0, 0, 0, 0, 0, 0]].concat());
    many.push(ask("mail.example.com A").without_edns().octets());
    for (number, message) in (0_u8..).zip(&mut many) {
        message[0] = number;
    }
    many
}

/// What UDP answers.
fn answers(requests: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut served = serve(&[("example.com", EXAMPLE)]);
    requests.iter().filter_map(|request| served.send(request, 1472)).collect()
}

#[test]
fn messages_come_in_any_pieces() {
    let octets: Vec<u8> = mixture().iter().flat_map(|message| framed(message)).collect();
    let expected = answers(&mixture());
    for piece in [1, 2, 3, 7, 30, 200, octets.len()] {
        let mut session = Session::example();
        let id = session.open(peer(), ENDLESS);
        for piece in octets.chunks(piece) {
            session.send(id, piece);
        }
        assert_eq!(session.replies(id), expected, "in pieces of {piece}");
        assert_eq!(session.state(id), State::Open);
    }
    // With the opening, and all in one turn.
    let mut session = Session::example();
    let id = session.wires.open(&mut session.served.dns, peer(), ENDLESS, &octets);
    assert_eq!(session.replies(id), expected);
}

/// RFC 7766 §6.2.1.1: "the server SHOULD answer all pipelined queries". A client that has sent many does not wait for others'
/// events.
#[test]
fn many_queries_at_once() {
    let mut session = Session::example();
    let id = session.open(peer(), ENDLESS);
    let query = framed(&ask("mail.example.com A").octets());
    session.send(id, &query.repeat(1000));
    assert_eq!(session.replies(id).len(), 1000);
    assert_eq!(session.counted("dns_requests_total{transport=\"tcp4\"}"), 1000);
    session.finish(id);
    session.check_closed(&[("client", 1)]);
}

/// A client that does not take its replies is not read from; each query counts once.
#[test]
fn replies_wait_for_room() {
    let mut session = Session::example();
    let requests = mixture();
    let octets: Vec<u8> = requests.iter().flat_map(|message| framed(message)).collect();
    let id = session.open(peer(), 0);
    session.send(id, &octets);
    session.finish(id);
    let mut taken = 0;
    while session.state(id) == State::Open {
        session.wires.take(&mut session.served.dns, id, 1);
        taken += 1;
    }
    assert_eq!(session.replies(id), answers(&requests));
    assert_eq!(session.wires.wire(id).sent.len(), taken);
    assert_eq!(session.counted("dns_requests_total{transport=\"tcp4\"}"), requests.len() as u64);
    assert_eq!(session.counted("dns_queries_total{type=\"A\"}"), 4);
    session.check_closed(&[("client", 1)]);
}

/// RFC 1035 §4.2.2: a client that has finished gets all its answers.
#[test]
fn a_client_may_close_its_side() {
    let query = framed(&ask("mail.example.com A").octets());
    for (octets, replies) in [
        (query.repeat(3), 3),
        ([&query[..], &query[..10]].concat(), 1),
        ([&query[..], &query[..1]].concat(), 1),
        (Vec::new(), 0),
    ] {
        let mut session = Session::example();
        let id = session.open(peer(), ENDLESS);
        session.send(id, &octets);
        assert_eq!(session.state(id), State::Open);
        session.finish(id);
        assert_eq!(session.replies(id).len(), replies);
        assert_eq!(session.state(id), State::Finished);
        session.check_closed(&[("client", 1)]);
        assert_eq!(session.counted("dns_connections"), 0);
        session.wires.end(&mut session.served.dns, id, End::Finished);
        session.check_closed(&[("client", 1)]);
    }
}

#[test]
fn a_length_that_no_message_has_ends_the_stream() {
    let query = framed(&ask("mail.example.com A").octets());
    for length in [0_u16, 1, 11] {
        let mut session = Session::example();
        let id = session.open(peer(), ENDLESS);
        session.send(id, &[&query[..], &length.to_be_bytes(), &query].concat());
        assert_eq!(session.replies(id).len(), 1);
        assert_eq!(session.state(id), State::Finished);
        session.check_closed(&[("length", 1)]);
        // What comes after is nobody's, and a peer that never closes its side is reset.
        session.send(id, &query.repeat(10_000));
        assert_eq!(session.replies(id).len(), 1);
        session.pass(29);
        assert_eq!(session.state(id), State::Finished);
        session.pass(1);
        assert_eq!(session.state(id), State::Closed);
    }
}

/// RFC 7766 §6.2.3: the time begins anew with a full message, "rather than on receipt of any part".
#[test]
fn an_idle_stream_is_closed() {
    let query = framed(&ask("mail.example.com A").octets());
    let mut session = Session::new("[dns]\ntcp_idle_timeout = 5\n", &[("example.com", EXAMPLE)]);
    let [silent, dribbling, busy] = [(); 3].map(|()| session.open(peer(), ENDLESS));
    for second in 0..5 {
        assert_eq!(session.counted("dns_connections"), 3, "at {second} s");
        session.send(dribbling, &query[second..=second]);
        session.send(busy, &query);
        session.pass(1);
    }
    assert_eq!([silent, dribbling, busy].map(|id| session.state(id) == State::Open), [false, false, true]);
    session.check_closed(&[("idle", 2)]);
    session.pass(3);
    assert_eq!(session.state(busy), State::Open);
    session.pass(1);
    assert_eq!(session.state(busy), State::Finished);
    assert_eq!(session.served.dns.deadline(), None);
    // Who does not take replies has none.
    let slow = session.open(peer(), 10);
    session.send(slow, &query.repeat(3));
    session.pass(5);
    assert_eq!(session.state(slow), State::Finished);
    session.check_closed(&[("idle", 4)]);
}

#[test]
fn the_longest_idle_makes_place() {
    let query = framed(&ask("mail.example.com A").octets());
    let mut session = Session::new("[dns]\ntcp_connections = 3\n", &[("example.com", EXAMPLE)]);
    let first: Vec<_> = (0..3).map(|_| session.open(peer(), ENDLESS)).collect();
    session.send(first[0], &query);
    let fourth = session.open(peer(), ENDLESS);
    let open = |session: &Session| [0, 1, 2].map(|at| session.state(first[at]) == State::Open);
    assert_eq!(open(&session), [true, false, true]);
    assert_eq!(session.state(first[1]), State::Closed);
    session.send(fourth, &query);
    assert_eq!(session.replies(fourth).len(), 1);
    session.send(first[2], &query);
    let _fifth = session.open(peer(), ENDLESS);
    assert_eq!(open(&session), [false, false, true]);
    session.check_closed(&[("server_limit", 2)]);
    assert_eq!(session.counted("dns_connections"), 3);
    assert_eq!(session.counted("dns_connections_total{transport=\"tcp4\"}"), 5);
}

/// RFC 7766 §6.2.2: by address, or for IPv6 by /64.
#[test]
fn a_client_has_no_more_than_its_share() {
    let settings = "[dns]\ntcp_connections_per_client = 2\n";
    let peers = |text: [&str; 4]| text.map(|text| text.parse::<SocketAddr>().expect(text));
    for (peers, family) in [
        (peers(["192.0.2.9:1", "[::ffff:192.0.2.9]:1", "192.0.2.9:3", "192.0.2.8:1"]), "tcp4"),
        (peers(["[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::9:0:1]:1", "[2001:db8:0:1::]:1"]), "tcp6"),
    ] {
        let mut session = Session::new(settings, &[("example.com", EXAMPLE)]);
        let ids = peers.map(|peer| session.open(peer, ENDLESS));
        assert_eq!(ids.map(|id| session.state(id) == State::Open), [true, true, false, true]);
        assert_eq!(session.state(ids[2]), State::Closed);
        session.check_closed(&[("client_limit", 1)]);
        assert_eq!(session.counted(&format!("dns_connections_total{{transport=\"{family}\"}}")), 4);
        // One that ends makes place for another.
        session.wires.end(&mut session.served.dns, ids[0], End::Reset);
        let again = session.open(peers[2], ENDLESS);
        assert_eq!(session.state(again), State::Open);
        session.check_closed(&[("client_limit", 1), ("reset", 1)]);
    }
}

#[test]
fn what_the_machine_says_of_an_end_is_counted() {
    let ends = [
        (End::Reset, "reset"),
        (End::TimedOut, "silent"),
        (End::Unreachable, "unreachable"),
        (End::Shed, "shed"),
    ];
    for (end, reason) in ends {
        let mut session = Session::example();
        let id = session.open(peer(), ENDLESS);
        session.wires.end(&mut session.served.dns, id, end);
        session.check_closed(&[(reason, 1)]);
        assert_eq!(session.counted("dns_connections"), 0);
    }
}

const KEEP_ALIVE: [u8; 4] = [0, 11, 0, 0];

/// An OPT record with these options.
fn opt(options: &[u8]) -> Vec<u8> {
    [&OPT[..9], &(options.len() as u16).to_be_bytes(), options].concat()
}

/// RFC 7828 §3.2.1, §3.3.1, §3.3.2.
#[test]
fn whoever_asks_is_told_for_how_long() {
    let settings = "[dns]\ntcp_idle_timeout = 100\nnsid = \"one\"\n";
    let mut session = Session::new(settings, &[("example.com", EXAMPLE)]);
    let nsid = [0, 3, 0, 0];
    let long = [0, 11, 0, 2, 0, 1];
    let told = [0, 11, 0, 2, 0x03, 0xe8];
    let both = [&[0, 3, 0, 3, b'o', b'n', b'e'][..], &told].concat();
    for (options, of_stream, of_datagram) in [
        (&KEEP_ALIVE[..], Some(&told[..]), Some(&[][..])),
        (&[], Some(&[]), Some(&[])),
        (&[KEEP_ALIVE, nsid].concat(), Some(&both), Some(&both[..7])),
        (&long, None, Some(&[])),
    ] {
        let query = ask("mail.example.com A").with_edns(&opt(options)).octets();
        let id = session.open(peer(), ENDLESS);
        session.send(id, &framed(&query));
        let by_stream = session.replies(id).remove(0);
        let by_datagram = session.served.send(&query, 512).expect("a reply");
        for (reply, expected) in [(by_stream, of_stream), (by_datagram, of_datagram)] {
            match expected {
                Some(expected) => {
                    let expected = [&(expected.len() as u16).to_be_bytes(), expected].concat();
                    assert!(reply.ends_with(&expected), "{reply:02x?} to {options:02x?}");
                }
                None => assert_eq!(described(&reply), ["FORMERR"]),
            }
        }
    }
    // A refusal tells it, too.
    let id = session.open(peer(), ENDLESS);
    session.send(id, &framed(&ask("mail.example.com AXFR").with_edns(&opt(&KEEP_ALIVE)).octets()));
    assert!(session.replies(id)[0].ends_with(&told));
}

/// RFC 6891 §6.2.3 speaks of UDP.
#[test]
fn no_payload_limits_a_stream() {
    let mut zone = String::from("$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n");
    for number in 0..250 {
        zone += &format!("x A 192.0.2.{number}\n");
    }
    let mut session = Session::new("", &[("t", &zone)]);
    for asked in [ask("x.t A"), ask("x.t A").without_edns()] {
        let id = session.open(peer(), ENDLESS);
        session.send(id, &framed(&asked.octets()));
        assert_eq!(described(&session.replies(id)[0]).len(), 251);
    }
    assert_eq!(session.counted("dns_truncated_total{transport=\"tcp\"}"), 0);
}

/// RFC 5936 §2.2.1: there is nothing wrong with asking for a transfer here.
#[test]
fn transfers_are_refused() {
    let mut session = Session::example();
    let id = session.open(peer(), ENDLESS);
    for question in ["example.com AXFR", "example.com IXFR"] {
        session.send(id, &framed(&ask(question).octets()));
    }
    let status: Vec<_> = session.replies(id).iter().map(|reply| described(reply).remove(0)).collect();
    assert_eq!(status, ["REFUSED", "REFUSED"]);
}

#[test]
fn settings_have_bounds() {
    let mistakes = |settings: &str| prepared(settings, &[("example.com", EXAMPLE)]).expect_err(settings);
    assert_eq!(
        mistakes("[dns]\ntcp_connections = 0\ntcp_connections_per_client = 65536\ntcp_idle_timeout = 3601\n"),
        [
            "`tcp_connections` has to be between 1 and 65535",
            "`tcp_connections_per_client` has to be between 1 and 65535",
            "`tcp_idle_timeout` has to be between 1 and 3600"
        ]
    );
}

proptest! {
    /// However a stream is cut, and however slowly its replies are taken: the same replies as by UDP.
    #[test]
    fn no_cut_makes_a_difference(
        picks in prop::collection::vec(0_usize..9, 0..60),
        cuts in prop::collection::vec((1_usize..90, 0_usize..300), 1..60),
    ) {
        let mixture = mixture();
        let requests: Vec<_> = picks.iter().map(|&pick| mixture[pick].clone()).collect();
        let octets: Vec<u8> = requests.iter().flat_map(|message| framed(message)).collect();
        let mut session = Session::example();
        let id = session.open(peer(), 0);
        let mut rest = &octets[..];
        for &(cut, room) in cuts.iter().cycle().take(octets.len() + 1) {
            let (piece, behind) = rest.split_at(cut.min(rest.len()));
            session.send(id, piece);
            session.wires.take(&mut session.served.dns, id, room);
            rest = behind;
        }
        session.finish(id);
        session.wires.take(&mut session.served.dns, id, ENDLESS);
        prop_assert_eq!(session.replies(id), answers(&requests));
        prop_assert_eq!(session.state(id), State::Finished);
        prop_assert_eq!(session.counted("dns_requests_total{transport=\"tcp4\"}"), requests.len() as u64);
    }
}
