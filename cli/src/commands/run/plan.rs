//! From a command line and a configuration to everything that starting a machine takes.

use super::{Vm, cables};
use crate::appliance::Prepared;
use crate::arguments::{Accel, Hardware, MachineType, Net, On, Run};
use crate::image::Image;
use crate::machines::{Engine, Folder, Plan};
use crate::publish::{self, Published};
use crate::qemu::accelerator::Choice;
use crate::qemu::command::{self, Machine};
use crate::qemu::sandbox::Sandbox;
use crate::status::Failure;
use anyhow::Result;
use core::net::SocketAddr;
use host::{Protocol, Publication};
use std::ffi::OsString;

/// Refuses options that have no meaning together.
pub(super) fn check_arguments(arguments: &Run) -> Result<(), Failure> {
    let Hardware { accel, machine, net, memory, pcap, image } = &arguments.hardware;
    let only_vm = [
        ("--accel", accel.is_some()),
        ("--machine", machine.is_some()),
        ("--memory", memory.is_some()),
        ("--pcap", pcap.is_some()),
        ("--image", image.is_some()),
    ];
    if arguments.on == On::Host
        && let Some((option, _)) = only_vm.iter().find(|(_, is_given)| *is_given)
    {
        return Err(Failure::usage(format!("{option} is for virtual machines, and --on host makes none")));
    }
    if are_taps(net) && !arguments.publish.is_empty() {
        return Err(Failure::usage(
            "--publish has no meaning with --net tap=IF: the guest is reached by its own addresses there",
        ));
    }
    Ok(())
}

/// Whether every link is on a TAP device.
fn are_taps(net: &[Net]) -> bool {
    !net.is_empty() && net.iter().all(|net| matches!(net, Net::Tap(_)))
}

/// Makes the plan; finds the accelerator on the way.
pub(super) fn make(
    arguments: &Run,
    prepared: &Prepared,
    machine: Option<&Vm>,
    folder: &Folder,
) -> Result<Plan, Failure> {
    let published = published(arguments, prepared)?;
    let publications: Vec<_> = published.iter().map(|published| published.0).collect();
    let engine = match machine {
        None if arguments.hardware.net.is_empty() => Engine::Host,
        None => Engine::Taps { links: cables::taps(&arguments.hardware, prepared)? },
        Some(machine) => Engine::Vm { command: vm(arguments, prepared, machine, folder, &publications)? },
    };
    let asked = asked(&published, prepared);
    Ok(Plan {
        appliance: arguments.appliance,
        engine,
        published,
        restart: arguments.restart,
        probe: asked.map(|(address, protocol)| prepared.probe(address, protocol)),
    })
}

/// Where and by which protocol the appliance is asked whether it answers: by datagrams, if it can be.
fn asked(published: &[Published], prepared: &Prepared) -> Option<(SocketAddr, Protocol)> {
    if published.is_empty() {
        // On a TAP device the guest is asked under its own address.
        let prefix = prepared.network.addresses().next()?;
        let port = prepared.ports.iter().min_by_key(|port| port.protocol)?;
        return Some((SocketAddr::new(prefix.address, port.number), port.protocol));
    }
    let Published(publication) = published.iter().min_by_key(|published| published.0.protocol)?;
    Some((reachable(publication.host), publication.protocol))
}

/// What is published: as the command line says, or all that the appliance listens on where a demonstration expects it.
fn published(arguments: &Run, prepared: &Prepared) -> Result<Vec<Published>, Failure> {
    if are_taps(&arguments.hardware.net) {
        return Ok(Vec::new());
    }
    if arguments.publish.is_empty() {
        return Ok(publish::all(&prepared.ports));
    }
    let mut published = Vec::new();
    for wish in &arguments.publish {
        let before = published.len();
        published.extend(wish.grant(&prepared.ports));
        if published.len() == before {
            return Err(Failure::usage(format!(
                "--publish {wish}: nothing listens on port {} of the appliance",
                wish.guest_port()
            )));
        }
    }
    Ok(published)
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
    Vm { qemu, image }: &Vm,
    folder: &Folder,
    publications: &[Publication],
) -> Result<Vec<OsString>, Failure> {
    let hardware = &arguments.hardware;
    let cables = cables::lay(hardware, prepared, publications)?;
    let choice = Choice::make(hardware.accel.unwrap_or(Accel::Auto), qemu)?;
    if let Some(reason) = &choice.reason {
        eprintln!("* accelerator {}: {reason}", choice.accelerator.name());
    }
    let sandbox = Sandbox::of(qemu);
    if sandbox == Sandbox::Missing {
        eprintln!("* this QEMU was built without its sandbox, and runs without");
    }
    let memory_mib = memory_mib(hardware, prepared, image)?;
    Ok(command::command(
        qemu,
        &Machine {
            accelerator: choice.accelerator,
            machine: hardware.machine.unwrap_or(MachineType::Microvm),
            memory_mib,
            image: &folder.image(),
            archive: Some(&folder.archive()),
            cables: &cables,
            pcap: hardware.pcap.as_deref(),
            has_operator: true,
            sandbox,
        },
    ))
}

fn memory_mib(hardware: &Hardware, prepared: &Prepared, image: &Image) -> Result<u32, Failure> {
    let archive = prepared.archive.len();
    let Some(memory) = hardware.memory else { return Ok(image.memory_mib(archive)?) };
    let least = image.least_memory_mib(archive)?;
    if memory < least {
        return Err(Failure::usage(format!(
            "--memory {memory}: the image and its configuration alone take {least} MiB"
        )));
    }
    Ok(memory)
}
