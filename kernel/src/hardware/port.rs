//! Input and output ports. A port that ring 3 may not use faults.

use x86_64::instructions::port::{PortReadOnly, PortWriteOnly};

/// Reads an octet from a port.
pub(crate) fn read(port: u16) -> u8 {
    let mut port = PortReadOnly::new(port);
    // SAFETY: reading a port changes devices, not memory; the devices whose registers lie on ports do no DMA.
    unsafe { port.read() }
}

/// Writes an octet to a port.
pub(crate) fn write(port: u16, value: u8) {
    let mut port = PortWriteOnly::new(port);
    // SAFETY: as for reading.
    unsafe { port.write(value) }
}

/// Writes 16 bits to a port.
pub(crate) fn write_half(port: u16, value: u16) {
    let mut port = PortWriteOnly::new(port);
    // SAFETY: as for an octet.
    unsafe { port.write(value) }
}
