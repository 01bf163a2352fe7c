//! Who owns which memory: the one place where the machine's parts are divided, so that their owners need no unsafe code.

use super::physical::{self, FreeMemory};
use super::registers::Registers;
use super::{heap, monitor};
use crate::boot_information::{BootInformation, Window};
use crate::interrupts;
use crate::memory::{Division, PAGE, in_large_pages, overlap};
use crate::paging::{Access, PageTables, TablesFull};
use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use heapless::Vec;

/// The machine's memory and registers while it starts; made once.
#[derive(Debug)]
pub(crate) struct Claims {
    division: Division,
    /// What is left of the free RAM.
    free: FreeMemory,
    tables: PageTables,
    windows: Vec<Range<u64>, WINDOWS>,
}

/// The most device windows that are claimed.
pub(crate) const WINDOWS: usize = 32;

/// The most memory that the heap gets: what page tables of their size can map.
const HEAP: u64 = 16 << 30;

/// Why a device's window can't be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WindowError {
    /// It lies in memory, in an interrupt controller or in another window.
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
        // else that the loader left lies below the image.
        let mut free = unsafe { FreeMemory::new(division.free.clone()) };
        let tables = PageTables::new(free.take(PageTables::MEMORY)?);
        Some(Self { division, free, tables, windows: Vec::new() })
    }

    /// A device's registers, mapped for ring 3 when the machine is sealed.
    pub(crate) fn device(&mut self, window: Window) -> Result<Registers, WindowError> {
        let range = window.address..window.address + window.length;
        let controllers = [interrupts::LOCAL_APIC, interrupts::IO_APIC].map(|start| start..start + PAGE);
        let is_taken = !self.division.has_room_for(&range, &super::image::whole())
            || controllers.iter().chain(&self.windows).any(|taken| overlap(&range, taken));
        if is_taken {
            return Err(WindowError::Taken);
        }
        self.windows.push(range.clone()).map_err(|_| WindowError::TooMany)?;
        self.tables.map(range, Access::Device).map_err(|_| WindowError::TooMany)?;
        let length = usize::try_from(window.length).unwrap_or(0);
        // SAFETY: 1. The loader says that the window is a device's; it lies outside of all RAM in use, and is mapped now and
        // later. 2. No other claim overlaps it, as just seen.
        Ok(unsafe { physical::device(window.address, length) })
    }

    /// An interrupt controller's page, which ring 3 reaches until the machine is sealed.
    pub(crate) fn controller(&mut self, address: u64) -> Registers {
        // SAFETY: 1. These pages are the controllers' on every PC. 2. They are claimed once each, for `interrupts::start`, which
        // keeps neither.
        unsafe { physical::device(address, 4096) }
    }

    /// Maps what each part of the machine needs, gives the heap all RAM that is left, and closes the machine. Returns the
    /// archive.
    pub(crate) fn seal(mut self) -> Result<Option<&'static [u8]>, TablesFull> {
        use super::image;
        let local_apic = interrupts::LOCAL_APIC..interrupts::LOCAL_APIC + 4096;
        let Range { start, end } = in_large_pages(self.free.range());
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
        // SAFETY: it is mapped for writing, and the rest of free memory, which ends with `self`.
        unsafe { heap::start(heap) };
        // SAFETY: it is mapped for reading, was never part of free memory, and nobody writes to it.
        Ok(self.division.archive.map(|archive| unsafe { physical::mapped(archive) }))
    }
}
