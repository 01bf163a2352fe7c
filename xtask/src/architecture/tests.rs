//! Each rule is shown a project that breaks it.

use super::crates::{self, Crate, Dependency, Kind, Room};
use super::image::{self, Image, Symbol};
use super::sources::{self, Source};

fn one(name: &str, folder: &str, dependencies: &[Dependency]) -> Crate {
    Crate {
        name: name.to_owned(),
        room: Room::of(folder),
        dependencies: dependencies.to_vec(),
        has_image: false,
    }
}

fn needs(name: &str) -> Dependency {
    Dependency { name: name.to_owned(), kind: Kind::Normal, is_optional: false }
}

fn source(path: &str, text: &str) -> Source {
    Source::new(path.to_owned(), text)
}

/// A house in order.
fn house() -> Vec<Crate> {
    let for_the_image = Dependency { is_optional: true, ..needs("kernel") };
    let for_tests = Dependency { kind: Kind::Test, ..needs("netstack") };
    vec![
        one("platform", "contracts/platform", &[]),
        one("netstack", "netstack", &[needs("platform"), needs("smoltcp")]),
        one("kernel", "kernel", &[needs("netstack"), needs("x86_64")]),
        one("dns", "appliances/dns", &[needs("platform"), for_the_image, for_tests]),
        one("simulation", "simulation", &[needs("dns"), needs("netstack"), needs("smoltcp")]),
        one("isopod", "cli", &[needs("dns"), needs("netstack")]),
        one("interop-tests", "interop-tests", &[needs("anyhow")]),
    ]
}

#[test]
fn a_house_in_order_breaks_nothing() {
    let rules = [
        crates::one_way,
        crates::known_rooms,
        crates::machines_are_optional,
        crates::foreign_crates,
        crates::interop_is_foreign,
    ];
    for rule in rules {
        assert_eq!(rule(&house()), [""; 0]);
    }
}

#[test]
fn a_dependency_that_points_back_is_found() {
    for (name, folder, upwards) in [
        ("moment", "contracts/moment", "netstack"),
        ("dns-protocol", "protocols/dns", "dns"),
        ("sites", "appliances/sites", "netstack"),
        ("second", "appliances/second", "dns"),
        ("host", "host", "dns"),
        ("simulation", "simulation", "kernel"),
        ("isopod", "cli", "simulation"),
        ("xtask", "xtask", "isopod"),
        ("laboratory", "laboratory", "isopod"),
    ] {
        let mut house = house();
        house.push(one(name, folder, &[needs(upwards)]));
        assert_eq!(crates::one_way(&house).len(), 1, "{name} on {upwards}");
    }
}

#[test]
fn a_build_dependency_points_one_way_too() {
    let mut house = house();
    let build = Dependency { kind: Kind::Build, ..needs("dns") };
    house.push(one("moment", "contracts/moment", &[build]));
    assert_eq!(crates::one_way(&house).len(), 1);
}

#[test]
fn a_room_that_nobody_decided_on_is_found() {
    assert_eq!(crates::known_rooms(&[one("util", "util", &[])]), ["util"]);
}

#[test]
fn an_appliance_that_always_needs_its_machine_is_found() {
    let mut house = house();
    house.push(one("sites", "appliances/sites", &[needs("kernel")]));
    assert_eq!(crates::machines_are_optional(&house), ["sites depends on kernel in every build"]);
}

#[test]
fn a_foreign_crate_in_the_wrong_room_is_found() {
    for foreign in ["smoltcp", "virtio-drivers", "x86_64", "rustls"] {
        let for_tests = Dependency { kind: Kind::Test, ..needs(foreign) };
        assert_eq!(
            crates::foreign_crates(&[one("dns", "appliances/dns", &[for_tests])]).len(),
            1,
            "{foreign}"
        );
    }
}

#[test]
fn interop_tests_that_use_our_code_are_found() {
    let mut house = house();
    let for_tests = Dependency { kind: Kind::Test, ..needs("dns") };
    house.push(one("interop", "interop-tests", &[for_tests]));
    assert_eq!(crates::interop_is_foreign(&house), ["dns"]);
}

