//! What is said without being asked: RFC 5227 §2.3, RFC 4861 §7.2.6, RFC 4862 §5.4.2, RFC 3810.

use crate::traffic::{PEER_STATION, arp, discovery, ethernet, group, icmpv6, icmpv6_message, ipv6, packet};
use crate::wire::{OUR_STATION, Wire, hex};
use core::time::Duration;
use moment::Instant;
use netstack::Counter;
use platform::EthernetAddress;
use smoltcp::wire::ArpOperation::Request;

const OWN: &str = "2001:db8::53";
const LINK_LOCAL: &str = "fe80::ff:fe00:53";
const ROUTERS: &str = "ff02::16";
const TARGET_OPTION: [u8; 8] = [2, 1, 2, 0, 0, 0, 0, 0x53];
const ROUTER_ALERT: [u8; 8] = [58, 0, 5, 2, 0, 0, 1, 0];
/// MODE_IS_EXCLUDE and CHANGE_TO_EXCLUDE_MODE.
const CURRENT: u8 = 2;
const CHANGE: u8 = 4;

fn announcement(address: &str) -> Vec<u8> {
    let packet = arp(Request, (OUR_STATION, address), (EthernetAddress([0; 6]), address));
    ethernet(OUR_STATION, EthernetAddress([0xff; 6]), packet)
}

fn probe(address: &str, solicited_node: &str) -> Vec<u8> {
    let packet = icmpv6("::", solicited_node, [135, 0], 255, &discovery(0, address, &[]));
    ethernet(OUR_STATION, group(solicited_node), packet)
}

fn advertisement(address: &str, flags: u8) -> Vec<u8> {
    let message = discovery(flags, address, &TARGET_OPTION);
    ethernet(OUR_STATION, group("ff02::1"), icmpv6(address, "ff02::1", [136, 0], 255, &message))
}

fn report(kind: u8, groups: &[&str]) -> Vec<u8> {
    let mut rest = vec![0, 0, 0, groups.len() as u8];
    for group in groups {
        rest.extend_from_slice(&[kind, 0, 0, 0]);
        rest.extend_from_slice(&ipv6(group).octets());
    }
    let message = icmpv6_message(LINK_LOCAL, ROUTERS, [143, 0], &rest);
    let packet = packet(LINK_LOCAL, ROUTERS, 0, 1, &[&ROUTER_ALERT[..], &message].concat());
    ethernet(OUR_STATION, group(ROUTERS), packet)
}

fn report_v1(address: &str) -> Vec<u8> {
    let rest = [&[0; 4][..], &ipv6(address).octets()].concat();
    let message = icmpv6_message(LINK_LOCAL, address, [131, 0], &rest);
    let packet = packet(LINK_LOCAL, address, 0, 1, &[&ROUTER_ALERT[..], &message].concat());
    ethernet(OUR_STATION, group(address), packet)
}

fn query_v1(code: u16, more: &[u8]) -> Vec<u8> {
    let [high, low] = code.to_be_bytes();
    let rest = [&[high, low, 0, 0][..], &[0; 16], more].concat();
    let message = icmpv6_message("fe80::1", "ff02::1", [130, 0], &rest);
    to_nodes(packet("fe80::1", "ff02::1", 0, 1, &[&ROUTER_ALERT[..], &message].concat()))
}

fn query(hops: u8, source: &str, destination: &str, alert: &[u8], code: u16, group: &str) -> Vec<u8> {
    let [high, low] = code.to_be_bytes();
    let rest = [&[high, low, 0, 0], &ipv6(group).octets()[..], &[2, 125, 0, 0]].concat();
    let message = icmpv6_message(source, destination, [130, 0], &rest);
    let protocol = if alert.is_empty() { 58 } else { 0 };
    packet(source, destination, protocol, hops, &[alert, &message].concat())
}

fn general_query(code: u16) -> Vec<u8> {
    to_nodes(query(1, "fe80::1", "ff02::1", &ROUTER_ALERT, code, "::"))
}

fn to_nodes(packet: Vec<u8>) -> Vec<u8> {
    ethernet(PEER_STATION, group("ff02::1"), packet)
}

