//! The same commit makes the same images, octet for octet, wherever the sources and cargo's folders lie.

use super::{IMAGES, build_image};
use crate::image::home;
use crate::program::output;
use crate::tally::Tally;
use crate::{root, target};
use anyhow::{Context, Result};
use laboratory::Folder;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// Builds every image once more, from a copy of the sources, into another folder, with another `CARGO_HOME`; compares.
pub(crate) fn check() -> Result<Tally> {
    let folder = Folder::new(&std::env::temp_dir(), "isopod-reproduction")?;
    compare(folder.path())
}

fn compare(folder: &Path) -> Result<Tally> {
    let [sources, cargo_home, to] = ["the/sources", "cargo", "built"].map(|part| folder.join(part));
    copy_sources(&sources)?;
    link_cargo_home(&cargo_home)?;
    let mut tally = Tally::default();
    for image in IMAGES {
        let here = build_image(root(), home().as_deref(), &target().join("image"), image)?;
        let there = build_image(&sources, Some(&cargo_home), &to, image)?;
        let (here, there) = (fs::read(here)?, fs::read(there)?);
        let differing = here.iter().zip(&there).position(|(one, other)| one != other);
        match differing {
            None if here.len() == there.len() => {
                println!("{} is the same, {} octets", image.binary, here.len())
            }
            _ => println!("{} DIFFERS, first at octet {differing:?}", image.binary),
        }
        tally += Tally::one(here == there);
    }
    Ok(tally)
}

/// The files that git knows of, and those that it will be asked to.
fn copy_sources(to: &Path) -> Result<()> {
    let mut list = Command::new("git");
    list.current_dir(root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    for name in output(list)?.split_terminator('\0') {
        let from = root().join(name);
        // One that was removed is known until that is committed.
        if from.is_file() {
            let copy = to.join(name);
            fs::create_dir_all(copy.parent().context("a file lies in a folder")?)?;
            fs::copy(from, copy)?;
        }
    }
    Ok(())
}

/// A folder of another name, through which cargo finds what it has fetched already.
fn link_cargo_home(to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(home().context("cargo has no home")?)? {
        let entry = entry?;
        symlink(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
