//! Images, built as a user builds them.

use crate::program::{cargo, output, succeeds};
use crate::{root, target};
use anyhow::{Context, Result, ensure};
use object::Endianness;
use object::elf::{FileHeader64, PT_LOAD};
use object::read::elf::{ElfFile64, ProgramHeader};
use std::path::Path;
use std::process::Command;

/// An image with a configuration in it.
#[derive(Debug)]
pub(super) struct Image {
    /// QEMU's command, as `isopod build` prints it.
    pub(super) command: Vec<String>,
    /// Octets of the stripped image alone.
    pub(super) size: u64,
    /// Octets of the configuration in it, compiled zones included.
    pub(super) configuration: u64,
}

impl Image {
    /// Builds the DNS image with this configuration into a file.
    pub(super) fn build(configuration: &Path, to: &Path) -> Result<Self> {
        let build = cargo(&["build", "--quiet", "--release", "--package", "isopod"]);
        ensure!(succeeds(build)?, "isopod can't be built");
        let mut build = Command::new(target().join("release/isopod"));
        build.current_dir(root()).args(["build", "dns", "--format", "json", "--config"]).arg(configuration);
        build.arg("--output").arg(to);
        let recipes: serde_json::Value = serde_json::from_str(&output(build)?)?;
        let words = recipes["qemu"].as_array().context("isopod build prints no command of QEMU")?;
        let command = words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect();
        let octets = std::fs::read(to).with_context(|| format!("reading {}", to.display()))?;
        let (size, configuration) = sizes(&octets)?;
        Ok(Self { command, size, configuration })
    }
}

/// Octets of the image, and of the configuration: the segment that `isopod build` puts behind all others.
fn sizes(octets: &[u8]) -> Result<(u64, u64)> {
    let file: ElfFile64<'_, Endianness> = ElfFile64::parse(octets)?;
    let headers: &[<FileHeader64<Endianness> as object::read::elf::FileHeader>::ProgramHeader] =
        file.elf_program_headers();
    let endian = file.endian();
    let (last, image) = headers.split_last().context("it has no segments")?;
    ensure!(last.p_type(endian) == PT_LOAD, "its last segment is no configuration");
    let ends = image.iter().map(|segment| segment.p_offset(endian) + segment.p_filesz(endian));
    Ok((ends.max().unwrap_or(0), last.p_filesz(endian)))
}
