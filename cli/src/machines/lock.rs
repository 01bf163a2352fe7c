//! One at a time in the folder of all machines.

use super::Machines;
use anyhow::{Context as _, Result};
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The folder of all machines, held; removed when it is let go, if it is empty.
pub(super) struct Lock<'a> {
    _file: File,
    root: &'a Path,
}

impl Machines {
    /// Holds everybody else off until it is dropped.
    pub(super) fn lock(&self) -> Result<Lock<'_>> {
        loop {
            self.make_root()?;
            let Some(file) = open(&self.root)? else { continue };
            flock(&file, FlockOperation::LockExclusive)?;
            // Whoever held it before may have removed the folder, as one does with an empty one.
            let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
            if fs::metadata(&self.root).ok().map(identity) == Some(identity(file.metadata()?)) {
                return Ok(Lock { _file: file, root: &self.root });
            }
        }
    }
}

/// `None` if it was removed: whatever else is wrong won't be better the next time.
fn open(folder: &Path) -> Result<Option<File>> {
    match File::open(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        file => file.map(Some).with_context(|| format!("cannot open {}", folder.display())),
    }
}

impl Drop for Lock<'_> {
    fn drop(&mut self) {
        // Fails where there are machines, which is right.
        let _ = fs::remove_dir(self.root);
    }
}

#[cfg(test)]
mod tests {
    use super::open;
    use std::path::Path;

    #[test]
    fn only_what_is_gone_is_tried_again() {
        assert!(open(Path::new("/")).unwrap().is_some());
        assert!(open(Path::new("/nothing of this name")).unwrap().is_none());
        assert!(open(Path::new("/dev/null/folder")).is_err(), "what is no folder has none in it");
    }
}
