extern crate std;

use super::*;
use std::vec::Vec;

/// A first MiB of memory in which a loader writes.
struct Loader {
    memory: Vec<u8>,
}

const START: u64 = 0x6000;
const MAP: u64 = 0x7000;
const LINE: u64 = 0x8000;
const MODULES: u64 = 0x9000;

impl Loader {
    fn new() -> Self {
        let mut loader = Self { memory: std::vec![0; 0x10000] };
        loader.write(START, &MAGIC.to_le_bytes());
        loader.write(START + 4, &1_u32.to_le_bytes());
        loader
    }

    fn write(&mut self, address: u64, octets: &[u8]) {
        let address = usize::try_from(address).expect("a small address");
        self.memory[address..address + octets.len()].copy_from_slice(octets);
    }

    fn with_ram(mut self, ranges: &[(u64, u64, u32)]) -> Self {
        self.write(START + 40, &MAP.to_le_bytes());
        self.write(START + 48, &u32::try_from(ranges.len()).expect("few").to_le_bytes());
        for (at, (start, length, kind)) in (MAP..).step_by(24).zip(ranges) {
            self.write(at, &start.to_le_bytes());
            self.write(at + 8, &length.to_le_bytes());
            self.write(at + 16, &kind.to_le_bytes());
        }
        self
    }

    fn with_line(mut self, line: &str) -> Self {
        self.write(START + 24, &LINE.to_le_bytes());
        self.write(LINE, line.as_bytes());
        self
    }

    fn with_module(mut self, start: u64, length: u64) -> Self {
        self.write(START + 12, &1_u32.to_le_bytes());
        self.write(START + 16, &MODULES.to_le_bytes());
        self.write(MODULES, &start.to_le_bytes());
        self.write(MODULES + 8, &length.to_le_bytes());
        self
    }

    fn look(&self, address: u64, length: u64) -> Option<&[u8]> {
        let start = usize::try_from(address).ok()?;
        self.memory.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    }

    fn parse(&self) -> Result<BootInformation<'_>, BootError> {
        BootInformation::parse(START, &|address, length| self.look(address, length))
    }
}

const RAM: &[(u64, u64, u32)] = &[(0, 0x9fc00, 1), (0x9fc00, 0x400, 2), (0x10_0000, 0xf0_0000, 1)];

#[test]
fn what_qemu_leaves_is_understood() {
    let line = "virtio_mmio.device=512@0xfeb02600:19 isopod.report=1 virtio_mmio.device=512@0xfeb02800:20";
    let loader = Loader::new().with_ram(RAM).with_line(line).with_module(0xff_0000, 10_240);
    let information = loader.parse().expect("a sound start");
    assert_eq!(information.ram().collect::<Vec<_>>(), [0..0x9fc00, 0x10_0000..0x100_0000]);
    assert_eq!(information.module, Some(0xff_0000..0xff_2800));
    assert_eq!(information.option("isopod.report"), Some(&b"1"[..]));
    assert_eq!(information.option("isopod"), None);
    let windows: Vec<_> = information.windows().collect();
    assert_eq!(windows[0], Window { address: 0xfeb0_2600, length: 512, interrupt: 19 });
    assert_eq!(windows[1], Window { address: 0xfeb0_2800, length: 512, interrupt: 20 });
}

#[test]
fn what_firecracker_leaves_is_understood() {
    let line = "console=ttyS0 pci=off virtio_mmio.device=4K@0xc0001000:5 virtio_mmio.device=4K@0xc0002000:6";
    let loader = Loader::new().with_ram(RAM).with_line(line);
    let information = loader.parse().expect("a sound start");
    let windows: Vec<_> = information.windows().collect();
    assert_eq!(windows[0], Window { address: 0xc000_1000, length: 4096, interrupt: 5 });
    assert_eq!(windows[1], Window { address: 0xc000_2000, length: 4096, interrupt: 6 });
    assert_eq!(information.module, None);
}

#[test]
fn what_is_no_start_information_is_refused() {
    assert_eq!(Loader::new().parse().err(), Some(BootError::NoMemoryMap));
    let mut loader = Loader::new().with_ram(RAM);
    loader.write(START, b"????");
    assert_eq!(loader.parse().err(), Some(BootError::NoStartInformation));
    let mut loader = Loader::new().with_ram(RAM);
    loader.write(START + 4, &0_u32.to_le_bytes());
    assert_eq!(loader.parse().err(), Some(BootError::NoMemoryMap));
    let nowhere = BootInformation::parse(u64::MAX, &|_, _| None);
    assert_eq!(nowhere.err(), Some(BootError::NoStartInformation));
}

#[test]
fn numbers_that_make_no_sense_are_passed_over() {
    for line in [
        "virtio_mmio.device=",
        "virtio_mmio.device=512@:1",
        "virtio_mmio.device=512@0xfeb00000",
        "virtio_mmio.device=512@0:5",
        "virtio_mmio.device=1@0xfeb00000:5",
        "virtio_mmio.device=4K@0xfeb00002:5",
        "virtio_mmio.device=512@0xffffffffffffffff:5",
        "virtio_mmio.device=18446744073709551615K@1:5",
        "virtio_mmio.device=\u{e4}@\u{e4}:\u{e4}",
    ] {
        let loader = Loader::new().with_ram(RAM).with_line(line);
        assert_eq!(loader.parse().expect("a sound start").windows().next(), None, "{line}");
    }
    let loader = Loader::new().with_ram(&[(u64::MAX - 1, 10, 1), (5, 0, 1)]).with_module(u64::MAX, 2);
    let information = loader.parse().expect("a sound start");
    assert!(information.ram().eq(core::iter::once(u64::MAX - 1..u64::MAX)));
    assert_eq!(information.module, None);
}

#[test]
fn a_command_line_at_the_end_of_memory_is_read_as_far_as_it_goes() {
    let mut loader = Loader::new().with_ram(RAM);
    loader.write(START + 24, &0xfffc_u64.to_le_bytes());
    loader.write(0xfffc, b"abcd");
    assert_eq!(loader.parse().expect("a sound start").command_line, b"abcd");
}
