//! The final page tables: every page has the one right that it needs, and what is not listed is not there.

use crate::memory::{LARGE_PAGE, PAGE};
use core::ops::Range;
use x86_64::structures::paging::PageTableFlags as Flags;

/// What may be done with memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Ring 3 runs it.
    Execute,
    /// Ring 3 reads it.
    Read,
    /// Ring 3 reads and writes it.
    Write,
    /// Ring 3 reads and writes a device's registers.
    Device,
    /// Ring 0 runs it.
    MonitorExecute,
    /// Ring 0 reads and writes it.
    MonitorWrite,
    /// Ring 0 reads and writes a device's registers.
    MonitorDevice,
}

impl Access {
    fn flags(self) -> Flags {
        let user = Flags::PRESENT | Flags::USER_ACCESSIBLE;
        let registers = Flags::WRITABLE | Flags::NO_EXECUTE | Flags::NO_CACHE | Flags::WRITE_THROUGH;
        match self {
            Self::Execute => user,
            Self::Read => user | Flags::NO_EXECUTE,
            Self::Write => user | Flags::NO_EXECUTE | Flags::WRITABLE,
            Self::Device => user | registers,
            Self::MonitorExecute => Flags::PRESENT,
            Self::MonitorWrite => Flags::PRESENT | Flags::NO_EXECUTE | Flags::WRITABLE,
            Self::MonitorDevice => Flags::PRESENT | registers,
        }
    }
}

/// A tree of page tables that is being made; addresses are physical and virtual alike.
#[derive(Debug)]
pub(crate) struct PageTables {
    tables: &'static mut [u64],
    /// How many tables of 512 entries are in use; the first is the root.
    count: usize,
}

/// There is no room for another table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TablesFull;

const ENTRIES: usize = 512;

/// Which bits of an entry are an address.
const ADDRESS: u64 = 0x000f_ffff_ffff_f000;

impl PageTables {
    /// Memory for the tables of a machine, in octets: the root; one below it; for each GiB that is used one; for either end
    /// of each of some two dozen ranges one.
    pub(crate) const MEMORY: u64 = 64 * PAGE;

    /// Empty tables in any memory.
    pub(crate) fn new(tables: &'static mut [u64]) -> Self {
        tables[..ENTRIES].fill(0);
        Self { tables, count: 1 }
    }

    /// Where the processor finds them.
    pub(crate) fn root(&self) -> u64 {
        self.tables.as_ptr().addr() as u64
    }

    /// The entries of the root, and of the table below it for the first 512 GiB.
    pub(crate) fn upper(&self) -> [&[u64]; 2] {
        let first = self.tables[0];
        let below = if first == 0 { 0..0 } else { self.place(first) };
        [&self.tables[..ENTRIES], &self.tables[below]]
    }

    /// Maps whole pages, by large ones where they fit. What is mapped already keeps its rights.
    pub(crate) fn map(&mut self, range: Range<u64>, access: Access) -> Result<(), TablesFull> {
        let mut address = range.start & !(PAGE - 1);
        while address < range.end {
            let is_large = address.is_multiple_of(LARGE_PAGE) && range.end - address >= LARGE_PAGE;
            let level = if is_large { 2 } else { 1 };
            let entry = self.entry(address, level)?;
            if *entry == 0 {
                let size = if is_large { Flags::HUGE_PAGE } else { Flags::empty() };
                *entry = address | (access.flags() | size).bits();
            }
            address += if is_large { LARGE_PAGE } else { PAGE };
        }
        Ok(())
    }

    /// The entry for an address in the table of a level (1: pages, 2: large pages), making the tables above it.
    fn entry(&mut self, address: u64, level: u32) -> Result<&mut u64, TablesFull> {
        let mut table = 0;
        for above in (level + 1..=4).rev() {
            let at = table + index(address, above);
            if self.tables[at] == 0 {
                self.tables[at] = self.add_table()?;
            }
            let next = self.tables[at];
            assert!(next & Flags::HUGE_PAGE.bits() == 0, "{address:#x} lies in a large page already");
            table = self.place(next).start;
        }
        Ok(&mut self.tables[table + index(address, level)])
    }

    /// Where the table lies that an entry leads to.
    fn place(&self, entry: u64) -> Range<usize> {
        let start = usize::try_from((entry & ADDRESS) - self.root()).unwrap_or(usize::MAX) / size_of::<u64>();
        start..start + ENTRIES
    }

    /// An entry that leads to a new table; rights are those of the last level.
    fn add_table(&mut self) -> Result<u64, TablesFull> {
        let start = self.count * ENTRIES;
        self.tables.get_mut(start..start + ENTRIES).ok_or(TablesFull)?.fill(0);
        let address = self.root() + self.count as u64 * PAGE;
        self.count += 1;
        Ok(address | (Flags::PRESENT | Flags::WRITABLE | Flags::USER_ACCESSIBLE).bits())
    }
}

fn index(address: u64, level: u32) -> usize {
    usize::try_from((address >> (12 + 9 * (level - 1))) & (ENTRIES as u64 - 1)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
