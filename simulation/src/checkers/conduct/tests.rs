//! A machine at 192.0.2.53 and 2001:db8::53, and everything that it must not do.

use super::*;
use crate::frames::{self, BROADCAST, datagram, discovery, ethernet, group, packet};
use smoltcp::wire::{ArpOperation, IPV6_LINK_LOCAL_ALL_NODES, IpProtocol, NdiscNeighborFlags, NdiscRepr};

const OURS: EthernetAddress = EthernetAddress([2, 0, 0, 0, 0, 0x53]);
const PEER: EthernetAddress = EthernetAddress([2, 0, 0, 0, 0, 0x99]);
const V4: [&str; 2] = ["192.0.2.53:53", "192.0.2.99:4096"];
const V6: [&str; 2] = ["[2001:db8::53]:53", "[2001:db8::99]:4096"];

fn conduct() -> Conduct {
    let addresses = V4.iter().chain(&V6).step_by(2).map(|text| socket(text).ip()).collect();
    Conduct::new(Own { station: OURS, addresses, mtu: 1500 })
}

fn socket(text: &str) -> SocketAddr {
    text.parse().expect("an address and a port")
}

fn query([own, peer]: [&str; 2]) -> Vec<u8> {
    ethernet(PEER, OURS, &datagram(socket(peer), socket(own), b"question"))
}

fn answer([own, peer]: [&str; 2]) -> Vec<u8> {
    ethernet(OURS, PEER, &datagram(socket(own), socket(peer), b"answer"))
}

fn says(conduct: &mut Conduct, frame: &[u8]) -> Result<()> {
    conduct.on_sent(frame, Instant::START)
}

#[test]
fn an_answer_is_allowed_as_often_as_was_asked() {
    for version in [V4, V6] {
        let mut conduct = conduct();
        assert!(says(&mut conduct, &answer(version)).is_err());
        for _ in 0..3 {
            conduct.on_received(&query(version));
        }
        for _ in 0..3 {
            says(&mut conduct, &answer(version)).expect("an answer");
        }
        assert!(says(&mut conduct, &answer(version)).is_err());
    }
}

#[test]
fn an_answer_to_somebody_else_is_found() {
    let mut conduct = conduct();
    conduct.on_received(&query(V4));
    for pair in [["192.0.2.53:53", "192.0.2.99:4097"], ["192.0.2.53:54", V4[1]], [V4[0], "192.0.2.98:4096"]] {
        assert!(says(&mut conduct, &answer(pair)).is_err(), "{pair:?}");
    }
}

#[test]
fn an_answer_to_what_was_damaged_is_found() {
    for version in [V4, V6] {
        let mut conduct = conduct();
        let mut damaged = query(version);
        *damaged.last_mut().expect("octets") ^= 1;
        conduct.on_received(&damaged);
        assert!(says(&mut conduct, &answer(version)).is_err());
    }
}

#[test]
fn a_frame_that_is_not_sound_is_found() {
    for version in [V4, V6] {
        let sound = answer(version);
        // Every octet behind the Ethernet header that some sum counts in, and the source's hardware address.
        let unsummed = if version == V4 { 14..14 } else { 14..18 };
        for at in (6..12).chain(14..sound.len()).filter(|at| !unsummed.contains(at) && *at != 21) {
            let mut conduct = conduct();
            conduct.on_received(&query(version));
            let mut frame = sound.clone();
            frame[at] ^= 0x41;
            assert!(says(&mut conduct, &frame).is_err(), "octet {at} of {version:?}");
        }
        for frame in [[&sound[..], &[0]].concat(), sound[..sound.len() - 1].to_vec()] {
            let mut conduct = conduct();
            conduct.on_received(&query(version));
            assert!(says(&mut conduct, &frame).is_err());
        }
    }
}

#[test]
fn a_frame_that_is_too_long_is_found() {
    let mut conduct = conduct();
    conduct.on_received(&query(V4));
    let long = ethernet(OURS, PEER, &datagram(socket(V4[0]), socket(V4[1]), &[0; 1473]));
    assert!(says(&mut conduct, &long).is_err());
    let longest = ethernet(OURS, PEER, &datagram(socket(V4[0]), socket(V4[1]), &[0; 1472]));
    says(&mut conduct, &longest).expect("as long as may be");
}

