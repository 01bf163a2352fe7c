//! A machine whose firmware gave out nothing: QEMU's microvm.

use super::machine::{Machine, Node, QEMU};
use crate::pci::{LayoutError, survey};
use alloc::vec::Vec;
use core::ops::Range;

const WINDOW: Range<u32> = 0xc000_0000..0xe000_0000;

#[test]
fn addresses_are_given_out_from_the_window() {
    let nodes = (1..=3).map(|device| Node::virtio(None, device, 0x1041, QEMU));
    let mut machine = Machine::of(nodes);
    let found = survey(&mut machine, 0..=255, WINDOW);
    let mut taken = Vec::<Range<u64>>::new();
    for virtio in &found {
        let parts = virtio.parts.as_ref().expect("addresses");
        for range in parts.needed().into_iter().chain(parts.withheld()) {
            assert!(range.start >= u64::from(WINDOW.start) && range.end <= u64::from(WINDOW.end));
            assert!(taken.iter().all(|taken| taken.end <= range.start || range.end <= taken.start));
            taken.push(range.clone());
        }
    }
    assert_eq!(taken.len(), 15);
}

#[test]
fn buses_are_numbered_and_windows_opened() {
    let outer = Node::port(None, 1);
    let inner = Node::port(Some(1), 0);
    let deep = Node::virtio(Some(2), 0, 0x1041, QEMU);
    let empty = Node::port(None, 2);
    let other = Node::port(None, 3);
    let behind_other = Node::virtio(Some(5), 0, 0x1044, QEMU);
    let mut machine = Machine::of([outer, inner, deep, empty, other, behind_other]);
    let found = survey(&mut machine, 0..=255, WINDOW);
    assert_eq!(found.iter().map(|virtio| virtio.function.bus).collect::<Vec<_>>(), [2, 4]);
    let buses = |node: usize| machine.nodes[node].get(0x18).to_le_bytes();
    assert_eq!([1, 2, 4, 5].map(buses), [[0, 1, 2, 0], [1, 2, 2, 0], [0, 3, 3, 0], [0, 4, 4, 0]]);
    for (node, bridge, outer) in [(3, 2, Some(1)), (6, 5, None)] {
        for bridge in core::iter::once(bridge).chain(outer) {
            let window = window(&machine.nodes[bridge]);
            for bar in [4, 1] {
                assert!(window.contains(&machine.nodes[node].address(bar)), "{window:x?}");
            }
        }
    }
    assert!(window(&machine.nodes[4]).is_empty(), "nothing is behind it");
    assert!(window(&machine.nodes[2]).end <= window(&machine.nodes[5]).start, "they don't overlap");
}

/// What a bridge passes on.
fn window(node: &Node) -> Range<u64> {
    let memory = u64::from(node.get(0x20));
    ((memory & 0xfff0) << 16)..((memory >> 16 & 0xfff0) << 16) + 0x10_0000
}

#[test]
fn one_address_that_was_given_out_means_that_all_were() {
    let placed = Node::virtio(None, 1, 0x1041, QEMU).at(4, 0xc000_0000).at(1, 0xc000_4000);
    let forgotten = Node::virtio(None, 2, 0x1044, QEMU);
    let mut machine = Machine::of([placed, forgotten]);
    let found = survey(&mut machine, 0..=255, WINDOW);
    assert!(found[0].parts.is_ok());
    assert_eq!(found[1].parts, Err(LayoutError::Unassigned));
}

#[test]
fn what_does_not_fit_is_left_out() {
    let nodes =
        [Node::virtio(None, 1, 0x1041, QEMU), Node::port(None, 2), Node::virtio(Some(2), 0, 0x1041, QEMU)];
    for window in [0..0, 0xe000_0000..0xe000_0000, 0xffff_f000..0xffff_ffff, 0x1000..0x5800] {
        let mut machine = Machine::of(nodes.clone());
        let found = survey(&mut machine, 0..=255, window);
        assert!(found.iter().all(|virtio| virtio.parts.is_err()), "{found:?}");
    }
    let mut machine = Machine::of(nodes);
    let found = survey(&mut machine, 0..=0, WINDOW);
    assert_eq!(found.len(), 1, "there is no number for a second bus");
}
