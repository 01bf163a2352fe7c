//! Whatever arrives, nothing panics, and what goes out is sound, bounded, and goes back where it came from.

use crate::traffic::{
    PEER_STATION, arp, datagram, discovery, ethernet, group, icmpv4, icmpv6, packet, tcp, to_us, udp,
    with_options,
};
use crate::wire::{Manner, OUR_STATION, Wire, hex};
use core::time::Duration;
use netstack::Counter;
use platform::{Checksum, EthernetAddress};
use proptest::prelude::{ProptestConfig, any, prop, proptest};
use proptest::sample::Index;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::{
    ArpOperation, ArpPacket, ArpRepr, EthernetFrame, EthernetProtocol, Icmpv4Packet, Icmpv6Packet, IpAddress,
    IpProtocol, Ipv4Packet, Ipv4Repr, Ipv6Packet, Ipv6Repr, TcpControl, TcpPacket, TcpRepr, TcpSeqNumber,
    UdpPacket,
};

/// What netstack itself answers is at most this much longer than the frame that it answers: the headers of an ICMPv6
/// error, around a quote of what came.
const AMPLIFICATION: usize = 48;

/// One sound frame of every kind that is answered, and of some that are not.
pub(crate) fn sound_frames() -> Vec<Vec<u8>> {
    const PEER: &str = "192.0.2.9";
    const OWN: &str = "192.0.2.53";
    const PEER6: &str = "2001:db8::9";
    const OWN6: &str = "2001:db8::53";
    let question = udp("192.0.2.9:4096", "192.0.2.53:53", b"a question");
    let question6 = udp("[2001:db8::9]:4096", "[2001:db8::53]:53", b"a question");
    let behind = |headers: &[u8]| {
        let upper = datagram("[2001:db8::9]:4096", "[2001:db8::53]:53", b"a question");
        packet(PEER6, OWN6, 60, 64, &[headers, &upper].concat())
    };
    let syn = TcpRepr {
        src_port: 4096,
        dst_port: 53,
        control: TcpControl::Syn,
        seq_number: TcpSeqNumber(1),
        ack_number: None,
        window_len: 1000,
        window_scale: Some(7),
        max_seg_size: Some(1460),
        sack_permitted: true,
        sack_ranges: [None; 3],
        timestamp: None,
        payload: b"",
    };
    let ask = arp(ArpOperation::Request, (PEER_STATION, PEER), (EthernetAddress([0; 6]), OWN));
    let claim = arp(ArpOperation::Request, (PEER_STATION, OWN), (EthernetAddress([0; 6]), OWN));
    let solicitation = |source, options: &[u8]| {
        let message = discovery(0, OWN6, options);
        let packet = icmpv6(source, "ff02::1:ff00:53", [135, 0], 255, &message);
        ethernet(PEER_STATION, group("ff02::1:ff00:53"), packet)
    };
    vec![
        to_us(with_options(&question, &[7, 7, 4, 0, 0, 0, 0, 0])),
        to_us(question),
        to_us(question6),
        to_us(udp("192.0.2.9:4096", "192.0.2.53:54", b"closed")),
        to_us(udp("[2001:db8::9]:4096", "[2001:db8::53]:54", b"closed")),
        to_us(behind(&[17, 0, 0x1e, 1, 0, 1, 1, 0])),
        to_us(behind(&[17, 0, 0x9e, 4, 1, 2, 3, 4])),
        to_us(behind(&[43, 0, 1, 4, 0, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 1, 2, 3, 4])),
        to_us(packet(PEER, OWN, 132, 64, b"unknown")),
        to_us(packet(PEER6, OWN6, 132, 64, b"unknown")),
        to_us(icmpv4(PEER, OWN, [8, 0], b"1234echo")),
        to_us(icmpv6(PEER6, OWN6, [128, 0], 64, b"1234echo")),
        to_us(icmpv4(PEER, OWN, [3, 3], &[0; 32])),
        to_us(tcp(PEER, OWN, &syn)),
        to_us(tcp(PEER6, OWN6, &syn)),
        ethernet(PEER_STATION, EthernetAddress([0xff; 6]), ask),
        ethernet(PEER_STATION, EthernetAddress([0xff; 6]), claim),
        solicitation(PEER6, &[1, 1, 2, 0, 0, 0, 0, 0x99]),
        solicitation("::", &[]),
        to_us(icmpv6(PEER6, OWN6, [136, 0], 255, &discovery(0x40, OWN6, &[]))),
    ]
}

