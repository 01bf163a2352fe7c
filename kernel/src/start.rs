//! From the loader's hands to serving.

use crate::acpi::Tables;
use crate::boot_information::{BootError, BootInformation};
use crate::clock::Clock;
use crate::console::write_line;
use crate::devices::{Devices, Found};
use crate::entropy::Entropy;
use crate::hardware::claims::{Claims, WindowError};
use crate::hardware::{heap, physical};
use crate::interfaces::{self, MissingLink};
use crate::interrupts::{self, NoLine, Timer};
use crate::machine::Machine;
use crate::network::{self, NetworkLink, Purpose};
use crate::operator_line::OperatorLine;
use crate::power::{self, Exit};
use crate::shares;
use crate::transport::{Device, Transport, TransportError};
use alloc::vec::Vec;
use appliance::{Appliance, Listener};
use bytes::Bytes;
use configuration::{Archive, Configure, Network, Unusable};
use core::fmt;
use netstack::{Budget, Interface, Netstack, Prefix};

/// Starts the machine and serves an appliance until it is switched off.
pub fn start<A: Appliance + Configure>(start_information: u64) -> ! {
    crate::console::start();
    let failure = match try_start::<A>(start_information) {
        Ok(never) => match never {},
        Err(failure) => failure,
    };
    write_line(format_args!("isopod: stopped: {failure}"));
    power::off(Exit::Configuration)
}

/// Why a machine can't serve.
pub(crate) enum Failure {
    Boot(BootError),
    Memory,
    Clock,
    Window(WindowError),
    Interrupt(NoLine),
    Entropy,
    NoNetwork,
    MissingLink(MissingLink),
    Device(TransportError),
    NoArchive,
    Configuration(Unusable),
}

/// Nothing that this returns is a success: a machine that serves does not come back.
enum Never {}

fn try_start<A: Appliance + Configure>(start_information: u64) -> Result<Never, Failure> {
    let Sealed { archive, devices, clock, timer, reports } = Sealed::new(start_information)?;
    let Sorted { cards, sources, operator } = sort(devices)?;
    let entropy = Entropy::start(sources.into_iter(), &clock).map_err(|_| Failure::Entropy)?;
    let appliance = A::configure(&archive).map_err(Failure::Configuration)?;
    let network: Network = archive.value(Archive::NETWORK).map_err(Failure::Configuration)?;
    let has_streams =
        appliance.listeners().iter().any(|listener| matches!(listener, Listener::Stream { .. }));
    let (links, interfaces) = start_links(cards, &network, has_streams)?;
    let budget = if has_streams { shares::budget(heap::left()) } else { Budget::NONE };
    let mut machine = Machine::new(links, clock, entropy, timer, operator, reports);
    let netstack = Netstack::new(&mut machine, &interfaces, appliance.listeners(), budget);
    let left = heap::seal();
    machine.announce(left);
    netstack::serve(machine, netstack, appliance)
}

/// A machine that is sealed, before anything is done with its devices.
pub(crate) struct Sealed {
    pub(crate) archive: Archive,
    pub(crate) devices: Devices,
    pub(crate) clock: Clock,
    pub(crate) timer: Timer,
    /// Whether it is to say how long frames take.
    reports: bool,
}

impl Sealed {
    /// Takes the machine from the loader and seals it.
    pub(crate) fn new(start_information: u64) -> Result<Self, Failure> {
        let information =
            BootInformation::parse(start_information, &physical::left_by_loader).map_err(Failure::Boot)?;
        let mut claims = Claims::new(&information).ok_or(Failure::Memory)?;
        let clock = Clock::start().map_err(|_| Failure::Clock)?;
        let tables = Tables::find(information.root_pointer, &claims.firmware()).unwrap_or_default();
        tables.power_off.into_iter().for_each(power::prepare);
        let [local, io] =
            [interrupts::LOCAL_APIC, interrupts::IO_APIC].map(|address| claims.controller(address));
        let (timer, message) =
            interrupts::start(local, io, information.windows(), &clock).map_err(Failure::Interrupt)?;
        let devices = Devices::claim(&information, &tables, message, &mut claims).map_err(Failure::Window)?;
        let reports = information.option("isopod.report").is_some();
        let archive = claims.seal().map_err(|_| Failure::Memory)?.ok_or(Failure::NoArchive)?;
        let archive = Archive::new(Bytes::from_static(archive)).map_err(Failure::Configuration)?;
        Ok(Self { archive, devices, clock, timer, reports })
    }
}

