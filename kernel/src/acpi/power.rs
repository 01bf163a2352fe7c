//! How a machine is switched off (ACPI 6.5 §4.8.3.2, §4.8.3.7): a value for a port, by the fixed description table (FADT).

use crate::boot_information::{long, word};

/// A write that switches the machine off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerOff {
    /// 16 bits, to the control register of power management block 1a.
    Control {
        /// Where it is.
        port: u16,
        /// What switches off.
        value: u16,
    },
    /// Eight bits, to the sleep control register of a machine without that block.
    SleepControl {
        /// Where it is.
        port: u16,
        /// What switches off.
        value: u8,
    },
}

/// Offsets in the table.
mod offset {
    pub(super) const CONTROL: usize = 64;
    pub(super) const FLAGS: usize = 112;
    pub(super) const LONG_CONTROL: usize = 172;
    pub(super) const SLEEP_CONTROL: usize = 244;
}

/// A flag of the table: there is no power management block.
const HARDWARE_REDUCED: u32 = 1 << 20;

/// Reads the table; `state` is the number of the state that is called S5.
pub(super) fn power_off(table: &[u8], state: u8) -> Option<PowerOff> {
    if word(table, offset::FLAGS).is_some_and(|flags| flags & HARDWARE_REDUCED != 0) {
        let port = port(table, offset::SLEEP_CONTROL)?;
        return Some(PowerOff::SleepControl { port, value: (state << 2) | (1 << 5) });
    }
    let short = || word(table, offset::CONTROL).and_then(|port| u16::try_from(port).ok());
    let port = port(table, offset::LONG_CONTROL).or_else(short).filter(|&port| port != 0)?;
    Some(PowerOff::Control { port, value: (u16::from(state) << 10) | (1 << 13) })
}

/// The port of a generic address (ACPI 6.5 §5.2.3.2); `None` if it is elsewhere.
fn port(table: &[u8], offset: usize) -> Option<u16> {
    const PORT: u8 = 1;
    let address = long(table, offset + 4)?;
    let is_port = *table.get(offset)? == PORT && address != 0;
    u16::try_from(address).ok().filter(|_| is_port)
}
