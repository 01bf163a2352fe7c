//! Renewal, loss and return: RFC 2131 §4.4.5.

use super::server::{Asked, SERVER, Server, message, read, seconds};
use super::{OFFERED, question};
use crate::traffic::PEER_STATION;
use crate::wire::Wire;
use core::net::Ipv4Addr;
use netstack::Counter;
use platform::EthernetAddress;
use smoltcp::wire::DhcpMessageType::{Discover, Request};

const OTHER_SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);

/// Whether the address is in use now.
fn answers(wire: &mut Wire) -> bool {
    let before = wire.netstack.counters().read(Counter::DatagramAnswered);
    wire.receives(question(OFFERED)).take_sent();
    wire.netstack.counters().read(Counter::DatagramAnswered) > before
}

#[test]
fn a_lease_is_renewed_where_it_is_from_at_half_its_time() {
    let mut wire = Wire::bound(800);
    let began = wire.platform.now;
    for _ in 0..20 {
        let Asked(request) = wire.until(Request);
        assert_eq!(request.destination, SERVER);
        assert_eq!(request.source, OFFERED.parse::<Ipv4Addr>().unwrap());
        assert_eq!(request.own, Some(OFFERED.parse().unwrap()));
        // RFC 2131 §4.3.2: neither of these when an address is renewed.
        assert_eq!((request.wanted, request.server), (None, None));
        let answer = Server { lease: Some(800), ..Server::default() }.acknowledge().alone();
        wire.receives(message(&request, answer)).counts(Counter::LeaseMessageTaken).stays_silent();
        assert!(answers(&mut wire));
    }
    let mean = wire.platform.now.since(began) / 20;
    assert!((370..=400).contains(&mean.as_secs()), "{mean:?}");
    wire.logs(&[]);
}

#[test]
fn the_server_is_reached_the_way_that_its_message_came() {
    let mut wire = Wire::bound(800);
    wire.rest(seconds(400));
    let sent = wire.take_sent();
    let request = sent.iter().find(|frame| super::server::is_message(frame)).expect("a request");
    assert_eq!(request[..6], PEER_STATION.0);
    // A relay may change.
    let relay = EthernetAddress([2, 0, 0, 0, 0, 0x98]);
    let answer = Server { lease: Some(800), from: relay, ..Server::default() }.acknowledge().alone();
    wire.receives(message(&read(request), answer)).counts(Counter::LeaseMessageTaken);
    wire.rest(seconds(400));
    assert_eq!(wire.take_sent()[0][..6], relay.0);
}

#[test]
fn a_lease_that_nobody_renews_is_asked_for_everywhere_then_over_at_its_end_and_asked_for_anew() {
    let mut wire = Wire::bound(8000);
    let mut asked = Vec::new();
    // Bound some hundred milliseconds after the request that the lease counts from.
    let requested = wire.platform.now;
    let end = loop {
        let deadline = wire.turn().deadline.expect("the end");
        for frame in wire.take_sent().iter().filter(|frame| super::server::is_message(frame)) {
            asked.push((wire.platform.now.since(requested).as_secs(), read(frame)));
        }
        if asked.last().is_some_and(|(_, message)| message.kind == Discover) {
            break wire.platform.now;
        }
        assert!(answers(&mut wire), "at {:?}", wire.platform.now);
        wire.platform.now = deadline;
    };
    assert_eq!(end.since(requested).as_secs(), 7999);
    assert!(!answers(&mut wire));
    wire.logs(&["192.0.2.77 lost: its time is over"]);
    let unicast: Vec<_> = asked.iter().filter(|(_, message)| message.destination == SERVER).collect();
    let broadcast: Vec<_> = asked.iter().filter(|(_, message)| message.destination != SERVER).collect();
    // Half of what is left until 7000 s, again and again, but a minute at least; then until 8000 s.
    assert!((3750..=4000).contains(&unicast[0].0), "{unicast:?}");
    assert_eq!(unicast.len(), 7, "{unicast:?}");
    let times: Vec<_> = broadcast.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [6999, 7499, 7749, 7874, 7936, 7996, 7999]);
    assert!(broadcast[..6].iter().all(|(_, message)| message.own == Some(OFFERED.parse().unwrap())));

    let Asked(discover) = Asked(broadcast[6].1.clone());
    wire.receives(message(&discover, Server::default().offer()));
    let request = read(&wire.take_sent()[0]);
    wire.receives(message(&request, Server::default().acknowledge()));
    wire.rest(super::PROBING);
    wire.take_sent();
    assert!(answers(&mut wire));
}

#[test]
fn the_address_is_not_answered_for_in_the_very_turn_in_which_its_time_is_over() {
    let mut wire = Wire::bound(10);
    let mut before = wire.platform.now;
    while answers(&mut wire) {
        before = wire.platform.now;
        wire.platform.now = wire.turn().deadline.expect("the end");
        wire.take_sent();
    }
    assert!(wire.platform.now > before);
    wire.logs(&["192.0.2.77 lost: its time is over"]);
}

