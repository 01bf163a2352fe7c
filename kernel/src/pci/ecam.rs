//! Configuration space in memory (PCI Express Base 5.0 §7.2.2).

use super::{Configuration, Function};
use crate::hardware::registers::Registers;

/// The configuration space of a range of buses.
#[derive(Debug)]
pub(crate) struct Ecam {
    registers: Registers,
    first_bus: u8,
    last_bus: u8,
}

impl Ecam {
    /// Over registers that begin with those of `first_bus`.
    pub(crate) fn new(registers: Registers, first_bus: u8, last_bus: u8) -> Self {
        Self { registers, first_bus, last_bus }
    }

    fn offset(&self, function: Function, register: u16) -> Option<usize> {
        let Function { bus, device, number } = function;
        let is_there = (self.first_bus..=self.last_bus).contains(&bus) && device < 32 && number < 8;
        let bus = usize::from(bus.checked_sub(self.first_bus)?);
        let function = (bus << 8) | (usize::from(device) << 3) | usize::from(number);
        is_there.then_some((function << 12) | usize::from(register & 0xffc))
    }
}

impl Configuration for Ecam {
    fn read(&self, function: Function, register: u16) -> u32 {
        self.offset(function, register).map_or(u32::MAX, |offset| self.registers.read(offset))
    }

    fn write(&mut self, function: Function, register: u16, value: u32) {
        if let Some(offset) = self.offset(function, register) {
            self.registers.write(offset, value);
        }
    }
}
