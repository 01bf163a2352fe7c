//! virtio over PCI (virtio 1.2 §4.1), with messages for interrupts: what is left to reach of a function once the machine is
//! sealed.

use super::{Bus, TransportError, low_half};
use crate::hardware::registers::Registers;
use crate::queue::QueueAddresses;

/// The common configuration (virtio 1.2 §4.1.4.3).
mod register {
    pub(super) const DEVICE_FEATURES_SELECT: usize = 0x00;
    pub(super) const DEVICE_FEATURES: usize = 0x04;
    pub(super) const DRIVER_FEATURES_SELECT: usize = 0x08;
    pub(super) const DRIVER_FEATURES: usize = 0x0c;
    pub(super) const CONFIGURATION_MESSAGE: usize = 0x10;
    pub(super) const STATUS: usize = 0x14;
    pub(super) const CONFIGURATION_GENERATION: usize = 0x15;
    pub(super) const QUEUE_SELECT: usize = 0x16;
    pub(super) const QUEUE_SIZE: usize = 0x18;
    pub(super) const QUEUE_MESSAGE: usize = 0x1a;
    pub(super) const QUEUE_ENABLE: usize = 0x1c;
    pub(super) const QUEUE_NOTIFY_OFFSET: usize = 0x1e;
    pub(super) const QUEUE_DESCRIPTORS: usize = 0x20;
    pub(super) const QUEUE_AVAILABLE: usize = 0x28;
    pub(super) const QUEUE_USED: usize = 0x30;
}

/// The number of the one message that every queue sends, and what a device says that has no room for it (§4.1.5.1.2).
pub(crate) const MESSAGE: u16 = 0;
const NO_MESSAGE: u16 = 0xffff;

/// The queues of a device that drivers here use: they have numbers below this.
const QUEUES: usize = 8;

/// A function's registers.
#[derive(Debug)]
pub(crate) struct Pci {
    common: Registers,
    notify: Registers,
    notify_multiplier: u32,
    /// The device's own, if it has any.
    configuration: Option<Registers>,
    /// Where each queue's doorbell is.
    doorbells: [usize; QUEUES],
}

impl Pci {
    /// From its parts.
    pub(crate) fn new(
        common: Registers,
        notify: Registers,
        notify_multiplier: u32,
        configuration: Option<Registers>,
    ) -> Self {
        Self { common, notify, notify_multiplier, configuration, doorbells: [0; QUEUES] }
    }

    /// Rings a queue's doorbell.
    #[inline]
    pub(super) fn notify(&mut self, queue: u32) {
        if let Some(&doorbell) = self.doorbells.get(queue as usize) {
            // Without VIRTIO_F_NOTIFICATION_DATA, its number (§4.1.5.2).
            self.notify.write_half(doorbell, queue as u16);
        }
    }

    fn select(&mut self, number: u32) {
        self.common.write_half(register::QUEUE_SELECT, u16::try_from(number).unwrap_or(u16::MAX));
    }

    /// Where the doorbell of the selected queue is (§4.1.4.4); `None` if that is not where doorbells are.
    fn doorbell(&self) -> Option<usize> {
        let number = usize::from(self.common.read_half(register::QUEUE_NOTIFY_OFFSET));
        let doorbell = number.checked_mul(usize::try_from(self.notify_multiplier).ok()?)?;
        (doorbell.checked_add(2)? <= self.notify.length()).then_some(doorbell)
    }
}

impl Bus for Pci {
    /// Others were passed over when parts were looked for.
    fn is_modern(&self) -> bool {
        true
    }

    fn status(&self) -> u8 {
        self.common.read_octet(register::STATUS)
    }

    fn set_status(&mut self, status: u8) {
        self.common.write_octet(register::STATUS, status);
    }

    fn offered(&mut self, half: u32) -> u32 {
        self.common.write(register::DEVICE_FEATURES_SELECT, half);
        self.common.read(register::DEVICE_FEATURES)
    }

    fn accept(&mut self, half: u32, features: u32) {
        self.common.write(register::DRIVER_FEATURES_SELECT, half);
        self.common.write(register::DRIVER_FEATURES, features);
    }

    fn queue_size(&mut self, number: u32) -> u32 {
        self.select(number);
        self.common.read_half(register::QUEUE_SIZE).into()
    }

    fn is_queue_in_use(&self) -> bool {
        self.common.read_half(register::QUEUE_ENABLE) != 0
    }

    fn set_queue(&mut self, number: u32, size: u16, addresses: QueueAddresses) -> Result<(), TransportError> {
        let place = usize::try_from(number).ok().and_then(|number| self.doorbells.get(number));
        let (Some(_), Some(doorbell)) = (place, self.doorbell()) else { return Err(TransportError::Queue) };
        self.doorbells[number as usize] = doorbell;
        self.common.write_half(register::QUEUE_SIZE, size);
        // Nothing here waits for changes of the configuration.
        self.common.write_half(register::CONFIGURATION_MESSAGE, NO_MESSAGE);
        self.common.write_half(register::QUEUE_MESSAGE, MESSAGE);
        if self.common.read_half(register::QUEUE_MESSAGE) != MESSAGE {
            return Err(TransportError::Messages);
        }
        for (register, address) in [
            (register::QUEUE_DESCRIPTORS, addresses.descriptors),
            (register::QUEUE_AVAILABLE, addresses.available),
            (register::QUEUE_USED, addresses.used),
        ] {
            self.common.write(register, low_half(address));
            self.common.write(register + 4, low_half(address >> 32));
        }
        self.common.write_half(register::QUEUE_ENABLE, 1);
        Ok(())
    }

    fn generation(&self) -> u32 {
        self.common.read_octet(register::CONFIGURATION_GENERATION).into()
    }

    /// Zero where the device has none.
    fn configuration(&self, offset: usize) -> u32 {
        let registers =
            self.configuration.as_ref().filter(|registers| offset.saturating_add(4) <= registers.length());
        registers.map_or(0, |registers| registers.read(offset))
    }
}

#[cfg(test)]
mod tests;
