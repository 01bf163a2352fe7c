//! The guest's cables, one for each link of its configuration, and what is at their other ends.

use super::network::{Unfit, UserNetwork};
use configuration::{Interface, Network, Prefix};
use core::iter::repeat_n;
use host::Publication;
use std::ffi::OsString;
use std::path::Path;

/// What is at the other end of one cable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// QEMU's own network.
    User(UserNetwork),
    /// A TAP device that exists already.
    Tap(String),
}

/// A cable, as QEMU is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cable {
    /// The value of `-netdev`; names the device `net` and the cable's number.
    pub(crate) backend: OsString,
    /// The guest's Ethernet address.
    pub(crate) ethernet: String,
}

/// The cables to these ends, one for each interface. All that is published goes through one of QEMU's own networks: the first
/// through which it can.
pub(crate) fn lay(
    network: &Network,
    ends: &[End],
    publications: &[Publication],
    pcap: Option<&Path>,
) -> Result<Vec<Cable>, Unfit> {
    let entrance = entrance(ends);
    let numbered = network.interfaces.iter().zip(ends).enumerate();
    let cable = |(number, (interface, end)): (usize, (&Interface, &End))| {
        let backend = match end {
            End::User(user) if Some(number) == entrance => user.option(number, publications)?,
            End::User(user) => user.option(number, &[])?,
            End::Tap(device) => tap(number, device, pcap),
        };
        Ok(Cable { backend: backend.into(), ethernet: ethernet_address(number, interface, end) })
    };
    numbered.map(cable).collect()
}

/// The number of the cable through which everything is published that is.
fn entrance(ends: &[End]) -> Option<usize> {
    let reaches = |end: &End| matches!(end, End::User(user) if user.reached().is_some());
    let is_user = |end: &End| matches!(end, End::User(_));
    ends.iter().position(reaches).or_else(|| ends.iter().position(is_user))
}

/// The guest's addresses that can't be reached, because QEMU's own network is at the other end.
pub(crate) fn unreached<'a>(network: &'a Network, ends: &[End]) -> Vec<&'a Prefix> {
    let entrance = entrance(ends).and_then(|number| ends.get(number));
    let reached = entrance.and_then(|end| match end {
        End::User(user) => user.reached(),
        End::Tap(_) => None,
    });
    let users = network.interfaces.iter().zip(ends).filter(|(_, end)| matches!(end, End::User(_)));
    users
        .flat_map(|(interface, _)| &interface.addresses)
        .filter(|prefix| Some(prefix.address) != reached)
        .collect()
}

/// The value of `-netdev` for a TAP device.
///
/// What is recorded on one would have QEMU's own header (`struct virtio_net_hdr`) before every frame, which no reader
/// of the record expects: so a recorded one does without that header, and the guest without its offloads.
fn tap(number: usize, device: &str, pcap: Option<&Path>) -> String {
    let header = if pcap.is_some() { ",vnet_hdr=off" } else { "" };
    format!("tap,id=net{number},ifname={device},script=no,downscript=no{header}")
}

/// The Ethernet address that the configuration names for the link of this number, or one of the guest's own: locally administered, under QEMU's prefix, and
/// the same for the same addresses whenever and wherever it runs, so that neighbours need not learn it anew. A guest that the
/// network gives its addresses has that of its cable: the same device of the same host.
pub(crate) fn ethernet_address(number: usize, interface: &Interface, end: &End) -> String {
    if let Some(mac) = interface.mac {
        return mac.to_string();
    }
    let cable = match end {
        End::Tap(device) if interface.addresses.is_empty() => format!("{}{device}", host_identity()),
        End::Tap(_) | End::User(_) => String::new(),
    };
    let addresses = interface.addresses.iter().flat_map(|prefix| prefix.to_string().into_bytes());
    // FNV-1a: spread, not secrecy. Links may have the same link-local addresses, but not the same number.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for octet in repeat_n(0, number).chain(addresses).chain(cable.into_bytes()) {
        hash = (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3);
    }
    let [.., a, b, c] = hash.to_be_bytes();
    format!("52:54:00:{a:02x}:{b:02x}:{c:02x}")
}

/// What tells this host from others.
fn host_identity() -> String {
    let files = ["/etc/machine-id", "/proc/sys/kernel/hostname"];
    files.iter().find_map(|file| std::fs::read_to_string(file).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
