//! What is mapped until the machine is sealed beside the first and the fourth GiB, which the monitor maps.

use crate::memory::pages;
use crate::paging::{Access, PageTables, TablesFull};
use core::ops::Range;
use core::sync::atomic::{AtomicU64, Ordering::SeqCst, fence};

/// Page tables that are hung into those of the boot.
#[derive(Debug)]
pub(crate) struct BootMap {
    tables: PageTables,
}

/// What the monitor maps (`monitor.s`).
const BY_MONITOR: [Range<u64>; 2] = [0..1 << 30, 3 << 30..4 << 30];

unsafe extern "C" {
    safe static boot_page_map: [AtomicU64; 512];
    safe static boot_page_pointers: [AtomicU64; 512];
}

impl BootMap {
    /// Memory for the tables, in octets: two roots, and one or two for each piece of memory that is far from others.
    pub(crate) const MEMORY: u64 = 16 * crate::memory::PAGE;

    /// A map in memory that is nobody else's until the machine is sealed.
    pub(crate) fn new(tables: &'static mut [u64]) -> Self {
        Self { tables: PageTables::new(tables) }
    }

    /// Maps the pages of a range one to one. What is mapped already stays as it is.
    pub(crate) fn map(&mut self, range: &Range<u64>, access: Access) -> Result<(), TablesFull> {
        if BY_MONITOR.iter().any(|mapped| mapped.start <= range.start && range.end <= mapped.end) {
            return Ok(());
        }
        self.tables.map(pages(range), access)?;
        let [root, first] = self.tables.upper();
        for (entries, boot) in [(root, &boot_page_map), (first, &boot_page_pointers)] {
            for (entry, boot) in entries.iter().zip(boot) {
                // An entry that appears need not be flushed: the processor remembers none that are not there.
                if boot.load(SeqCst) == 0 {
                    boot.store(*entry, SeqCst);
                }
            }
        }
        fence(SeqCst);
        Ok(())
    }
}
