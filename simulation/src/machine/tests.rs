//! Machines that do what must not be done, each found out; and the economy of buffers.

use super::*;
use crate::cable::Conditions;
use crate::checkers::{Ledger, Own};
use crate::lessor::Lessor;
use crate::peer::{Identity, Peer};
use crate::random::Random;
use crate::record::Record;
use crate::resolver::{Resolver, Subjects, Task, Trust};
use crate::server;
use crate::world::World;
use ::dns::Dns;
use ::platform::{EthernetAddress, Link, OutgoingFrame, ReceivedFrame};
use core::net::{IpAddr, SocketAddr};

/// What a program does beside serving.
type Vice = fn(&mut SimulatedPlatform, &mut Turn);

struct Vicious {
    served: Served<Dns>,
    before: Vice,
    after: Vice,
}

impl Program for Vicious {
    fn turn(&mut self, platform: &mut SimulatedPlatform) -> Turn {
        let mut turn = Turn { began: Instant::START, frames: 0, deadline: None };
        (self.before)(platform, &mut turn);
        let mut turn = self.served.turn(platform);
        (self.after)(platform, &mut turn);
        turn
    }
}

const NONE: Vice = |_, _| {};

/// Lets a resolver ask a server that has these vices.
fn serve(before: Vice, after: Vice) -> Result<()> {
    let mut random = Random::new(5);
    let links = vec![SimulatedLink::new(server::STATION, server::MTU, Duration::ZERO)];
    let mut platform = SimulatedPlatform::new(links, random.fork());
    let served = Served::new(&mut platform, &[server::interface()], server::appliance());
    let addresses = server::ADDRESSES.map(|text| text.parse().expect("an address")).into();
    let conduct = Conduct::new(Own { station: server::STATION, addresses, mtu: server::MTU });
    let program = Vicious { served, before, after };
    let machine = Machine::new(platform, program, vec![conduct], Duration::from_micros(10));

    let station = EthernetAddress([2, 0, 0, 0, 0, 0x99]);
    let addresses = vec!["192.0.2.99/24".parse().expect("an address and a length")];
    let identity = Identity { station, addresses, mtu: 1500 };
    let servers = vec![SocketAddr::new(IpAddr::from([192, 0, 2, 53]), 53)];
    let packet_lengths = vec![server::MTU];
    let task = Task {
        servers,
        questions: 400,
        lines: 4,
        subjects: Subjects::VARIED,
        pause: Duration::ZERO,
        trust: Trust::Sums,
        packet_lengths,
    };
    let own = random.fork();
    let peer = Peer::new(&identity, &mut random, |sockets| Resolver::new(own, task, sockets));

    let mut world = World::new(random, Record::none());
    let (machine, peer) = (world.place("server", machine), world.place("resolver", peer));
    world.lay((machine, 0), (peer, 0), Conditions::GOOD);
    world.run_until(Instant::START + Duration::from_secs(60))?;
    ensure!(world[peer].client().is_finished(), "not every question was answered");
    Ok(())
}

/// Lets a tenant that has these vices be leased an address, for ten seconds at a time.
fn lease(before: Vice, after: Vice) -> Result<()> {
    let (mut random, ledger) = (Random::new(5), Ledger::default());
    let links = vec![SimulatedLink::new(server::STATION, server::MTU, Duration::ZERO)];
    let mut platform = SimulatedPlatform::new(links, random.fork());
    let interface = Interface { dhcp: true, ..Interface::default() };
    let served = Served::new(&mut platform, &[interface], server::appliance());
    let own = Own { station: server::STATION, addresses: Vec::new(), mtu: server::MTU };
    let conduct = Conduct::new(own).with_leases(ledger.clone());
    let program = Vicious { served, before, after };
    let machine = Machine::new(platform, program, vec![conduct], Duration::from_micros(10));
    let time = Duration::from_secs(10);
    let lessor = Lessor::new(random.fork(), ledger, server::STATION, time, Instant::START);

    let mut world = World::new(random, Record::none());
    let (machine, lessor) = (world.place("tenant", machine), world.place("lessor", lessor));
    world.lay((machine, 0), (lessor, 0), Conditions::GOOD);
    world.run_until(Instant::START + Duration::from_secs(60))?;
    ensure!(world[lessor].heard() > Some(Instant::START + Duration::from_secs(58)), "it has no address");
    Ok(())
}