#[track_caller]
fn assert_frames(sent: &[Vec<u8>], expected: &[Vec<u8>]) {
    let sent: Vec<String> = sent.iter().map(|frame| hex(frame)).collect();
    let expected: Vec<String> = expected.iter().map(|frame| hex(frame)).collect();
    assert_eq!(sent, expected);
}

#[test]
fn the_first_turn_says_who_we_are_and_the_next_seconds_repeat_it() {
    let mut wire =
        Wire::at_start(&["192.0.2.53/24", "2001:db8::53/64", "2001:db8::1:54/64", "198.51.100.53/24"]);
    let groups = ["ff02::1:ff00:53", "ff02::1:ff01:54"];
    let first = wire.turn();
    assert_frames(
        &wire.take_sent(),
        &[
            report(CHANGE, &groups),
            probe(LINK_LOCAL, groups[0]),
            probe(OWN, groups[0]),
            probe("2001:db8::1:54", groups[1]),
            advertisement(LINK_LOCAL, 0),
            advertisement(OWN, 0),
            advertisement("2001:db8::1:54", 0),
            announcement("192.0.2.53"),
            announcement("198.51.100.53"),
        ],
    );
    let mut deadline = first.deadline;
    let over_ipv6 = [
        report(CHANGE, &groups),
        advertisement(LINK_LOCAL, 0x20),
        advertisement(OWN, 0x20),
        advertisement("2001:db8::1:54", 0x20),
    ];
    // RFC 5227 §1.1: by ARP every two seconds.
    let by_arp = [announcement("192.0.2.53"), announcement("198.51.100.53")];
    for (second, by_arp) in [(1, &[][..]), (2, &by_arp)] {
        wire.platform.now = deadline.expect("two more rounds");
        assert_eq!(wire.platform.now.since(first.began), Duration::from_secs(second));
        deadline = wire.turn().deadline;
        assert_frames(&wire.take_sent(), &[&over_ipv6, by_arp].concat());
    }
    assert_eq!(deadline, None);
}

#[test]
fn a_machine_without_ipv6_says_nothing_over_ipv6() {
    let mut wire = Wire::at_start(&["192.0.2.53/24"]);
    wire.turn();
    assert_frames(&wire.take_sent(), &[announcement("192.0.2.53")]);
    wire.receives(general_query(0)).stays_silent().counts(Counter::PacketToOthers);
}

#[test]
fn announcements_wait_for_free_buffers() {
    let mut whole = Wire::at_start(&["192.0.2.53/24", "2001:db8::53/64"]);
    whole.turn();
    let expected = whole.take_sent();

    let mut wire = Wire::at_start(&["192.0.2.53/24", "2001:db8::53/64"]);
    for _ in 0..expected.len() {
        wire.platform.links[0].free = 1;
        let turn = wire.turn();
        // What could not be sent is due still, but nothing is gained by asking at once.
        assert_eq!(turn.deadline, Some(Instant::START + Duration::from_millis(1)));
    }
    wire.platform.links[0].free = 1;
    assert_eq!(wire.turn().deadline, Some(Instant::START + Duration::from_secs(1)));
    assert_frames(&wire.take_sent(), &expected);
}

#[test]
fn rfc3810_section_6_2_a_query_is_answered_in_its_time() {
    for (code, most) in [(0, 0), (1000, 1000), (0x7fff, 32_767), (0x8000, 32_768), (0xffff, 8_387_584)] {
        let mut wire = Wire::new();
        let asked = wire.platform.now;
        wire.receives(general_query(code)).counts(Counter::ListenerQueried);
        let due = wire.turn().deadline.unwrap_or(asked);
        assert!(due.since(asked) <= Duration::from_millis(most), "{code:x}: {:?}", due.since(asked));
        wire.rest(Duration::from_millis(most));
        assert_frames(&wire.take_sent(), &[report(CURRENT, &["ff02::1:ff00:53"])]);
        assert_eq!(wire.turn().deadline, None);
    }
}

