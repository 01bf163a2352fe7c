//! The archive: one POSIX tar file, in memory, files lent without a copy.

use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tar_no_std::{TarArchiveRef, TarFormatString};

/// A tar archive in memory; cheap to clone.
#[derive(Clone, Debug)]
pub struct Archive {
    bytes: Bytes,
}

/// Where the files that a configuration names come from.
pub trait Files {
    /// The content of the file at `path` (relative to the configuration's folder, or absolute), or why there is none.
    fn read(&mut self, path: &str) -> Result<Bytes, String>;
}

impl Archive {
    /// The path of the root of every archive.
    pub const DOCUMENT: &'static str = "appliance.toml";

    /// The path of [`Network`](crate::Network) as a value.
    pub const NETWORK: &'static str = "network";

    /// Takes an archive up.
    pub fn new(bytes: Bytes) -> Result<Self, Unusable> {
        match TarArchiveRef::new(&bytes) {
            Ok(_) => Ok(Self { bytes }),
            Err(_) => Err(Unusable::NoArchive),
        }
    }

    /// A value's form as a file of an archive.
    #[must_use]
    pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
        postcard::to_allocvec(value)
            .expect("values have no parts that can't be written, and memory is not short on a host")
    }

    /// The value in a file.
    pub fn value<T: DeserializeOwned>(&self, path: &'static str) -> Result<T, Unusable> {
        let content = self.file(path).ok_or(Unusable::Missing(path))?;
        postcard::from_bytes(&content).map_err(|_| Unusable::Malformed(path))
    }

    /// The content of a file, sharing the archive's memory.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<Bytes> {
        let archive = TarArchiveRef::new(&self.bytes).ok()?;
        let entry = archive.entries().find(|entry| is_named(&entry.filename(), path))?;
        Some(self.bytes.slice_ref(entry.data()))
    }
}

fn is_named<const N: usize>(name: &TarFormatString<N>, path: &str) -> bool {
    name.as_str().is_ok_and(|name| name == path)
}

/// Why a machine can't take an archive up. The host made it from texts that it checked, so this is no mistake in those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is no tar archive.
    NoArchive,
    /// It lacks a file.
    Missing(&'static str),
    /// A file does not hold what it should, or is of another version.
    Malformed(&'static str),
}

impl fmt::Display for Unusable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoArchive => formatter.write_str("the configuration is no tar archive"),
            Self::Missing(path) => write!(formatter, "the configuration's archive has no file `{path}`"),
            Self::Malformed(path) => write!(
                formatter,
                "the file `{path}` of the configuration's archive is corrupt, or made by another version of isopod"
            ),
        }
    }
}

impl core::error::Error for Unusable {}

#[cfg(test)]
mod tests;
