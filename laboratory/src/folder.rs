//! Where files lie while they are needed.

use anyhow::{Context, Result};
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A folder that goes when it is dropped.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes one of this name, for this process and this user alone.
    ///
    /// # Errors
    /// It can't be made.
    pub fn new(within: &Path, name: &str) -> Result<Self> {
        let path = within.join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(within).with_context(|| format!("making {}", within.display()))?;
        // One that is there already may be a stranger's, where everybody may make one.
        let made = fs::DirBuilder::new().mode(0o700).create(&path);
        made.with_context(|| format!("making {}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone_already = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::Folder;

    #[test]
    fn one_that_is_there_already_is_nobodys() {
        let within = std::env::temp_dir();
        let folder = Folder::new(&within, "isopod-folder").expect("the first");
        assert!(Folder::new(&within, "isopod-folder").is_err());
        let path = folder.path().to_owned();
        drop(folder);
        assert!(!path.exists());
    }
}