#[test]
fn rfc3810_section_6_2_delays_differ_and_the_sooner_answer_serves_both_queries() {
    let mut wire = Wire::new();
    let mut delays = Vec::new();
    for _ in 0..20 {
        let asked = wire.platform.now;
        wire.receives(general_query(10_000));
        let first = wire.turn().deadline.expect("an answer is due");
        wire.receives(general_query(10_000));
        let second = wire.turn().deadline.expect("an answer is due");
        assert!(second <= first);
        delays.push(second.since(asked).as_millis());
        wire.rest(Duration::from_secs(10));
        assert_eq!(wire.take_sent().len(), 1);
    }
    delays.dedup();
    assert!(delays.len() > 15, "{delays:?}");
    assert!(
        delays.iter().any(|delay| *delay > 5000) && delays.iter().any(|delay| *delay < 2500),
        "{delays:?}"
    );
}

#[test]
fn rfc3810_section_5_1_a_query_for_our_group_is_answered() {
    let mut wire = Wire::new();
    let solicited = query(1, "fe80::1", "ff02::1:ff00:53", &ROUTER_ALERT, 0, "ff02::1:ff00:53");
    wire.receives(ethernet(PEER_STATION, group("ff02::1:ff00:53"), solicited))
        .counts(Counter::ListenerQueried)
        .sends(report(CURRENT, &["ff02::1:ff00:53"]));
}

#[test]
fn rfc3810_section_5_1_14_an_unsound_query_is_ignored() {
    for packet in [
        query(64, "fe80::1", "ff02::1", &ROUTER_ALERT, 0, "::"),
        query(1, "2001:db8::1", "ff02::1", &ROUTER_ALERT, 0, "::"),
        query(1, "::", "ff02::1", &ROUTER_ALERT, 0, "::"),
        query(1, "fe80::1", "ff02::1", &[], 0, "::"),
        query(1, "fe80::1", "ff02::1", &ROUTER_ALERT, 0, "ff02::1:ff00:54"),
    ] {
        let mut wire = Wire::new();
        wire.receives(to_nodes(packet)).stays_silent().counts(Counter::ListenerIgnored);
        assert_eq!(wire.turn().deadline, None);
    }
}

#[test]
fn rfc3810_section_8_2_1_a_querier_of_version_1_is_answered_in_its_version() {
    let mut wire = Wire::at_start(&["2001:db8::53/64", "2001:db8::1:54/64"]);
    wire.rest(Duration::from_secs(60));
    wire.take_sent();
    let groups = ["ff02::1:ff00:53", "ff02::1:ff01:54"];
    wire.receives(query_v1(0xffff, &[])).counts(Counter::ListenerQueried).stays_silent();
    wire.rest(Duration::from_millis(65_535));
    assert_frames(&wire.take_sent(), &groups.map(report_v1));
    // Where both ask, the older is the one that must understand.
    wire.receives(query_v1(100, &[])).receives(general_query(100)).stays_silent();
    wire.rest(Duration::from_millis(100));
    assert_frames(&wire.take_sent(), &groups.map(report_v1));
    wire.receives(general_query(100));
    wire.rest(Duration::from_millis(100));
    assert_frames(&wire.take_sent(), &[report(CURRENT, &groups)]);
    for length in 1..4 {
        wire.receives(query_v1(0, &[0; 4][..length])).stays_silent().counts(Counter::ListenerIgnored);
    }
}

#[test]
fn sixty_five_groups_take_two_reports() {
    let addresses: Vec<String> = (0..64).map(|index| format!("2001:db8::{index:x}/64")).collect();
    let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let mut wire = Wire::at_start(&addresses);
    wire.turn();
    let sent = wire.take_sent();
    let reports: Vec<&Vec<u8>> = sent.iter().filter(|frame| frame[62] == 143).collect();
    assert_eq!(reports.iter().map(|frame| frame[69]).collect::<Vec<_>>(), [56, 9]);
    assert!(reports.iter().all(|frame| frame.len() <= 14 + 1280));
    assert_eq!(sent.len(), 2 + 65 + 65);
}
