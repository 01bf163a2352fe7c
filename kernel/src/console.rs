//! The serial console: an 8250 at the first serial port's place, which every virtual machine monitor has.
//!
//! Every octet is an exit of the virtual machine: it is for a few lines at the start, at the end and for faults.

use crate::hardware::port;
use core::fmt::{self, Write};

const DATA: u16 = 0x3f8;
const LINE_CONTROL: u16 = DATA + 3;
const LINE_STATUS: u16 = DATA + 5;

/// The transmitter takes another octet.
const READY: u8 = 0x20;

/// How often a transmitter is asked before the rest of a line is lost: a console that hangs must not stop the machine.
const PATIENCE: usize = 10_000;

/// Writes a line.
pub(crate) fn write_line(line: fmt::Arguments<'_>) {
    // There is nowhere to say that the console hangs.
    let _ = Console.write_fmt(format_args!("{line}\r\n"));
}

/// Sets the port to eight bits, no parity: what a monitor without a terminal ignores and a real one wants.
pub(crate) fn start() {
    port::write(LINE_CONTROL, 3);
}

struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for octet in text.bytes() {
            let is_ready = (0..PATIENCE).any(|_| port::read(LINE_STATUS) & READY != 0);
            if !is_ready {
                return Err(fmt::Error);
            }
            port::write(DATA, octet);
        }
        Ok(())
    }
}
