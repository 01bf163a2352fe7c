//! How a machine ends, and what it says of why.

use crate::acpi::PowerOff;
use crate::hardware::{monitor, port};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Why the machine ends: the status that its monitor passes on, where it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It has done what it was for.
    #[cfg(feature = "trials")]
    Order = 0x10,
    /// It panicked or faulted.
    Fault = 0x11,
    /// It was told something wrong, or lacks a device that it needs.
    Configuration = 0x12,
}

/// The control register that switches the machine off, and what to write to it above; zero: there is none.
static CONTROL: AtomicU32 = AtomicU32::new(0);

/// The same of a sleep control register.
static SLEEP_CONTROL: AtomicU32 = AtomicU32::new(0);

/// Remembers how the machine is switched off, and keeps its ports open over the sealing.
pub(crate) fn prepare(power_off: PowerOff) {
    let (register, port, value) = match power_off {
        PowerOff::Control { port, value } => (&CONTROL, port, value),
        PowerOff::SleepControl { port, value } => (&SLEEP_CONTROL, port, value.into()),
    };
    if monitor::leave_open(port) {
        register.store(u32::from(port) | (u32::from(value) << 16), Relaxed);
    }
}

/// A register's port and what is written to it.
fn read(register: &AtomicU32) -> Option<(u16, u16)> {
    let [a, b, c, d] = register.load(Relaxed).to_le_bytes();
    let port = u16::from_le_bytes([a, b]);
    (port != 0).then_some((port, u16::from_le_bytes([c, d])))
}

/// Ends the machine, by whatever its monitor understands.
pub(crate) fn off(exit: Exit) -> ! {
    /// QEMU's isa-debug-exit, where the command line puts it: ends with (status << 1) | 1.
    const DEBUG_EXIT: u16 = 0xf4;
    /// The keyboard controller's command port: Firecracker ends at a reset, and so does QEMU with -no-reboot.
    const KEYBOARD: u16 = 0x64;
    const RESET: u8 = 0xfe;

    port::write(DEBUG_EXIT, exit as u8);
    if let Some((port, value)) = read(&CONTROL) {
        port::write_half(port, value);
    }
    if let Some((port, [value, _])) = read(&SLEEP_CONTROL).map(|(port, value)| (port, value.to_le_bytes())) {
        port::write(port, value);
    }
    port::write(KEYBOARD, RESET);
    monitor::end()
}
