//! The network stack of an image in a Linux process: its links are TAP devices.

mod counters;
mod frame;
mod header;
mod limits;
mod link;
mod machine;

use appliance::{Appliance, Listener};
use configuration::{EthernetAddress, Network};
use core::fmt;
use limits::{HEARING, STREAMS};
use link::TapLink;
use machine::Machine;
use moment::Instant;
use netstack::{Budget, Interface, Netstack, Prefix};
use operator::Request;
use platform::Platform;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixListener;

/// TAP devices that this process is at the other end of.
#[derive(Debug)]
pub struct Taps {
    links: Vec<TapLink>,
}

/// Why there is no link.
#[derive(Debug)]
pub struct AttachError {
    /// The device that was wanted.
    pub device: String,
    /// What the system says.
    pub source: io::Error,
}

impl Taps {
    /// Attaches to devices, each with the address that the link at this end is to have.
    ///
    /// # Errors
    /// The first that the system does not grant.
    pub fn attach<'a>(
        devices: impl IntoIterator<Item = (&'a str, EthernetAddress)>,
    ) -> Result<Self, AttachError> {
        let attach = |(device, address): (&str, EthernetAddress)| {
            TapLink::attach(device, platform::EthernetAddress(address.0))
                .map_err(|source| AttachError { device: device.to_owned(), source })
        };
        Ok(Self { links: devices.into_iter().map(attach).collect::<Result<_, _>>()? })
    }

    /// Serves the appliance until `end` becomes readable; the interfaces of `network` belong to the links in their order. Whoever
    /// connects to `operator`, which never waits, is told how often everything happened; what there is to be said meanwhile goes
    /// to `log`.
    ///
    /// # Errors
    /// The system took a device away.
    pub fn serve(
        self,
        appliance: &mut impl Appliance,
        network: &Network,
        operator: &UnixListener,
        end: impl AsFd,
        log: &mut dyn FnMut(fmt::Arguments<'_>),
    ) -> io::Result<()> {
        let interfaces: Vec<_> = network.interfaces.iter().map(interface).collect();
        let mut machine = Machine::new(self.links, operator, end.as_fd(), log);
        let has_streams =
            appliance.listeners().iter().any(|listener| matches!(listener, Listener::Stream { .. }));
        let budget = if has_streams { STREAMS } else { Budget::NONE };
        let mut netstack = Netstack::new(&mut machine, &interfaces, appliance.listeners(), budget);
        let mut hear_at = Instant::START;
        loop {
            let turn = netstack.turn(&mut machine, appliance);
            let is_idle = turn.frames == 0;
            if !is_idle && turn.began < hear_at {
                continue;
            }
            hear_at = turn.began + HEARING;
            machine.wait(if is_idle { turn.deadline } else { Some(turn.began) });
            if machine.is_asked_to_end() {
                return Ok(());
            }
            machine.check()?;
            if let Some(Request::Statistics) = machine.request() {
                machine.answer(netstack.statistics().chain(appliance.statistics()));
            }
        }
    }
}

fn interface(told: &configuration::Interface) -> Interface {
    let prefixes = told.addresses.iter();
    Interface {
        addresses: prefixes.map(|prefix| Prefix { address: prefix.address, length: prefix.length }).collect(),
        gateways: told.gateways.clone(),
        dhcp: told.dhcp,
        slaac: told.slaac,
    }
}

impl fmt::Display for AttachError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cannot attach to the TAP device {}", self.device)
    }
}

impl core::error::Error for AttachError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&self.source)
    }
}

#[cfg(test)]
mod tests;
