//! Images: built by cargo, stripped, given a configuration, explained after a fault.

pub(crate) mod budget;
pub(crate) mod build;
pub(crate) mod elf;
pub(crate) mod symbols;

use crate::appliance::Kind;
use anyhow::{Context as _, Result};
use budget::Budget;
use std::path::{Path, PathBuf};

/// An image, ready to be booted or to be given a configuration.
#[derive(Debug)]
pub(crate) struct Image {
    /// The file that it came from, with what debug information that has.
    pub(crate) path: PathBuf,
    /// The whole file.
    pub(crate) complete: Vec<u8>,
    /// What is booted of it.
    pub(crate) stripped: Vec<u8>,
    pub(crate) budget: Budget,
}

impl Image {
    /// Takes `given`, or builds the appliance's own. Fails if it is past its budget.
    pub(crate) fn obtain(kind: Kind, given: Option<&Path>) -> Result<Self> {
        let (path, budget) = match given {
            // Whoever brings an image has agreed to its size.
            Some(path) => (path.to_owned(), Budget::UNLIMITED),
            None => (build::build(kind)?, Budget::read(kind)?),
        };
        let complete =
            std::fs::read(&path).with_context(|| format!("cannot read the image {}", path.display()))?;
        let stripped =
            elf::strip(&complete).with_context(|| format!("{} can't be booted", path.display()))?;
        budget.check_size(kind, stripped.len())?;
        Ok(Self { path, complete, stripped, budget })
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
