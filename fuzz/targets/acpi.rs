//! ACPI's tables → configuration space, window, power-off. Sums are made right: a fuzzer that has to guess them gets no further.

#![no_main]

use kernel::acpi::Tables;
use libfuzzer_sys::fuzz_target;

const POINTER: usize = 0x1000;
const ROOT: usize = 0x2000;
const TABLES: usize = 0x3000;

/// The tables of the input, each with its length in front; the second is where the first, a fixed one, looks for definitions.
fn tables(mut input: &[u8]) -> Vec<Vec<u8>> {
    let mut tables = Vec::new();
    while let Some((&[low, high], rest)) = input.split_first_chunk() {
        let (table, rest) = rest.split_at(usize::from(u16::from_le_bytes([low, high])).min(rest.len()));
        tables.push(table.to_vec());
        input = rest;
    }
    tables
}

fn put(memory: &mut Vec<u8>, at: usize, octets: &[u8]) {
    memory.resize(memory.len().max(at + octets.len()), 0);
    memory[at..at + octets.len()].copy_from_slice(octets);
}

/// Makes the sum of some octets zero by one of them.
fn correct(octets: &mut [u8], at: usize) {
    let sum = octets.iter().fold(0_u8, |sum, octet| sum.wrapping_add(*octet));
    octets[at] = octets[at].wrapping_sub(sum);
}

fn with_header(signature: &[u8; 4], mut table: Vec<u8>) -> Vec<u8> {
    table.resize(table.len().max(36), 0);
    table[..4].copy_from_slice(signature);
    let length = u32::try_from(table.len()).unwrap_or(u32::MAX);
    table[4..8].copy_from_slice(&length.to_le_bytes());
    correct(&mut table, 9);
    table
}

fuzz_target!(|input: &[u8]| {
    let mut memory = Vec::new();
    let mut list = vec![0; 36];
    let mut next = TABLES;
    for (number, mut table) in tables(input).into_iter().enumerate() {
        let signature = match number {
            0 => b"FACP",
            1 => b"DSDT",
            _ => b"MCFG",
        };
        if number == 0 && table.len() >= 148 {
            let definitions = next + table.len();
            table[140..148].copy_from_slice(&(definitions as u64).to_le_bytes());
        }
        let table = with_header(signature, table);
        put(&mut memory, next, &table);
        list.extend((next as u64).to_le_bytes());
        next += table.len();
    }
    put(&mut memory, ROOT, &with_header(b"XSDT", list));
    let mut pointer = *b"RSD PTR \0\0\0\0\0\0\0\x02\0\0\0\0\x24\0\0\0\0\x20\0\0\0\0\0\0\0\0\0\0";
    correct(&mut pointer[..20], 8);
    correct(&mut pointer, 32);
    put(&mut memory, POINTER, &pointer);

    let look = |address: u64, length: u64| {
        let start = usize::try_from(address).ok()?;
        memory.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    };
    let tables = Tables::find(Some(POINTER as u64), &look).expect("the root pointer is sound");
    if let Some(space) = tables.configuration_space {
        let range = space.range();
        assert_eq!((range.end - range.start) >> 20, u64::from(space.last_bus - space.first_bus) + 1);
    }
    assert!(tables.window.is_none_or(|window| !window.is_empty()));
    // And as they come.
    let look = |address: u64, length: u64| {
        let start = usize::try_from(address).ok()?;
        input.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    };
    let _found_or_not = Tables::find(Some(0), &look);
});
