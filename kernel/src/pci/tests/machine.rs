//! Configuration space of a machine that does not exist.

use crate::pci::{Configuration, Function};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cell::Cell;

/// A function, in its place behind a bridge or on the first bus.
#[derive(Clone, Debug)]
pub(super) struct Node {
    bridge: Option<usize>,
    device: u8,
    registers: [u32; 64],
    /// Which bits of a register can be written; of others all can.
    masks: BTreeMap<u16, u32>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Machine {
    pub(super) nodes: Vec<Node>,
    pub(super) accesses: Cell<usize>,
}

const LONG: u32 = 0xc;

/// The layout of a virtio function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Which register its parts are behind, of how many octets; a prefetchable one of 64 bits.
    pub(super) bar: u8,
    pub(super) size: u64,
    /// Offsets: common, notify, device.
    pub(super) offsets: [u32; 3],
    pub(super) multiplier: u32,
    /// Register and offset of table and pending bits.
    pub(super) table: (u8, u32),
    pub(super) pending: (u8, u32),
}

/// QEMU 7.2's virtio-net-pci: messages behind a register of their own.
pub(super) const QEMU: Layout = Layout {
    bar: 4,
    size: 0x4000,
    offsets: [0, 0x3000, 0x2000],
    multiplier: 4,
    table: (1, 0),
    pending: (1, 0x800),
};

/// Cloud Hypervisor's and Firecracker's: all behind the first register.
pub(super) const ONE_REGISTER: Layout = Layout {
    bar: 0,
    size: 0x8_0000,
    offsets: [0, 0x6000, 0x4000],
    multiplier: 4,
    table: (0, 0x8000),
    pending: (0, 0x4_8000),
};

impl Node {
    pub(super) fn new(bridge: Option<usize>, device: u8, vendor: u16, identity: u16) -> Self {
        let mut node = Self { bridge, device, registers: [0; 64], masks: BTreeMap::new() };
        node.set(0x00, u32::from(vendor) | (u32::from(identity) << 16));
        for register in (0x10..0x28).step_by(4) {
            node.masks.insert(register, 0);
        }
        node
    }

    /// A PCI Express root port.
    pub(super) fn port(bridge: Option<usize>, device: u8) -> Self {
        let mut node = Self::new(bridge, device, 0x1b36, 0x000c);
        node.set(0x0c, 1 << 16);
        (0x18..0x28).step_by(4).for_each(|register| _ = node.masks.insert(register, u32::MAX));
        node.capability(0x54, 0x0042_0010, &[])
    }

    pub(super) fn virtio(bridge: Option<usize>, device: u8, identity: u16, layout: Layout) -> Self {
        let mut node = Self::new(bridge, device, 0x1af4, identity).with_long_bar(layout.bar, layout.size);
        for number in [layout.table.0, layout.pending.0].into_iter().filter(|&number| number != layout.bar) {
            node = node.with_short_bar(number, 0x1000);
        }
        let [common, notify, own] = layout.offsets;
        let bar = u32::from(layout.bar);
        let (table, pending) = (layout.table, layout.pending);
        node.capability(0x40, 0x0110_0009, &[bar, common, 0x1000])
            .capability(0x50, 0x0410_0009, &[bar, own, 0x1000])
            .capability(0x60, 0x0214_0009, &[bar, notify, 0x1000, layout.multiplier])
            .capability(0x98, 0x0003_0011, &[table.1 | u32::from(table.0), pending.1 | u32::from(pending.0)])
    }

    pub(super) fn with_long_bar(mut self, number: u8, size: u64) -> Self {
        let register = 0x10 + 4 * u16::from(number);
        let mask = size.wrapping_neg();
        self.masks.insert(register, mask as u32);
        self.masks.insert(register + 4, (mask >> 32) as u32);
        self.set(register, LONG);
        self
    }

    pub(super) fn with_short_bar(mut self, number: u8, size: u32) -> Self {
        self.masks.insert(0x10 + 4 * u16::from(number), size.wrapping_neg());
        self
    }

    /// Puts a capability in front of the others.
    pub(super) fn capability(mut self, register: u16, head: u32, rest: &[u32]) -> Self {
        let next = self.get(0x34) & 0xff;
        self.set(register, head | (next << 8));
        for (at, &value) in (register + 4..).step_by(4).zip(rest) {
            self.set(at, value);
        }
        self.set(0x34, register.into());
        self.set(0x04, self.get(0x04) | (1 << 20));
        self
    }

    /// As firmware leaves it.
    pub(super) fn at(mut self, number: u8, address: u64) -> Self {
        let register = 0x10 + 4 * u16::from(number);
        let flags = self.get(register) & 0xf;
        self.set(register, address as u32 | flags);
        if flags == LONG {
            self.set(register + 4, (address >> 32) as u32);
        }
        self.set(0x04, self.get(0x04) | 2);
        self
    }

    pub(super) fn with_buses(mut self, primary: u8, secondary: u8, subordinate: u8) -> Self {
        self.set(0x18, u32::from_le_bytes([primary, secondary, subordinate, 0]));
        self
    }

    pub(super) fn get(&self, register: u16) -> u32 {
        self.registers[usize::from(register / 4)]
    }

    pub(super) fn set(&mut self, register: u16, value: u32) {
        self.registers[usize::from(register / 4)] = value;
    }

    /// Where a register of 64 bits says that the function is.
    pub(super) fn address(&self, number: u8) -> u64 {
        let register = 0x10 + 4 * u16::from(number);
        let high = if self.get(register) & 0xf == LONG { self.get(register + 4) } else { 0 };
        (u64::from(high) << 32) | u64::from(self.get(register) & !0xf)
    }
}

impl Machine {
    pub(super) fn of(nodes: impl IntoIterator<Item = Node>) -> Self {
        let host = Node::new(None, 0, 0x1b36, 0x0008);
        Self { nodes: core::iter::once(host).chain(nodes).collect(), accesses: Cell::new(0) }
    }

    fn find(&self, function: Function) -> Option<usize> {
        let Function { bus, device, number } = function;
        self.accesses.set(self.accesses.get() + 1);
        self.nodes.iter().position(|node| {
            let node_bus = match node.bridge {
                None => Some(0),
                Some(bridge) => Some(self.nodes[bridge].registers[6].to_le_bytes()[1]).filter(|&bus| bus > 0),
            };
            node_bus == Some(bus) && node.device == device && number == 0
        })
    }
}

impl Configuration for Machine {
    fn read(&self, function: Function, register: u16) -> u32 {
        self.find(function).map_or(u32::MAX, |node| self.nodes[node].get(register))
    }

    fn write(&mut self, function: Function, register: u16, value: u32) {
        let Some(node) = self.find(function) else { return };
        let node = &mut self.nodes[node];
        let before = node.get(register);
        let value = match register {
            // The status register's capability bit can't be written.
            0x04 => (value & 0xffff) | (before & 0xffff_0000),
            _ => match node.masks.get(&register) {
                Some(mask) if (0x10..0x28).contains(&register) => (value & mask) | (before & !mask & 0xf),
                _ => value,
            },
        };
        node.set(register, value);
    }
}
