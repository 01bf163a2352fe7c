//! Which link is told what.

use alloc::vec;
use alloc::vec::Vec;
use configuration::{Interface, Network};
use core::fmt;
use platform::EthernetAddress;

/// A link that is configured, and that the machine does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MissingLink {
    /// The one with this address.
    Named(EthernetAddress),
    /// There are fewer links than interfaces.
    Further { interfaces: usize, links: usize },
}

/// What each link is told, if anything: an interface that names a link has that one; the others have the rest, in the order
/// of both.
pub(crate) fn assign<'a>(
    network: &'a Network,
    links: &[EthernetAddress],
) -> Result<Vec<Option<&'a Interface>>, MissingLink> {
    let mut assigned = vec![None; links.len()];
    for interface in &network.interfaces {
        let Some(mac) = interface.mac else { continue };
        let meant = assigned.iter_mut().zip(links).find(|(told, link)| told.is_none() && link.0 == mac.0);
        let (told, _) = meant.ok_or(MissingLink::Named(EthernetAddress(mac.0)))?;
        *told = Some(interface);
    }
    for interface in network.interfaces.iter().filter(|interface| interface.mac.is_none()) {
        let next = assigned.iter_mut().find(|told| told.is_none());
        let (interfaces, links) = (network.interfaces.len(), links.len());
        *next.ok_or(MissingLink::Further { interfaces, links })? = Some(interface);
    }
    Ok(assigned)
}

impl fmt::Display for MissingLink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(address) => {
                write!(formatter, "there is no network device with the address {address}")
            }
            Self::Further { interfaces, links } => {
                write!(
                    formatter,
                    "there are {links} network devices for the {interfaces} links that are configured"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests;
