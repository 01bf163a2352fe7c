//! From the loader's hands to serving.

use crate::boot_information::{BootError, BootInformation};
use crate::clock::Clock;
use crate::console::write_line;
use crate::entropy::Entropy;
use crate::hardware::atomics::SharedMemory;
use crate::hardware::claims::Claims;
use crate::hardware::frames::Frames;
use crate::hardware::{heap, physical};
use crate::interrupts;
use crate::machine::{Links, Machine};
use crate::network::NetworkLink;
use crate::power::{self, Exit};
use crate::transport::{Device, Transport};
use appliance::Appliance;
use bytes::Bytes;
use configuration::{Archive, Configure, Diagnostics, Document, Network};
use netstack::Interface;

/// Starts the machine and serves an appliance until it is switched off.
pub fn start<A: Appliance + Configure>(start_information: u64) -> ! {
    crate::console::start();
    let Err(failure) = try_start::<A>(start_information) else { power::off(Exit::Fault) };
    write_line(format_args!("isopod: {failure}"));
    power::off(Exit::Configuration)
}

/// Why a machine can't serve.
enum Failure {
    Boot(BootError),
    Memory,
    Clock,
    Entropy,
    NoNetwork,
    Device(crate::transport::TransportError),
    NoArchive,
    Archive(&'static str),
    Configuration(Diagnostics),
}

/// Nothing that this returns is a success: a machine that serves does not come back.
enum Never {}

fn try_start<A: Appliance + Configure>(start_information: u64) -> Result<Never, Failure> {
    let information = BootInformation::parse(start_information, &physical::left_by_loader).map_err(Failure::Boot)?;
    let mut claims = Claims::new(&information).ok_or(Failure::Memory)?;
    let clock = Clock::start().map_err(|_| Failure::Clock)?;
    let entropy = Entropy::start().map_err(|_| Failure::Entropy)?;
    let links = find_links(&information, &mut claims)?;
    let mut local = claims.controller(interrupts::LOCAL_APIC);
    let mut io = claims.controller(interrupts::IO_APIC);
    let timer = interrupts::start(&mut local, &mut io, information.windows(), &clock);
    let report = information.option("isopod.report").is_some();

    let archive = claims.seal().map_err(|_| Failure::Memory)?.ok_or(Failure::NoArchive)?;
    let archive = Archive::new(Bytes::from_static(archive)).map_err(Failure::Archive)?;
    let text = archive.file(Archive::DOCUMENT).ok_or(Failure::Archive("the archive has no appliance.toml"))?;
    let (network, appliance) = configure::<A>(&archive, &text).map_err(Failure::Configuration)?;
    let interface = Interface::new(&network);
    let machine = Machine::new(links, clock, entropy, timer, report);
    let left = heap::seal();
    machine.announce(left);
    netstack::serve(machine, interface, appliance)
}

fn configure<A: Configure>(archive: &Archive, text: &Bytes) -> Result<(Network, A), Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let document = Document::parse(Archive::DOCUMENT, text, &mut diagnostics);
    let Some(document) = document else { return Err(diagnostics) };
    let network = Network::read(&document, &mut diagnostics);
    let appliance = A::configure(archive, &document, &mut diagnostics);
    network.zip(appliance).ok_or(diagnostics)
}

/// Every network card that the command line announces.
fn find_links(information: &BootInformation<'_>, claims: &mut Claims) -> Result<Links, Failure> {
    let mut links = Links::new();
    for window in information.windows() {
        let registers = claims.device(window).map_err(|_| Failure::Memory)?;
        let Some((transport, device)) = Transport::probe(registers) else { continue };
        match device {
            Device::Network => links.push(make_link(transport, claims)?),
            Device::Entropy | Device::Other(_) => {}
        }
    }
    if links.is_empty() { Err(Failure::NoNetwork) } else { Ok(links) }
}

fn make_link(transport: Transport, claims: &mut Claims) -> Result<NetworkLink, Failure> {
    let shared = claims.free.take(NetworkLink::SHARED).ok_or(Failure::Memory)?;
    let frames = claims.free.take_octets(NetworkLink::FRAMES).ok_or(Failure::Memory)?;
    NetworkLink::new(transport, SharedMemory::new(shared), Frames::new(frames)).map_err(Failure::Device)
}
