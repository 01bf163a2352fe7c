//! What a sealed machine must not let ring 3 do, done on purpose.
//!
//! Each of these ends in a fault. That is why they may be called: what would follow if one did not is reported as a failure of
//! the machine, and the machine ends.

use super::{image, monitor, port};
use crate::console::write_line;
use crate::interrupts;
use crate::memory::PAGE;
use alloc::boxed::Box;
use core::arch::asm;
use core::hint::black_box;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// An instruction that returns.
const RETURN: u8 = 0xc3;

static RUNNABLE: [u8; 16] = [RETURN; 16];
static mut WRITABLE: [u8; 16] = [RETURN; 16];

/// Where registers begin that were reached until the machine was sealed: PCI configuration space, then tables of messages.
static WITHHELD: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];

/// Remembers such registers.
pub(crate) fn remember(address: u64) {
    if let Some(place) = WITHHELD.iter().find(|place| place.load(Relaxed) == 0) {
        place.store(address, Relaxed);
    }
}

unsafe extern "C" {
    safe static boot_page_map: u64;
}

/// Does what `name` says; returns whether there is such a thing. If it returns at all, the machine has failed.
pub(crate) fn commit(name: &str) -> bool {
    match name {
        "write-code" => write(image::text().start),
        "write-constants" => write(image::constants().start),
        "run-constants" => run(RUNNABLE.as_ptr().addr() as u64),
        "run-variables" => run((&raw const WRITABLE).addr() as u64),
        "run-heap" => run(Box::leak(Box::new([RETURN; 16])).as_ptr().addr() as u64),
        "run-stack" => run(black_box([RETURN; 16]).as_ptr().addr() as u64),
        "read-page-zero" => read(0x10),
        "write-page-zero" => write(0x10),
        "run-page-zero" => run(0x10),
        "overflow-stack" => overflow(0),
        "read-below-stack" => read(image::stack().start - 8),
        "read-above-stack" => read(image::stack().end),
        "read-above-emergency-stack" => read(image::emergency_stack().end),
        "read-monitor" => read(image::monitor().start),
        "write-monitor" => write(image::monitor().start),
        "run-monitor" => run(image::monitor().start),
        "read-task-state" => read(image::monitor_data().start),
        "write-task-state" => write(image::monitor_data().start),
        "read-page-tables" => read(page_tables()),
        "write-page-tables" => write(page_tables()),
        "write-boot-page-tables" => write((&raw const boot_page_map).addr() as u64),
        "read-local-apic" => read(interrupts::LOCAL_APIC + 0x20),
        "write-local-apic" => write(interrupts::LOCAL_APIC + 0xb0),
        "read-io-apic" => read(interrupts::IO_APIC),
        "read-pci-configuration" => on_withheld(0, read),
        "write-pci-configuration" => on_withheld(0, write),
        "read-message-table" => on_withheld(1, read),
        "write-message-table" => on_withheld(1, write),
        "read-below-image" => read(image::whole().start - PAGE),
        "read-beyond-memory" => read(1 << 46),
        "use-timer-port" => port::write(0x43, 0),
        "use-clock-port" => port::write(0x70, 0),
        "use-interrupt-controller-port" => port::write(0x21, 0),
        "use-pci-port" => port::write(0xcf8, 0),
        "use-pci-data-port" => _ = port::read(0xcfc),
        "use-dma-port" => port::write(0x514, 0),
        "use-high-port" => port::write(0xd00, 0),
        "use-highest-port" => port::write(0xffff, 0),
        "seal-again" => seal_again(),
        "halt" => privileged(Instruction::Halt),
        "enable-interrupts" => privileged(Instruction::EnableInterrupts),
        "read-page-table-root" => privileged(Instruction::ReadRoot),
        "write-page-table-root" => privileged(Instruction::WriteRoot),
        "write-model-specific-register" => privileged(Instruction::WriteRegister),
        "load-descriptor-table" => privileged(Instruction::LoadDescriptorTable),
        "store-descriptor-table" => privileged(Instruction::StoreDescriptorTable),
        _ => return false,
    }
    true
}

/// The tables were the first that was taken of free memory.
fn page_tables() -> u64 {
    image::whole().end.next_multiple_of(PAGE)
}

/// Where there are no such registers the machine survives, which is as wrong.
fn on_withheld(number: usize, violate: fn(u64)) {
    let address = WITHHELD[number].load(Relaxed);
    if address != 0 {
        write_line(format_args!("violation: at {address:#x}"));
        violate(address);
    }
}

fn read(address: u64) {
    let octet = core::ptr::with_exposed_provenance::<u8>(usize::try_from(address).unwrap_or(0));
    // SAFETY: it faults; see the head of this file.
    black_box(unsafe { octet.read_volatile() });
}

fn write(address: u64) {
    let octet = core::ptr::with_exposed_provenance_mut::<u8>(usize::try_from(address).unwrap_or(0));
    // SAFETY: it faults; see the head of this file.
    unsafe { octet.write_volatile(0) };
}

fn run(address: u64) {
    // SAFETY: it faults; see the head of this file.
    unsafe { asm!("call {}", in(reg) address, clobber_abi("C")) };
}

fn overflow(depth: u64) {
    let room = black_box([depth; 64]);
    if room[0] != u64::MAX {
        overflow(depth + 1);
    }
    black_box(room);
}

fn seal_again() {
    // SAFETY: it faults; see the head of this file.
    unsafe { monitor::seal(page_tables()) };
}

enum Instruction {
    Halt,
    EnableInterrupts,
    ReadRoot,
    WriteRoot,
    WriteRegister,
    LoadDescriptorTable,
    StoreDescriptorTable,
}

fn privileged(instruction: Instruction) {
    let mut table = [0_u8; 10];
    match instruction {
        // SAFETY: it faults, as does each; see the head of this file.
        Instruction::Halt => unsafe { asm!("hlt") },
        // SAFETY: as above.
        Instruction::EnableInterrupts => unsafe { asm!("sti") },
        // SAFETY: as above.
        Instruction::ReadRoot => unsafe { asm!("mov {}, cr3", out(reg) _) },
        // SAFETY: as above.
        Instruction::WriteRoot => unsafe { asm!("mov cr3, {}", in(reg) page_tables()) },
        // SAFETY: as above.
        Instruction::WriteRegister => unsafe { asm!("wrmsr", in("ecx") 0x1b, in("eax") 0, in("edx") 0) },
        // SAFETY: as above.
        Instruction::LoadDescriptorTable => unsafe { asm!("lidt [{}]", in(reg) table.as_ptr()) },
        // SAFETY: as above.
        Instruction::StoreDescriptorTable => unsafe { asm!("sgdt [{}]", in(reg) table.as_mut_ptr()) },
    }
}
