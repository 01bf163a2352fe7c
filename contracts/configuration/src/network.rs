//! The section `[network]`, which every appliance has.

use crate::{Diagnostics, Document, Value};
use alloc::format;
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// How a machine is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// Its own addresses, each with the prefix that its neighbours share; at least one, none twice.
    pub addresses: Vec<Prefix>,
    /// The routers to everybody else; at most one of each version of IP, each in the prefix of an address.
    pub gateways: Vec<IpAddr>,
}

/// The most addresses that a machine has.
const ADDRESSES: usize = 64;

impl Network {
    /// Reads the section, reporting every mistake.
    pub fn read(document: &Document<'_>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let root = document.root();
        root.require("network", diagnostics);
        let section = root.table("network", diagnostics)?;
        section.expect_only(&["address", "gateway"], diagnostics);
        section.require("address", diagnostics);

        let before = diagnostics.errors();
        let addresses = section.strings("address", diagnostics)?;
        if addresses.is_empty() || addresses.len() > ADDRESSES {
            diagnostics
                .error(section.location(), format!("a machine has between 1 and {ADDRESSES} addresses"));
        }
        let mut network = Self { addresses: Vec::new(), gateways: Vec::new() };
        for address in &addresses {
            network.add_address(address, diagnostics);
        }
        for gateway in section.strings("gateway", diagnostics).unwrap_or_default() {
            network.add_gateway(&gateway, diagnostics);
        }
        (diagnostics.errors() == before).then_some(network)
    }

    fn add_address(&mut self, text: &Value<&str>, diagnostics: &mut Diagnostics) {
        let Ok(prefix) = text.value.parse::<Prefix>() else {
            let message =
                format!("`{}` is no address with a prefix length, such as 192.0.2.53/24", text.value);
            return diagnostics.error(text.location.clone(), message);
        };
        if !is_assignable(prefix.address) {
            diagnostics
                .error(text.location.clone(), format!("{} can't be a machine's own address", prefix.address));
        } else if prefix.is_of_no_host() {
            let message =
                format!("{} is the first or last of its prefix, which are no host's", prefix.address);
            diagnostics.error(text.location.clone(), message);
        } else if self.addresses.iter().any(|other| other.address == prefix.address) {
            diagnostics.error(text.location.clone(), format!("{} is given twice", prefix.address));
        } else {
            self.addresses.push(prefix);
        }
    }

    fn add_gateway(&mut self, text: &Value<&str>, diagnostics: &mut Diagnostics) {
        let Ok(gateway) = text.value.parse::<IpAddr>() else {
            return diagnostics.error(text.location.clone(), format!("`{}` is no IP address", text.value));
        };
        if !is_assignable(gateway) {
            diagnostics.error(text.location.clone(), format!("{gateway} can't be a router's address"));
        } else if self.gateways.iter().any(|other| other.is_ipv4() == gateway.is_ipv4()) {
            diagnostics.error(text.location.clone(), "there is a gateway for this version of IP already");
        } else if !self.addresses.iter().any(|prefix| prefix.contains(gateway)) {
            diagnostics
                .error(text.location.clone(), format!("{gateway} is in the prefix of none of the addresses"));
        } else if self.addresses.iter().any(|prefix| prefix.address == gateway) {
            diagnostics.error(text.location.clone(), format!("{gateway} is the machine's own address"));
        } else {
            self.gateways.push(gateway);
        }
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

/// An address and the length of the prefix that its neighbours share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Prefix {
    /// The address itself, not only its prefix.
    pub address: IpAddr,
    /// Bits; at most 32 for IPv4 and 128 for IPv6.
    pub length: u8,
}

impl Prefix {
    /// Whether `address` shares this prefix.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        let length = u32::from(self.length);
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let difference = own.to_bits() ^ other.to_bits();
                difference.checked_shr(32_u32.saturating_sub(length)).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let difference = own.to_bits() ^ other.to_bits();
                difference.checked_shr(128_u32.saturating_sub(length)).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// Whether the address names all of an IPv4 network or broadcasts to it (RFC 1122 §3.2.1.3), rather than a host. A
    /// prefix of 31 bits has only hosts (RFC 3021).
    fn is_of_no_host(self) -> bool {
        let IpAddr::V4(address) = self.address else { return false };
        let host = u32::MAX.checked_shr(self.length.into()).unwrap_or(0);
        self.length < 31 && [0, host].contains(&(address.to_bits() & host))
    }
}

impl FromStr for Prefix {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, length) = text.split_once('/').ok_or(())?;
        let address: IpAddr = address.parse().map_err(|_| ())?;
        if !length.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(());
        }
        let length = length.parse().map_err(|_| ())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        if length > most { Err(()) } else { Ok(Self { address, length }) }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.length)
    }
}

#[cfg(test)]
mod tests;