/// Parses a frame of ours with other eyes than ours.
#[track_caller]
fn assert_sound(bytes: &[u8]) {
    assert!(bytes.len() <= 14 + 1500, "longer than the link carries");
    let frame = EthernetFrame::new_checked(bytes).expect("an Ethernet header");
    assert_eq!(frame.src_addr().0, OUR_STATION.0);
    match frame.ethertype() {
        EthernetProtocol::Arp => {
            let packet = ArpPacket::new_checked(frame.payload()).expect("an ARP packet");
            ArpRepr::parse(&packet).expect("ARP for Ethernet and IPv4");
            assert_eq!(bytes.len(), 42);
        }
        EthernetProtocol::Ipv4 => assert_sound_ipv4(frame.payload()),
        EthernetProtocol::Ipv6 => assert_sound_ipv6(frame.payload()),
        EthernetProtocol::Unknown(ethertype) => panic!("a frame of type {ethertype:04x}"),
    }
    assert!(frame.dst_addr().is_unicast() || frame.ethertype() != EthernetProtocol::Ipv4);
}

#[track_caller]
fn assert_sound_ipv4(bytes: &[u8]) {
    let packet = Ipv4Packet::new_checked(bytes).expect("an IPv4 header");
    let repr = Ipv4Repr::parse(&packet, &ChecksumCapabilities::default()).expect("a sound IPv4 header");
    assert!(packet.verify_checksum() && packet.dont_frag() && packet.hop_limit() == 64);
    assert_eq!(usize::from(packet.total_len()), bytes.len());
    assert!(["192.0.2.53", "198.51.100.53"].contains(&repr.src_addr.to_string().as_str()));
    assert!(
        !repr.dst_addr.is_multicast() && !repr.dst_addr.is_broadcast() && !repr.dst_addr.is_unspecified()
    );
    let ends = (repr.src_addr.into(), repr.dst_addr.into());
    match repr.next_header {
        IpProtocol::Icmp => {
            let message = Icmpv4Packet::new_checked(packet.payload()).expect("an ICMP message");
            assert!(message.verify_checksum());
            assert!(bytes.len() <= 576 || u8::from(message.msg_type()) == 0);
        }
        protocol => assert_sound_transport(protocol, packet.payload(), ends),
    }
}

#[track_caller]
fn assert_sound_ipv6(bytes: &[u8]) {
    let packet = Ipv6Packet::new_checked(bytes).expect("an IPv6 header");
    let repr = Ipv6Repr::parse(&packet).expect("a sound IPv6 header");
    assert_eq!(40 + usize::from(packet.payload_len()), bytes.len());
    assert!(["2001:db8::53", "fe80::ff:fe00:53"].contains(&repr.src_addr.to_string().as_str()));
    let ends = (repr.src_addr.into(), repr.dst_addr.into());
    match repr.next_header {
        IpProtocol::Icmpv6 => {
            let message = Icmpv6Packet::new_checked(packet.payload()).expect("an ICMPv6 message");
            assert!(message.verify_checksum(&repr.src_addr, &repr.dst_addr));
            let kind = u8::from(message.msg_type());
            assert!(bytes.len() <= 1280 || kind == 129);
            assert_eq!(packet.hop_limit(), if kind == 136 { 255 } else { 64 });
            assert!(!repr.dst_addr.is_multicast() || kind == 136);
        }
        protocol => {
            assert!(!repr.dst_addr.is_multicast());
            assert_sound_transport(protocol, packet.payload(), ends);
        }
    }
}

