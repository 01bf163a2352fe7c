//! virtio over memory-mapped registers (virtio 1.2 §4.2), version 2: how a device and its driver come to terms.

use crate::hardware::registers::Registers;
use crate::queue::Queue;

mod register {
    pub(super) const MAGIC: usize = 0x000;
    pub(super) const VERSION: usize = 0x004;
    pub(super) const DEVICE: usize = 0x008;
    pub(super) const DEVICE_FEATURES: usize = 0x010;
    pub(super) const DEVICE_FEATURES_SELECT: usize = 0x014;
    pub(super) const DRIVER_FEATURES: usize = 0x020;
    pub(super) const DRIVER_FEATURES_SELECT: usize = 0x024;
    pub(super) const QUEUE_SELECT: usize = 0x030;
    pub(super) const QUEUE_SIZE_MAXIMUM: usize = 0x034;
    pub(super) const QUEUE_SIZE: usize = 0x038;
    pub(super) const QUEUE_READY: usize = 0x044;
    pub(super) const QUEUE_NOTIFY: usize = 0x050;
    pub(super) const INTERRUPT_ACKNOWLEDGE: usize = 0x064;
    pub(super) const STATUS: usize = 0x070;
    pub(super) const QUEUE_DESCRIPTORS: usize = 0x080;
    pub(super) const QUEUE_AVAILABLE: usize = 0x090;
    pub(super) const QUEUE_USED: usize = 0x0a0;
    pub(super) const CONFIGURATION_GENERATION: usize = 0x0fc;
    pub(super) const CONFIGURATION: usize = 0x100;
}

/// Device status bits (virtio 1.2 §2.1).
mod status {
    pub(super) const ACKNOWLEDGE: u32 = 1;
    pub(super) const DRIVER: u32 = 2;
    pub(super) const DRIVER_OK: u32 = 4;
    pub(super) const FEATURES_OK: u32 = 8;
    pub(super) const FAILED: u32 = 128;
}

/// Features of every kind of device (virtio 1.2 §6): it is of version 1; it says at which index it wants to be told.
pub(crate) const VERSION_1: u64 = 1 << 32;
pub(crate) const EVENT_INDEX: u64 = 1 << 29;

/// What a device is (virtio 1.2 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Device {
    /// A network card.
    Network,
    /// A source of entropy.
    Entropy,
    /// Something that this machine has no driver for.
    Other(u32),
}

/// A device's registers, before its driver is ready.
#[derive(Debug)]
pub(crate) struct Transport {
    registers: Registers,
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
}

impl Transport {
    /// Over registers that no device watches: for tests.
    #[cfg(test)]
    pub(crate) fn over(registers: Registers) -> Self {
        Self { registers }
    }

    /// Looks at a window; `None` if there is no virtio device behind it.
    pub(crate) fn probe(registers: Registers) -> Option<(Self, Device)> {
        const MAGIC: u32 = u32::from_le_bytes(*b"virt");
        if registers.read(register::MAGIC) != MAGIC {
            return None;
        }
        let device = match registers.read(register::DEVICE) {
            0 => return None,
            1 => Device::Network,
            4 => Device::Entropy,
            other => Device::Other(other),
        };
        Some((Self { registers }, device))
    }

    /// Resets the device and asks what it offers.
    pub(crate) fn begin(&mut self) -> Result<u64, TransportError> {
        if self.registers.read(register::VERSION) != 2 {
            return Err(TransportError::Legacy);
        }
        self.registers.write(register::STATUS, 0);
        self.add_status(status::ACKNOWLEDGE);
        self.add_status(status::DRIVER);
        let [low, high] = [0, 1].map(|select| {
            self.registers.write(register::DEVICE_FEATURES_SELECT, select);
            u64::from(self.registers.read(register::DEVICE_FEATURES))
        });
        Ok(low | (high << 32))
    }

    /// Agrees on features: of those `offered`, the `required` ones, which have to be there, and the `optional` ones that are.
    pub(crate) fn agree(&mut self, offered: u64, required: u64, optional: u64) -> Result<(), TransportError> {
        let agreed = offered & (required | optional);
        if agreed & required != required {
            self.add_status(status::FAILED);
            return Err(TransportError::Features);
        }
        for (select, half) in [(0, low_half(agreed)), (1, low_half(agreed >> 32))] {
            self.registers.write(register::DRIVER_FEATURES_SELECT, select);
            self.registers.write(register::DRIVER_FEATURES, half);
        }
        self.add_status(status::FEATURES_OK);
        if self.registers.read(register::STATUS) & status::FEATURES_OK == 0 {
            self.add_status(status::FAILED);
            return Err(TransportError::Features);
        }
        Ok(())
    }

    /// The largest size of a queue; zero if there is none.
    pub(crate) fn queue_size(&mut self, number: u32) -> u32 {
        self.registers.write(register::QUEUE_SELECT, number);
        self.registers.read(register::QUEUE_SIZE_MAXIMUM)
    }

    /// Shows the device where a queue lies.
    pub(crate) fn set_queue(&mut self, number: u32, queue: &Queue) -> Result<(), TransportError> {
        let maximum = self.queue_size(number);
        if maximum < u32::from(queue.size()) || self.registers.read(register::QUEUE_READY) != 0 {
            self.add_status(status::FAILED);
            return Err(TransportError::Queue);
        }
        self.registers.write(register::QUEUE_SIZE, u32::from(queue.size()));
        let addresses = queue.addresses();
        for (register, address) in [
            (register::QUEUE_DESCRIPTORS, addresses.descriptors),
            (register::QUEUE_AVAILABLE, addresses.available),
            (register::QUEUE_USED, addresses.used),
        ] {
            self.registers.write(register, low_half(address));
            self.registers.write(register + 4, low_half(address >> 32));
        }
        self.registers.write(register::QUEUE_READY, 1);
        Ok(())
    }

    /// Reads 32 bits of the device's own configuration, at an offset that 4 divides, until they hold still.
    pub(crate) fn configuration(&self, offset: usize) -> u32 {
        /// A device that changes its mind without end is left with what it said last.
        const TRIES: usize = 8;
        let mut value = 0;
        for _ in 0..TRIES {
            let before = self.registers.read(register::CONFIGURATION_GENERATION);
            value = self.registers.read(register::CONFIGURATION + offset);
            if self.registers.read(register::CONFIGURATION_GENERATION) == before {
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
        self.registers.write(register::QUEUE_NOTIFY, queue);
    }

    /// Says that its interrupts were noticed, so that it may raise the next.
    pub(crate) fn acknowledge_interrupts(&mut self) {
        self.registers.write(register::INTERRUPT_ACKNOWLEDGE, 3);
    }

    fn add_status(&mut self, bit: u32) {
        let status = self.registers.read(register::STATUS);
        self.registers.write(register::STATUS, status | bit);
    }
}

fn low_half(value: u64) -> u32 {
    let [a, b, c, d, ..] = value.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}
