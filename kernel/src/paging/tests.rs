extern crate std;

use super::*;
use std::boxed::Box;
use std::collections::BTreeMap;
use std::vec;

/// Every page that a tree of tables maps, with its rights, as the processor would find it.
fn walk(tables: &PageTables) -> BTreeMap<u64, Flags> {
    let mut pages = BTreeMap::new();
    walk_table(tables, tables.root(), 4, 0, &mut pages);
    pages
}

fn walk_table(tables: &PageTables, table: u64, level: u32, base: u64, pages: &mut BTreeMap<u64, Flags>) {
    let start = usize::try_from(table - tables.root()).expect("a table of the tree") / 8;
    for (number, &entry) in (0_u64..).zip(&tables.tables[start..start + ENTRIES]) {
        let address = base + (number << (12 + 9 * (level - 1)));
        let flags = Flags::from_bits_truncate(entry);
        if !flags.contains(Flags::PRESENT) {
            continue;
        }
        if level == 1 || flags.contains(Flags::HUGE_PAGE) {
            assert_eq!(entry & ADDRESS, address, "addresses are physical and virtual alike");
            let size = if level == 1 { PAGE } else { LARGE_PAGE };
            for page in (address..address + size).step_by(4096) {
                pages.insert(page, flags);
            }
        } else {
            walk_table(tables, entry & ADDRESS, level - 1, address, pages);
        }
    }
}

fn tables() -> PageTables {
    // On a page's boundary, as the processor wants it and the walk relies on.
    let words = usize::try_from(PageTables::MEMORY).expect("small") / 8;
    let memory = Box::leak(vec![u64::MAX; words + ENTRIES].into_boxed_slice());
    let skipped = memory.as_ptr().align_offset(4096);
    PageTables::new(&mut memory[skipped..skipped + words])
}

#[test]
fn a_machine_has_what_was_mapped_with_the_rights_that_were_given_and_nothing_else() {
    let mut tables = tables();
    let ranges = [
        (0x10_0000..0x10_1000, Access::MonitorExecute),
        (0x10_1000..0x10_2000, Access::MonitorWrite),
        (0x10_2000..0x12_0000, Access::Execute),
        (0x12_0000..0x12_3000, Access::Read),
        (0x20_0000..0x500_0000, Access::Write),
        (0xc000_1000..0xc000_1200, Access::Device),
        (0xfee0_0000..0xfee0_1000, Access::MonitorDevice),
        (0x1_2345_6789..0x1_3000_0000, Access::Read),
    ];
    for (range, access) in ranges.clone() {
        tables.map(range, access).expect("room for tables");
    }
    let pages = walk(&tables);

    let mut expected = 0;
    for (range, access) in ranges {
        for page in (range.start & !0xfff..range.end).step_by(4096) {
            let flags = pages.get(&page).copied().unwrap_or(Flags::empty());
            assert!(flags.contains(access.flags()), "{page:x} {flags:?}");
            expected += 1;
        }
    }
    assert_eq!(pages.len(), expected, "no page more");
    for (page, flags) in &pages {
        let is_both = flags.contains(Flags::WRITABLE) && !flags.contains(Flags::NO_EXECUTE);
        assert!(!is_both, "{page:x} can be written and run");
    }
    assert!(!pages.contains_key(&0));
}

#[test]
fn a_tree_that_has_no_room_says_so() {
    let mut tables = tables();
    let mut gigabytes = (0..1000_u64).map(|number| number << 30);
    assert!(gigabytes.any(|start| tables.map(start..start + 1, Access::Read).is_err()));
}

#[test]
fn the_upper_tables_are_those_that_lead_to_the_pages() {
    let mut tables = tables();
    let [root, first] = tables.upper();
    assert!(root.iter().all(|&entry| entry == 0) && first.is_empty());
    tables.map(0x40_0000_0000..0x40_0000_1000, Access::Device).expect("room");
    tables.map(0xfff_fff8_0000..0xfff_fff8_1000, Access::Device).expect("room");
    let [root, first] = tables.upper();
    let in_use = |entries: &[u64]| (0..ENTRIES).filter(|&at| entries[at] != 0).collect::<vec::Vec<_>>();
    assert_eq!(in_use(root), [0, 31]);
    assert_eq!(in_use(first), [256]);
}
