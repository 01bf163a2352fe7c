use super::{Network, Prefix};
use crate::{Diagnostics, Document};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bytes::Bytes;

fn read(text: &str) -> (Option<Network>, Vec<String>) {
    let text = Bytes::copy_from_slice(text.as_bytes());
    let mut diagnostics = Diagnostics::new();
    let document = Document::parse("appliance.toml", &text, &mut diagnostics).unwrap();
    let network = Network::read(&document, &mut diagnostics);
    (network, diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect())
}

#[track_caller]
fn check_refused(section: &str, expected: &[&str]) {
    let (network, messages) = read(&format!("[network]\n{section}"));
    assert_eq!(network, None);
    assert_eq!(messages, expected);
}

#[test]
fn a_sound_section() {
    let (network, messages) = read(
        "[network]\naddress = [\"192.0.2.53/24\", \"2001:db8::53/64\"]\ngateway = [\"192.0.2.1\", \"2001:db8::1\"]",
    );
    assert_eq!(messages, [""; 0]);
    let network = network.unwrap();
    let addresses: Vec<_> = network.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["192.0.2.53/24", "2001:db8::53/64"]);
    assert_eq!(
        network.gateways,
        ["192.0.2.1".parse::<core::net::IpAddr>().unwrap(), "2001:db8::1".parse().unwrap()]
    );
}

#[test]
fn a_gateway_is_optional_and_so_is_each_version() {
    for address in ["10.0.0.1/8", "10.0.0.0/31", "10.0.0.0/32", "2001:db8::/64", "fe80::1/64", "192.0.2.1/0"]
    {
        let (network, messages) = read(&format!("[network]\naddress = [\"{address}\"]"));
        assert!(network.is_some(), "{address}: {messages:?}");
    }
}

#[test]
fn a_missing_section_or_address() {
    assert_eq!(read("").1, ["the key `network` is missing"]);
    check_refused("", &["the key `address` is missing"]);
    check_refused("address = []", &["a machine has between 1 and 64 addresses"]);
    check_refused(
        "address = \"10.0.0.1/8\"",
        &["`address` has to be an array of strings, and this is a string"],
    );
}

#[test]
fn addresses_that_no_machine_has() {
    for (address, expected) in [
        ("192.0.2.53", "`192.0.2.53` is no address with a prefix length, such as 192.0.2.53/24"),
        ("192.0.2.53/33", "`192.0.2.53/33` is no address with a prefix length, such as 192.0.2.53/24"),
        ("192.0.2.53/+24", "`192.0.2.53/+24` is no address with a prefix length, such as 192.0.2.53/24"),
        ("2001:db8::/129", "`2001:db8::/129` is no address with a prefix length, such as 192.0.2.53/24"),
        ("127.0.0.1/8", "127.0.0.1 can't be a machine's own address"),
        ("0.0.0.0/0", "0.0.0.0 can't be a machine's own address"),
        ("224.0.0.1/8", "224.0.0.1 can't be a machine's own address"),
        ("255.255.255.255/8", "255.255.255.255 can't be a machine's own address"),
        ("ff02::1/64", "ff02::1 can't be a machine's own address"),
        ("::ffff:192.0.2.1/96", "::ffff:192.0.2.1 can't be a machine's own address"),
        ("192.0.2.0/24", "192.0.2.0 is the first or last of its prefix, which are no host's"),
        ("192.0.2.255/24", "192.0.2.255 is the first or last of its prefix, which are no host's"),
    ] {
        check_refused(&format!("address = [\"{address}\"]"), &[expected]);
    }
    check_refused("address = [\"10.0.0.1/8\", \"10.0.0.1/16\"]", &["10.0.0.1 is given twice"]);
}

#[test]
fn gateways_that_none_can_be() {
    for (gateway, expected) in [
        ("\"10.0.0.2\", \"10.0.0.3\"", "there is a gateway for this version of IP already"),
        ("\"11.0.0.1\"", "11.0.0.1 is in the prefix of none of the addresses"),
        ("\"2001:db8::1\"", "2001:db8::1 is in the prefix of none of the addresses"),
        ("\"10.0.0.1\"", "10.0.0.1 is the machine's own address"),
        ("\"10.0.0.1/8\"", "`10.0.0.1/8` is no IP address"),
        ("\"0.0.0.0\"", "0.0.0.0 can't be a router's address"),
    ] {
        check_refused(&format!("address = [\"10.0.0.1/8\"]\ngateway = [{gateway}]"), &[expected]);
    }
}

#[test]
fn all_mistakes_are_reported() {
    check_refused(
        "address = [\"x\", \"::1/128\"]\ngateway = [\"y\"]\nmtu = 1500",
        &[
            "there is no key `mtu` here",
            "`x` is no address with a prefix length, such as 192.0.2.53/24",
            "::1 can't be a machine's own address",
            "`y` is no IP address",
        ],
    );
}

#[track_caller]
fn check_contains(prefix: &str, address: &str, expected: bool) {
    let prefix: Prefix = prefix.parse().unwrap();
    assert_eq!(prefix.contains(address.parse().unwrap()), expected, "{prefix} {address}");
}

#[test]
fn what_shares_a_prefix() {
    check_contains("192.0.2.53/24", "192.0.2.1", true);
    check_contains("192.0.2.53/24", "192.0.3.1", false);
    check_contains("192.0.2.53/32", "192.0.2.53", true);
    check_contains("192.0.2.53/32", "192.0.2.52", false);
    check_contains("192.0.2.53/0", "1.2.3.4", true);
    check_contains("2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff", true);
    check_contains("2001:db8::/64", "2001:db8:0:1::", false);
    check_contains("::/0", "2001:db8::1", true);
    check_contains("::/0", "192.0.2.1", false);
}

#[test]
fn an_impossible_length_from_an_archive_does_no_harm() {
    let prefix = Prefix { address: "192.0.2.1".parse().unwrap(), length: 200 };
    assert!(!prefix.contains("192.0.2.2".parse().unwrap()));
}
