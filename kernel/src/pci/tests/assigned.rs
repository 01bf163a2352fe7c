//! Machines whose firmware or monitor gave out addresses.

use super::machine::{Layout, Machine, Node, ONE_REGISTER, QEMU};
use crate::pci::{Function, LayoutError, survey};
use alloc::vec::Vec;
use core::ops::Range;

const NETWORK: u16 = 0x1041;
const ENTROPY: u16 = 0x1044;
const NO_WINDOW: Range<u32> = 0..0;

#[test]
fn functions_are_found_where_the_firmware_put_them() {
    let network = Node::virtio(None, 1, NETWORK, QEMU).at(4, 0xfebf_8000).at(1, 0xfebc_0000);
    let entropy = Node::virtio(None, 31, ENTROPY, QEMU).at(4, 0xfebf_c000).at(1, 0xfebc_1000);
    let mut machine = Machine::of([network, entropy]);
    let found = survey(&mut machine, 0..=255, NO_WINDOW);
    assert_eq!(found.iter().map(|virtio| virtio.device).collect::<Vec<_>>(), [1, 4]);
    let parts = found[0].parts.as_ref().expect("a sound function");
    assert_eq!(parts.common, 0xfebf_8000..0xfebf_9000);
    assert_eq!(parts.notify, 0xfebf_b000..0xfebf_c000);
    assert_eq!(parts.configuration, 0xfebf_a000..0xfebf_b000);
    assert_eq!(parts.notify_multiplier, 4);
    assert_eq!(parts.table, 0xfebc_0000..0xfebc_0040);
    assert_eq!(parts.pending, 0xfebc_0800..0xfebc_0808);
    assert_eq!(machine.nodes[1].address(4), 0xfebf_8000, "it is where it was");
    assert_eq!(machine.nodes[1].get(4) & 2, 2, "and answers there");
}

#[test]
fn one_register_far_above_all_memory_will_do() {
    for address in [0x40_0000_0000, 0xfff_fff8_0000] {
        let mut machine = Machine::of([Node::virtio(None, 1, NETWORK, ONE_REGISTER).at(0, address)]);
        let found = survey(&mut machine, 0..=0, NO_WINDOW);
        let parts = found[0].parts.as_ref().expect("a sound function");
        assert_eq!(parts.common.start, address);
        assert_eq!(parts.notify.start, address + 0x6000);
        assert_eq!(parts.table.start, address + 0x8000);
        assert_eq!(parts.pending.start, address + 0x4_8000);
    }
}

#[test]
fn bridges_are_followed_by_their_numbers() {
    let outer = Node::port(None, 2).with_buses(0, 3, 9);
    let inner = Node::port(Some(1), 0).with_buses(3, 7, 7);
    let network = Node::virtio(Some(2), 0, NETWORK, QEMU).at(4, 0xfe80_0000).at(1, 0xfe44_0000);
    let mut machine = Machine::of([outer, inner, network]);
    let found = survey(&mut machine, 0..=255, NO_WINDOW);
    assert_eq!(found[0].function, Function { bus: 7, device: 0, number: 0 });
    assert!(found[0].parts.is_ok());
    assert!(machine.nodes[1..3].iter().all(|bridge| bridge.get(4) & 6 == 6), "bridges let messages pass");
}

#[test]
fn a_function_is_enabled_and_sends_messages() {
    let mut machine =
        Machine::of([Node::virtio(None, 1, NETWORK, QEMU).at(4, 0xfebf_8000).at(1, 0xfebc_0000)]);
    let found = survey(&mut machine, 0..=255, NO_WINDOW);
    found[0].function.enable(&mut machine);
    found[0].parts.as_ref().expect("sound").enable_messages(&mut machine, found[0].function);
    assert_eq!(machine.nodes[1].get(4) & 0x406, 0x406, "memory, master, no line");
    assert_eq!(machine.nodes[1].get(0x98) >> 30, 0b10, "enabled, not masked");
}

#[test]
fn a_device_of_both_ages_is_known_by_its_old_number() {
    for (identity, device) in [(0x1000, 1), (0x1001, 2), (0x1003, 3), (0x1005, 4), (0x1042, 2)] {
        let mut machine =
            Machine::of([Node::virtio(None, 1, identity, QEMU).at(4, 0x8000_0000).at(1, 0x9000_0000)]);
        assert_eq!(survey(&mut machine, 0..=0, NO_WINDOW)[0].device, device);
    }
    let mut machine = Machine::of([Node::new(None, 1, 0x1af4, 0x1110), Node::new(None, 2, 0x8086, 0x1041)]);
    assert!(survey(&mut machine, 0..=0, NO_WINDOW).is_empty());
}

#[test]
fn what_can_not_be_used_says_why() {
    let node = |layout: Layout| Node::virtio(None, 1, NETWORK, layout).at(4, 0x8000_0000).at(1, 0x9000_0000);
    let exposed = Layout { table: (4, 0x1000), offsets: [0, 0x3000, 0x1800], ..QEMU };
    let pending_exposed = Layout { pending: (4, 0x3800), ..QEMU };
    let outside = Layout { offsets: [0, 0x3800, 0x2000], ..QEMU };
    let overlapping = Layout { offsets: [0, 0x800, 0x2000], ..QEMU };
    let odd = Layout { multiplier: 3, ..QEMU };
    let elsewhere = Layout { pending: (2, 0), ..QEMU };
    for (node, error) in [
        (Node::new(None, 1, 0x1af4, 0x1000), LayoutError::Legacy),
        (node(exposed), LayoutError::Exposed),
        (node(pending_exposed), LayoutError::Exposed),
        (node(outside), LayoutError::Malformed),
        (node(overlapping), LayoutError::Malformed),
        (node(odd), LayoutError::Malformed),
        (node(elsewhere), LayoutError::Unassigned),
        (Node::virtio(None, 1, NETWORK, QEMU).at(1, 0x9000_0000), LayoutError::Unassigned),
    ] {
        let mut machine = Machine::of([node]);
        assert_eq!(survey(&mut machine, 0..=0, NO_WINDOW)[0].parts, Err(error));
    }
}
