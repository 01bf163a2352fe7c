//! Who owns which memory: the one place where the machine's parts are divided, so that their owners need no unsafe code.

use super::physical::{self, FreeMemory};
use super::registers::Registers;
use super::{heap, monitor};
use crate::boot_information::{BootInformation, Window};
use crate::interrupts;
use crate::paging::{Access, PageTables, TablesFull};
use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The machine's memory and registers while it starts; made once.
#[derive(Debug)]
pub(crate) struct Claims {
    /// RAM that is nobody's yet.
    free: FreeMemory,
    tables: PageTables,
    /// The archive, wherever the loader put it.
    archive: Option<Range<u64>>,
}

impl Claims {
    /// Divides the RAM: of the range that holds the image, what lies behind the image and before the archive. `None` if too
    /// little is left to start with. A second call is a panic: there is one machine.
    pub(crate) fn new(information: &BootInformation<'_>) -> Option<Self> {
        static CLAIMED: AtomicBool = AtomicBool::new(false);
        assert!(!CLAIMED.swap(true, Relaxed), "the machine was claimed already");
        let image = super::image::whole();
        let mut ram = information.ram().find(|ram| ram.start <= image.start && ram.end >= image.end)?;
        let archive = match monitor::archive_in_image() {
            (_, 0) => information.module.clone(),
            (address, length) => Some(address..address.checked_add(length)?),
        };
        ram.start = image.end;
        if let Some(archive) = &archive {
            // An archive in the way: what lies behind it if it follows the image at once, else what lies before it.
            if archive.start <= ram.start + (1 << 20) {
                ram.start = ram.start.max(archive.end);
            } else {
                ram.end = ram.end.min(archive.start);
            }
        }
        // SAFETY: 1. It is RAM, as the loader says, and claimed this once. 2. The image and the archive lie outside; what else the loader left lies
        // below 1 MiB (Firecracker, Cloud Hypervisor, QEMU) and is not looked at any more when the first page is written.
        let mut free = unsafe { FreeMemory::new(ram) };
        let tables = PageTables::new(free.take(PageTables::MEMORY)?);
        Some(Self { free, tables, archive })
    }

    /// A device's registers, mapped for ring 3 when the machine is sealed.
    pub(crate) fn device(&mut self, window: Window) -> Result<Registers, TablesFull> {
        let image = super::image::whole();
        let range = window.address..window.address + window.length;
        assert!(
            range.end <= image.start || range.start >= self.free.range().end,
            "a device's registers can't lie in memory: {range:x?}"
        );
        self.tables.map(range, Access::Device)?;
        let length = usize::try_from(window.length).unwrap_or(0);
        // SAFETY: 1. The loader says that the window is a device's; it is outside of all RAM in use, and mapped now and
        // later. 2. Windows are claimed once each, by the loop over the loader's list.
        Ok(unsafe { physical::device(window.address, length) })
    }

    /// An interrupt controller's page, which ring 3 reaches until the machine is sealed.
    pub(crate) fn controller(&mut self, address: u64) -> Registers {
        // SAFETY: 1. These pages are the controllers' on every PC. 2. They are claimed once each, by `interrupts`, and after
        // sealing nobody may look at them.
        unsafe { physical::device(address, 4096) }
    }

    /// Maps what each part of the machine needs, gives the heap all RAM that is left, and closes the machine. Returns the
    /// archive.
    pub(crate) fn seal(mut self) -> Result<Option<&'static [u8]>, TablesFull> {
        use super::image;
        let local_apic = interrupts::LOCAL_APIC..interrupts::LOCAL_APIC + 4096;
        let heap = self.free.range();
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
        if let Some(archive) = &self.archive {
            self.tables.map(archive.clone(), Access::Read)?;
        }
        // SAFETY: the tables map all parts of the image and all windows, and no reference to other memory is alive.
        unsafe { monitor::seal(self.tables.root()) };
        // SAFETY: it is mapped for writing, and the rest of free memory, which ends with `self`.
        unsafe { heap::start(heap) };
        // SAFETY: it is mapped for reading, was never part of free memory, and nobody writes to it.
        Ok(self.archive.map(|archive| unsafe { physical::mapped(archive) }))
    }
}
