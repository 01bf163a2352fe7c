//! The lines of the architecture, held by a program: who may depend on whom, and where `unsafe` is.
//!
//! A rule takes what it needs to know as values, so that its tests can show it a project that breaks it.

mod crates;
mod image;
mod sources;
#[cfg(test)]
mod tests;

use crate::program::{cargo, output};
use crate::tally::Tally;
use anyhow::{Context, Result};
use crates::Crate;
use sources::Source;
use std::path::Path;

/// Breaches of a rule, each in a line of its own.
type Breaches = Vec<String>;

/// Checks every rule and says what breaks it.
pub(crate) fn check(root: &Path) -> Result<Tally> {
    let metadata = output(cargo(&["metadata", "--format-version", "1", "--no-deps"]))?;
    let crates = crates::read(&serde_json::from_str(&metadata)?, root)?;
    let sources = sources::read(root)?;

    let mut tally = Tally::default();
    for (rule, check) in CRATE_RULES {
        tally += report(rule, &check(&crates));
    }
    for (rule, check) in SOURCE_RULES {
        tally += report(rule, &check(&sources));
    }
    tally += report("no image contains the crate libc", &libc_in_images(&crates)?);
    Ok(tally)
}

/// Checks the rules on a built image.
pub(crate) fn check_image(path: &Path) -> Result<Tally> {
    let octets = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    let image = image::Image::read(&octets)?;
    Ok(report("an image is all there is, and none of it is a C library", &image::self_contained(&image)))
}

/// A rule on something, and what it says.
type Rules<Subject> = &'static [(&'static str, fn(&[Subject]) -> Breaches)];

const CRATE_RULES: Rules<Crate> = &[
    ("dependencies point one way", crates::one_way),
    ("every crate has its place in the house", crates::known_rooms),
    ("only an image's binary needs a machine", crates::machines_are_optional),
    ("foreign crates are named by one room", crates::foreign_crates),
    ("interop-tests use no crate of ours", crates::interop_is_foreign),
];

const SOURCE_RULES: Rules<Source> = &[
    ("crates above the machines are no_std and forbid unsafe code", sources::pure_crates),
    ("unsafe has an address", sources::unsafe_code),
    ("no appliance names a machine or netstack", sources::appliances_are_blind),
];

fn report(rule: &str, breaches: &Breaches) -> Tally {
    println!("{} {rule}", if breaches.is_empty() { "ok    " } else { "BROKEN" });
    for breach in breaches {
        println!("         {breach}");
    }
    Tally::one(breaches.is_empty())
}

/// The crate `libc` makes rustc link glibc, silently.
fn libc_in_images(crates: &[Crate]) -> Result<Breaches> {
    let mut breaches = Breaches::new();
    for image in crates.iter().filter(|one| one.has_image) {
        let tree = output(cargo(&[
            "tree",
            "--edges",
            "normal",
            "--package",
            &image.name,
            "--features",
            "image",
            "--prefix",
            "none",
            "--format",
            "{lib}",
        ]))?;
        if tree.lines().any(|line| line.trim() == "libc") {
            breaches
                .push(format!("{}: see `cargo tree -e normal -p {0} --features image -i libc`", image.name));
        }
    }
    Ok(breaches)
}
