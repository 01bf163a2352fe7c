use super::{Unfit, UserNetwork};
use configuration::Interface;
use host::{Protocol, Publication};

fn interface(addresses: &[&str], gateways: &[&str]) -> Interface {
    Interface {
        mac: None,
        addresses: addresses.iter().map(|text| text.parse().unwrap()).collect(),
        gateways: gateways.iter().map(|text| text.parse().unwrap()).collect(),
        dhcp: false,
        slaac: false,
    }
}

#[track_caller]
fn check(addresses: &[&str], gateways: &[&str], expected: Result<&str, Unfit>) {
    let shaped = UserNetwork::shape(&interface(addresses, gateways));
    let option = shaped.map(|shaped| shaped.option(0, &[]).unwrap());
    assert_eq!(option.as_deref(), expected.as_deref());
}

#[test]
fn shapes() {
    check(
        &["192.0.2.53/24", "2001:db8::53/64"],
        &["192.0.2.1"],
        Ok("user,id=net0,net=192.0.2.0/24,host=192.0.2.1,dns=192.0.2.2,dhcpstart=192.0.2.53,\
            ipv6-net=2001:db8::/64,ipv6-host=2001:db8::1,ipv6-dns=2001:db8::2"),
    );
    check(
        &["10.0.0.1/8"],
        &["10.255.255.254"],
        Ok("user,id=net0,net=10.0.0.0/8,host=10.255.255.254,dns=10.0.0.2,dhcpstart=10.0.0.1,ipv6=off"),
    );
    check(
        &["2001:db8::1/126"],
        &["2001:db8::2"],
        Ok("user,id=net0,ipv4=off,ipv6-net=2001:db8::/126,ipv6-host=2001:db8::2,ipv6-dns=2001:db8::3"),
    );
    check(
        &["2001:db8:1:2::5/48"],
        &[],
        Ok("user,id=net0,ipv4=off,ipv6-net=2001:db8:1::/48,ipv6-host=2001:db8:1::1,ipv6-dns=2001:db8:1::2"),
    );
}

#[test]
fn the_smallest_prefix_has_room() {
    check(
        &["192.0.2.2/30"],
        &["192.0.2.1"],
        Ok("user,id=net0,net=192.0.2.0/30,host=192.0.2.1,dns=192.0.2.3,dhcpstart=192.0.2.2,ipv6=off"),
    );
}

#[test]
fn no_address_of_the_guest_is_taken_from_it() {
    check(
        &["192.0.2.1/28", "192.0.2.2/28", "192.0.2.4/28"],
        &[],
        Ok("user,id=net0,net=192.0.2.0/28,host=192.0.2.3,dns=192.0.2.5,dhcpstart=192.0.2.1,ipv6=off"),
    );
}

#[test]
fn a_prefix_without_room_is_passed_over() {
    check(
        &["198.51.100.7/32", "192.0.2.53/24"],
        &[],
        Ok("user,id=net0,net=192.0.2.0/24,host=192.0.2.1,dns=192.0.2.2,dhcpstart=192.0.2.53,ipv6=off"),
    );
    check(&["198.51.100.7/31", "2001:db8::1/128", "fe80::1/64"], &[], Err(Unfit::NoPrefix));
}

fn published(host: &str, protocol: Protocol) -> Publication {
    Publication { host: host.parse().unwrap(), port: 53, protocol }
}

#[test]
fn publications() {
    let shaped = UserNetwork::shape(&interface(&["192.0.2.53/24"], &[])).unwrap();
    let publish = |host: &str| published(host, Protocol::Udp);
    let both = [publish("127.0.0.1:5300"), published("0.0.0.0:53", Protocol::Tcp)];
    let option = shaped.option(0, &both).unwrap();
    assert!(
        option.ends_with(",hostfwd=udp:127.0.0.1:5300-192.0.2.53:53,hostfwd=tcp:0.0.0.0:53-192.0.2.53:53"),
        "{option}"
    );
    let six = publish("[::1]:5300");
    assert_eq!(shaped.option(0, &[six]), Err(Unfit::HostAddress(six)));
    let shaped = UserNetwork::shape(&interface(&["2001:db8::53/64"], &[])).unwrap();
    assert_eq!(shaped.option(0, &[publish("127.0.0.1:5300")]), Err(Unfit::NoGuestAddress));
}

#[test]
fn a_guest_that_asks_the_network_gets_what_qemu_gives() {
    let option = |addresses, dhcp, slaac| {
        let interface = Interface { dhcp, slaac, ..interface(addresses, &[]) };
        let publication = published("127.0.0.1:5300", Protocol::Udp);
        UserNetwork::shape(&interface).and_then(|shaped| shaped.option(0, &[publication])).unwrap()
    };
    let leased = "user,id=net0,net=10.0.2.0/24,host=10.0.2.2,dns=10.0.2.3,dhcpstart=10.0.2.15";
    let formed = "ipv6-net=fec0::/64,ipv6-host=fec0::2,ipv6-dns=fec0::3";
    let forwarded = "hostfwd=udp:127.0.0.1:5300-10.0.2.15:53";
    assert_eq!(option(&[], true, false), format!("{leased},ipv6=off,{forwarded}"));
    assert_eq!(option(&[], true, true), format!("{leased},{formed},{forwarded}"));
    // What it has already is not given to it.
    assert_eq!(
        option(&["192.0.2.53/24"], true, true),
        format!(
            "user,id=net0,net=192.0.2.0/24,host=192.0.2.1,dns=192.0.2.2,dhcpstart=192.0.2.3,{formed},\
             hostfwd=udp:127.0.0.1:5300-192.0.2.53:53"
        )
    );
    let alone = Interface { slaac: true, ..interface(&[], &[]) };
    assert_eq!(
        UserNetwork::shape(&alone).unwrap().option(0, &[]),
        Ok(format!("user,id=net0,ipv4=off,{formed}"))
    );
}
