//! ARP: RFC 826, RFC 5227.

use crate::traffic::{PEER_STATION, arp, ethernet, to_peer, to_us, with};
use crate::wire::{OUR_STATION, Wire, octets};
use core::time::Duration;
use netstack::Counter;
use platform::EthernetAddress;
use smoltcp::wire::ArpOperation::{Reply, Request};

const NOBODY: EthernetAddress = EthernetAddress([0; 6]);
const EVERYBODY: EthernetAddress = EthernetAddress([0xff; 6]);
const PEER: (EthernetAddress, &str) = (PEER_STATION, "192.0.2.9");

fn to_all(packet: Vec<u8>) -> Vec<u8> {
    ethernet(PEER_STATION, EVERYBODY, packet)
}

#[test]
fn rfc826_a_request_is_answered_octet_for_octet() {
    Wire::new()
        .receives(octets(
            "ff ff ff ff ff ff  02 00 00 00 00 99  08 06
             00 01 08 00 06 04 00 01  02 00 00 00 00 99  c0 00 02 09  00 00 00 00 00 00  c0 00 02 35
             00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
        ))
        .sends(octets(
            "02 00 00 00 00 99  02 00 00 00 00 53  08 06
             00 01 08 00 06 04 00 02  02 00 00 00 00 53  c0 00 02 35  02 00 00 00 00 99  c0 00 02 09",
        ))
        .counts(Counter::ArpAnswered);
}

#[test]
fn rfc826_every_address_of_ours_is_answered_for_however_it_is_asked() {
    let mut wire = Wire::new();
    for own in ["192.0.2.53", "198.51.100.53"] {
        for frame in [
            to_all(arp(Request, PEER, (NOBODY, own))),
            // RFC 1122 §2.3.2.1: a cache is checked by asking the station itself.
            to_us(arp(Request, PEER, (OUR_STATION, own))),
        ] {
            wire.receives(frame)
                .sends(to_peer(arp(Reply, (OUR_STATION, own), PEER)))
                .counts(Counter::ArpAnswered);
        }
    }
}

#[test]
fn rfc5227_section_2_1_1_a_probe_for_our_address_is_answered() {
    let prober = (PEER_STATION, "0.0.0.0");
    Wire::new().receives(to_all(arp(Request, prober, (NOBODY, "192.0.2.53")))).sends(to_peer(arp(
        Reply,
        (OUR_STATION, "192.0.2.53"),
        prober,
    )));
}

#[test]
fn rfc826_what_concerns_others_is_ignored() {
    let mut wire = Wire::new();
    for packet in [
        arp(Request, PEER, (NOBODY, "192.0.2.54")),
        arp(Request, PEER, (NOBODY, "192.0.2.9")),
        arp(Reply, PEER, (OUR_STATION, "192.0.2.53")),
    ] {
        wire.receives(to_all(packet)).stays_silent().counts(Counter::ArpIgnored);
    }
}

#[test]
fn rfc826_other_hardware_protocols_lengths_and_operations_are_dropped() {
    let sound = to_all(arp(Request, PEER, (NOBODY, "192.0.2.53")));
    for at in 14..22 {
        let frame = with(sound.clone(), at, &[0x77]);
        Wire::new().receives(frame).stays_silent().counts(Counter::ArpMalformed);
    }
    for length in 14..sound.len() {
        Wire::new().receives(&sound[..length]).stays_silent().counts(Counter::ArpMalformed);
    }
}

#[test]
fn senders_that_are_groups_or_loops_are_dropped() {
    for (station, address) in [
        (EVERYBODY, "192.0.2.9"),
        (EthernetAddress([1, 0, 0x5e, 0, 0, 1]), "192.0.2.9"),
        (PEER_STATION, "127.0.0.1"),
        (PEER_STATION, "224.0.0.1"),
        (PEER_STATION, "255.255.255.255"),
        (PEER_STATION, "192.0.2.255"),
    ] {
        Wire::new()
            .receives(to_all(arp(Request, (station, address), (NOBODY, "192.0.2.53"))))
            .stays_silent()
            .counts(Counter::ArpMalformed);
    }
}

#[test]
fn rfc5227_section_2_4_c_an_address_is_defended_but_not_without_end() {
    let mut wire = Wire::new();
    let claims = [
        arp(Request, (PEER_STATION, "192.0.2.53"), (NOBODY, "192.0.2.53")),
        arp(Reply, (PEER_STATION, "192.0.2.53"), (PEER_STATION, "192.0.2.53")),
        arp(Request, (PEER_STATION, "192.0.2.53"), (NOBODY, "192.0.2.1")),
    ];
    let announcement = arp(Request, (OUR_STATION, "192.0.2.53"), (NOBODY, "192.0.2.53"));
    for claim in claims {
        wire.receives(to_all(claim.clone()))
            .sends(ethernet(OUR_STATION, EVERYBODY, &announcement))
            .counts(Counter::AddressDefended);
        assert_eq!(wire.platform.logged, ["192.0.2.53 is also used by 02:00:00:00:00:99"]);
        wire.platform.logged.clear();

        wire.rest(Duration::from_secs(9));
        wire.receives(to_all(claim)).stays_silent().counts(Counter::AddressConflict);
        assert_eq!(wire.platform.logged, Vec::<String>::new());
        wire.rest(Duration::from_secs(1));
    }
}

#[test]
fn rfc5227_section_2_4_a_fight_over_one_address_puts_off_none_over_another() {
    let mut wire = Wire::new();
    for address in ["192.0.2.53", "198.51.100.53"] {
        let announcement = arp(Request, (OUR_STATION, address), (NOBODY, address));
        wire.receives(to_all(arp(Request, (PEER_STATION, address), (NOBODY, address))))
            .sends(ethernet(OUR_STATION, EVERYBODY, announcement))
            .counts(Counter::AddressDefended);
    }
}

#[test]
fn who_claims_our_station_is_not_answered_there() {
    Wire::new()
        .receives(to_all(arp(Request, (OUR_STATION, "192.0.2.9"), (NOBODY, "192.0.2.53"))))
        .stays_silent()
        .counts(Counter::FrameFromNobody);
}

#[test]
fn our_own_announcement_seen_again_is_no_conflict() {
    let announcement = arp(Request, (OUR_STATION, "192.0.2.53"), (NOBODY, "192.0.2.53"));
    Wire::new()
        .receives(ethernet(OUR_STATION, EVERYBODY, &announcement))
        .stays_silent()
        .counts(Counter::FrameFromNobody);
    Wire::new()
        .receives(ethernet(PEER_STATION, EVERYBODY, &announcement))
        .stays_silent()
        .counts(Counter::FrameFromNobody);
}
