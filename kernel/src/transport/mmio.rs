//! virtio over memory-mapped registers (virtio 1.2 §4.2), version 2.

use super::{Bus, Device, TransportError, low_half};
use crate::hardware::registers::Registers;
use crate::queue::QueueAddresses;

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

/// A device's registers.
#[derive(Debug)]
pub(crate) struct Mmio {
    registers: Registers,
}

impl Mmio {
    /// Looks at a window; `None` if there is no virtio device behind it.
    pub(super) fn probe(registers: Registers) -> Option<(Self, Device)> {
        const MAGIC: u32 = u32::from_le_bytes(*b"virt");
        if registers.read(register::MAGIC) != MAGIC {
            return None;
        }
        match registers.read(register::DEVICE) {
            0 => None,
            number => Some((Self { registers }, Device::of_number(number))),
        }
    }

    #[cfg(test)]
    pub(super) fn over(registers: Registers) -> Self {
        Self { registers }
    }

    /// Rings a queue's doorbell.
    #[inline]
    pub(super) fn notify(&mut self, queue: u32) {
        self.registers.write(register::QUEUE_NOTIFY, queue);
    }

    /// Says that its interrupts were noticed, so that it may raise the next.
    #[inline]
    pub(super) fn acknowledge_interrupts(&mut self) {
        self.registers.write(register::INTERRUPT_ACKNOWLEDGE, 3);
    }
}

impl Bus for Mmio {
    fn is_modern(&self) -> bool {
        self.registers.read(register::VERSION) == 2
    }

    fn status(&self) -> u8 {
        let [status, ..] = self.registers.read(register::STATUS).to_le_bytes();
        status
    }

    fn set_status(&mut self, status: u8) {
        self.registers.write(register::STATUS, status.into());
    }

    fn offered(&mut self, half: u32) -> u32 {
        self.registers.write(register::DEVICE_FEATURES_SELECT, half);
        self.registers.read(register::DEVICE_FEATURES)
    }

    fn accept(&mut self, half: u32, features: u32) {
        self.registers.write(register::DRIVER_FEATURES_SELECT, half);
        self.registers.write(register::DRIVER_FEATURES, features);
    }

    fn queue_size(&mut self, number: u32) -> u32 {
        self.registers.write(register::QUEUE_SELECT, number);
        self.registers.read(register::QUEUE_SIZE_MAXIMUM)
    }

    fn is_queue_in_use(&self) -> bool {
        self.registers.read(register::QUEUE_READY) != 0
    }

    fn set_queue(&mut self, _: u32, size: u16, addresses: QueueAddresses) -> Result<(), TransportError> {
        self.registers.write(register::QUEUE_SIZE, size.into());
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

    fn generation(&self) -> u32 {
        self.registers.read(register::CONFIGURATION_GENERATION)
    }

    fn configuration(&self, offset: usize) -> u32 {
        self.registers.read(register::CONFIGURATION + offset)
    }
}
