//! A client of DHCP: RFC 2131, RFC 2132, RFC 3396, RFC 5227.

mod conflicts;
mod leases;
mod options;
pub(crate) mod server;

use crate::traffic::{PEER_STATION, ethernet, to_us, udp};
use crate::wire::{OUR_STATION, Wire, interface};
use core::time::Duration;
use netstack::Counter;
use platform::EthernetAddress;
use server::{Asked, Server, message, read, start};
use smoltcp::wire::DhcpMessageType;

const OFFERED: &str = "192.0.2.77";
/// What probing takes at most.
const PROBING: Duration = Duration::from_millis(600);

fn question(own: &str) -> Vec<u8> {
    to_us(udp("192.0.2.9:4096", &format!("{own}:53"), b"q"))
}

#[test]
fn rfc2131_section_3_1_an_address_is_asked_for_probed_announced_and_used() {
    let mut wire = start(&[]);
    wire.turn();
    let sent = wire.take_sent();
    assert_eq!(sent.len(), 1);
    let discover = read(&sent[0]);
    assert_eq!(sent[0][..6], [0xff; 6]);
    assert_eq!(discover.source, "0.0.0.0".parse::<core::net::IpAddr>().unwrap());
    assert_eq!(discover.destination, "255.255.255.255".parse::<core::net::IpAddr>().unwrap());
    assert_eq!(discover.kind, DhcpMessageType::Discover);
    assert_eq!(discover.asks_for, [1, 3, 26, 58, 59]);
    assert_eq!((discover.own, discover.wanted, discover.server), (None, None, None));
    assert!(!discover.broadcast);
    assert_eq!(discover.length, 300, "RFC 1542 §2.1");

    // RFC 2131 §4.1: the answer may come to the address that is not ours yet, or to everybody.
    wire.receives(question(OFFERED)).stays_silent().counts(Counter::PacketToOthers);
    let offer = message(&discover, Server::default().offer());
    wire.receives(offer).counts(Counter::LeaseMessageTaken);
    let sent = wire.take_sent();
    let request = read(&sent[0]);
    assert_eq!((sent.len(), request.kind), (1, DhcpMessageType::Request));
    assert_eq!(request.exchange, discover.exchange, "RFC 2131 §4.4.1");
    assert_eq!(request.wanted, Some(OFFERED.parse().unwrap()));
    assert_eq!(request.server, Some("192.0.2.1".parse().unwrap()));
    assert_eq!(request.own, None);
    assert_eq!(sent[0][..6], [0xff; 6]);

    let acknowledged = wire.platform.now;
    wire.receives(message(&request, Server::default().acknowledge())).counts(Counter::LeaseMessageTaken);
    let mut probes = wire.take_sent();
    wire.receives(question(OFFERED)).stays_silent().counts(Counter::PacketToOthers);
    wire.rest(PROBING);
    probes.extend(wire.take_sent());
    let nobody = EthernetAddress([0; 6]);
    let probe = conflicts::request((OUR_STATION, "0.0.0.0"), (nobody, OFFERED));
    let announcement = conflicts::request((OUR_STATION, OFFERED), (nobody, OFFERED));
    let expected = [&probe, &probe, &probe, &announcement].map(|frame| frame.clone());
    assert_eq!(probes, expected);
    wire.logs(&["192.0.2.77/24 leased by 192.0.2.1 for 3599 s"]);
    assert!(wire.platform.now.since(acknowledged) < Duration::from_secs(1));
    wire.receives(question(OFFERED)).counts(Counter::DatagramAnswered).take_sent();
    wire.receives(question("192.0.2.255")).counts(Counter::PacketToMany);
}

#[test]
fn an_address_of_the_operators_is_answered_meanwhile_and_after() {
    let mut wire = start(&["198.51.100.53/24"]);
    wire.receives(question("198.51.100.53")).counts(Counter::DatagramAnswered);
    let sent = wire.take_sent();
    let discover = sent.iter().find(|frame| server::is_message(frame)).expect("a message");
    Server::default().serve(&mut wire, discover);
    for own in ["198.51.100.53", OFFERED] {
        wire.receives(question(own)).counts(Counter::DatagramAnswered).take_sent();
    }
    // What the server offers is not what we have otherwise.
    let mut wire = start(&["192.0.2.77/24"]);
    wire.turn();
    let discover = read(&wire.take_sent()[0]);
    wire.receives(message(&discover, Server::default().offer()))
        .counts(Counter::LeaseMessageIgnored)
        .stays_silent();
}

