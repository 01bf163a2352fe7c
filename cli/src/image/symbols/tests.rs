use super::{Symbols, address};
use std::path::Path;

#[test]
fn addresses_in_lines() {
    for (line, expected) in [
        ("backtrace: 0x101234", Some(0x10_1234)),
        ("backtrace: 0xffffffffffffffff x", Some(u64::MAX)),
        ("backtrace: 0x", None),
        ("backtrace: 0x1ffffffffffffffff", None),
        ("fault: rax 0x1", None),
        ("the frame was backtrace: 0x101234", None),
        ("", None),
    ] {
        assert_eq!(address(line), expected, "{line}");
    }
}

#[inline(never)]
fn some_function() -> u32 {
    line!()
}

/// This very test has debug information: the address of a function in it has a name, a file and a line.
#[test]
fn an_address_is_named() {
    let program = std::env::current_exe().unwrap();
    let symbols = Symbols::load(&program).unwrap();
    let line = some_function();
    let offset = (some_function as fn() -> u32 as usize as u64) - load_address(&program);
    let explained = symbols.describe(offset + symbols.loader.relative_address_base());
    assert!(explained.contains("some_function at "), "{explained}");
    assert!(
        explained.trim_end().ends_with(&format!("cli/src/image/symbols/tests.rs:{}", line - 1)),
        "{explained}"
    );
    assert_eq!(symbols.explain("anything else"), "");
    assert_eq!(symbols.explain("backtrace: 0xffff000000000000"), "");
}

/// Where the system put the start of the program.
fn load_address(program: &Path) -> u64 {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let first = maps.lines().find(|line| line.ends_with(program.to_str().unwrap())).unwrap();
    u64::from_str_radix(first.split_once('-').unwrap().0, 16).unwrap()
}
