//! Base address registers (PCI 3.0 §6.2.5.1): where a function's registers lie in memory, and how many there are.

use super::{Configuration, Function, command, register};
use core::ops::Range;

/// One that holds an address in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    function: Function,
    register: u16,
    is_long: bool,
    /// Where the registers begin; zero: nobody said.
    pub address: u64,
}

/// What the low bits of a register say, and the bits themselves.
const PORTS: u32 = 1;
const WIDTH: u32 = 0b110;
const LONG: u32 = 0b100;
const SHORT: u32 = 0b000;
const FLAGS: u32 = 0b1111;

/// How many an endpoint has, and the last one's number.
const COUNT: usize = 6;
const LAST: u8 = 5;

impl Bar {
    /// Those of an endpoint, with their numbers; ones for ports, and of types that there are none of, are passed over.
    pub(super) fn all(space: &impl Configuration, function: Function) -> heapless::Vec<(u8, Self), COUNT> {
        let mut bars = heapless::Vec::new();
        let mut numbers = 0..=LAST;
        while let Some(number) = numbers.next() {
            let register = register::BARS + 4 * u16::from(number);
            let low = space.read(function, register);
            let is_long = low & (PORTS | WIDTH) == LONG && number < LAST;
            let high = if is_long { space.read(function, register + 4) } else { 0 };
            if is_long {
                numbers.next();
            }
            if is_long || low & (PORTS | WIDTH) == SHORT {
                let address = (u64::from(high) << 32) | u64::from(low & !FLAGS);
                let bar = Self { function, register, is_long, address };
                bars.push((number, bar)).expect("no more than there are numbers");
            }
        }
        bars
    }

    /// How many octets it takes, found by writing ones; `None` if it is not there or makes no sense. Meanwhile the function
    /// does not answer at its addresses.
    pub(super) fn size(self, space: &mut impl Configuration) -> Option<u64> {
        let before = space.read(self.function, register::COMMAND) & command::KEPT;
        if before & command::MEMORY != 0 {
            space.write(self.function, register::COMMAND, before & !command::MEMORY);
        }
        let flags = u64::from(space.read(self.function, self.register) & FLAGS);
        self.write(space, u64::MAX);
        let low = u64::from(space.read(self.function, self.register) & !FLAGS);
        let high = if self.is_long { space.read(self.function, self.register + 4) } else { u32::MAX };
        self.write(space, self.address | flags);
        if before & command::MEMORY != 0 {
            space.write(self.function, register::COMMAND, before);
        }
        let size = ((u64::from(high) << 32) | low).wrapping_neg();
        // A short one that is not there reads as zero; a long one makes a size of zero then.
        let is_there = self.is_long || low != 0;
        (is_there && size.is_power_of_two()).then_some(size)
    }

    /// Puts the registers at an address.
    pub(super) fn assign(&mut self, space: &mut impl Configuration, address: u64) {
        self.address = address;
        self.write(space, address);
    }

    /// The memory that it takes, if somebody said where.
    pub(super) fn range(self, space: &mut impl Configuration) -> Option<Range<u64>> {
        if self.address == 0 {
            return None;
        }
        let end = self.address.checked_add(self.size(space)?)?;
        Some(self.address..end)
    }

    fn write(self, space: &mut impl Configuration, value: u64) {
        let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
        space.write(self.function, self.register, u32::from_le_bytes([a, b, c, d]));
        if self.is_long {
            space.write(self.function, self.register + 4, u32::from_le_bytes([e, f, g, h]));
        }
    }
}