/// Starts the links that the configuration means, each with what it is told. The device of any other has no buffers, and whatever
/// comes there costs nothing; nor does it matter whether it could be driven.
fn start_links(
    cards: Vec<Result<Transport, TransportError>>,
    network: &Network,
    has_streams: bool,
) -> Result<(Vec<NetworkLink>, Vec<Interface>), Failure> {
    let (mut usable, mut addresses, mut unusable) = (Vec::new(), Vec::new(), None);
    for card in cards {
        match card.and_then(|mut card| Ok((network::address_of(&mut card)?, card))) {
            Ok((address, card)) => {
                addresses.push(address);
                usable.push(card);
            }
            Err(error) => {
                unusable.get_or_insert(error);
            }
        }
    }
    let assigned = interfaces::assign(network, &addresses);
    // Where a link is missing, a card that can't be driven is why.
    let assigned =
        assigned.map_err(|missing| unusable.map_or(Failure::MissingLink(missing), Failure::Device))?;
    let purpose = match has_streams {
        true => shares::of_link(heap::left() / network.interfaces.len().max(1)),
        false => Purpose::Datagrams,
    };
    let (mut links, mut interfaces) = (Vec::new(), Vec::new());
    for ((card, address), told) in usable.into_iter().zip(addresses).zip(assigned) {
        match told {
            Some(told) => {
                links.push(NetworkLink::new(card, purpose).map_err(Failure::Device)?);
                interfaces.push(interface(told));
            }
            None => write_line(format_args!("isopod: link {address} is not configured, and stays silent")),
        }
    }
    Ok((links, interfaces))
}

fn interface(told: &configuration::Interface) -> Interface {
    let addresses = told.addresses.iter();
    Interface {
        addresses: addresses
            .map(|prefix| Prefix { address: prefix.address, length: prefix.length })
            .collect(),
        gateways: told.gateways.clone(),
        dhcp: told.dhcp,
        slaac: told.slaac,
    }
}

/// The devices that this machine has drivers for.
#[derive(Default)]
struct Sorted {
    /// Network cards, which the configuration has addresses for.
    cards: Vec<Result<Transport, TransportError>>,
    /// Sources of entropy, whose driver needs them once.
    sources: Vec<Transport>,
    operator: Option<OperatorLine>,
}

fn sort(devices: Devices) -> Result<Sorted, Failure> {
    let mut sorted = Sorted::default();
    for Found { device, transport } in devices.all() {
        match device {
            Device::Network => sorted.cards.push(transport),
            Device::Console if sorted.operator.is_none() => sorted.operator = start_operator_line(transport),
            Device::Entropy => sorted.sources.extend(transport.ok()),
            #[cfg(feature = "trials")]
            Device::Volume => {}
            Device::Console | Device::Other(_) => {}
        }
    }
    if sorted.cards.is_empty() { Err(Failure::NoNetwork) } else { Ok(sorted) }
}

/// A console that can't be driven is none: a machine serves without, too.
fn start_operator_line(transport: Result<Transport, TransportError>) -> Option<OperatorLine> {
    let line = transport.and_then(OperatorLine::new);
    if line.is_err() {
        write_line(format_args!("isopod: the console device lacks what its driver needs, and is left alone"));
    }
    line.ok()
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Boot(BootError::NoStartInformation) => "the loader left no PVH start information",
            Self::Boot(BootError::NoMemoryMap) => "the loader left no memory map",
            Self::Memory => "there is too little memory",
            Self::Window(WindowError::Taken) => "a device's registers lie in memory or in another device's place",
            Self::Window(WindowError::TooMany) => "there are too many devices",
            Self::Interrupt(NoLine(line)) => {
                return write!(
                    formatter,
                    "a device's interrupt line {line} leads nowhere: the I/O APIC has no such line"
                );
            }
            Self::Clock => "there is no clock: neither kvmclock nor an 8254 timer",
            Self::Entropy => {
                "there is no source of randomness: neither RDRAND nor a virtio entropy device that answers"
            }
            Self::NoNetwork => {
                "there is no network device: neither behind a virtio_mmio.device= window nor on PCI"
            }
            Self::MissingLink(missing) => return missing.fmt(formatter),
            Self::Device(TransportError::Legacy) => "the network device is of before virtio 1.0",
            Self::Device(TransportError::Features) => {
                "the network device lacks features that its driver needs"
            }
            Self::Device(TransportError::Queue) => "the network device lacks queues that its driver needs",
            Self::Device(TransportError::MaximumTransmissionUnit) => {
                "the network device carries larger packets than there are buffers for"
            }
            Self::Device(TransportError::Messages) => "the network device sends no messages (MSI-X)",
            Self::Device(TransportError::Unassigned) => "nobody gave the network device addresses on PCI",
            Self::Device(TransportError::Malformed) => "the network device's registers are not where it says",
            Self::Device(TransportError::Exposed) => {
                "the network device's table of messages shares a page with its registers, so that it can't be sealed"
            }
            Self::Device(TransportError::Reset) => "the network device does not come back from a reset",
            Self::NoArchive => "there is no configuration: neither a module nor an archive in the image",
            Self::Configuration(unusable) => return unusable.fmt(formatter),
        })
    }
}
