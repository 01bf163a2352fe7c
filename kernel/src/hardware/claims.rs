//! Who owns which memory: the one place where the machine's parts are divided, so that their owners need no unsafe code.

use super::boot_map::BootMap;
use super::physical::{self, FreeMemory};
use super::registers::Registers;
use super::{heap, monitor, processor};
use crate::boot_information::{BootInformation, Memory, RAM_RANGES};
use crate::interrupts;
use crate::memory::{Division, PAGE, in_large_pages, overlap, pages};
use crate::paging::{Access, PageTables, TablesFull};
use core::cell::RefCell;
use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use heapless::Vec;

/// The machine's memory and registers while it starts; made once.
#[derive(Debug)]
pub(crate) struct Claims {
    division: Division,
    /// All of the machine's RAM.
    ram: Vec<Range<u64>, RAM_RANGES>,
    /// What is left of the free RAM.
    free: FreeMemory,
    tables: PageTables,
    boot_map: BootMap,
    /// Where the boot map's memory begins, which is free again once the machine is sealed.
    lent: u64,
    windows: Vec<Range<u64>, WINDOWS>,
}

/// The most device windows that are claimed: on PCI, five a device.
pub(crate) const WINDOWS: usize = 96;

/// The most memory that the heap gets: what page tables of their size can map.
const HEAP: u64 = 16 << 30;

/// Why a device's window can't be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WindowError {
    /// It lies in memory, in an interrupt controller or in another window, or where the processor has no addresses.
    Taken,
    /// There are more than [`WINDOWS`], or there is no room for page tables.
    TooMany,
}

impl Claims {
    /// Divides the RAM; `None` if too little is left to start with. A module takes the place of an archive in the image. A
    /// second call is a panic: there is one machine.
    pub(crate) fn new(information: &BootInformation<'_>) -> Option<Self> {
        static CLAIMED: AtomicBool = AtomicBool::new(false);
        assert!(!CLAIMED.swap(true, Relaxed), "the machine was claimed already");
        let (address, length) = monitor::archive_in_image();
        let in_image = (length > 0).then(|| address..address.saturating_add(length));
        let archive = information.module.clone().or(in_image);
        let division = Division::new(&super::image::whole(), information.ram(), archive)?;
        // SAFETY: 1. It is RAM, as the loader says, and claimed this once. 2. The image and the archive lie outside, and all
        // else that the loader left lies below the image, or is looked at in `Firmware` alone.
        let mut free = unsafe { FreeMemory::new(division.free.clone()) };
        let tables = PageTables::new(free.take(PageTables::MEMORY)?);
        let lent = free.range().start;
        let boot_map = BootMap::new(free.take(BootMap::MEMORY)?);
        let ram = information.ram().collect();
        Some(Self { division, ram, free, tables, boot_map, lent, windows: Vec::new() })
    }