#[test]
fn another_server_may_renew_what_its_own_does_not() {
    let mut wire = Wire::bound(800);
    let Asked(request) = wire.until(Request);
    let other = Server { server: Some(OTHER_SERVER), lease: Some(900), ..Server::default() }.acknowledge();
    wire.receives(message(&request, other.clone())).counts(Counter::LeaseMessageIgnored);
    let rebinding = loop {
        let Asked(request) = wire.until(Request);
        if request.destination == Ipv4Addr::BROADCAST {
            break request;
        }
    };
    assert_ne!(rebinding.exchange, request.exchange);
    wire.receives(message(&rebinding, other)).counts(Counter::LeaseMessageTaken);
    let Asked(request) = wire.until(Request);
    assert_eq!(request.destination, OTHER_SERVER);
    assert!(answers(&mut wire));
}

#[test]
fn a_server_that_takes_its_address_back_is_obeyed_at_once() {
    let mut wire = Wire::bound(800);
    let Asked(request) = wire.until(Request);
    wire.receives(message(&request, Server::default().refuse())).counts(Counter::LeaseMessageTaken);
    assert_eq!(read(&wire.take_sent()[0]).kind, Discover);
    assert!(!answers(&mut wire));
    wire.logs(&["192.0.2.77 lost: the server took it back"]);
}

#[test]
fn a_renewal_that_gives_another_address_is_none() {
    let mut wire = Wire::bound(800);
    let Asked(request) = wire.until(Request);
    let other = Server { address: Ipv4Addr::new(192, 0, 2, 78), ..Server::default() }.acknowledge();
    wire.receives(message(&request, other)).counts(Counter::LeaseMessageIgnored);
    assert!(answers(&mut wire));
}

#[test]
fn rfc2131_section_3_3_an_infinite_lease_is_never_renewed() {
    let mut wire = Wire::bound(u32::MAX);
    wire.rest(seconds(10));
    wire.take_sent();
    assert_eq!(wire.turn().deadline, None);
    wire.rest(seconds(10_000_000_000));
    assert!(answers(&mut wire));
}

#[test]
fn a_huge_lease_is_renewed_after_decades() {
    let mut wire = Wire::bound(u32::MAX - 1);
    let began = wire.platform.now;
    wire.until(Request);
    let years = wire.platform.now.since(began).as_secs() / (365 * 86_400);
    assert!((63..=68).contains(&years), "{years}");
}

#[test]
fn rfc2131_section_4_4_5_the_servers_own_times_hold_where_they_make_sense() {
    for (renewal, rebinding, expected) in
        [(100, 200, 100), (0, 200, 400), (200, 100, 400), (100, 800, 400), (900, 950, 400)]
    {
        let mut wire = super::start(&[]);
        wire.turn();
        let discover = wire.take_sent().swap_remove(0);
        let option = |code: u8, seconds: u32| (code, seconds.to_be_bytes().to_vec());
        let options = vec![option(58, renewal), option(59, rebinding)];
        Server { lease: Some(800), options, ..Server::default() }.serve(&mut wire, &discover);
        let began = wire.platform.now;
        wire.until(Request);
        let waited = wire.platform.now.since(began).as_secs();
        assert!((expected * 15 / 16 - 1..=expected).contains(&waited), "{renewal} {rebinding}: {waited}");
    }
}

#[test]
fn a_server_that_comes_and_goes_leaves_the_address_exactly_while_it_is_leased() {
    // Five messages of sixteen get through, in either direction: nobody knows how it will end, but never is an address
    // used that is not leased.
    let mut wire = super::start(&[]);
    let (mut state, mut leased_until, mut gained) = (7_u64, None, 0);
    let mut chance = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 60 < 5
    };
    for _ in 0..2000 {
        let now = wire.platform.now;
        let deadline = wire.turn().deadline;
        let mut sent = wire.take_sent();
        while let Some(frame) = sent.pop() {
            if !super::server::is_message(&frame) || !chance() {
                continue;
            }
            let asked = read(&frame);
            let answer = match asked.kind {
                Discover => Server::default().offer(),
                _ => Server::default().acknowledge(),
            };
            if chance() {
                wire.receives(message(&asked, Server { lease: Some(90), ..answer }));
                leased_until = if asked.kind == Request { Some(now + seconds(90)) } else { leased_until };
                sent.extend(wire.take_sent());
            }
        }
        let is_answered = answers(&mut wire);
        gained += usize::from(is_answered);
        assert!(!is_answered || leased_until.is_some_and(|end| now < end), "at {now:?}");
        wire.platform.now = now.max(deadline.expect("there is always something to do"));
    }
    assert!((100..1900).contains(&gained), "{gained}");
}
