//! Ethernet II: whose frame is it?

use crate::traffic::{PEER_STATION, ethernet, to_peer, to_us, udp, with};
use crate::wire::{OUR_STATION, Wire};
use netstack::Counter;
use platform::EthernetAddress;

const V4: (&str, &str) = ("192.0.2.9:4096", "192.0.2.53:53");
const V6: (&str, &str) = ("[2001:db8::9]:4096", "[2001:db8::53]:53");

#[test]
fn frames_to_other_stations_are_not_ours() {
    for (peer, own) in [V4, V6] {
        Wire::new()
            .receives(ethernet(PEER_STATION, EthernetAddress([2, 0, 0, 0, 0, 0x54]), udp(peer, own, b"q")))
            .stays_silent()
            .counts(Counter::FrameToOthers);
    }
}

#[test]
fn frames_from_groups_and_from_ourselves_are_dropped() {
    let group = EthernetAddress([0x33, 0x33, 0, 0, 0, 1]);
    for source in [OUR_STATION, group, EthernetAddress([0xff; 6])] {
        Wire::new()
            .receives(ethernet(source, OUR_STATION, udp(V4.0, V4.1, b"q")))
            .stays_silent()
            .counts(Counter::FrameFromNobody);
    }
}

#[test]
fn rfc1122_section_3_3_6_a_packet_to_us_in_a_frame_to_many_is_dropped() {
    for (peer, own) in [V4, V6] {
        for station in [EthernetAddress([0xff; 6]), EthernetAddress([0x33, 0x33, 0, 0, 0, 1])] {
            Wire::new()
                .receives(ethernet(PEER_STATION, station, udp(peer, own, b"q")))
                .stays_silent()
                .counts(Counter::PacketToMany);
        }
    }
}

#[test]
fn tagged_frames_are_dropped() {
    let untagged = to_us(udp(V4.0, V4.1, b"q"));
    for tag in [[0x81, 0, 0, 1], [0x88, 0xa8, 0, 1]] {
        let tagged = [&untagged[..12], &tag, &untagged[12..]].concat();
        Wire::new().receives(tagged).stays_silent().counts(Counter::FrameTagged);
    }
}

#[test]
fn other_types_and_802_3_lengths_are_dropped() {
    for ethertype in [0_u16, 0x05dc, 0x0801, 0x88cc, 0xffff] {
        let frame = with(to_us(udp(V4.0, V4.1, b"q")), 12, &ethertype.to_be_bytes());
        Wire::new().receives(frame).stays_silent().counts(Counter::FrameUnknown);
    }
}

#[test]
fn frames_shorter_than_a_header_are_dropped() {
    for length in 0..14 {
        let frame = &to_us(udp(V4.0, V4.1, b"q"))[..length];
        Wire::new().receives(frame).stays_silent().counts(Counter::FrameTruncated);
    }
}

#[test]
fn a_frame_longer_than_the_link_carries_is_no_packet_that_fits() {
    for ((peer, own), most) in [(V4, 1472), (V6, 1452)] {
        let mut wire = Wire::new();
        wire.receives(to_us(udp(peer, own, &vec![1; most]))).sends(to_peer(udp(own, peer, &vec![1; most])));
        wire.receives(to_us(udp(peer, own, &vec![1; most + 1])))
            .stays_silent()
            .counts(Counter::FrameTruncated);
    }
}
