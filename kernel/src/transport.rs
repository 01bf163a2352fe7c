//! How a device and its driver come to terms (virtio 1.2 §3.1), over either of two buses.

pub(crate) mod mmio;
pub(crate) mod pci;

use crate::hardware::registers::Registers;
use crate::pci::LayoutError;
use crate::queue::{Queue, QueueAddresses};
use mmio::Mmio;
use pci::Pci;

/// Device status bits (virtio 1.2 §2.1).
mod status {
    pub(super) const ACKNOWLEDGE: u8 = 1;
    pub(super) const DRIVER: u8 = 2;
    pub(super) const DRIVER_OK: u8 = 4;
    pub(super) const FEATURES_OK: u8 = 8;
    pub(super) const FAILED: u8 = 128;
}

/// Features of every kind of device (virtio 1.2 §6): it is of version 1; it says at which index it wants to be told.
pub(crate) const VERSION_1: u64 = 1 << 32;
pub(crate) const EVENT_INDEX: u64 = 1 << 29;

/// What a device is (virtio 1.2 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Device {
    /// A network card.
    Network,
    /// A block device.
    #[cfg(feature = "trials")]
    Volume,
    /// A console.
    Console,
    /// A source of entropy.
    Entropy,
    /// Something that this machine has no driver for.
    Other(u32),
}

impl Device {
    /// By the number that the device gives.
    pub(crate) fn of_number(number: u32) -> Self {
        match number {
            1 => Self::Network,
            #[cfg(feature = "trials")]
            2 => Self::Volume,
            3 => Self::Console,
            4 => Self::Entropy,
            other => Self::Other(other),
        }
    }
}

/// A device, as its driver reaches it.
#[derive(Debug)]
pub(crate) enum Transport {
    /// By registers of its own in memory.
    Mmio(Mmio),
    /// As a function of PCI.
    Pci(Pci),
}

/// What each bus has its own registers for.
trait Bus {
    /// Whether it speaks virtio 1.0 or later.
    fn is_modern(&self) -> bool;
    fn status(&self) -> u8;
    fn set_status(&mut self, status: u8);
    /// The lower (0) or upper (1) half of the features that the device offers.
    fn offered(&mut self, half: u32) -> u32;
    /// Says which of them are used.
    fn accept(&mut self, half: u32, features: u32);
    /// Selects a queue; its largest size.
    fn queue_size(&mut self, number: u32) -> u32;
    /// Whether the selected queue is used already.
    fn is_queue_in_use(&self) -> bool;
    /// Begins to use the selected queue.
    fn set_queue(&mut self, number: u32, size: u16, addresses: QueueAddresses) -> Result<(), TransportError>;
    /// A number that changes with the device's own configuration.
    fn generation(&self) -> u32;
    /// 32 bits of that.
    fn configuration(&self, offset: usize) -> u32;
}

/// Why a device can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransportError {
    /// It is a device of before virtio 1.0, or QEMU was not told to leave that behind.
    Legacy,
    /// It does not offer what its driver needs, or takes back what it offered.
    Features,
    /// A queue that the driver needs is missing or in use.
    Queue,
    /// It carries packets for which there are no buffers.
    MaximumTransmissionUnit,
    /// It sends no messages (MSI-X), or has none left.
    Messages,
    /// Nobody gave it addresses.
    Unassigned,
    /// Its registers are not where it says.
    Malformed,
    /// Its messages could be changed by who may reach its registers: they share a page.
    Exposed,
    /// It does not come back from a reset.
    Reset,
}

impl From<LayoutError> for TransportError {
    fn from(error: LayoutError) -> Self {
        match error {
            LayoutError::Legacy => Self::Legacy,
            LayoutError::NoMessages => Self::Messages,
            LayoutError::Unassigned => Self::Unassigned,
            LayoutError::Malformed => Self::Malformed,
            LayoutError::Exposed => Self::Exposed,
        }
    }
}

impl Transport {
    /// Over registers that no device watches: for tests.
    #[cfg(test)]
    pub(crate) fn over(registers: Registers) -> Self {
        Self::Mmio(Mmio::over(registers))
    }

