//! From a command line and a configuration to everything that starting a machine takes.

use crate::appliance::Prepared;
use crate::arguments::{Accel, Hardware, MachineType, Net, On, Run};
use crate::image::Image;
use crate::machines::{Engine, Folder, Plan};
use crate::publish::{self, Published};
use crate::qemu::accelerator::Choice;
use crate::qemu::command::{self, Machine, Network};
use crate::qemu::install::{self, Consent};
use crate::qemu::network::UserNetwork;
use crate::qemu::{self};
use crate::status::Failure;
use anyhow::Result;
use core::net::SocketAddr;
use host::Publication;
use std::ffi::OsString;
use std::path::PathBuf;

/// Refuses options that have no meaning together.
pub(super) fn check_arguments(arguments: &Run) -> Result<(), Failure> {
    let Hardware { accel, machine, net, memory, pcap, image } = &arguments.hardware;
    let only_vm = [
        ("--accel", accel.is_some()),
        ("--machine", machine.is_some()),
        ("--net", net.is_some()),
        ("--memory", memory.is_some()),
        ("--pcap", pcap.is_some()),
        ("--image", image.is_some()),
    ];
    if arguments.on == On::Host
        && let Some((option, _)) = only_vm.iter().find(|(_, is_given)| *is_given)
    {
        return Err(Failure::usage(format!("{option} is for virtual machines, and --on host makes none")));
    }
    if matches!(net, Some(Net::Tap(_))) && !arguments.publish.is_empty() {
        return Err(Failure::usage(
            "--publish has no meaning with --net tap=IF: the guest is reached by its own addresses there",
        ));
    }
    if *machine == Some(MachineType::Q35) && !arguments.dry_run {
        return Err(Failure::usage(
            "the image drives virtio-mmio only so far, and a q35 machine has virtio-pci: use --machine microvm, or \
             --dry-run to see the command",
        ));
    }
    Ok(())
}

/// Makes the plan; finds QEMU and the accelerator on the way.
pub(super) fn make(
    arguments: &Run,
    prepared: &Prepared,
    image: Option<&Image>,
    folder: &Folder,
) -> Result<Plan, Failure> {
    let published = published(arguments, prepared)?;
    let publications: Vec<_> = published.iter().map(|published| published.0).collect();
    let engine = match image {
        None => Engine::Host,
        Some(image) => Engine::Vm { command: vm(arguments, prepared, image, folder, &publications)? },
    };
    let asked = match published.first() {
        Some(Published(publication)) => Some(reachable(publication.host)),
        // On a TAP device the guest is asked under its own address.
        None => prepared
            .network
            .addresses
            .first()
            .zip(prepared.ports.first())
            .map(|(prefix, &port)| SocketAddr::new(prefix.address, port)),
    };
    Ok(Plan {
        appliance: arguments.appliance,
        engine,
        published,
        restart: arguments.restart,
        probe: asked.map(|address| prepared.probe(address)),
    })
}

/// What is published: as the command line says, or the appliance's port where a demonstration expects it.
fn published(arguments: &Run, prepared: &Prepared) -> Result<Vec<Published>, Failure> {
    if matches!(arguments.hardware.net, Some(Net::Tap(_))) {
        return Ok(Vec::new());
    }
    if arguments.publish.is_empty() {
        let port = prepared.ports.first().copied().unwrap_or(publish::DEFAULT.port);
        return Ok(vec![Published(Publication { port, ..publish::DEFAULT })]);
    }
    match arguments.publish.iter().find(|published| !prepared.ports.contains(&published.0.port)) {
        None => Ok(arguments.publish.clone()),
        Some(published) => Err(Failure::usage(format!(
            "--publish {published}: nothing listens on port {} of the appliance",
            published.0.port
        ))),
    }
}

/// An address to send to that reaches what is bound to this one.
fn reachable(bound: SocketAddr) -> SocketAddr {
    let mut address = bound;
    if bound.ip().is_unspecified() {
        address.set_ip(match bound {
            SocketAddr::V4(_) => core::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => core::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

fn vm(
    arguments: &Run,
    prepared: &Prepared,
    image: &Image,
    folder: &Folder,
    publications: &[Publication],
) -> Result<Vec<OsString>, Failure> {
    let hardware = &arguments.hardware;
    let network = network(hardware, prepared, publications)?;
    let program = find_qemu(arguments)?;
    let choice = Choice::make(hardware.accel.unwrap_or(Accel::Auto), &program)?;
    if let Some(reason) = &choice.reason {
        eprintln!("* accelerator {}: {reason}", choice.accelerator.name());
    }
    let memory_mib = match hardware.memory {
        Some(memory) => memory,
        None => image.memory_mib(prepared.archive.len())?,
    };
    Ok(command::command(
        &program,
        &Machine {
            accelerator: choice.accelerator,
            machine: hardware.machine.unwrap_or(MachineType::Microvm),
            memory_mib,
            image: &folder.image(),
            archive: Some(&folder.archive()),
            network: &network,
            pcap: hardware.pcap.as_deref(),
        },
    ))
}

fn find_qemu(arguments: &Run) -> Result<PathBuf, Failure> {
    if arguments.dry_run {
        return Ok(install::find(qemu::PROGRAM).unwrap_or_else(|| qemu::PROGRAM.into()));
    }
    install::find_or_install(if arguments.yes { Consent::Given } else { Consent::Ask })
}

/// The guest's cable; says which of its addresses are out of reach.
fn network(
    hardware: &Hardware,
    prepared: &Prepared,
    publications: &[Publication],
) -> Result<Network, Failure> {
    let ethernet = command::ethernet_address(&prepared.network);
    if let Some(Net::Tap(interface)) = &hardware.net {
        return Ok(Network::tap(interface, ethernet));
    }
    let shaped = UserNetwork::shape(&prepared.network)?;
    let unreached: Vec<_> =
        shaped.unreached(&prepared.network).map(|prefix| prefix.address.to_string()).collect();
    if !unreached.is_empty() {
        eprintln!(
            "* QEMU's user network reaches one IPv4 address of the guest; not {} (use --net tap=IF for all)",
            unreached.join(", ")
        );
    }
    Ok(Network { backend: shaped.option(publications)?.into(), ethernet })
}
