//! The archive: one POSIX tar file, in memory, files lent without a copy.

use alloc::string::String;
use bytes::Bytes;
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

    /// Takes an archive up; says what it is not if it is none.
    pub fn new(bytes: Bytes) -> Result<Self, &'static str> {
        match TarArchiveRef::new(&bytes) {
            Ok(_) => Ok(Self { bytes }),
            Err(_) => Err("the configuration is not a tar archive"),
        }
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