#[test]
fn one_that_keeps_an_address_for_longer_than_it_was_leased_is_found_out() {
    lease(NONE, NONE).expect("all is well");
    let slow_clock: Vice = |platform, _| {
        let now = platform.now().instant.nanoseconds();
        platform.set_now(Instant::from_nanoseconds(now / 4));
    };
    let its_deadline: Vice = |_, turn| {
        turn.deadline = turn.deadline.map(|due| Instant::from_nanoseconds(due.nanoseconds() * 4));
    };
    let error = format!("{:#}", lease(slow_clock, its_deadline).expect_err("it is found out"));
    assert!(error.contains("is not ours"), "{error}");
}

#[track_caller]
fn is_found_out(before: Vice, after: Vice, words: &str) {
    let error = format!("{:#}", serve(before, after).expect_err("it is found out"));
    assert!(error.contains(words), "{error}");
}

#[test]
fn a_machine_without_vices_serves() {
    serve(NONE, NONE).expect("all is well");
}

#[test]
fn one_that_loses_a_buffer_is_found_out() {
    is_found_out(|platform, _| core::mem::forget(platform.links()[0].receive()), NONE, "with nobody");
    is_found_out(|platform, _| core::mem::forget(platform.links()[0].transmit()), NONE, "with nobody");
}

#[test]
fn one_that_never_sleeps_is_found_out() {
    is_found_out(NONE, |_, turn| turn.deadline = Some(turn.began), "found nothing to do");
    let soon = |_: &mut SimulatedPlatform, turn: &mut Turn| {
        turn.deadline = Some(turn.began + Duration::from_millis(20));
    };
    is_found_out(NONE, soon, "found nothing to do");
}

#[test]
fn one_that_sleeps_too_long_is_found_out() {
    // It loses what it was to announce, which nobody misses, but not a frame: those wake it.
    serve(NONE, |_, turn| turn.deadline = None).expect("questions are answered");
}

#[test]
fn one_that_says_what_nobody_asked_for_is_found_out() {
    let babble: Vice = |platform, _| {
        let Some(mut frame) = platform.links()[0].transmit() else { return };
        let [from, to] = [([192, 0, 2, 53], 53), ([192, 0, 2, 99], 4096)].map(SocketAddr::from);
        let packet = crate::frames::datagram(from, to, b"listen!");
        let octets =
            crate::frames::ethernet(server::STATION, EthernetAddress([2, 0, 0, 0, 0, 0x99]), &packet);
        frame.buffer()[..octets.len()].copy_from_slice(&octets);
        frame.send(octets.len());
    };
    is_found_out(babble, NONE, "nobody asked");
}

#[test]
fn one_that_sends_what_it_got_is_found_out() {
    let reflect: Vice = |platform, _| {
        if let Some(frame) = platform.links()[0].receive() {
            let length = frame.bytes().len();
            frame.reply(length);
        }
    };
    is_found_out(reflect, NONE, "a frame that must not be sent");
}

#[test]
fn one_that_loses_frames_answers_late_or_never() {
    let swallow: Vice = |platform, _| drop(platform.links()[0].receive());
    is_found_out(swallow, NONE, "not every question was answered");
}

#[test]
fn a_link_has_so_many_buffers_and_no_more() {
    let mut link = SimulatedLink::new(server::STATION, 1500, Duration::from_millis(1));
    for _ in 0..300 {
        link.arrive(&[0; 60]);
    }
    assert_eq!(link.overruns(), 300 - 240);
    let mut received = 0;
    while let Some(frame) = link.receive() {
        frame.reply(60);
        received += 1;
    }
    assert_eq!((received, link.leaked()), (240, 0));
    link.flush();
    assert_eq!(link.take_sent().len(), 240);

    // All are being sent but those that are kept for frames of its own.
    let mut own = 0;
    while let Some(frame) = link.transmit() {
        frame.send(60);
        own += 1;
    }
    assert_eq!((own, link.leaked()), (16, 0));
    link.arrive(&[0; 60]);
    assert!(link.receive().is_none());

    link.set_now(Instant::START + Duration::from_millis(1));
    link.flush();
    link.arrive(&[0; 60]);
    assert!(link.receive().is_some());
    assert_eq!(link.leaked(), 0);
}

#[test]
fn what_a_link_can_not_hold_does_not_arrive() {
    let mut link = SimulatedLink::new(server::STATION, 1500, Duration::ZERO);
    for length in [0, 13, 2037, 9000] {
        link.arrive(&vec![0; length]);
        assert!(link.receive().is_none(), "{length} octets");
    }
    for length in [14, 1514, 2036] {
        link.arrive(&vec![0; length]);
        assert!(link.receive().is_some(), "{length} octets");
    }
}
