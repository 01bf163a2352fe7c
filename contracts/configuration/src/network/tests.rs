use super::{EthernetAddress, Network, Prefix};
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
    let [interface] = &network.interfaces[..] else { panic!("one link, not {network:?}") };
    assert_eq!(interface.mac, None);
    let addresses: Vec<_> = interface.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["192.0.2.53/24", "2001:db8::53/64"]);
    assert_eq!(
        interface.gateways,
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
    check_refused("address = []", &["a link has between 1 and 64 addresses"]);
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

#[test]
fn addresses_that_the_network_gives() {
    for (section, expected) in [
        ("dhcp = true", (true, false)),
        ("slaac = true", (false, true)),
        ("dhcp = true\nslaac = true", (true, true)),
        ("dhcp = true\nslaac = false\naddress = [\"10.0.0.1/8\"]", (true, false)),
        ("dhcp = false\naddress = [\"10.0.0.1/8\"]", (false, false)),
    ] {
        let (network, messages) = read(&format!("[network]\n{section}"));
        assert_eq!(messages, [""; 0], "{section}");
        let interface = &network.unwrap().interfaces[0];
        assert_eq!((interface.dhcp, interface.slaac), expected, "{section}");
    }
    check_refused("dhcp = false", &["the key `address` is missing"]);
    check_refused("dhcp = false\nslaac = false", &["the key `address` is missing"]);
    check_refused("slaac = \"yes\"", &["`slaac` has to be true or false, and this is a string"]);
    check_refused(
        "dhcp = true\ngateway = [\"10.0.0.1\"]",
        &["10.0.0.1 is in the prefix of none of the addresses"],
    );
}

#[test]
fn several_links() {
    let (network, messages) = read(
        "[[network]]\naddress = [\"192.0.2.53/24\", \"fe80::53/64\"]\ngateway = [\"192.0.2.1\"]\n\
         [[network]]\nmac = \"52:54:00:AB:00:ff\"\naddress = [\"192.0.3.53/24\", \"fe80::53/64\"]\n\
         [[network]]\naddress = [\"2001:db8::53/64\"]\ngateway = [\"2001:db8::1\"]",
    );
    assert_eq!(messages, [""; 0]);
    let network = network.unwrap();
    let macs: Vec<_> = network.interfaces.iter().map(|interface| interface.mac).collect();
    assert_eq!(macs, [None, Some(EthernetAddress([0x52, 0x54, 0, 0xab, 0, 0xff])), None]);
    let addresses: Vec<_> = network.addresses().map(ToString::to_string).collect();
    assert_eq!(
        addresses,
        ["192.0.2.53/24", "fe80::53/64", "192.0.3.53/24", "fe80::53/64", "2001:db8::53/64"]
    );
}

#[test]
fn one_link_may_be_written_as_one_of_several() {
    let one = "mac = \"52:54:00:12:34:56\"\naddress = [\"10.0.0.1/8\"]";
    let (as_table, as_array) = (read(&format!("[network]\n{one}")), read(&format!("[[network]]\n{one}")));
    assert!(as_table.0.is_some());
    assert_eq!(as_table, as_array);
}

#[test]
fn a_number_of_links_that_no_machine_has() {
    let bounds = "a machine has between 1 and 16 links";
    assert_eq!(read("network = []").1, [bounds]);
    let sections: String =
        (0..17).map(|number| format!("[[network]]\naddress = [\"10.0.{number}.1/24\"]\n")).collect();
    assert_eq!(read(&sections), (None, Vec::from([bounds.into()])));
    assert_eq!(
        read("network = 7").1,
        ["`network` has to be a table or an array of tables, and this is a whole number"]
    );
}

#[test]
fn hardware_addresses_that_no_device_has() {
    for mac in [
        "52:54:00:12:34",
        "52:54:00:12:34:56:78",
        "52-54-00-12-34-56",
        "5:54:00:12:34:56",
        "+2:54:00:12:34:56",
    ] {
        let expected = format!("`{mac}` is no Ethernet address, such as 52:54:00:12:34:56");
        check_refused(&format!("mac = \"{mac}\"\naddress = [\"10.0.0.1/8\"]"), &[&expected]);
    }
    for mac in ["00:00:00:00:00:00", "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff"] {
        let expected = format!("{mac} is no single device's address");
        check_refused(&format!("mac = \"{mac}\"\naddress = [\"10.0.0.1/8\"]"), &[&expected]);
    }
}

/// Reads two links; compares what was reported, and the texts that it was reported of.
#[track_caller]
fn check_pair(first: &str, second: &str, expected: &[(&str, &str)]) {
    let text = Bytes::from(format!("[[network]]\n{first}\n[[network]]\n{second}\n"));
    let mut diagnostics = Diagnostics::new();
    let document = Document::parse("appliance.toml", &text, &mut diagnostics).unwrap();
    let network = Network::read(&document, &mut diagnostics);
    assert_eq!(network.is_none(), !expected.is_empty());
    let second = text.len() - second.len() - 1;
    for (diagnostic, (message, place)) in diagnostics.iter().zip(expected) {
        assert_eq!(diagnostic.message, *message);
        let location = diagnostic.location.clone().unwrap();
        assert_eq!(text[location.span.clone()], *place.as_bytes());
        assert!(location.span.start >= second, "{message}: the second is what can't be as well");
    }
    assert_eq!(diagnostics.iter().len(), expected.len());
}

#[test]
fn links_that_contradict_each_other() {
    check_pair(
        "mac = \"52:54:00:12:34:5a\"\naddress = [\"10.0.0.1/8\"]",
        "mac = \"52:54:00:12:34:5A\"\naddress = [\"11.0.0.1/8\"]",
        &[("52:54:00:12:34:5a is given twice", "\"52:54:00:12:34:5A\"")],
    );
    check_pair(
        "address = [\"10.0.0.1/8\", \"2001:db8::1/64\"]",
        "address = [\"10.0.0.1/8\", \"2001:db8:0:0::1/48\"]",
        &[
            ("10.0.0.1 is given twice", "\"10.0.0.1/8\""),
            ("2001:db8::1 is given twice", "\"2001:db8:0:0::1/48\""),
        ],
    );
    for (first, second) in [
        ("10.0.0.1/8", "10.255.0.2/24"),
        ("10.255.0.2/24", "10.0.0.1/8"),
        ("169.254.0.1/16", "169.254.0.2/16"),
        ("2001:db8::1/64", "2001:db8::2/127"),
        ("2001:db8::1/0", "2001:db9::2/64"),
    ] {
        let message = format!("{second} overlaps with {first} of another link");
        let place = format!("\"{second}\"");
        check_pair(
            &format!("address = [\"{first}\"]"),
            &format!("address = [\"{second}\"]"),
            &[(&message, &place)],
        );
    }
    check_pair(
        "address = [\"10.0.0.1/8\"]\ngateway = [\"10.0.0.2\"]",
        "address = [\"11.0.0.1/8\"]\ngateway = [\"11.0.0.2\"]",
        &[("there is a gateway for this version of IP already: 10.0.0.2, on another link", "\"11.0.0.2\"")],
    );
    check_pair(
        "address = [\"10.0.0.1/8\"]",
        "address = [\"11.0.0.1/8\"]\ngateway = [\"10.0.0.2\"]",
        &[("10.0.0.2 is in the prefix of none of the addresses", "\"10.0.0.2\"")],
    );
}

#[test]
fn links_that_go_together() {
    check_pair("address = [\"10.0.0.1/9\"]", "address = [\"10.128.0.1/9\"]", &[]);
    check_pair("address = [\"192.0.2.1/32\"]", "address = [\"192.0.2.2/31\"]", &[]);
    check_pair("address = [\"1.0.0.1/0\"]", "address = [\"2001:db8::1/0\"]", &[]);
    // A link-local prefix is on every link.
    check_pair("address = [\"fe80::1/64\"]", "address = [\"fe80::1/10\"]", &[]);
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
