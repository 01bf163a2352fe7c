use super::*;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// Pieces of memory, by their addresses.
#[derive(Default)]
struct Firmware {
    pieces: BTreeMap<u64, Vec<u8>>,
}

impl<'a> Memory<'a> for &'a Firmware {
    fn look(&self, address: u64, length: u64) -> Option<&'a [u8]> {
        let (start, piece) = self.pieces.range(..=address).next_back()?;
        let offset = usize::try_from(address - start).ok()?;
        piece.get(offset..offset.checked_add(usize::try_from(length).ok()?)?)
    }
}

const POINTER: u64 = 0xe_0000;
const ROOT: u64 = 0x7fe_0000;
const SPACE: u64 = 0x7fe_1000;
const FIXED: u64 = 0x7fe_2000;
const DEFINITIONS: u64 = 0x1_7fe3_0000;

/// What QEMU's microvm says: `_S5_`, `_CBA`, and a bridge's addresses, smaller ones first.
const AML: &[u8] = b"\x10\x4c_SB_\x08_S5_\x12\x07\x04\x0a\x05\0\0\0\
    \x14\x0c_CBA\0\xa4\x0c\0\0\0\xe0\
    \x87\x17\0\0\x0c\x01\0\0\0\0\0\0\x0a\0\xff\xff\x0b\0\0\0\0\0\0\0\x02\0\
    \x87\x17\0\0\x0c\x01\0\0\0\0\0\0\0\xc0\xff\xff\xff\xdf\0\0\0\0\0\0\0\x20";

/// With a header in front, and the sum made right.
fn table(signature: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut table = vec![0; HEADER];
    table[..4].copy_from_slice(signature);
    table.extend(content);
    let length = u32::try_from(table.len()).expect("small");
    table[4..8].copy_from_slice(&length.to_le_bytes());
    table[9] = 0_u8.wrapping_sub(sum(&table));
    table
}

fn put(octets: &mut [u8], offset: usize, value: &[u8]) {
    octets[offset - HEADER..offset - HEADER + value.len()].copy_from_slice(value);
}

/// A fixed description table whose definitions are those above.
fn fixed(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut content = vec![0; 268 - HEADER];
    put(&mut content, 140, &DEFINITIONS.to_le_bytes());
    change(&mut content);
    table(b"FACP", &content)
}

fn space(entries: &[(u64, u16, u8, u8)]) -> Vec<u8> {
    let mut content = vec![0; 8];
    for &(address, segment, first, last) in entries {
        content.extend(address.to_le_bytes());
        content.extend(segment.to_le_bytes());
        content.extend([first, last, 0, 0, 0, 0]);
    }
    table(b"MCFG", &content)
}

fn pointer(revision: u8, width: usize) -> Vec<u8> {
    let mut pointer = vec![0; 36];
    pointer[..8].copy_from_slice(b"RSD PTR ");
    pointer[15] = revision;
    let at = if width == 4 { 16 } else { 24 };
    pointer[at..at + width].copy_from_slice(&ROOT.to_le_bytes()[..width]);
    pointer[8] = 0_u8.wrapping_sub(sum(&pointer[..20]));
    pointer[32] = 0_u8.wrapping_sub(sum(&pointer));
    pointer
}

/// A machine with tables at the addresses that the list of them names.
fn firmware(tables: &[(u64, Vec<u8>)]) -> Firmware {
    let addresses: Vec<u8> = tables.iter().flat_map(|(address, _)| address.to_le_bytes()).collect();
    let mut firmware = Firmware { pieces: tables.iter().cloned().collect() };
    firmware.pieces.insert(POINTER, pointer(2, 8));
    firmware.pieces.insert(ROOT, table(b"XSDT", &addresses));
    firmware.pieces.insert(DEFINITIONS, table(b"DSDT", AML));
    firmware
}

fn q35() -> Firmware {
    let fixed = fixed(|content| put(content, 64, &0x604_u32.to_le_bytes()));
    firmware(&[(FIXED, fixed), (SPACE, space(&[(0xb000_0000, 0, 0, 255)]))])
}

fn find(firmware: &Firmware, root_pointer: Option<u64>) -> Option<Tables> {
    Tables::find(root_pointer, &firmware)
}

const Q35_SPACE: ConfigurationSpace =
    ConfigurationSpace { address: 0xb000_0000, first_bus: 0, last_bus: 255 };

#[test]
fn all_that_is_needed_is_found() {
    let tables = find(&q35(), None).expect("tables");
    assert_eq!(tables.configuration_space, Some(Q35_SPACE));
    assert_eq!(Q35_SPACE.range(), 0xb000_0000..0xc000_0000);
    assert_eq!(tables.window, Some(0xc000_0000..0xe000_0000));
    assert_eq!(tables.power_off, Some(PowerOff::Control { port: 0x604, value: 0x3400 }));
}

