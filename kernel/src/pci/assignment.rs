//! Numbers for buses and addresses for virtio functions, on a machine whose firmware gave out none (QEMU's microvm).

use super::bar::Bar;
use super::bridge::{Bridge, GRANULE};
use super::virtio;
use super::{Configuration, Function, Kind, Present, present};
use core::ops::Range;

/// How many bridges one behind another are followed.
const DEPTH: usize = 8;

/// What is left to give out.
pub(super) struct Assignment<'a, C> {
    space: &'a mut C,
    /// The last bus that has a number, and the last number.
    bus: u8,
    last_bus: u8,
    addresses: Range<u32>,
}

impl<'a, C: Configuration> Assignment<'a, C> {
    pub(super) fn new(space: &'a mut C, first_bus: u8, last_bus: u8, addresses: Range<u32>) -> Self {
        Self { space, bus: first_bus, last_bus, addresses }
    }

    /// Gives out numbers and addresses, from the functions of the first bus on.
    pub(super) fn run(mut self, functions: &[Present]) {
        self.serve(functions, 0);
    }

    fn serve(&mut self, functions: &[Present], depth: usize) {
        for present in functions {
            match present.kind {
                Kind::Endpoint if virtio::is_virtio(present) => self.serve_endpoint(present.function),
                Kind::Bridge if depth < DEPTH => self.serve_bridge(Bridge(present.function), depth),
                _ => {}
            }
        }
    }

    /// What does not fit stays where nobody finds it.
    fn serve_endpoint(&mut self, function: Function) {
        for (_, mut bar) in Bar::all(self.space, function) {
            let size = bar.size(self.space).and_then(|size| u32::try_from(size).ok());
            if let Some(address) = size.and_then(|size| self.take(size)) {
                bar.assign(self.space, address.into());
            }
        }
    }

    /// A bridge's window is what is taken while those behind it are served.
    fn serve_bridge(&mut self, bridge: Bridge, depth: usize) {
        if self.bus == self.last_bus || !self.align() {
            return;
        }
        self.bus += 1;
        let (secondary, start) = (self.bus, self.addresses.start);
        bridge.set_buses(self.space, secondary, self.last_bus);
        let functions = present(self.space, secondary, bridge.devices(self.space));
        self.serve(&functions, depth + 1);
        bridge.set_buses(self.space, secondary, self.bus);
        let is_whole = self.align();
        let end = if is_whole { self.addresses.start } else { start };
        bridge.set_window(self.space, start..end);
    }

    /// As many addresses as a power of two says, beginning with a multiple of it.
    fn take(&mut self, size: u32) -> Option<u32> {
        let start = self.addresses.start.checked_next_multiple_of(size)?;
        let end = start.checked_add(size).filter(|&end| end <= self.addresses.end)?;
        self.addresses.start = end;
        Some(start)
    }

    /// Passes over what is left of a granule; whether there is another one.
    fn align(&mut self) -> bool {
        let start = self.addresses.start.checked_next_multiple_of(GRANULE);
        match start.filter(|&start| start <= self.addresses.end) {
            Some(start) => {
                self.addresses.start = start;
                true
            }
            None => false,
        }
    }
}
