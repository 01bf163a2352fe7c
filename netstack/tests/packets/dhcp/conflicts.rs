//! Addresses that a server gives and somebody else has: RFC 5227, RFC 2131 §3.1(5).

use super::server::{Asked, SERVER, Server, message, read, seconds, start};
use super::{OFFERED, question};
use crate::traffic::{PEER_STATION, arp, ethernet};
use crate::wire::{OUR_STATION, Wire};
use netstack::Counter;
use platform::EthernetAddress;
use smoltcp::wire::ArpOperation::{Reply, Request};
use smoltcp::wire::DhcpMessageType::{Decline, Discover};

const NOBODY: EthernetAddress = EthernetAddress([0; 6]);

/// A broadcast ARP request.
pub(super) fn request(sender: (EthernetAddress, &str), target: (EthernetAddress, &str)) -> Vec<u8> {
    ethernet(sender.0, EthernetAddress([0xff; 6]), arp(Request, sender, target))
}

/// A machine that probes for its address.
fn probing() -> Wire {
    let mut wire = start(&[]);
    wire.turn();
    let discover = read(&wire.take_sent()[0]);
    wire.receives(message(&discover, Server::default().offer()));
    let asked = read(&wire.take_sent()[0]);
    wire.receives(message(&asked, Server::default().acknowledge()));
    wire.take_sent();
    wire
}

#[test]
fn rfc5227_section_2_1_1_an_address_that_somebody_has_or_probes_for_is_declined() {
    let reply = arp(Reply, (PEER_STATION, OFFERED), (OUR_STATION, "0.0.0.0"));
    for frame in [
        ethernet(PEER_STATION, OUR_STATION, reply),
        request((PEER_STATION, OFFERED), (NOBODY, OFFERED)),
        request((PEER_STATION, OFFERED), (NOBODY, "192.0.2.9")),
        request((PEER_STATION, "0.0.0.0"), (NOBODY, OFFERED)),
    ] {
        let mut wire = probing();
        wire.receives(frame).counts(Counter::AddressConflict);
        let declined = wire.platform.now;
        let decline = read(&wire.take_sent()[0]);
        assert_eq!(decline.kind, Decline);
        assert_eq!((decline.own, decline.wanted), (None, Some(OFFERED.parse().unwrap())));
        assert_eq!(decline.server, Some(SERVER));
        assert_eq!(decline.asks_for, []);
        wire.logs(&["192.0.2.77 lost: it is used by 02:00:00:00:00:99"]);
        // At least ten seconds.
        wire.until(Discover);
        assert_eq!(wire.platform.now.since(declined), seconds(10));
        wire.receives(question(OFFERED)).counts(Counter::PacketToOthers);
    }
}

#[test]
fn what_concerns_others_is_no_conflict() {
    let mut wire = probing();
    for frame in [
        request((PEER_STATION, "192.0.2.9"), (NOBODY, OFFERED)),
        request((PEER_STATION, "0.0.0.0"), (NOBODY, "192.0.2.9")),
        request((PEER_STATION, "192.0.2.9"), (NOBODY, "192.0.2.9")),
    ] {
        wire.receives(frame).stays_silent().counts(Counter::ArpIgnored);
    }
    wire.rest(super::PROBING);
    wire.logs(&["192.0.2.77/24 leased by 192.0.2.1 for 3599 s"]);
}

#[test]
fn declines_come_later_and_later() {
    let mut wire = start(&[]);
    let mut waits = Vec::new();
    for _ in 0..6 {
        let began = wire.platform.now;
        let asked = wire.until(Discover).answer(&mut wire, |server| server.offer());
        waits.push(wire.platform.now.since(began).as_secs());
        wire.receives(message(&asked, Server::default().acknowledge()));
        wire.take_sent();
        wire.receives(request((PEER_STATION, OFFERED), (NOBODY, OFFERED)));
        wire.take_sent();
    }
    assert_eq!(waits, [0, 10, 16, 32, 64, 64]);
}

#[test]
fn rfc5227_section_2_4_an_address_that_is_leased_is_defended_once_then_given_up() {
    let mut wire = Wire::bound(3600);
    let conflict = || request((PEER_STATION, OFFERED), (NOBODY, OFFERED));
    wire.receives(conflict()).counts(Counter::AddressDefended).take_sent();
    // Long after, it is another conflict.
    wire.rest(seconds(20));
    wire.take_sent();
    wire.receives(conflict()).counts(Counter::AddressDefended).take_sent();
    wire.rest(seconds(5));
    wire.take_sent();
    wire.platform.logged.clear();
    wire.receives(conflict()).counts(Counter::AddressConflict);
    assert_eq!(read(&wire.take_sent()[0]).kind, Decline);
    wire.logs(&["192.0.2.77 lost: it is used by 02:00:00:00:00:99"]);
    wire.receives(question(OFFERED)).counts(Counter::PacketToOthers);
    let Asked(discover) = wire.until(Discover);
    assert_eq!(discover.own, None);
}
