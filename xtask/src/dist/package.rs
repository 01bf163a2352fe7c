//! One tar file with the program, its licences, guides, examples and completions: the same files always make the same octets.

use super::{compress, notices};
use crate::program::output;
use crate::root;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;
use std::process::Command;
use tar::{Builder, EntryType, Header};

/// Files and folders of the sources that go along as they are.
const SOURCES: &[&str] =
    &["ARCHITECTURE.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "docs", "examples"];

/// Shells, and how each wants to have its completions named.
const COMPLETIONS: &[(&str, &str)] = &[("bash", "isopod"), ("fish", "isopod.fish"), ("zsh", "_isopod")];

/// Writes it: everything in a folder `name`.
pub(super) fn write(path: &Path, name: &str, program: &Path) -> Result<()> {
    let mut package = Package { builder: Builder::new(Vec::new()), folder: name };
    package.add("isopod", &fs::read(program)?, 0o755)?;
    package.add("LICENSES-THIRD-PARTY", notices::collect()?.as_bytes(), 0o644)?;
    for source in SOURCES {
        package.add_source(source)?;
    }
    for (shell, file) in COMPLETIONS {
        let mut command = Command::new(program);
        command.args(["completions", shell]);
        package.add(&format!("completions/{shell}/{file}"), output(command)?.as_bytes(), 0o644)?;
    }
    let octets = compress(&package.builder.into_inner()?)?;
    fs::write(path, octets).with_context(|| format!("cannot write {}", path.display()))
}

struct Package<'a> {
    builder: Builder<Vec<u8>>,
    folder: &'a str,
}

impl Package<'_> {
    fn add(&mut self, path: &str, content: &[u8], mode: u32) -> Result<()> {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(content.len() as u64);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        Ok(self.builder.append_data(&mut header, format!("{}/{path}", self.folder), content)?)
    }

    /// A file, or a folder with all that is in it, in order.
    fn add_source(&mut self, path: &str) -> Result<()> {
        let full = root().join(path);
        if full.is_file() {
            return self.add(path, &fs::read(full)?, 0o644);
        }
        let mut names = Vec::new();
        for entry in fs::read_dir(&full).with_context(|| format!("reading {}", full.display()))? {
            names.push(entry?.file_name().into_string().ok().context("a file's name is not UTF-8")?);
        }
        names.sort();
        names.iter().try_for_each(|name| self.add_source(&format!("{path}/{name}")))
    }
}
