//! What the link is told of an address that is new, and of those that are not: RFC 4862 §5.4.2, RFC 4429 §3.3.

use super::{AUTONOMOUS, FORMED, LINK_LOCAL, NODES, advertisement, formed, prefix, valid};
use crate::dhcp::server::{self, Server};
use crate::wire::{Wire, interface};
use core::net::Ipv6Addr;
use core::time::Duration;
use moment::Instant;
use netstack::Interface;

const SECOND: Duration = Duration::from_secs(1);

/// The address that a frame advertises to all nodes, and whether it is to override what they know.
fn told(frame: &[u8]) -> Option<(Ipv6Addr, bool)> {
    let is_told = frame[12..14] == [0x86, 0xdd] && frame[38..54] == all_nodes() && frame[54] == 136;
    is_told.then(|| (target(frame), frame[58] & 0x20 != 0))
}

/// The address that a frame asks for, as it is about to be taken.
fn probed(frame: &[u8]) -> Option<Ipv6Addr> {
    let is_probe = frame[12..14] == [0x86, 0xdd] && frame[22..38] == [0; 16] && frame[54] == 135;
    is_probe.then(|| target(frame))
}

fn all_nodes() -> [u8; 16] {
    crate::traffic::ipv6(NODES).octets()
}

fn target(frame: &[u8]) -> Ipv6Addr {
    Ipv6Addr::from(*frame[62..].first_chunk::<16>().expect("a target"))
}

/// Whether a frame announces an IPv4 address (RFC 5227 §1.1).
fn is_announcement(frame: &[u8]) -> bool {
    frame[12..14] == [8, 6] && frame[28..32] == frame[38..42]
}

/// Everything that is sent in a time, each frame with when.
fn sent(wire: &mut Wire, time: Duration) -> Vec<(Instant, Vec<u8>)> {
    let end = wire.platform.now + time;
    let mut sent = Vec::new();
    loop {
        let deadline = wire.turn().deadline;
        sent.extend(wire.take_sent().into_iter().map(|frame| (wire.platform.now, frame)));
        match deadline.filter(|deadline| *deadline <= end) {
            Some(deadline) => wire.platform.now = deadline,
            None => break,
        }
    }
    wire.platform.now = end;
    sent
}

/// A machine that gets one address from a router at once, and another from a server half a second later; all that it sends.
fn both(addresses: &[&str]) -> Vec<(Instant, Vec<u8>)> {
    let mut wire = Wire::with(Interface { dhcp: true, slaac: true, ..interface(addresses) });
    let mut all = sent(&mut wire, Duration::ZERO);
    let discover = all.iter().find(|(_, frame)| server::is_message(frame)).expect("a message").1.clone();
    wire.receives(valid(3600));
    all.extend(wire.take_sent().into_iter().map(|frame| (wire.platform.now, frame)));
    wire.receives(server::message(&server::read(&discover), Server::default().offer()));
    let request = wire.take_sent().pop().expect("a request");
    wire.receives(server::message(&server::read(&request), Server::default().acknowledge()));
    all.extend(sent(&mut wire, SECOND * 10));
    all
}

#[test]
fn rfc4429_section_3_3_a_lease_does_not_make_an_address_in_doubt_displace_others() {
    let all = both(&["2001:db8::53/64"]);
    let leased = all.iter().find(|(_, frame)| is_announcement(frame)).expect("an announcement").0;
    assert!(leased < Instant::START + SECOND, "{leased:?}");
    for own in [LINK_LOCAL, "2001:db8::53", FORMED] {
        let own = own.parse().expect("an address");
        let times = |overrides| {
            let told = all.iter().filter(move |(_, frame)| told(frame) == Some((own, overrides)));
            told.map(|(time, _)| *time).collect::<Vec<_>>()
        };
        assert!(times(false).contains(&leased), "{own} is announced with the lease");
        assert!(!times(true).is_empty(), "{own} overrides in the end");
        let early = times(true).into_iter().filter(|time| *time < Instant::START + SECOND);
        assert_eq!(early.count(), 0, "{own} overrides too early");
    }
}

#[test]
fn rfc5227_section_2_3_a_leased_address_is_announced_twice_two_seconds_apart() {
    let all = both(&[]);
    let times: Vec<Instant> =
        all.iter().filter(|(_, frame)| is_announcement(frame)).map(|(time, _)| *time).collect();
    assert_eq!(times.len(), 2);
    assert_eq!(times[1].since(times[0]), SECOND * 2);
}

#[test]
fn only_an_address_in_doubt_is_probed_for_and_overrides_nothing() {
    let mut wire = formed(36_000);
    let new = "2001:db8:6::ff:fe00:53".parse().expect("an address");
    wire.receives(advertisement(1800, &prefix(64, AUTONOMOUS, 3600, 0, "2001:db8:6::")));
    let first = wire.take_sent();
    let probed: Vec<Ipv6Addr> = first.iter().filter_map(|frame| probed(frame)).collect();
    assert_eq!(probed, [new]);
    let told: Vec<(Ipv6Addr, bool)> = first.iter().filter_map(|frame| told(frame)).collect();
    let old = [LINK_LOCAL, FORMED].map(|own| (own.parse().expect("an address"), true));
    assert_eq!(told, [old[0], old[1], (new, false)]);
}
