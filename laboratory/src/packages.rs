//! Programs of others, installed through apt where they are missing.

use crate::Interruption;
use anyhow::{Context, Result, bail, ensure};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program and the Debian package that it comes in.
pub type Package = (&'static str, &'static str);

/// Asked by packages before they start a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Where a program is: in PATH, or where Debian keeps servers.
#[must_use]
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    path.split(':').map(|folder| Path::new(folder).join(program)).find(|path| path.is_file())
}

/// The packages of those programs that are not installed.
#[must_use]
pub fn missing(packages: &[Package]) -> Vec<&'static str> {
    packages.iter().filter(|(program, _)| find(program).is_none()).map(|(_, package)| *package).collect()
}

/// What installs them by hand.
#[must_use]
pub fn by_hand(packages: &[&str]) -> String {
    format!("sudo apt-get update && sudo apt-get install --no-install-recommends {}", packages.join(" "))
}

/// Installs them, showing what apt says; no server that comes with them is started.
///
/// Signals are watched meanwhile: what forbids starting servers has to go again.
///
/// # Errors
/// This takes root and apt, and what apt takes; or it was interrupted.
pub fn install(packages: &[&str], interruption: &Interruption) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    if find("apt-get").is_none() || fs::metadata("/proc/self")?.uid() != 0 {
        bail!("that takes root and apt. Run this, then try again:\n\n    {}\n", by_hand(packages));
    }
    let _policy = Policy::forbid_starting_services(Path::new(POLICY))?;
    apt(&["update"])?;
    interruption.go_on()?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments)?;
    interruption.go_on()
}

fn apt(arguments: &[&str]) -> Result<()> {
    eprintln!("$ apt-get {}", arguments.join(" "));
    let mut command = Command::new("apt-get");
    command.arg("-q").args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    let status = command.stdout(std::io::stderr()).status().context("running apt-get")?;
    ensure!(status.success(), "apt-get {} failed", arguments.join(" "));
    Ok(())
}

/// A policy that no service be started, gone when dropped.
struct Policy<'a>(&'a Path);

impl<'a> Policy<'a> {
    /// `None` if there is a policy already, which stays as it is.
    fn forbid_starting_services(path: &'a Path) -> Result<Option<Self>> {
        let mut file = match File::options().write(true).create_new(true).mode(0o755).open(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(None),
            file => file.with_context(|| format!("making {}", path.display()))?,
        };
        let policy = Self(path);
        file.write_all(b"#!/bin/sh\nexit 101\n")?;
        Ok(Some(policy))
    }
}

impl Drop for Policy<'_> {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(self.0) {
            eprintln!("{} is left, and keeps every service from starting: {error}", self.0.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Policy;
    use crate::Folder;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_policy_goes_again_and_a_strangers_stays() {
        let folder = Folder::new(&std::env::temp_dir(), "isopod-policy").expect("a folder");
        let path = folder.path().join("policy");
        let policy = Policy::forbid_starting_services(&path).expect("a file").expect("there was none");
        assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o500, 0o500);
        assert!(Policy::forbid_starting_services(&path).expect("no error").is_none());
        assert!(path.exists(), "the other's stays");
        drop(policy);
        assert!(!path.exists());
    }
}
