//! PCI (PCI Local Bus Specification 3.0 §6, PCI Express Base 5.0 §7.5): which functions there are and where their registers lie.
//!
//! Pure code over [`Configuration`]: whatever a function says of itself is bounded before it is followed.

mod assignment;
mod bar;
mod bridge;
mod capability;
#[cfg(feature = "image")]
mod ecam;
mod survey;
mod virtio;

pub use bar::Bar;
#[cfg(feature = "image")]
pub(crate) use ecam::Ecam;
pub use survey::{FUNCTIONS, survey};
pub use virtio::{LayoutError, Parts, Virtio};

/// Where a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Function {
    /// Its bus.
    pub bus: u8,
    /// Its device: 0 to 31.
    pub device: u8,
    /// Its number in the device: 0 to 7.
    pub number: u8,
}

/// Configuration space: 32-bit registers of every function, all ones where there is none.
pub trait Configuration {
    /// Reads the register at an offset that 4 divides.
    fn read(&self, function: Function, register: u16) -> u32;
    /// Writes it.
    fn write(&mut self, function: Function, register: u16, value: u32);
}

/// Registers that every function has (PCI 3.0 §6.1), or every bridge (PCI-to-PCI Bridge Architecture 1.2 §3.2).
mod register {
    pub(super) const IDENTITY: u16 = 0x00;
    pub(super) const COMMAND: u16 = 0x04;
    pub(super) const HEADER_TYPE: u16 = 0x0c;
    pub(super) const BARS: u16 = 0x10;
    pub(super) const CAPABILITIES: u16 = 0x34;

    pub(super) const BRIDGE_BUSES: u16 = 0x18;
    pub(super) const BRIDGE_PORTS: u16 = 0x1c;
    pub(super) const BRIDGE_MEMORY: u16 = 0x20;
    pub(super) const BRIDGE_PREFETCHABLE: u16 = 0x24;
}

/// Bits of the command register, and one of the status register above it.
mod command {
    pub(super) const MEMORY: u32 = 1 << 1;
    pub(super) const MASTER: u32 = 1 << 2;
    pub(super) const NO_LINE: u32 = 1 << 10;
    /// What a write keeps: bits of the status register are cleared by writing ones.
    pub(super) const KEPT: u32 = 0xffff;
    pub(super) const HAS_CAPABILITIES: u32 = 1 << 20;
}

/// What a function's header says that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Endpoint,
    Bridge,
    Other,
}

/// A function that is there.
#[derive(Clone, Copy, Debug)]
struct Present {
    function: Function,
    kind: Kind,
    vendor: u16,
    device: u16,
}

/// The most functions of a bus.
const BUS: usize = 256;

/// The functions of a bus, of which only so many first devices have to be looked for.
fn present(space: &impl Configuration, bus: u8, devices: u8) -> heapless::Vec<Present, BUS> {
    let mut found = heapless::Vec::new();
    for device in 0..devices.min(DEVICES) {
        let first = Function { bus, device, number: 0 };
        let Some(function) = look(space, first) else { continue };
        let has_several = header_type(space, first) & SEVERAL_FUNCTIONS != 0;
        let others = (1..if has_several { 8 } else { 1 })
            .filter_map(|number| look(space, Function { number, ..first }));
        found.extend(core::iter::once(function).chain(others));
    }
    found
}

/// The most devices of a bus.
const DEVICES: u8 = 32;

/// The vendor of a function that is not there.
const NOBODY: u16 = 0xffff;

const SEVERAL_FUNCTIONS: u8 = 0x80;

fn look(space: &impl Configuration, function: Function) -> Option<Present> {
    let [a, b, c, d] = space.read(function, register::IDENTITY).to_le_bytes();
    let (vendor, device) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
    if vendor == NOBODY {
        return None;
    }
    let kind = match header_type(space, function) & !SEVERAL_FUNCTIONS {
        0 => Kind::Endpoint,
        1 => Kind::Bridge,
        _ => Kind::Other,
    };
    Some(Present { function, kind, vendor, device })
}

fn header_type(space: &impl Configuration, function: Function) -> u8 {
    let [_, _, kind, _] = space.read(function, register::HEADER_TYPE).to_le_bytes();
    kind
}

/// Sets bits of the command register.
fn enable<C: Configuration>(space: &mut C, function: Function, bits: u32) {
    let command = space.read(function, register::COMMAND) & command::KEPT;
    if command & bits != bits {
        space.write(function, register::COMMAND, command | bits);
    }
}

impl Function {
    /// Lets a device answer at its addresses, reach memory, and raise messages but no line.
    pub fn enable(self, space: &mut impl Configuration) {
        enable(space, self, command::MEMORY | command::MASTER | command::NO_LINE);
    }
}

#[cfg(test)]
mod tests;
