//! What an image may cost, as its appliance's manifest says: `[package.metadata.image]`.

use crate::appliance::Kind;
use anyhow::{Context as _, Result, bail};
use toml::de::{DeTable, DeValue};

/// The most octets that an image may have, and the memory that it runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    size: u64,
    memory: u64,
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// What the guest has beside the image and its configuration at the least: stacks, heap, rings and their buffers.
const WORKSPACE: u64 = 8 * MIB;

impl Budget {
    /// No bound on the size, and the memory that everything of ours runs in.
    pub(crate) const UNLIMITED: Self = Self { size: u64::MAX, memory: 16 * MIB };

    /// Reads the budget from the manifest of the appliance, as it was when this program was built.
    pub(crate) fn read(kind: Kind) -> Result<Self> {
        Self::of(kind.manifest()).with_context(|| format!("in {}", kind.manifest_path()))
    }

    fn of(manifest: &str) -> Result<Self> {
        let document = DeTable::parse(manifest)?;
        let entry = |key: &str| {
            let image = ["package", "metadata", "image"]
                .iter()
                .try_fold(document.get_ref(), |table, key| table.get(*key)?.get_ref().as_table())
                .context("there is no [package.metadata.image]")?;
            match image.get(key).map(|value| value.get_ref()) {
                Some(DeValue::String(text)) => octets(text)
                    .with_context(|| format!("`{key}` has to be such as \"300 KiB\", not {text:?}")),
                _ => bail!("[package.metadata.image] has no `{key}`, such as \"300 KiB\""),
            }
        };
        Ok(Self { size: entry("size")?, memory: entry("memory")? })
    }

    /// Fails if an image is too large.
    pub(crate) fn check_size(self, kind: Kind, size: usize) -> Result<()> {
        let size = size as u64;
        if size > self.size {
            bail!(
                "the {kind} image has {size} octets, {} more than its budget of {} ({})",
                size - self.size,
                self.size,
                kind.manifest_path()
            );
        }
        Ok(())
    }

    /// The budgeted memory, or more if the configuration needs it; `end` is where the image ends in memory.
    pub(crate) fn memory_mib(self, end: u64, archive: u64) -> u32 {
        let needed = end.saturating_add(archive).saturating_add(WORKSPACE);
        u32::try_from(needed.max(self.memory).div_ceil(MIB)).unwrap_or(u32::MAX)
    }
}

fn octets(text: &str) -> Option<u64> {
    let (number, unit) = text.split_once(' ')?;
    let unit = match unit {
        "KiB" => KIB,
        "MiB" => MIB,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests;
