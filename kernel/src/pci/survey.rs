//! Which virtio functions there are, behind bridges too; buses and addresses are given out first where nobody did.

use super::assignment::Assignment;
use super::bar::Bar;
use super::bridge::Bridge;
use super::virtio::Virtio;
use super::{Configuration, DEVICES, Kind, Present, present};
use core::ops::{Range, RangeInclusive};

/// The most virtio functions that are looked at.
pub const FUNCTIONS: usize = 32;

/// Finds the virtio functions of a machine. Where no firmware gave out numbers of buses and addresses, they are given out
/// here, from `window`.
pub fn survey<C: Configuration>(
    space: &mut C,
    buses: RangeInclusive<u8>,
    window: Range<u32>,
) -> heapless::Vec<Virtio, FUNCTIONS> {
    let (first, last) = buses.into_inner();
    let functions = present(space, first, DEVICES);
    if functions.iter().all(|function| is_untouched(space, function)) {
        Assignment::new(space, first, last, window).run(&functions);
    }
    let mut found = heapless::Vec::new();
    let mut ways = [0; 256];
    follow(space, &functions, &mut ways, &mut found);
    // A bridge leads to a bus of a higher number: one pass in their order reaches each bus once.
    for bus in first.saturating_add(1)..=last {
        let devices = ways[usize::from(bus)];
        if devices > 0 {
            let functions = present(space, bus, devices);
            follow(space, &functions, &mut ways, &mut found);
        }
    }
    found
}

/// Whether no firmware gave a function an address, or a bridge its buses.
fn is_untouched(space: &impl Configuration, present: &Present) -> bool {
    match present.kind {
        Kind::Endpoint => Bar::all(space, present.function).iter().all(|(_, bar)| bar.address == 0),
        Kind::Bridge => Bridge(present.function).secondary(space) == 0,
        Kind::Other => true,
    }
}

/// Takes up a bus's virtio functions, and opens the ways behind its bridges: to how many devices of which bus.
fn follow(
    space: &mut impl Configuration,
    functions: &[Present],
    ways: &mut [u8; 256],
    found: &mut heapless::Vec<Virtio, FUNCTIONS>,
) {
    for present in functions {
        match present.kind {
            Kind::Endpoint => {
                if let Some(virtio) = Virtio::of(space, present) {
                    // More than there is room for are more than a machine has drivers' memory for.
                    let _ = found.push(virtio);
                }
            }
            Kind::Bridge => {
                let bridge = Bridge(present.function);
                let secondary = bridge.secondary(space);
                if secondary > present.function.bus {
                    bridge.open(space);
                    ways[usize::from(secondary)] = bridge.devices(space);
                }
            }
            Kind::Other => {}
        }
    }
}