#[test]
fn a_pure_crate_says_so() {
    let pure = source("netstack/src/lib.rs", "#![no_std]\n#![forbid(unsafe_code)]\n");
    assert_eq!(sources::pure_crates(&[pure]), [""; 0]);
    let said_in_a_comment = source("protocols/dns/src/lib.rs", "// #![no_std]\n#![forbid(unsafe_code)]\n");
    assert_eq!(sources::pure_crates(&[said_in_a_comment]), ["protocols/dns/src/lib.rs lacks #![no_std]"]);
    let neither = source("appliances/dns/src/lib.rs", "//! Text.\n");
    assert_eq!(sources::pure_crates(&[neither]).len(), 2);
    assert_eq!(sources::pure_crates(&[source("kernel/src/lib.rs", "")]), [""; 0]);
}

#[test]
fn unsafe_outside_its_rooms_is_found() {
    let text = "fn main() {\n    unsafe { run() }\n}\n";
    assert_eq!(
        sources::unsafe_code(&[source("kernel/src/clock.rs", text)]),
        ["kernel/src/clock.rs:2: unsafe"]
    );
    assert_eq!(sources::unsafe_code(&[source("kernel/src/main.rs", "#[unsafe(no_mangle)]")]).len(), 1);
    assert_eq!(sources::unsafe_code(&[source("kernel/src/hardware/tsc.rs", text)]), [""; 0]);
    assert_eq!(sources::unsafe_code(&[source("host/src/sys/tap.rs", text)]), [""; 0]);
}

#[test]
fn what_only_speaks_of_unsafe_is_not_unsafe() {
    for text in [
        "// unsafe { }",
        "/* unsafe\n unsafe */",
        "#![forbid(unsafe_code)]",
        r#"let text = "unsafe \" unsafe";"#,
        r##"let text = r#"unsafe " unsafe"#;"##,
        "let quote = '\"'; // unsafe\nlet other = '\"';",
        "let quote = '\\''; let text = \"unsafe\";",
    ] {
        assert_eq!(sources::unsafe_code(&[source("cli/src/main.rs", text)]), [""; 0], "{text}");
    }
}

#[test]
fn what_looks_like_text_and_is_not_does_not_hide_unsafe() {
    for text in [
        "let quote = '\"'; unsafe { }",
        "fn borrow<'a>(text: &'a str) { unsafe { } } // 'a",
        "let slash = \"//\"; unsafe { }",
        "let raw = r\"\\\"; unsafe { }",
        "let identifier = for_r; unsafe { } \"",
    ] {
        assert_eq!(sources::unsafe_code(&[source("cli/src/main.rs", text)]).len(), 1, "{text}");
    }
}

#[test]
fn an_appliance_that_names_a_machine_is_found() {
    let text = "use kernel::Machine;\nfn on() { netstack::turn() }\n// host::run\n";
    let breaches = sources::appliances_are_blind(&[source("appliances/dns/src/lib.rs", text)]);
    assert_eq!(breaches, ["appliances/dns/src/lib.rs:2: netstack", "appliances/dns/src/lib.rs:1: kernel"]);
    let other = source("appliances/dns/src/lib.rs", "use localhost::Name;\nlet host = kernel + netstack;\n");
    assert_eq!(sources::appliances_are_blind(&[other]), [""; 0]);
    assert_eq!(sources::appliances_are_blind(&[source("appliances/dns/src/main.rs", text)]), [""; 0]);
    assert_eq!(sources::appliances_are_blind(&[source("cli/src/main.rs", text)]), [""; 0]);
}

#[test]
fn an_image_that_is_not_all_there_is_found() {
    let symbol = |name: &str, is_defined| Symbol { name: name.to_owned(), is_defined };
    let image = |symbols, segments: &[u32]| Image { symbols, segments: segments.to_vec() };
    let own = || symbol("memcpy", true);
    assert_eq!(image::self_contained(&image(vec![own()], &[1])), [""; 0]);
    assert_eq!(image::self_contained(&image(vec![own(), symbol("malloc", false)], &[1])).len(), 1);
    assert_eq!(image::self_contained(&image(vec![own(), symbol("__libc_start_main", true)], &[1])).len(), 1);
    assert_eq!(image::self_contained(&image(vec![own()], &[1, 3])).len(), 1);
    assert_eq!(image::self_contained(&image(vec![own()], &[2])).len(), 1);
    assert_eq!(image::self_contained(&image(vec![], &[1])).len(), 1);
}

#[test]
fn a_program_of_the_host_is_no_image() {
    let own = std::env::current_exe().and_then(std::fs::read).expect("tests can read themselves");
    let breaches = image::self_contained(&Image::read(&own).expect("an ELF file"));
    assert!(breaches.iter().any(|breach| breach == "it wants a dynamic loader"));
}
