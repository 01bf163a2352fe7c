//! Ring 3's side of the monitor (`monitor.s`).

use crate::fault::Registers;
use core::arch::{asm, global_asm};
use core::sync::atomic::{AtomicI8, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};

global_asm!(include_str!("monitor.s"));

/// What kvmclock keeps up to date (Documentation/virt/kvm/x86/msr.rst, `pvclock_vcpu_time_info`); all zero without it.
#[repr(C)]
pub(crate) struct SystemTime {
    /// Odd while it is being changed.
    pub(crate) version: AtomicU32,
    padding: AtomicU32,
    /// The time-stamp counter at `nanoseconds`.
    pub(crate) time_stamp: AtomicU64,
    /// Since the machine started.
    pub(crate) nanoseconds: AtomicU64,
    /// Nanoseconds a tick, a fraction of 2^32.
    pub(crate) multiplier: AtomicU32,
    /// By which power of two ticks are scaled first.
    pub(crate) shift: AtomicI8,
    flags: AtomicU8,
}

/// What kvmclock says of the calendar (`pvclock_wall_clock`): the time when the machine started.
#[repr(C)]
pub(crate) struct WallClock {
    version: AtomicU32,
    /// Since 1970.
    pub(crate) seconds: AtomicU32,
    /// And these.
    pub(crate) nanoseconds: AtomicU32,
}

/// Where in the image an appended archive lies (`isopod build`).
#[repr(C)]
struct AppendedArchive {
    /// Notes are aligned to four octets: each number in halves, the lower first.
    address: [AtomicU32; 2],
    length: [AtomicU32; 2],
}

unsafe extern "C" {
    safe static system_time: SystemTime;
    safe static wall_clock: WallClock;
    safe static entry_time: AtomicU64;
    safe static timer_is_deadline: AtomicU8;
    safe static appended_archive: AppendedArchive;
    safe static sealed_ports: [AtomicU8; PORTS / 8];
}

/// Ports that the monitor's bitmaps speak of; beyond, none is open once the machine is sealed.
const PORTS: usize = 0xd00;

unsafe extern "Rust" {
    /// Made by [`crate::entry_point!`].
    safe fn start_appliance(start_info: u64) -> !;
}

/// Makes the program an image of an appliance.
#[macro_export]
macro_rules! entry_point {
    ($appliance:ty) => {
        #[unsafe(no_mangle)]
        extern "Rust" fn start_appliance(start_info: u64) -> ! {
            $crate::start::<$appliance>(start_info)
        }
    };
}

/// Makes the program an image that tries something: see [`crate::try_out`].
#[cfg(feature = "trials")]
#[macro_export]
macro_rules! trial {
    ($trial:path) => {
        #[unsafe(no_mangle)]
        extern "Rust" fn start_appliance(start_info: u64) -> ! {
            $crate::try_out(start_info, $trial)
        }
    };
}

/// Where the monitor enters ring 3 first.
#[unsafe(no_mangle)]
extern "C" fn boot(start_info: u64) -> ! {
    start_appliance(start_info)
}

/// Where the monitor enters ring 3 after a fault, on the emergency stack.
#[unsafe(no_mangle)]
extern "C" fn report_fault(registers: &'static Registers) -> ! {
    crate::fault::report(registers)
}

/// kvmclock's page.
pub(crate) fn system_clock() -> &'static SystemTime {
    &system_time
}

/// kvmclock's calendar.
pub(crate) fn calendar() -> &'static WallClock {
    &wall_clock
}

/// The time-stamp counter when the image was entered.
pub(crate) fn entered_at() -> u64 {
    entry_time.load(Relaxed)
}

/// Where an archive was appended to the image, and its length; a length of zero: none was.
pub(crate) fn archive_in_image() -> (u64, u64) {
    // The loader put the note's descriptor in memory; the compiler may not assume that it is still zero.
    let join =
        |[low, high]: &[AtomicU32; 2]| u64::from(low.load(Relaxed)) | (u64::from(high.load(Relaxed)) << 32);
    (join(&appended_archive.address), join(&appended_archive.length))
}

/// Says, before sealing, what [`wait`] arms: the time-stamp counter's deadline, or else the local APIC's count.
pub(crate) fn use_deadline_timer() {
    timer_is_deadline.store(1, Relaxed);
}

/// Says, before sealing, that two ports stay open, at which the machine is switched off; whether they can be.
pub(crate) fn leave_open(port: u16) -> bool {
    let ports = [usize::from(port), usize::from(port) + 1];
    let is_possible = ports.iter().all(|&port| port < PORTS);
    for port in ports.into_iter().filter(|_| is_possible) {
        sealed_ports[port / 8].fetch_and(!(1 << (port % 8)), Relaxed);
    }
    is_possible
}

/// Sleeps until any interrupt, one of the timer's among them, which is armed with `timer`; zero: it is left as it is, and may
/// still run out.
pub(crate) fn wait(timer: u64) {
    if timer != 0 {
        return call(0, timer);
    }
    // SAFETY: 1. The monitor clobbers no register. 2. `call` uses the stack, and no red zone is in use across an `asm!` that does
    // not say `nostack`.
    unsafe { asm!("call monitor_sleep", in("eax") 0) };
}

/// Loads the page tables at `root` and closes the ports that only the boot needs. A second call is a fault.
///
/// # Safety
///
/// The tables map all that the program and the monitor go on using where it lies now: code, constants, variables, stacks,
/// the monitor itself and the local APIC for ring 0, every reference that is still alive.
pub(crate) unsafe fn seal(root: u64) {
    call(1, root);
}

/// Ends the machine by the monitor, with a fault of the processor's own if nothing else does.
pub(crate) fn end() -> ! {
    loop {
        call(2, 0);
    }
}

fn call(number: u32, argument: u64) {
    // SAFETY: 1. The monitor clobbers RCX and RDX only, and may write to the memory that it shares with this side. 2. `call`
    // uses the stack, and no red zone is in use across an `asm!` that does not say `nostack`.
    unsafe {
        asm!("call monitor_call", inout("eax") number => _, in("rdi") argument, out("rcx") _, out("rdx") _);
    }
}
