//! Which devices there are, on both buses: found and claimed before the machine is sealed, begun after.

use crate::acpi::Tables;
use crate::boot_information::BootInformation;
use crate::hardware::claims::{Claims, WINDOWS, WindowError};
use crate::hardware::registers::Registers;
use crate::interrupts::Message;
use crate::pci::{self, Ecam, FUNCTIONS, Parts, Virtio};
use crate::transport::pci::{MESSAGE, Pci};
use crate::transport::{Device, Transport, TransportError};
use heapless::Vec;

/// A device, and how it is reached, if it can be used.
pub(crate) struct Found {
    pub(crate) device: Device,
    pub(crate) transport: Result<Transport, TransportError>,
}

/// What was claimed before sealing.
pub(crate) struct Devices {
    windows: Vec<Registers, WINDOWS>,
    functions: Vec<Found, FUNCTIONS>,
}

impl Devices {
    /// Claims every window that the command line announces, and the registers of every virtio function.
    pub(crate) fn claim(
        information: &BootInformation<'_>,
        tables: &Tables,
        message: Message,
        claims: &mut Claims,
    ) -> Result<Self, WindowError> {
        let windows = information.windows().map(|window| window.address..window.address + window.length);
        let windows = windows.map(|range| claims.device(&range)).collect::<Result<_, _>>()?;
        let mut functions = Vec::new();
        if let Some(space) = tables.configuration_space {
            let registers = claims.until_sealed(&space.range())?;
            let mut ecam = Ecam::new(registers, space.first_bus, space.last_bus);
            let window = tables.window.clone().unwrap_or_default();
            for virtio in pci::survey(&mut ecam, space.first_bus..=space.last_bus, window) {
                let device = Device::of_number(virtio.device);
                if matches!(device, Device::Other(_)) {
                    continue;
                }
                let transport = claim_function(&mut ecam, virtio, message, claims)?;
                let _ = functions.push(Found { device, transport });
            }
        }
        Ok(Self { windows, functions })
    }

    /// All of them, once the machine is sealed.
    pub(crate) fn all(self) -> impl Iterator<Item = Found> {
        let windows = self.windows.into_iter().filter_map(Transport::probe);
        let windows = windows.map(|(transport, device)| Found { device, transport: Ok(transport) });
        windows.chain(self.functions)
    }
}

/// Claims what a function's driver needs and what nobody may reach, and says which message it sends.
fn claim_function(
    ecam: &mut Ecam,
    virtio: Virtio,
    message: Message,
    claims: &mut Claims,
) -> Result<Result<Transport, TransportError>, WindowError> {
    let parts = match virtio.parts {
        Ok(parts) => parts,
        Err(error) => return Ok(Err(error.into())),
    };
    virtio.function.enable(ecam);
    let mut table = claims.until_sealed(&parts.table)?;
    set_message(&mut table, message);
    parts.enable_messages(ecam, virtio.function);
    let Parts { common, notify, notify_multiplier, configuration, .. } = parts;
    let configuration = if configuration.is_empty() { None } else { Some(claims.device(&configuration)?) };
    let pci = Pci::new(claims.device(&common)?, claims.device(&notify)?, notify_multiplier, configuration);
    Ok(Ok(Transport::Pci(pci)))
}

/// Fills an entry of a table of messages (PCI 3.0 §6.8.2).
fn set_message(table: &mut Registers, message: Message) {
    const ENTRY: usize = 16;
    let entry = usize::from(MESSAGE) * ENTRY;
    let unmasked = 0;
    for (offset, value) in [(0, message.address), (4, 0), (8, message.data), (12, unmasked)] {
        table.write(entry + offset, value);
    }
}