#[test]
fn the_root_pointer_is_where_loaders_put_it() {
    let mut firmware = q35();
    let pointer = firmware.pieces.remove(&POINTER).expect("it is there");
    assert_eq!(find(&firmware, None), None);
    for (place, said) in [
        (0xa_0000, None),           // Cloud Hypervisor
        (0xa_0000, Some(0xa_0000)), // which says so
        (0xe_0000, None),           // Firecracker
        (0xf_59d0, Some(0xf_59d0)), // QEMU
    ] {
        let mut firmware = q35();
        firmware.pieces.remove(&POINTER);
        firmware.pieces.insert(place, pointer.clone());
        assert!(find(&firmware, said).is_some_and(|tables| tables.power_off.is_some()), "{place:#x}");
        assert_eq!(find(&firmware, Some(0x10)), None, "what the loader says is believed");
    }
}

#[test]
fn the_older_list_serves_where_there_is_no_newer() {
    let mut firmware = q35();
    firmware.pieces.insert(POINTER, pointer(0, 4));
    let addresses = [FIXED, SPACE].map(|address| u32::try_from(address).expect("low").to_le_bytes());
    firmware.pieces.insert(ROOT, table(b"RSDT", &addresses.concat()));
    assert_eq!(find(&firmware, None).and_then(|tables| tables.configuration_space), Some(Q35_SPACE));
}

#[test]
fn the_definitions_say_where_configuration_space_is_if_no_table_does() {
    let firmware = firmware(&[(FIXED, fixed(|_| {}))]);
    let tables = find(&firmware, None).expect("tables");
    let space = tables.configuration_space.expect("a space");
    assert_eq!(space.range(), 0xe000_0000..0xf000_0000);
    assert_eq!(tables.power_off, None, "there is no register for it");
}

#[test]
fn hardware_reduced_machines_have_a_sleep_control_register() {
    let reduced = |kind: u8, address: u64| {
        let fixed = fixed(|content| {
            put(content, 112, &(1_u32 << 20).to_le_bytes());
            put(content, 244, &[kind, 8, 0, 1]);
            put(content, 248, &address.to_le_bytes());
        });
        find(&firmware(&[(FIXED, fixed)]), None).expect("tables").power_off
    };
    // Cloud Hypervisor's, and QEMU's microvm's, which is none of a port's.
    assert_eq!(reduced(1, 0x600), Some(PowerOff::SleepControl { port: 0x600, value: 0x34 }));
    assert_eq!(reduced(0, 0xfea0_0200), None);
    assert_eq!(reduced(1, 0x1_0600), None);
}

#[test]
fn segment_zero_alone_counts() {
    let found = |entries: &[(u64, u16, u8, u8)]| {
        find(&firmware(&[(SPACE, space(entries))]), None).expect("tables").configuration_space
    };
    let space = ConfigurationSpace { address: 0xe810_0000, first_bus: 1, last_bus: 2 };
    assert_eq!(found(&[(0xf000_0000, 1, 0, 0), (0xe800_0000, 0, 1, 2)]), Some(space));
    for entry in [(0, 0, 0, 255), (0xb000_1000, 0, 0, 255), (0xb000_0000, 0, 2, 1), (!0xf_ffff, 0, 0, 255)] {
        assert_eq!(found(&[entry]), None, "{entry:x?}");
    }
}

#[test]
fn what_is_broken_is_passed_over() {
    for place in [ROOT, FIXED, SPACE, DEFINITIONS, POINTER] {
        let mut firmware = q35();
        firmware.pieces.get_mut(&place).expect("it is there")[20] ^= 1;
        assert_ne!(find(&firmware, None), find(&q35(), None), "a wrong sum at {place:#x}");
        for length in [0_u32, 35, 1 << 20, u32::MAX] {
            let mut firmware = q35();
            let table = firmware.pieces.get_mut(&place).expect("it is there");
            table[4..8].copy_from_slice(&length.to_le_bytes());
            assert_ne!(find(&firmware, None), find(&q35(), None), "{length} octets at {place:#x}");
        }
    }
}

#[test]
fn constants_may_be_written_in_every_length() {
    for (code, state) in [
        (&b"\x08_S5_\x12\x06\x04\0\0\0\0"[..], Some(0)),
        (b"\x08_S5_\x12\x06\x04\x01\0\0\0", Some(1)),
        (b"\x08_S5_\x12\x47\0\x04\x0a\x05\0\0\0", Some(5)),
        (b"\x08_S5_\x12\x08\x04\x0b\x07\0\0\0\0", Some(7)),
        (b"\x08_S5_\x12\x06\x04ABCD", None),
        (b"\x08_S5_\x12", None),
        (b"\x08_S5_\x12\xc7\0", None),
        (b"_S5_", None),
    ] {
        assert_eq!(definitions::s5(code), state, "{code:x?}");
    }
    assert_eq!(definitions::base_address(b"_CBA\0\xa4\x0e\0\0\0\0\x40\0\0\0"), Some(0x40_0000_0000));
    assert_eq!(definitions::base_address(b"_CBA\0\xa4\x0e\0\0"), None);
    let backwards = b"\x87\x17\0\0\x0c\x01\0\0\0\0\xff\xff\xff\xff\0\0\0\0\0\0\0\0\x02\0\0\0";
    let empty = b"\x87\x17\0\0\x0c\x01\0\0\0\0\0\x10\0\0\xff\x0f\0\0\0\0\0\0\0\0\0\0";
    assert_eq!([&backwards[..], empty].map(definitions::window), [None, None]);
}
