//! The licences of everything that others wrote and that is in the program or in an image.

use super::{IMAGES, metadata};
use crate::image::TARGET;
use crate::program::{cargo, output};
use anyhow::{Context, Result};
use core::fmt::Write as _;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What has no package.
const RUNTIME: &str = "\
The program holds parts of the Rust standard library (MIT OR Apache-2.0, https://github.com/rust-lang/rust) and, being
linked statically, of the GNU C library (LGPL-2.1-or-later, https://sourceware.org/glibc/). Its sources, with which it can be
linked against another version of that library, are Isopod's: `cargo xtask dist` makes it.
";

/// How the names of licence files begin.
const LICENCES: &[&str] = &["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];

/// Every package's name, version and licence; then every text once, under the packages that it is of.
pub(super) fn collect() -> Result<String> {
    let used = used_packages()?;
    let metadata = metadata()?;
    let mut list = String::new();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in metadata["packages"].as_array().context("cargo metadata without packages")? {
        let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        let name = format!("{} v{}", text("name"), text("version"));
        // What has no source is ours.
        if package["source"] == Value::Null || !used.contains(&name) {
            continue;
        }
        writeln!(list, "{name}: {}, {}", text("license"), text("repository"))?;
        let manifest = text("manifest_path");
        let folder = Path::new(&manifest).parent().context("a manifest lies in a folder")?;
        for licence in licences(folder)? {
            texts.entry(licence).or_default().insert(name.clone());
        }
    }
    let mut notices = format!("{RUNTIME}\n{list}");
    for (text, packages) in texts {
        let packages: Vec<_> = packages.into_iter().collect();
        write!(notices, "\n{}\n\n{}:\n\n{}\n", "=".repeat(80), packages.join(", "), text.trim_end())?;
    }
    Ok(notices)
}

/// Name and version of what is linked into the program or an image.
fn used_packages() -> Result<BTreeSet<String>> {
    let mut used = BTreeSet::new();
    let images = IMAGES.iter().map(|image| vec!["--package", image.package, "--features", "image"]);
    for which in images.chain([vec!["--package", "isopod"]]) {
        let mut command = cargo(&["tree", "--locked", "--edges", "normal", "--prefix", "none"]);
        command.args(["--format", "{p}", "--target", TARGET]).args(which);
        used.extend(output(command)?.lines().map(|line| {
            let words: Vec<_> = line.split(' ').take(2).collect();
            words.join(" ")
        }));
    }
    Ok(used)
}

/// The texts of a package's licences.
fn licences(folder: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        if entry.file_type()?.is_file() && LICENCES.iter().any(|licence| name.starts_with(licence)) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    paths.iter().map(|path| Ok(String::from_utf8_lossy(&fs::read(path)?).replace('\r', ""))).collect()
}
