//! How a machine ends, and what it says of why.

use crate::hardware::{monitor, port};

/// Why the machine ends: the status that its monitor passes on, where it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It panicked or faulted.
    Fault = 0x11,
    /// It was told something wrong, or lacks a device that it needs.
    Configuration = 0x12,
}

/// Ends the machine, by whatever its monitor understands.
pub(crate) fn off(exit: Exit) -> ! {
    /// QEMU's isa-debug-exit, where the command line puts it: ends with (status << 1) | 1.
    const DEBUG_EXIT: u16 = 0xf4;
    /// The keyboard controller's command port: Firecracker ends at a reset, and so does QEMU with -no-reboot.
    const KEYBOARD: u16 = 0x64;
    const RESET: u8 = 0xfe;
    /// Cloud Hypervisor's sleep control register: S5.
    const SLEEP_CONTROL: u16 = 0x600;
    const SLEEP_S5: u8 = 0x34;

    port::write(DEBUG_EXIT, exit as u8);
    port::write(KEYBOARD, RESET);
    port::write(SLEEP_CONTROL, SLEEP_S5);
    monitor::end()
}