#[test]
fn arp_speaks_of_ourselves_to_who_asked() {
    let own = Ipv4Addr::new(192, 0, 2, 53);
    let peer = Ipv4Addr::new(192, 0, 2, 99);
    let reply = ethernet(OURS, PEER, &frames::arp(ArpOperation::Reply, (OURS, own), peer));
    let mut conduct = conduct();
    assert!(says(&mut conduct, &reply).is_err());
    let request = frames::arp(ArpOperation::Request, (PEER, peer), own);
    conduct.on_received(&ethernet(PEER, BROADCAST, &request));
    says(&mut conduct, &reply).expect("a reply");

    for (sender, target) in [((OURS, peer), peer), ((PEER, own), own), ((OURS, own), peer)] {
        let unasked = ethernet(OURS, BROADCAST, &frames::arp(ArpOperation::Request, sender, target));
        assert!(says(&mut conduct, &unasked).is_err(), "{sender:?} {target}");
    }
    let announcement = ethernet(OURS, BROADCAST, &frames::arp(ArpOperation::Request, (OURS, own), own));
    says(&mut conduct, &announcement).expect("an announcement");
    let many = (0..1000).try_for_each(|_| says(&mut conduct, &announcement));
    assert!(many.is_err(), "a thousand announcements");
}

#[test]
fn neighbour_discovery_speaks_of_ourselves_to_who_asked() {
    let IpAddr::V6(own) = socket(V6[0]).ip() else { unreachable!() };
    let IpAddr::V6(peer) = socket(V6[1]).ip() else { unreachable!() };
    let advertise = |target_addr, to, flags| {
        let content = NdiscRepr::NeighborAdvert { flags, target_addr, lladdr: None };
        ethernet(OURS, PEER, &discovery(own, to, content))
    };
    let answer = advertise(own, peer, NdiscNeighborFlags::SOLICITED);
    let mut conduct = conduct();
    assert!(says(&mut conduct, &answer).is_err());
    let solicitation = NdiscRepr::NeighborSolicit { target_addr: own, lladdr: None };
    let to = "ff02::1:ff00:53".parse().expect("the group that solicits it");
    conduct.on_received(&ethernet(PEER, group(to), &discovery(peer, to, solicitation)));
    says(&mut conduct, &answer).expect("an answer");

    let everybody = IPV6_LINK_LOCAL_ALL_NODES;
    assert!(says(&mut conduct, &advertise(peer, everybody, NdiscNeighborFlags::empty())).is_err());
    says(&mut conduct, &advertise(own, everybody, NdiscNeighborFlags::empty())).expect("an announcement");
}

#[test]
fn a_leased_address_is_used_for_its_time() {
    let at = |seconds: u64| Instant::START + Duration::from_secs(seconds);
    let ledger = Ledger::default();
    let leased = ["192.0.2.100:53", V4[1]];
    let address = Ipv4Addr::new(192, 0, 2, 100);
    let probe = frames::arp(ArpOperation::Request, (OURS, Ipv4Addr::UNSPECIFIED), address);
    let probe = ethernet(OURS, BROADCAST, &probe);
    let [from, to] = ["0.0.0.0:68", "255.255.255.255:67"].map(socket);
    let discover = ethernet(OURS, BROADCAST, &datagram(from, to, b"anybody?"));

    let mut static_one = conduct();
    assert!(says(&mut static_one, &discover).is_err());
    let mut conduct = conduct().with_leases(ledger.clone());
    says(&mut conduct, &discover).expect("who may ask for addresses asks");
    (0..4).for_each(|_| conduct.on_received(&query(leased)));
    assert!(says(&mut conduct, &answer(leased)).is_err());
    assert!(says(&mut conduct, &probe).is_err());
    ledger.grant(address, at(10));
    conduct.on_sent(&probe, at(5)).expect("a probe");
    conduct.on_sent(&answer(leased), at(9)).expect("an answer");
    assert!(conduct.on_sent(&answer(leased), at(10)).is_err());
    ledger.grant(address, at(20));
    ledger.grant(address, at(15));
    conduct.on_sent(&answer(leased), at(19)).expect("an answer");
}

#[test]
fn an_error_quotes_a_packet_that_came_and_only_once() {
    let [own, peer] = V4.map(|text| socket(text).ip());
    let question = datagram(socket(V4[1]), socket(V4[0]), b"question");
    let error = |quote: &[u8]| {
        let mut message = [&[3, 3, 0, 0, 0, 0, 0, 0], quote].concat();
        smoltcp::wire::Icmpv4Packet::new_unchecked(&mut message).fill_checksum();
        ethernet(OURS, PEER, &packet(own, peer, IpProtocol::Icmp, 64, &message))
    };
    let mut conduct = conduct();
    assert!(says(&mut conduct, &error(&question)).is_err());
    conduct.on_received(&ethernet(PEER, OURS, &question));
    assert!(says(&mut conduct, &error(&question[1..])).is_err());
    says(&mut conduct, &error(&question)).expect("an error");
    assert!(says(&mut conduct, &error(&question)).is_err());
}
