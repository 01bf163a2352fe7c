//! A bridge: numbers of the buses behind it, and which addresses it passes on (PCI-to-PCI Bridge Architecture 1.2 §3.2.5).

use super::capability::capabilities;
use super::{Configuration, DEVICES, Function, command, enable, register};
use core::ops::Range;

/// A function that is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bridge(pub(super) Function);

/// What a bridge's window begins and ends with a multiple of.
pub(super) const GRANULE: u32 = 1 << 20;

impl Bridge {
    /// The bus behind it; zero: nobody said.
    pub(super) fn secondary(self, space: &impl Configuration) -> u8 {
        let [_, secondary, _, _] = space.read(self.0, register::BRIDGE_BUSES).to_le_bytes();
        secondary
    }

    /// Says which bus is behind it, and up to which number others are behind that.
    pub(super) fn set_buses(self, space: &mut impl Configuration, secondary: u8, subordinate: u8) {
        let buses = u32::from_le_bytes([self.0.bus, secondary, subordinate, 0]);
        space.write(self.0, register::BRIDGE_BUSES, buses);
    }

    /// Passes on a range of addresses, whole granules, and no others; none if the range is empty.
    pub(super) fn set_window(self, space: &mut impl Configuration, window: Range<u32>) {
        /// Begins behind where it ends.
        const CLOSED: u32 = 0x0000_fff0;
        const CLOSED_PORTS: u32 = 0x0000_00f0;
        let last = window.end.saturating_sub(1);
        let memory =
            if window.is_empty() { CLOSED } else { (last & 0xfff0_0000) | ((window.start >> 16) & 0xfff0) };
        space.write(self.0, register::BRIDGE_MEMORY, memory);
        space.write(self.0, register::BRIDGE_PREFETCHABLE, CLOSED);
        space.write(self.0, register::BRIDGE_PORTS, CLOSED_PORTS);
    }

    /// Lets what is behind it be reached, and reach memory.
    pub(super) fn open(self, space: &mut impl Configuration) {
        enable(space, self.0, command::MEMORY | command::MASTER);
    }

    /// How many devices its bus can have: one, where it is the end of a PCI Express link (PCI Express Base 5.0 §7.5.3.2).
    pub(super) fn devices(self, space: &impl Configuration) -> u8 {
        const PCI_EXPRESS: u8 = 0x10;
        const ROOT_PORT: u32 = 4;
        const DOWNSTREAM_PORT: u32 = 6;
        let express = capabilities(space, self.0).find(|capability| capability.identity() == PCI_EXPRESS);
        let kind = express.map(|capability| (capability.head >> 20) & 0xf);
        if matches!(kind, Some(ROOT_PORT | DOWNSTREAM_PORT)) { 1 } else { DEVICES }
    }
}