#[test]
fn rfc2131_section_4_1_a_message_is_sent_again_after_4_8_16_32_64_seconds_give_or_take_one() {
    let mut wire = start(&[]);
    let began = wire.platform.now;
    let exchange = wire.until(DhcpMessageType::Discover).0.exchange;
    let mut waits = Vec::new();
    for expected in [4, 8, 16, 32, 64, 64, 64] {
        let last = wire.platform.now;
        let Asked(message) = wire.until(DhcpMessageType::Discover);
        let wait = wire.platform.now.since(last);
        assert!((expected - 1..=expected).contains(&wait.as_secs()), "{wait:?} is not {expected} s ± 1 s");
        waits.push(wait.subsec_nanos());
        assert_eq!(u64::from(message.seconds), wire.platform.now.since(began).as_secs());
        assert_eq!(message.exchange, exchange);
    }
    waits.dedup();
    assert_eq!(waits.len(), 7, "no two are alike");
}

#[test]
fn rfc2131_section_3_1_a_server_that_offers_and_then_is_silent_is_given_up() {
    let mut wire = start(&[]);
    wire.turn();
    let discover = read(&wire.take_sent()[0]);
    wire.receives(message(&discover, Server::default().offer()));
    let mut requests = 0;
    let again = loop {
        let frames = wire.take_sent();
        assert!(frames.len() <= 1);
        if let Some(frame) = frames.first() {
            match read(frame).kind {
                DhcpMessageType::Request => requests += 1,
                kind => break kind,
            }
        }
        let deadline = wire.turn().deadline.expect("there is always something to do");
        wire.platform.now = wire.platform.now.max(deadline);
    };
    assert_eq!((requests, again), (5, DhcpMessageType::Discover));
}

#[test]
fn rfc2131_section_4_4_1_who_is_refused_starts_over_at_first_at_once() {
    let mut wire = start(&[]);
    let mut waits = Vec::new();
    for _ in 0..5 {
        let began = wire.platform.now;
        let request = wire.until(DhcpMessageType::Discover).answer(&mut wire, |server| server.offer());
        waits.push(wire.platform.now.since(began).as_secs());
        let refusal = message(&request, Server::default().refuse());
        wire.receives(refusal).counts(Counter::LeaseMessageTaken);
    }
    assert_eq!(waits, [0, 0, 4, 8, 16]);
}

#[test]
fn messages_that_are_not_for_us_or_not_now_change_nothing() {
    let mut wire = start(&[]);
    wire.turn();
    let discover = read(&wire.take_sent()[0]);
    let ours = || Server::default().offer();
    for server in [
        Server { exchange: Some(discover.exchange ^ 1), ..ours() },
        Server { station: PEER_STATION, ..ours() },
        Server { kind: DhcpMessageType::Ack, ..ours() },
        Server { kind: DhcpMessageType::Nak, ..ours() },
    ] {
        wire.receives(message(&discover, server)).stays_silent().counts(Counter::LeaseMessageIgnored);
    }
    for (from, to) in [("192.0.2.1:67", "255.255.255.255:69"), ("192.0.2.1:66", "255.255.255.255:68")] {
        let packet = udp(from, to, &[0; 300]);
        wire.receives(ethernet(PEER_STATION, EthernetAddress([0xff; 6]), packet))
            .stays_silent()
            .counts(Counter::PacketToMany);
    }
    wire.receives(message(&discover, ours())).counts(Counter::LeaseMessageTaken);
}

#[test]
fn without_dhcp_its_messages_are_nothing_special() {
    let mut wire = Wire::new();
    let asked = start(&[]).first();
    wire.receives(message(&read(&asked), Server::default().offer()))
        .stays_silent()
        .counts(Counter::PacketToMany);
    let packet = udp("192.0.2.1:67", "192.0.2.53:68", b"");
    wire.receives(to_us(packet)).counts(Counter::ErrorSent);
}

#[test]
fn a_link_that_carries_less_than_576_octets_has_no_dhcp() {
    let mut wire = start(&[]);
    wire.platform.links[0].mtu = 575;
    let asks = netstack::Interface { dhcp: true, ..interface(&[]) };
    wire.netstack = netstack::Netstack::new(&mut wire.platform, &[asks], &[], netstack::Budget::NONE);
    assert_eq!(wire.turn().deadline.map(|deadline| deadline.nanoseconds()), Some(1_000_000_000));
    wire.stays_silent();
}
