//! The section `[network]`, which every appliance has: a table for a machine with one link, one for each link of a machine
//! with several.

mod ethernet;
mod prefix;

pub use ethernet::EthernetAddress;
pub use prefix::Prefix;

use crate::{Diagnostic, Diagnostics, Document, Severity, Table, Value};
use alloc::format;
use alloc::vec::Vec;
use core::net::IpAddr;
use serde::{Deserialize, Serialize};

/// How a machine is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// What each link is told; at least one. Over all of them no hardware address and no address is there twice, no prefix
    /// overlaps with another link's (but link-local ones, which are on every link), and there is at most one gateway of each
    /// version of IP.
    pub interfaces: Vec<Interface>,
}

/// What one link is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Which link is meant; if it is not said, the machine's next that no other interface means.
    pub mac: Option<EthernetAddress>,
    /// The link's own addresses, each with the prefix that its neighbours share; none twice, and at least one if the network
    /// gives none.
    pub addresses: Vec<Prefix>,
    /// The routers to everybody else; each in the prefix of an address.
    pub gateways: Vec<IpAddr>,
    /// Whether a DHCP server is asked for an IPv4 address.
    pub dhcp: bool,
    /// Whether IPv6 addresses are formed from the prefixes that routers advertise.
    pub slaac: bool,
}

/// The most links that a machine is told of.
const INTERFACES: usize = 16;

/// The most addresses that a link has.
const ADDRESSES: usize = 64;

impl Network {
    /// Reads the section, reporting every mistake.
    pub fn read(document: &Document<'_>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let root = document.root();
        let before = diagnostics.errors();
        root.require("network", diagnostics);
        let sections = root.table_or_tables("network", diagnostics)?;
        if sections.value.is_empty() || sections.value.len() > INTERFACES {
            diagnostics.error(sections.location, format!("a machine has between 1 and {INTERFACES} links"));
        }
        let mut network = Self { interfaces: Vec::new() };
        for section in &sections.value {
            let interface = network.read_interface(section, diagnostics);
            network.interfaces.push(interface);
        }
        (diagnostics.errors() == before).then_some(network)
    }

    fn read_interface(&self, section: &Table<'_>, diagnostics: &mut Diagnostics) -> Interface {
        section.expect_only(&["mac", "address", "gateway", "dhcp", "slaac"], diagnostics);
        let [dhcp, slaac] = ["dhcp", "slaac"].map(|key| section.boolean(key, diagnostics));
        // What is neither true nor false was reported already, and may have been meant as either.
        let is_off = |key: &str, value: &Option<Value<bool>>| {
            value.as_ref().map_or(!section.contains(key), |value| !value.value)
        };
        if !section.contains("address") && is_off("dhcp", &dhcp) && is_off("slaac", &slaac) {
            diagnostics.add(Diagnostic {
                severity: Severity::Error,
                location: Some(section.location()),
                message: "the key `address` is missing".into(),
                help: Some("or the network gives addresses: `dhcp = true`, `slaac = true`".into()),
            });
        }
        let [dhcp, slaac] = [dhcp, slaac].map(|value| value.is_some_and(|value| value.value));
        let mac = section.string("mac", diagnostics);
        let mac = mac.and_then(|mac| self.read_mac(&mac, diagnostics));
        let addresses = section.strings("address", diagnostics);
        if addresses.as_ref().is_some_and(|addresses| !(1..=ADDRESSES).contains(&addresses.len())) {
            diagnostics.error(section.location(), format!("a link has between 1 and {ADDRESSES} addresses"));
        }
        let mut interface = Interface { mac, addresses: Vec::new(), gateways: Vec::new(), dhcp, slaac };
        for address in addresses.unwrap_or_default() {
            interface.addresses.extend(self.read_address(&address, &interface, diagnostics));
        }
        for gateway in section.strings("gateway", diagnostics).unwrap_or_default() {
            interface.gateways.extend(self.read_gateway(&gateway, &interface, diagnostics));
        }
        interface
    }

