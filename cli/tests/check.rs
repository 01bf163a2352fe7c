//! `isopod check` on examples that are broken, and on those that are not: whole output and exit status.
//!
//! `UPDATE_EXPECTED=1 cargo test -p isopod --test check` writes down what is printed now, to be read before it is committed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn check(folder: &Path, format: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_isopod"))
        .current_dir(folder)
        .args(["check", "dns", "--config", "appliance.toml", "--format", format])
        .output()
        .unwrap()
}

/// Compares with the file `expected.txt` beside the configuration.
#[track_caller]
fn check_expected(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken").join(name);
    let output = check(&folder, "human");
    let printed = String::from_utf8(output.stdout).unwrap();
    let path = folder.join("expected.txt");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, &printed).unwrap();
    }
    assert_eq!(printed, fs::read_to_string(&path).unwrap(), "{}", path.display());
    assert_eq!(output.status.code(), Some(3), "the configuration has errors");
    assert_eq!(output.stderr, b"");

    let listed: serde_json::Value = serde_json::from_slice(&check(&folder, "json").stdout).unwrap();
    let errors = printed.lines().filter(|line| line.starts_with("error: ")).count();
    let warnings = printed.lines().filter(|line| line.starts_with("warning: ")).count();
    assert_eq!((&listed["errors"], &listed["warnings"]), (&errors.into(), &warnings.into()));
    for diagnostic in listed["diagnostics"].as_array().unwrap() {
        check_place(&folder, &diagnostic["place"]);
    }
}

/// A line and column lead to where the offset does.
#[track_caller]
fn check_place(folder: &Path, place: &serde_json::Value) {
    let Some(file) = place["file"].as_str() else { return };
    let text = fs::read(folder.join(file)).unwrap();
    let number = |key: &str| usize::try_from(place["start"][key].as_u64().unwrap()).unwrap();
    let before: usize =
        text.split_inclusive(|&octet| octet == b'\n').take(number("line") - 1).map(<[u8]>::len).sum();
    let column = String::from_utf8_lossy(&text[before..number("offset")]).chars().count() + 1;
    assert_eq!(column, number("column"), "{place}");
}

#[test]
fn mistakes_in_a_configuration() {
    check_expected("configuration");
}

#[test]
fn mistakes_between_links() {
    check_expected("links");
}

#[test]
fn mistakes_in_the_syntax_of_a_configuration() {
    check_expected("syntax");
}

#[test]
fn mistakes_in_the_syntax_of_a_zone() {
    check_expected("master-file");
}

#[test]
fn mistakes_in_what_a_zone_says() {
    check_expected("zone");
}

#[test]
fn every_broken_example_is_checked() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let tests = fs::read_to_string(
        file!()
            .rsplit_once("cli/")
            .map_or(PathBuf::from(file!()), |(_, file)| Path::new(env!("CARGO_MANIFEST_DIR")).join(file)),
    )
    .unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(tests.contains(&format!("check_expected({name:?})")), "nothing checks {name}");
    }
}

#[test]
fn the_examples_have_no_mistakes() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    for entry in fs::read_dir(examples).unwrap() {
        let output = check(&entry.unwrap().path(), "human");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "appliance.toml: no mistakes\n");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn a_missing_configuration_is_no_mistake_in_one() {
    let output = check(&std::env::temp_dir().join("."), "human");
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        complaint,
        "error: cannot read the configuration appliance.toml: No such file or directory (os error 2)\n"
    );
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    for arguments in [&["completions", "bash"][..], &["ps"], &["ps", "--format", "json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output =
            Command::new(env!("CARGO_BIN_EXE_isopod")).args(arguments).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(output.stderr, b"", "{arguments:?}");
    }
}
