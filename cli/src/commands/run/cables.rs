//! The guest's cables, as the command line says.

use crate::appliance::Prepared;
use crate::arguments::{Hardware, Net};
use crate::machines::TapLink;
use crate::qemu::cables::{self, Cable, End};
use crate::qemu::network::UserNetwork;
use crate::status::Failure;
use anyhow::{Result, bail};
use configuration::Interface;
use host::Publication;
use std::path::Path;

/// Lays them; says which of the guest's addresses are out of reach.
pub(super) fn lay(
    hardware: &Hardware,
    prepared: &Prepared,
    publications: &[Publication],
) -> Result<Vec<Cable>, Failure> {
    let network = &prepared.network;
    let nets = nets(hardware, network.interfaces.len())?;
    let mut ends = Vec::new();
    for (interface, net) in network.interfaces.iter().zip(nets) {
        ends.push(match net {
            Net::User => End::User(UserNetwork::shape(interface)?),
            Net::Tap(device) => {
                check_tap(&device, interface)?;
                End::Tap(device)
            }
        });
    }
    let unreached: Vec<_> = cables::unreached(network, &ends).iter().map(ToString::to_string).collect();
    if !unreached.is_empty() {
        eprintln!(
            "* QEMU's user network reaches one IPv4 address of the guest; not {} (use --net tap=IF for all)",
            unreached.join(", ")
        );
    }
    Ok(cables::lay(network, &ends, publications, hardware.pcap.as_deref())?)
}

/// The TAP devices whose other end this process is to be, where there is no guest.
pub(super) fn taps(hardware: &Hardware, prepared: &Prepared) -> Result<Vec<TapLink>, Failure> {
    let interfaces = &prepared.network.interfaces;
    let mut links = Vec::new();
    for (number, (interface, net)) in interfaces.iter().zip(nets(hardware, interfaces.len())?).enumerate() {
        let Net::Tap(device) = net else {
            return Err(Failure::usage(
                "--net user is QEMU's, and --on host has none: it takes --net tap=IF",
            ));
        };
        check_tap(&device, interface)?;
        let end = End::Tap(device.clone());
        links.push(TapLink { device, ethernet: cables::ethernet_address(number, interface, &end) });
    }
    Ok(links)
}

/// What is at the other end of each cable.
fn nets(hardware: &Hardware, links: usize) -> Result<Vec<Net>, Failure> {
    match hardware.net.len() {
        0 => Ok(vec![Net::User; links]),
        given if given == links => Ok(hardware.net.clone()),
        given => Err(Failure::usage(format!(
            "--net is given {given} times, and the configuration has {links} links: it takes one for each, or none"
        ))),
    }
}

/// QEMU would make a device that is missing if it may, and nobody would be at its other end.
fn check_tap(device: &str, interface: &Interface) -> Result<()> {
    let folder = Path::new("/sys/class/net").join(device);
    if !folder.join("tun_flags").exists() {
        let mut commands = format!("ip tuntap add {device} mode tap user \"$USER\"\n");
        for gateway in &interface.gateways {
            let prefix = interface.addresses.iter().find(|prefix| prefix.contains(*gateway));
            let length = prefix.map_or(64, |prefix| prefix.length);
            commands += &format!("    ip address add {gateway}/{length} dev {device}\n");
        }
        bail!(
            "there is no TAP device {device}. As root, this makes one:\n\n    {commands}    ip link set {device} up\n"
        );
    }
    let flags = std::fs::read_to_string(folder.join("flags"))?;
    let is_up =
        u32::from_str_radix(flags.trim().trim_start_matches("0x"), 16).is_ok_and(|flags| flags & 1 != 0);
    if !is_up {
        eprintln!("* {device} is down; as root, `ip link set {device} up` changes that");
    }
    Ok(())
}
