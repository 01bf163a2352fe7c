use super::{End, lay, unreached};
use crate::qemu::network::{Unfit, UserNetwork};
use configuration::{Interface, Network};
use std::path::Path;

/// An interface for each string of addresses and perhaps, after an `@`, a hardware address.
fn network(interfaces: &[&str]) -> Network {
    let interface = |text: &&str| {
        let (addresses, mac) = text.split_once('@').unwrap_or((text, ""));
        Interface {
            mac: mac.parse().ok(),
            addresses: addresses.split(' ').map(|address| address.parse().unwrap()).collect(),
            gateways: Vec::new(),
            dhcp: false,
            slaac: false,
        }
    };
    Network { interfaces: interfaces.iter().map(interface).collect() }
}

/// QEMU's own network on every link but those that have a TAP device.
fn ends(network: &Network, taps: &[Option<&str>]) -> Vec<End> {
    let end = |(interface, tap): (&Interface, &Option<&str>)| match tap {
        Some(device) => End::Tap((*device).into()),
        None => End::User(UserNetwork::shape(interface).unwrap()),
    };
    network.interfaces.iter().zip(taps).map(end).collect()
}

fn backends(network: &Network, taps: &[Option<&str>]) -> Result<Vec<String>, Unfit> {
    let host = "127.0.0.1:5300".parse().unwrap();
    let publication = host::Publication { host, port: 53, protocol: host::Protocol::Udp };
    let cables = lay(network, &ends(network, taps), &[publication], None)?;
    Ok(cables.into_iter().map(|cable| cable.backend.into_string().unwrap()).collect())
}

#[test]
fn what_is_published_goes_through_the_first_that_can() {
    let network = network(&["2001:db8::53/64", "192.0.2.53/24", "198.51.100.53/24"]);
    let [six, first, second] = &backends(&network, &[None; 3]).unwrap()[..] else { panic!("three cables") };
    assert!(six.starts_with("user,id=net0,ipv4=off,") && !six.contains("hostfwd"), "{six}");
    assert!(first.ends_with(",ipv6=off,hostfwd=udp:127.0.0.1:5300-192.0.2.53:53"), "{first}");
    assert!(
        second.starts_with("user,id=net2,net=198.51.100.0/24,") && !second.contains("hostfwd"),
        "{second}"
    );

    let through_second = backends(&network, &[None, Some("tap7"), None]).unwrap();
    assert_eq!(through_second[1], "tap,id=net1,ifname=tap7,script=no,downscript=no");
    assert!(through_second[2].ends_with("hostfwd=udp:127.0.0.1:5300-198.51.100.53:53"), "{through_second:?}");
    let through_none = backends(&network, &[None, Some("tap7"), Some("tap8")]);
    assert_eq!(through_none, Err(Unfit::NoGuestAddress));
}

#[test]
fn what_is_not_reached_is_known() {
    let network =
        network(&["192.0.2.53/24 192.0.2.54/24 2001:db8::53/64", "198.51.100.53/24", "203.0.113.53/24"]);
    let ends = ends(&network, &[None, None, Some("tap0")]);
    let unreached: Vec<_> = unreached(&network, &ends).into_iter().map(ToString::to_string).collect();
    assert_eq!(unreached, ["192.0.2.54/24", "2001:db8::53/64", "198.51.100.53/24"]);
}

#[test]
fn a_recorded_tap_device_has_plain_frames() {
    let network = network(&["192.0.2.53/24"]);
    let cables =
        lay(&network, &ends(&network, &[Some("tap0")]), &[], Some(Path::new("frames.pcap"))).unwrap();
    assert_eq!(cables[0].backend, "tap,id=net0,ifname=tap0,script=no,downscript=no,vnet_hdr=off");
}

#[test]
fn every_link_has_an_ethernet_address_of_its_own_that_lasts() {
    let addresses = |interfaces: &[&str]| {
        let network = network(interfaces);
        let taps = vec![Some("tap0"); interfaces.len()];
        let cables = lay(&network, &ends(&network, &taps), &[], None).unwrap();
        cables.into_iter().map(|cable| cable.ethernet).collect::<Vec<_>>()
    };
    let alike = addresses(&["fe80::1/64", "fe80::1/64"]);
    assert!(
        alike[0] != alike[1] && alike.iter().all(|address| address.starts_with("52:54:00:")),
        "{alike:?}"
    );
    assert_eq!(addresses(&["fe80::1/64", "192.0.2.1/24"])[0], alike[0]);
    assert_eq!(addresses(&["fe80::1/64@02:00:00:00:00:AB"]), ["02:00:00:00:00:ab"]);
}
