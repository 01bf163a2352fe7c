//! Functions that lie.

use super::machine::{Machine, Node, QEMU};
use crate::pci::{Configuration, FUNCTIONS, Function, LayoutError, survey};

const WINDOW: core::ops::Range<u32> = 0xc000_0000..0xe000_0000;

#[test]
fn a_list_of_capabilities_may_lead_in_a_circle() {
    for (register, is_found) in [(0x98, false), (0x40, true)] {
        let mut node = Node::virtio(None, 1, 0x1041, QEMU);
        node.set(register, (node.get(register) & !0xff00) | (u32::from(register) << 8));
        let mut machine = Machine::of([node]);
        assert_eq!(survey(&mut machine, 0..=255, WINDOW)[0].parts.is_ok(), is_found, "{register:#x}");
        assert!(machine.accesses.get() < 10_000);
    }
}

#[test]
fn a_capability_may_end_behind_the_end() {
    let node = Node::new(None, 1, 0x1af4, 0x1041).capability(0xfc, 0x0110_0009, &[]);
    let mut machine = Machine::of([node]);
    assert_eq!(survey(&mut machine, 0..=255, WINDOW)[0].parts, Err(LayoutError::Legacy));
}

#[test]
fn bridges_may_lead_back_or_to_themselves() {
    for secondary in [0, 1, 5] {
        let first = Node::port(None, 1).with_buses(0, 5, 5);
        let second = Node::port(Some(1), 0).with_buses(5, secondary, 255);
        let mut machine = Machine::of([first, second]);
        assert!(survey(&mut machine, 0..=255, WINDOW).is_empty());
        assert!(machine.accesses.get() < 10_000);
    }
}

/// Every function answers everything with the same number.
struct Same(u32, usize);

impl Configuration for Same {
    fn read(&self, _: Function, _: u16) -> u32 {
        self.0
    }

    fn write(&mut self, _: Function, _: u16, _: u32) {
        self.1 += 1;
    }
}

#[test]
fn a_machine_full_of_functions_has_an_end() {
    for value in [0, u32::MAX, 0x1041_1af4, 0x0001_0001, 0x00ff_ff00, 0x1000_1af4, 0xfff0_0010] {
        let mut space = Same(value, 0);
        let found = survey(&mut space, 0..=255, WINDOW);
        assert!(found.len() <= FUNCTIONS);
        assert!(found.iter().all(|virtio| virtio.parts.is_err()));
        assert!(space.1 < 1_000_000);
    }
}
