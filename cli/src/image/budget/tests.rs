use super::{Budget, KIB, MIB};
use crate::appliance::Kind;

const MANIFEST: &str =
    "[package]\nname = \"x\"\n[package.metadata.image]\nsize = \"300 KiB\"\nmemory = \"16 MiB\"\n";

#[test]
fn a_manifest_is_read() {
    assert_eq!(Budget::of(MANIFEST).unwrap(), Budget { size: 300 * KIB, memory: 16 * MIB });
}

#[test]
fn a_manifest_without_budget_is_refused() {
    for (from, to, expected) in [
        ("300 KiB", "300", "`size` has to be such as \"300 KiB\", not \"300\""),
        ("16 MiB", "-1 MiB", "`memory` has to be such as \"300 KiB\", not \"-1 MiB\""),
        ("\"16 MiB\"", "16", "[package.metadata.image] has no `memory`, such as \"300 KiB\""),
        (".metadata.image", ".metadata", "there is no [package.metadata.image]"),
    ] {
        let error = Budget::of(&MANIFEST.replace(from, to)).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn the_size_is_held() {
    let budget = Budget { size: 1000, memory: MIB };
    budget.check_size(Kind::Dns, 1000).unwrap();
    let error = budget.check_size(Kind::Dns, 1002).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the dns image has 1002 octets, 2 more than its budget of 1000 (appliances/dns/Cargo.toml)"
    );
}

#[test]
fn memory_grows_with_the_configuration() {
    let budget = Budget { size: 300 * KIB, memory: 16 * MIB };
    assert_eq!(budget.memory_mib(2 * MIB, 0), 16);
    assert_eq!(budget.memory_mib(2 * MIB, 6 * MIB), 16);
    assert_eq!(budget.memory_mib(2 * MIB, 6 * MIB + 1), 17);
    assert_eq!(budget.memory_mib(2 * MIB, 100 * MIB), 110);
}
