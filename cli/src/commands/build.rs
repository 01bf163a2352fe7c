//! `isopod build`.

mod recipes;

use crate::appliance;
use crate::arguments::{Build, Format};
use crate::image::{Image, elf};
use crate::status::{Failure, Status};
use anyhow::{Context as _, Result};
use recipes::Recipes;
use std::fs;
use std::io::{Write, stdout};
use std::path::Path;

/// Builds an image with a configuration in it, and prints how to boot it.
pub(crate) fn build(arguments: &Build) -> Result<Status, Failure> {
    let prepared = appliance::prepare(arguments.appliance, &arguments.config)?;
    let image = Image::obtain(arguments.appliance, arguments.image.as_deref())?;
    let complete = elf::append(&image.stripped, &prepared.archive)
        .with_context(|| format!("{} can't take a configuration", image.name))?;
    write(&arguments.output, &complete)?;

    let memory_mib = image.memory_mib(prepared.archive.len())?;
    let recipes = Recipes::new(&arguments.output, memory_mib, &prepared)?;
    match arguments.format {
        Format::Json => {
            writeln!(stdout(), "{}", serde_json::to_string_pretty(&recipes.json(complete.len()))?)?
        }
        Format::Human => {
            eprintln!(
                "* {} has {} octets: {} of the image, {} of the configuration",
                arguments.output.display(),
                complete.len(),
                image.stripped.len(),
                prepared.archive.len()
            );
            write!(stdout(), "{}", recipes.text())?;
        }
    }
    Ok(Status::Done)
}

/// Replaces a file whole.
fn write(path: &Path, content: &[u8]) -> Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(format!(".{}", std::process::id()));
    let written = fs::write(&unfinished, content).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}