    /// Looks at a window; `None` if there is no virtio device behind it.
    pub(crate) fn probe(registers: Registers) -> Option<(Self, Device)> {
        Mmio::probe(registers).map(|(mmio, device)| (Self::Mmio(mmio), device))
    }

    /// Resets the device and asks what it offers.
    pub(crate) fn begin(&mut self) -> Result<u64, TransportError> {
        reset(self.bus())?;
        self.add_status(status::ACKNOWLEDGE);
        self.add_status(status::DRIVER);
        let [low, high] = [0, 1].map(|half| u64::from(self.bus().offered(half)));
        Ok(low | (high << 32))
    }

    /// Agrees on features: of those `offered`, the `required` ones, which have to be there, and the `optional` ones that are.
    pub(crate) fn agree(&mut self, offered: u64, required: u64, optional: u64) -> Result<(), TransportError> {
        let agreed = offered & (required | optional);
        if agreed & required != required {
            self.add_status(status::FAILED);
            return Err(TransportError::Features);
        }
        for (half, features) in [(0, low_half(agreed)), (1, low_half(agreed >> 32))] {
            self.bus().accept(half, features);
        }
        self.add_status(status::FEATURES_OK);
        if self.bus().status() & status::FEATURES_OK == 0 {
            self.add_status(status::FAILED);
            return Err(TransportError::Features);
        }
        Ok(())
    }

    /// The largest size of a queue; zero if there is none.
    pub(crate) fn queue_size(&mut self, number: u32) -> u32 {
        self.bus().queue_size(number)
    }

    /// Shows the device where a queue lies.
    pub(crate) fn set_queue(&mut self, number: u32, queue: &Queue) -> Result<(), TransportError> {
        let maximum = self.queue_size(number);
        let set = if maximum < u32::from(queue.size()) || self.bus().is_queue_in_use() {
            Err(TransportError::Queue)
        } else {
            self.bus().set_queue(number, queue.size(), queue.addresses())
        };
        set.inspect_err(|_| self.add_status(status::FAILED))
    }

    /// Reads 32 bits of the device's own configuration, at an offset that 4 divides, until they hold still.
    pub(crate) fn configuration(&self, offset: usize) -> u32 {
        /// A device that changes its mind without end is left with what it said last.
        const TRIES: usize = 8;
        let bus: &dyn Bus = match self {
            Self::Mmio(mmio) => mmio,
            Self::Pci(pci) => pci,
        };
        let mut value = 0;
        for _ in 0..TRIES {
            let before = bus.generation();
            value = bus.configuration(offset);
            if bus.generation() == before {
                break;
            }
        }
        value
    }

    /// Lets the device begin.
    pub(crate) fn start(&mut self) {
        self.add_status(status::DRIVER_OK);
    }

    /// Rings a queue's doorbell.
    #[inline]
    pub(crate) fn notify(&mut self, queue: u32) {
        match self {
            Self::Mmio(mmio) => mmio.notify(queue),
            Self::Pci(pci) => pci.notify(queue),
        }
    }

    /// Says that its interrupts were noticed, so that it may raise the next; messages need no such word.
    pub(crate) fn acknowledge_interrupts(&mut self) {
        match self {
            Self::Mmio(mmio) => mmio.acknowledge_interrupts(),
            Self::Pci(_) => {}
        }
    }

    fn add_status(&mut self, bit: u8) {
        let bus = self.bus();
        let status = bus.status();
        bus.set_status(status | bit);
    }

    fn bus(&mut self) -> &mut dyn Bus {
        match self {
            Self::Mmio(mmio) => mmio,
            Self::Pci(pci) => pci,
        }
    }
}

fn reset(bus: &mut dyn Bus) -> Result<(), TransportError> {
    /// A device that takes longer hangs; QEMU's have done so at once.
    const PATIENCE: usize = 10_000;
    if !bus.is_modern() {
        return Err(TransportError::Legacy);
    }
    bus.set_status(0);
    if (0..PATIENCE).any(|_| bus.status() == 0) { Ok(()) } else { Err(TransportError::Reset) }
}

fn low_half(value: u64) -> u32 {
    let [a, b, c, d, ..] = value.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}