#[track_caller]
fn assert_sound_transport(
    protocol: IpProtocol,
    payload: &[u8],
    (source, destination): (IpAddress, IpAddress),
) {
    match protocol {
        IpProtocol::Udp => {
            let datagram = UdpPacket::new_checked(payload).expect("a datagram");
            assert!(datagram.checksum() != 0 && datagram.verify_checksum(&source, &destination));
            assert_eq!(usize::from(datagram.len()), payload.len());
        }
        IpProtocol::Tcp => {
            let segment = TcpPacket::new_checked(payload).expect("a segment");
            assert!(segment.verify_checksum(&source, &destination));
            assert!(segment.rst() && !segment.syn() && !segment.fin() && payload.len() == 20);
        }
        other => panic!("a packet of protocol {other}"),
    }
}

/// A frame arrives; at most one goes back, and that is sound.
#[track_caller]
fn survives(wire: &mut Wire, frame: &[u8]) {
    wire.platform.links[0].incoming.push_back(frame.to_vec());
    let answered = wire.netstack.counters().read(Counter::DatagramAnswered);
    assert_eq!(wire.turn().frames, 1);
    let is_appliances = wire.netstack.counters().read(Counter::DatagramAnswered) != answered;
    let sent = wire.take_sent();
    assert!(sent.len() <= 1, "{} frames for one", sent.len());
    if let Some(answer) = sent.first() {
        println!("{}\nis answered by\n{}\n", hex(frame), hex(answer));
        assert_sound(answer);
        assert!(is_appliances || answer.len() <= frame.len() + AMPLIFICATION);
    }
    // Errors and resets are to be seen, not their limits.
    wire.platform.now = wire.platform.now + Duration::from_secs(20);
}

#[test]
fn every_sound_frame() {
    let mut wire = Wire::new();
    for frame in sound_frames() {
        survives(&mut wire, &frame);
    }
}

#[test]
fn every_truncation_of_every_sound_frame() {
    for checksum in [Checksum::Unverified, Checksum::Verified] {
        let mut wire = Wire::new();
        wire.device_says(checksum);
        for frame in sound_frames() {
            for length in 0..frame.len() {
                survives(&mut wire, &frame[..length]);
            }
        }
    }
}

#[test]
fn every_bit_of_every_sound_frame_flipped() {
    for checksum in [Checksum::Unverified, Checksum::Verified] {
        let mut wire = Wire::new();
        wire.device_says(checksum);
        for frame in sound_frames() {
            for bit in 0..frame.len() * 8 {
                let mut frame = frame.clone();
                frame[bit / 8] ^= 1 << (bit % 8);
                survives(&mut wire, &frame);
            }
        }
    }
}

#[test]
fn every_octet_of_every_sound_frame_replaced_and_summed_again() {
    let mut wire = Wire::new();
    for frame in sound_frames() {
        for at in 12..frame.len() {
            for octet in [0, 1, 2, 4, 6, 17, 43, 44, 58, 59, 60, 0x7f, 0x80, 0xfe, 0xff] {
                let mut frame = frame.clone();
                frame[at] = octet;
                sum_again(&mut frame);
                survives(&mut wire, &frame);
            }
        }
    }
}

/// Makes the checksums of a frame right, as far as it has the shape of one.
fn sum_again(frame: &mut [u8]) {
    let packet = frame.get_mut(14..).unwrap_or_default();
    if let Ok(mut ipv4) = Ipv4Packet::new_checked(&mut *packet) {
        ipv4.fill_checksum();
        let ends: (IpAddress, IpAddress) = (ipv4.src_addr().into(), ipv4.dst_addr().into());
        let protocol = ipv4.next_header();
        sum_transport_again(protocol, ipv4.payload_mut(), ends);
    } else if let Ok(mut ipv6) = Ipv6Packet::new_checked(&mut *packet) {
        let (source, destination) = (ipv6.src_addr(), ipv6.dst_addr());
        let protocol = ipv6.next_header();
        sum_transport_again(protocol, ipv6.payload_mut(), (source.into(), destination.into()));
    }
}