    /// What the firmware left, anywhere in memory.
    pub(crate) fn firmware(&mut self) -> Firmware<'_> {
        let taken = self.division.free.start..self.free.range().start;
        Firmware { boot_map: RefCell::new(&mut self.boot_map), taken }
    }

    /// A device's registers, mapped for ring 3 when the machine is sealed.
    pub(crate) fn device(&mut self, range: &Range<u64>) -> Result<Registers, WindowError> {
        self.claim(range.clone())?;
        self.tables.map(range.clone(), Access::Device).map_err(|_| WindowError::TooMany)?;
        // SAFETY: 1. The loader or the device's function says that the window is a device's; it lies outside of all RAM, and is
        // mapped later, which is when its driver begins. 2. No other claim overlaps it.
        Ok(unsafe { physical::device(range) })
    }

    /// Registers that ring 3 reaches until the machine is sealed, and never after: nothing else is mapped in their pages.
    pub(crate) fn until_sealed(&mut self, range: &Range<u64>) -> Result<Registers, WindowError> {
        self.claim(pages(range))?;
        self.boot_map.map(range, Access::Device).map_err(|_| WindowError::TooMany)?;
        #[cfg(feature = "violations")]
        super::violations::remember(range.start);
        // SAFETY: 1. As for a device; mapped just now. Who asks keeps it no longer than the machine is open. 2. No other claim
        // overlaps it.
        Ok(unsafe { physical::device(range) })
    }

    fn claim(&mut self, range: Range<u64>) -> Result<(), WindowError> {
        let controllers = [interrupts::LOCAL_APIC, interrupts::IO_APIC].map(|start| start..start + PAGE);
        let mut taken = controllers.iter().chain(&self.windows).chain(&self.ram);
        let is_taken = !self.division.has_room_for(&range, &super::image::whole())
            || taken.any(|taken| overlap(&range, taken))
            || range.end > 1 << processor::address_bits();
        if is_taken {
            return Err(WindowError::Taken);
        }
        self.windows.push(range).map_err(|_| WindowError::TooMany)
    }

    /// An interrupt controller's page, which ring 3 reaches until the machine is sealed.
    pub(crate) fn controller(&mut self, address: u64) -> Registers {
        // SAFETY: 1. These pages are the controllers' on every PC. 2. They are claimed once each, for `interrupts::start`, which
        // keeps neither.
        unsafe { physical::device(&(address..address + PAGE)) }
    }

    /// Maps what each part of the machine needs, gives the heap all RAM that is left, and closes the machine. Returns the
    /// archive.
    pub(crate) fn seal(mut self) -> Result<Option<&'static [u8]>, TablesFull> {
        use super::image;
        let local_apic = interrupts::LOCAL_APIC..interrupts::LOCAL_APIC + PAGE;
        let Range { start, end } = in_large_pages(self.lent..self.free.range().end);
        let heap = start..end.min(start + HEAP);
        for (range, access) in [
            (image::monitor(), Access::MonitorExecute),
            (image::monitor_data(), Access::MonitorWrite),
            (local_apic, Access::MonitorDevice),
            (image::text(), Access::Execute),
            (image::constants(), Access::Read),
            (image::variables(), Access::Write),
            (image::stack(), Access::Write),
            (image::emergency_stack(), Access::Write),
            (heap.clone(), Access::Write),
        ] {
            self.tables.map(range, access)?;
        }
        if let Some(pages) = &self.division.archive_pages {
            self.tables.map(pages.clone(), Access::Read)?;
        }
        // SAFETY: the tables map all parts of the image and all windows, and no reference to other memory is alive.
        unsafe { monitor::seal(self.tables.root()) };
        // SAFETY: it is mapped for writing, and the rest of free memory and what was lent to the boot map, which end with `self`.
        unsafe { heap::start(heap) };
        // SAFETY: it is mapped for reading, was never part of free memory, and nobody writes to it.
        Ok(self.division.archive.map(|archive| unsafe { physical::mapped(archive) }))
    }
}

/// What the firmware left; nobody writes to it meanwhile.
#[derive(Debug)]
pub(crate) struct Firmware<'a> {
    boot_map: RefCell<&'a mut BootMap>,
    /// Pages that are in use already.
    taken: Range<u64>,
}

impl<'a> Memory<'a> for Firmware<'a> {
    fn look(&self, address: u64, length: u64) -> Option<&'a [u8]> {
        let range = address..address.checked_add(length)?;
        let is_refused = address == 0
            || range.end > 1 << processor::address_bits()
            || overlap(&range, &super::image::whole())
            || overlap(&range, &self.taken);
        if is_refused {
            return None;
        }
        self.boot_map.borrow_mut().map(&range, Access::Read).ok()?;
        // SAFETY: 1. It is mapped until the machine is sealed, before which the claims that are borrowed here end. 2. Nobody
        // writes to it: free memory that was not taken is nobody's. 3. Reading what is no RAM gives octets too.
        Some(unsafe { physical::mapped(range) })
    }
}
