//! What a machine needs of ACPI's tables (ACPI 6.5 §5.2): where PCI configuration space lies, and how to end.
//!
//! A pure parser: it sees memory through a function, and believes nothing of it. Every table is bounded and its sum verified.
//! AML is not run; of all that it says, three constants are looked up.

mod definitions;
mod power;

use crate::boot_information::{Memory, long, word};
use core::ops::Range;
pub use power::PowerOff;

/// What the tables say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// Where PCI configuration space lies.
    pub configuration_space: Option<ConfigurationSpace>,
    /// Addresses that are passed on to PCI.
    pub window: Option<Range<u32>>,
    /// How the machine is switched off.
    pub power_off: Option<PowerOff>,
}

/// Configuration space in memory: 1 MiB a bus (PCI Firmware Specification 3.3 §4.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfigurationSpace {
    /// Where the first bus's begins.
    pub address: u64,
    /// The first bus that it has.
    pub first_bus: u8,
    /// The last one.
    pub last_bus: u8,
}

/// The longest table that is looked at; QEMU's longest has 10 KiB.
const TABLE_LENGTH: u64 = 1 << 20;

/// The most tables that the root's list is read for.
const TABLES: usize = 64;

/// Octets in front of every table.
const HEADER: usize = 36;

impl Tables {
    /// Reads them from the root pointer: where the loader says it is, or else where loaders that do not say put it. `None` if
    /// there is none.
    pub fn find<'a>(root_pointer: Option<u64>, memory: &impl Memory<'a>) -> Option<Self> {
        let root = match root_pointer {
            Some(address) => root(address, memory),
            None => PLACES.into_iter().find_map(|address| root(address, memory)),
        }?;
        let mut tables = Self::default();
        for table in root.tables(memory) {
            match &table.octets[..4] {
                b"MCFG" => {
                    tables.configuration_space =
                        configuration_space(table.octets).or(tables.configuration_space);
                }
                b"FACP" => tables.add_fixed(table.octets, memory),
                _ => {}
            }
        }
        Some(tables)
    }

    /// The fixed description table (FADT), and the definitions that it names.
    fn add_fixed<'a>(&mut self, table: &[u8], memory: &impl Memory<'a>) {
        const ADDRESS: usize = 40;
        const LONG_ADDRESS: usize = 140;
        let address = long(table, LONG_ADDRESS).filter(|&address| address != 0);
        let address = address.or_else(|| word(table, ADDRESS).map(u64::from));
        let Some(definitions) = address.and_then(|address| Table::read(address, *b"DSDT", memory)) else {
            return;
        };
        self.power_off = definitions::s5(definitions.octets).and_then(|state| power::power_off(table, state));
        self.window = definitions::window(definitions.octets);
        // The table that is made for it says more.
        let spoken_of = definitions::base_address(definitions.octets);
        self.configuration_space =
            self.configuration_space.or_else(|| ConfigurationSpace::new(spoken_of?, 0, u8::MAX));
    }
}

/// Where Firecracker and Cloud Hypervisor put the root pointer; QEMU's loader says where its firmware did. The BIOS's whole area
/// (ACPI 6.5 §5.2.5.1) is not searched: on a KVM that emulates reads of read-only memory that takes a tenth of a second.
const PLACES: [u64; 2] = [0xe_0000, 0xa_0000];

/// The list of tables: of 64-bit addresses, or of 32-bit ones.
struct Root<'a> {
    addresses: &'a [u8],
    width: usize,
}

/// Follows a root pointer (ACPI 6.5 §5.2.5.3) to the newer list, or the older one.
fn root<'a>(address: u64, memory: &impl Memory<'a>) -> Option<Root<'a>> {
    const FIRST: u64 = 20;
    const WHOLE: u64 = 36;
    const REVISION: usize = 15;
    let pointer = memory.look(address, FIRST)?;
    if !pointer.starts_with(b"RSD PTR ") || sum(pointer) != 0 {
        return None;
    }
    if pointer[REVISION] >= 2 {
        let pointer = memory.look(address, WHOLE).filter(|pointer| sum(pointer) == 0)?;
        let newer = long(pointer, 24).and_then(|address| Table::read(address, *b"XSDT", memory));
        if let Some(table) = newer {
            return Some(Root { addresses: &table.octets[HEADER..], width: 8 });
        }
    }
    let table = Table::read(u64::from(word(pointer, 16)?), *b"RSDT", memory)?;
    Some(Root { addresses: &table.octets[HEADER..], width: 4 })
}

impl<'a> Root<'a> {
    fn tables<M: Memory<'a>>(&self, memory: &M) -> impl Iterator<Item = Table<'a>> {
        let addresses = self.addresses.chunks_exact(self.width).take(TABLES);
        addresses.filter_map(|address| {
            let address = long(address, 0).or_else(|| word(address, 0).map(u64::from))?;
            Table::any(address, memory)
        })
    }
}

/// A table whose length was bounded and whose sum is right; at least a header.
struct Table<'a> {
    octets: &'a [u8],
}

impl<'a> Table<'a> {
    fn any(address: u64, memory: &impl Memory<'a>) -> Option<Self> {
        let header = memory.look(address, HEADER as u64)?;
        let length = u64::from(word(header, 4)?);
        if !(HEADER as u64..=TABLE_LENGTH).contains(&length) {
            return None;
        }
        let octets = memory.look(address, length)?;
        (sum(octets) == 0).then_some(Self { octets })
    }

    fn read(address: u64, signature: [u8; 4], memory: &impl Memory<'a>) -> Option<Self> {
        Self::any(address, memory).filter(|table| table.octets.starts_with(&signature))
    }
}

/// Segment 0's part of configuration space (MCFG): the others' buses have the same numbers, and no monitor puts a network card
/// there unless it is told to.
fn configuration_space(table: &[u8]) -> Option<ConfigurationSpace> {
    const RESERVED: usize = 8;
    const ENTRY: usize = 16;
    let entries = table.get(HEADER + RESERVED..)?.chunks_exact(ENTRY);
    entries.filter_map(<[u8]>::first_chunk).find_map(|entry: &[u8; ENTRY]| {
        let [.., 0, 0, first_bus, last_bus, _, _, _, _] = *entry else { return None };
        ConfigurationSpace::new(long(entry, 0)?, first_bus, last_bus)
    })
}

impl ConfigurationSpace {
    /// Octets of a bus's.
    const BUS: u64 = 1 << 20;

    /// Some of the buses of a space in which bus 0 has the place `base`; `None` if that is none.
    fn new(base: u64, first_bus: u8, last_bus: u8) -> Option<Self> {
        let is_sane = base != 0 && base.is_multiple_of(Self::BUS) && first_bus <= last_bus;
        base.checked_add(256 * Self::BUS)?;
        let address = base + u64::from(first_bus) * Self::BUS;
        is_sane.then_some(Self { address, first_bus, last_bus })
    }

    /// The memory that it takes.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.address..self.address + (u64::from(self.last_bus - self.first_bus) + 1) * Self::BUS
    }
}

fn sum(octets: &[u8]) -> u8 {
    octets.iter().fold(0, |sum, octet| sum.wrapping_add(*octet))
}

#[cfg(test)]
mod tests;
