use super::{MissingLink, assign};
use alloc::vec::Vec;
use configuration::{Interface, Network};
use platform::EthernetAddress;

fn link(number: u8) -> EthernetAddress {
    EthernetAddress([0x52, 0x54, 0, 0, 0, number])
}

/// Interfaces that name the links of these numbers, or none, and links of these numbers; each link's place among the
/// interfaces.
fn assigned(named: &[Option<u8>], links: &[u8]) -> Result<Vec<Option<usize>>, MissingLink> {
    let interface = |number: &Option<u8>| Interface {
        mac: number.map(|number| configuration::EthernetAddress(link(number).0)),
        addresses: Vec::new(),
        gateways: Vec::new(),
        dhcp: false,
        slaac: false,
    };
    let network = Network { interfaces: named.iter().map(interface).collect() };
    let links: Vec<_> = links.iter().map(|&number| link(number)).collect();
    let place = |told: &Interface| network.interfaces.iter().position(|one| core::ptr::eq(one, told));
    Ok(assign(&network, &links)?.into_iter().map(|told| told.and_then(place)).collect())
}

#[test]
fn interfaces_have_links_in_their_order() {
    assert_eq!(assigned(&[None], &[1]), Ok([Some(0)].into()));
    assert_eq!(assigned(&[None, None], &[2, 1]), Ok([Some(0), Some(1)].into()));
}

#[test]
fn a_named_link_is_the_one_that_is_meant() {
    assert_eq!(assigned(&[Some(2), Some(1)], &[1, 2]), Ok([Some(1), Some(0)].into()));
    assert_eq!(assigned(&[None, Some(1)], &[1, 2]), Ok([Some(1), Some(0)].into()), "whoever comes first");
    assert_eq!(assigned(&[None, Some(2), None], &[1, 2, 3]), Ok([Some(0), Some(1), Some(2)].into()));
}

#[test]
fn a_link_that_is_not_configured_is_told_nothing() {
    assert_eq!(assigned(&[None], &[1, 2]), Ok([Some(0), None].into()));
    assert_eq!(assigned(&[Some(2)], &[1, 2, 3]), Ok([None, Some(0), None].into()));
}

#[test]
fn a_configured_link_that_is_missing_is_named() {
    assert_eq!(assigned(&[Some(3)], &[1, 2]), Err(MissingLink::Named(link(3))));
    assert_eq!(assigned(&[None, None], &[1]), Err(MissingLink::Further { interfaces: 2, links: 1 }));
    assert_eq!(assigned(&[None, Some(1)], &[1]), Err(MissingLink::Further { interfaces: 2, links: 1 }));
}

#[test]
fn of_two_devices_with_one_address_each_is_used_once() {
    assert_eq!(assigned(&[Some(1)], &[1, 1]), Ok([Some(0), None].into()));
    // The host refuses to write it; an archive may say it all the same.
    assert_eq!(assigned(&[Some(1), Some(1)], &[1]), Err(MissingLink::Named(link(1))));
}