    fn read_mac(&self, text: &Value<&str>, diagnostics: &mut Diagnostics) -> Option<EthernetAddress> {
        let Ok(mac) = text.value.parse::<EthernetAddress>() else {
            let message = format!("`{}` is no Ethernet address, such as 52:54:00:12:34:56", text.value);
            diagnostics.error(text.location.clone(), message);
            return None;
        };
        if !mac.is_assignable() {
            diagnostics.error(text.location.clone(), format!("{mac} is no single device's address"));
        } else if self.interfaces.iter().any(|other| other.mac == Some(mac)) {
            diagnostics.error(text.location.clone(), format!("{mac} is given twice"));
        } else {
            return Some(mac);
        }
        None
    }

    /// An address that joins those of an interface.
    fn read_address(
        &self,
        text: &Value<&str>,
        interface: &Interface,
        diagnostics: &mut Diagnostics,
    ) -> Option<Prefix> {
        let Ok(prefix) = text.value.parse::<Prefix>() else {
            let message =
                format!("`{}` is no address with a prefix length, such as 192.0.2.53/24", text.value);
            diagnostics.error(text.location.clone(), message);
            return None;
        };
        // A link-local address says nothing of which link it is on (RFC 4007 §4).
        let elsewhere = || self.addresses().filter(|_| !prefix.is_link_local());
        let message = if !is_assignable(prefix.address) {
            format!("{} can't be a machine's own address", prefix.address)
        } else if prefix.is_of_no_host() {
            format!("{} is the first or last of its prefix, which are no host's", prefix.address)
        } else if interface.addresses.iter().chain(elsewhere()).any(|other| other.address == prefix.address) {
            format!("{} is given twice", prefix.address)
        } else if let Some(other) = elsewhere().find(|other| other.overlaps(prefix)) {
            format!("{prefix} overlaps with {other} of another link")
        } else {
            return Some(prefix);
        };
        diagnostics.error(text.location.clone(), message);
        None
    }

    /// A gateway that joins those of an interface.
    fn read_gateway(
        &self,
        text: &Value<&str>,
        interface: &Interface,
        diagnostics: &mut Diagnostics,
    ) -> Option<IpAddr> {
        let Ok(gateway) = text.value.parse::<IpAddr>() else {
            diagnostics.error(text.location.clone(), format!("`{}` is no IP address", text.value));
            return None;
        };
        let is_of_its_version = |other: &&IpAddr| other.is_ipv4() == gateway.is_ipv4();
        let message = if !is_assignable(gateway) {
            format!("{gateway} can't be a router's address")
        } else if interface.gateways.iter().any(|other| is_of_its_version(&other)) {
            "there is a gateway for this version of IP already".into()
        } else if let Some(other) = self.gateways().find(is_of_its_version) {
            format!("there is a gateway for this version of IP already: {other}, on another link")
        } else if !interface.addresses.iter().any(|prefix| prefix.contains(gateway)) {
            format!("{gateway} is in the prefix of none of the addresses")
        } else if interface.addresses.iter().any(|prefix| prefix.address == gateway) {
            format!("{gateway} is the machine's own address")
        } else {
            return Some(gateway);
        };
        diagnostics.error(text.location.clone(), message);
        None
    }

    /// The addresses of all links.
    pub fn addresses(&self) -> impl Iterator<Item = &Prefix> {
        self.interfaces.iter().flat_map(|interface| &interface.addresses)
    }

    fn gateways(&self) -> impl Iterator<Item = &IpAddr> {
        self.interfaces.iter().flat_map(|interface| &interface.gateways)
    }
}

fn is_assignable(address: IpAddr) -> bool {
    let is_special = match address {
        IpAddr::V4(address) => address.is_broadcast(),
        // An IPv4 address in the clothes of IPv6 is never on a link (RFC 4291 §2.5.5.2).
        IpAddr::V6(address) => address.to_ipv4_mapped().is_some(),
    };
    !(address.is_unspecified() || address.is_multicast() || address.is_loopback() || is_special)
}

#[cfg(test)]
mod tests;
