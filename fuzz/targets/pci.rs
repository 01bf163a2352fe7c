//! Configuration space → virtio functions and their parts. The input is pages of 256 octets, a function each; what may be written
//! of a function's base address registers is in the last of its octets.

#![no_main]

use kernel::pci::{Configuration, FUNCTIONS, Function, survey};
use libfuzzer_sys::fuzz_target;
use std::cell::Cell;

const PAGE: usize = 256;
const MASKS: usize = 232;

struct Machine {
    written: Vec<u8>,
    input: Vec<u8>,
    accesses: Cell<usize>,
}

impl Machine {
    /// Four devices a bus.
    fn place(&self, function: Function, register: u16) -> Option<usize> {
        self.accesses.set(self.accesses.get() + 1);
        let page = usize::from(function.bus) * 4 + usize::from(function.device);
        let place = page * PAGE + usize::from(register);
        let is_there = function.device < 4 && function.number == 0 && usize::from(register) < PAGE;
        (is_there && place + 4 <= self.input.len()).then_some(place)
    }
}

fn word(octets: &[u8], place: usize) -> u32 {
    octets.get(place..).and_then(<[u8]>::first_chunk).map_or(0, |octets| u32::from_le_bytes(*octets))
}

impl Configuration for Machine {
    fn read(&self, function: Function, register: u16) -> u32 {
        self.place(function, register).map_or(u32::MAX, |place| word(&self.written, place))
    }

    fn write(&mut self, function: Function, register: u16, value: u32) {
        let Some(place) = self.place(function, register) else { return };
        let mask = match register {
            0x10..0x28 => word(&self.input, place - 0x10 + MASKS),
            _ => u32::MAX,
        };
        let value = (value & mask) | (word(&self.written, place) & !mask);
        self.written[place..place + 4].copy_from_slice(&value.to_le_bytes());
    }
}

fuzz_target!(|input: &[u8]| {
    let mut machine = Machine { written: input.to_vec(), input: input.to_vec(), accesses: Cell::new(0) };
    let found = survey(&mut machine, 0..=255, 0xc000_0000..0xe000_0000);
    assert!(found.len() <= FUNCTIONS);
    assert!(machine.accesses.get() < 4_000_000, "{} accesses", machine.accesses.get());
    for virtio in found {
        let Ok(parts) = virtio.parts else { continue };
        for withheld in parts.withheld() {
            for needed in parts.needed() {
                let is_apart = needed.end.div_ceil(4096) <= withheld.start / 4096
                    || withheld.end.div_ceil(4096) <= needed.start / 4096;
                assert!(is_apart, "{parts:x?}");
            }
        }
        parts.enable_messages(&mut machine, virtio.function);
    }
});