fn sum_transport_again(
    protocol: IpProtocol,
    payload: &mut [u8],
    (source, destination): (IpAddress, IpAddress),
) {
    match (protocol, source, destination) {
        (IpProtocol::Udp, ..) => {
            if let Ok(mut datagram) = UdpPacket::new_checked(payload) {
                datagram.fill_checksum(&source, &destination);
            }
        }
        (IpProtocol::Tcp, ..) => {
            if let Ok(mut segment) = TcpPacket::new_checked(payload) {
                segment.fill_checksum(&source, &destination);
            }
        }
        (IpProtocol::Icmp, ..) => {
            if let Ok(mut message) = Icmpv4Packet::new_checked(payload) {
                message.fill_checksum();
            }
        }
        (IpProtocol::Icmpv6, IpAddress::Ipv6(source), IpAddress::Ipv6(destination)) => {
            if let Ok(mut message) = Icmpv6Packet::new_checked(payload) {
                message.fill_checksum(&source, &destination);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_octets(frame in prop::collection::vec(any::<u8>(), 0..1600), is_verified in any::<bool>()) {
        let mut wire = Wire::new();
        wire.device_says(if is_verified { Checksum::Verified } else { Checksum::Unverified });
        survives(&mut wire, &frame);
    }

    #[test]
    fn any_payload_behind_a_sound_ethernet_header(
        kind in prop::sample::select(vec![[0x08, 0x00], [0x08, 0x06], [0x86, 0xdd]]),
        rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut frame = ethernet(PEER_STATION, OUR_STATION, []);
        frame[12..14].copy_from_slice(&kind);
        frame.extend_from_slice(&rest);
        survives(&mut Wire::new(), &frame);
    }

    #[test]
    fn any_payload_of_any_protocol(
        protocol in any::<u8>(),
        payload in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut wire = Wire::new();
        for (peer, own) in [("192.0.2.9", "192.0.2.53"), ("2001:db8::9", "2001:db8::53")] {
            let mut frame = to_us(packet(peer, own, protocol, 255, &payload));
            sum_again(&mut frame);
            survives(&mut wire, &frame);
        }
    }

    #[test]
    fn any_chain_of_extension_headers(
        headers in prop::collection::vec(
            (prop::sample::select(vec![0_u8, 43, 44, 60, 58, 17, 59]), prop::collection::vec(any::<u8>(), 6)),
            1..10,
        ),
    ) {
        let kinds = headers.iter().map(|(kind, _)| *kind).chain([17]).skip(1);
        let mut payload: Vec<u8> =
            headers.iter().zip(kinds).flat_map(|((_, rest), next)| [&[next, 0], &rest[..]].concat()).collect();
        payload.extend(datagram("[2001:db8::9]:4096", "[2001:db8::53]:53", b"q"));
        let mut wire = Wire::new();
        survives(&mut wire, &to_us(packet("2001:db8::9", "2001:db8::53", headers[0].0, 64, &payload)));
    }

    #[test]
    fn any_splice_of_sound_frames(first in any::<Index>(), second in any::<Index>(), cuts in any::<[Index; 2]>()) {
        let frames = sound_frames();
        let (first, second) = (first.get(&frames), second.get(&frames));
        let (head, tail) = (&first[..cuts[0].index(first.len())], &second[cuts[1].index(second.len())..]);
        let mut frame = [head, tail].concat();
        let mut wire = Wire::new();
        survives(&mut wire, &frame);
        sum_again(&mut frame);
        survives(&mut wire, &frame);
    }

    #[test]
    fn any_length_of_answer(length in 0_usize..4000) {
        let mut wire = Wire::new();
        wire.appliance.manner = Manner::Lengthy(length);
        for frame in sound_frames() {
            survives(&mut wire, &frame);
        }
    }
}
