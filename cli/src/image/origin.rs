//! Where images come from, which is decided when this program is built (`build.rs`).

use crate::appliance::Kind;
use anyhow::{Context as _, Result};
use flate2::read::GzDecoder;
use std::io::Read as _;

/// Where images come from, unless one is given.
#[expect(dead_code, reason = "a program has one of them")]
pub(crate) enum Origin {
    /// Cargo builds them, from the sources in this folder, which this program was built from too.
    Sources(&'static str),
    /// They go along in this program, each by its appliance's name: a complete image, compressed.
    Carried(&'static [(&'static str, &'static [u8])]),
}

/// Where the images of this program come from.
pub(crate) const ORIGIN: Origin = include!(concat!(env!("OUT_DIR"), "/origin.rs"));

/// The image of an appliance among those that go along.
pub(crate) fn unpack(kind: Kind, carried: &[(&str, &[u8])]) -> Result<Vec<u8>> {
    let (_, compressed) = carried
        .iter()
        .find(|(name, _)| *name == kind.name())
        .with_context(|| format!("this program carries no {kind} image; give one with --image"))?;
    let mut image = Vec::new();
    GzDecoder::new(*compressed)
        .read_to_end(&mut image)
        .with_context(|| format!("the {kind} image in this program is damaged"))?;
    Ok(image)
}

#[cfg(test)]
mod tests;
