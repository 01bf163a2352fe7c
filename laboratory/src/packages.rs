//! Programs of others, installed through apt where they are missing.

use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
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
/// # Errors
/// This takes root and apt, and what apt takes.
pub fn install(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    if find("apt-get").is_none() || fs::metadata("/proc/self")?.uid() != 0 {
        bail!("that takes root and apt. Run this, then try again:\n\n    {}\n", by_hand(packages));
    }
    let quieted = forbid_starting_services()?;
    let installed = apt(&["update"]).and_then(|()| {
        let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
        arguments.extend(packages);
        apt(&arguments)
    });
    if quieted {
        fs::remove_file(POLICY)?;
    }
    installed
}

fn apt(arguments: &[&str]) -> Result<()> {
    eprintln!("$ apt-get {}", arguments.join(" "));
    let mut command = Command::new("apt-get");
    command.arg("-q").args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    let status = command.stdout(std::io::stderr()).status().context("running apt-get")?;
    ensure!(status.success(), "apt-get {} failed", arguments.join(" "));
    Ok(())
}

/// Whether this made a policy that must go again.
fn forbid_starting_services() -> Result<bool> {
    if Path::new(POLICY).exists() {
        return Ok(false);
    }
    fs::write(POLICY, "#!/bin/sh\nexit 101\n")?;
    fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755))?;
    Ok(true)
}
