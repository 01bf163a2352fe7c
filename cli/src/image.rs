//! Images: carried or built by cargo, stripped, given a configuration, explained after a fault.

pub(crate) mod budget;
mod build;
mod cargo;
pub(crate) mod elf;
mod origin;
pub(crate) mod symbols;

use crate::appliance::Kind;
use anyhow::{Context as _, Result};
use budget::Budget;
use origin::{ORIGIN, Origin};
use std::path::Path;

/// An image, ready to be booted or to be given a configuration.
#[derive(Debug)]
pub(crate) struct Image {
    /// What it is called in messages.
    pub(crate) name: String,
    /// The whole file, with what debug information that has.
    pub(crate) complete: Vec<u8>,
    /// What is booted of it.
    pub(crate) stripped: Vec<u8>,
    pub(crate) budget: Budget,
}

impl Image {
    /// Takes `given`, or the one that this program carries, or else builds it. Fails if it is past its budget.
    pub(crate) fn obtain(kind: Kind, given: Option<&Path>) -> Result<Self> {
        let (name, complete, budget) = match (given, ORIGIN) {
            // Whoever brings an image has agreed to its size.
            (Some(path), _) => (path.display().to_string(), read(path)?, Budget::UNLIMITED),
            (None, Origin::Carried(images)) => {
                (format!("the {kind} image"), origin::unpack(kind, images)?, Budget::read(kind)?)
            }
            (None, Origin::Sources(sources)) => {
                let path = build::build(kind, Path::new(sources))?;
                (path.display().to_string(), read(&path)?, Budget::read(kind)?)
            }
        };
        let stripped = elf::strip(&complete).with_context(|| format!("{name} can't be booted"))?;
        budget.check_size(kind, stripped.len())?;
        Ok(Self { name, complete, stripped, budget })
    }

    /// The memory of a machine that runs it with a configuration of so many octets, in MiB.
    pub(crate) fn memory_mib(&self, archive: usize) -> Result<u32> {
        let end = elf::end(&self.stripped)?;
        Ok(self.budget.memory_mib(end, archive as u64))
    }

    /// Less than this, in MiB, can't even be started: it holds the image and its configuration and nothing else.
    pub(crate) fn least_memory_mib(&self, archive: usize) -> Result<u32> {
        let end = elf::end(&self.stripped)?;
        Ok(u32::try_from((end + archive as u64).div_ceil(1 << 20)).unwrap_or(u32::MAX))
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read the image {}", path.display()))
}
