//! The programs that the tests talk to.

use crate::program::{is_installed, succeeds};
use anyhow::{Result, bail, ensure};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

/// A program of each Debian package that is needed.
const PACKAGES: &[(&str, &str)] = &[
    ("qemu-system-x86_64", "qemu-system-x86"),
    ("named", "bind9"),
    ("named-compilezone", "bind9-utils"),
    ("dig", "bind9-dnsutils"),
    ("nsd", "nsd"),
    ("knotd", "knot"),
    ("kdig", "knot-dnsutils"),
    ("drill", "ldnsutils"),
    ("dnsperf", "dnsperf"),
    ("ip", "iproute2"),
    ("ping", "iputils-ping"),
    ("setpriv", "util-linux"),
    ("g++", "g++"),
];

/// Asked by packages before they start a service.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Installs what is missing through apt, saying so; no server that comes with it is started.
pub(crate) fn install() -> Result<()> {
    let missing: Vec<_> =
        PACKAGES.iter().filter(|(program, _)| !is_installed(program)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        println!("every program that the tests talk to is installed");
        return Ok(());
    }
    let packages = missing.join(" ");
    println!("the tests talk to programs that are not installed yet; installing through apt: {packages}");
    if !is_installed("apt-get") || fs::metadata("/proc/self")?.uid() != 0 {
        bail!(
            "that takes root and apt. Run this, then the tests again:\n\n    sudo apt-get update && sudo apt-get \
             install --no-install-recommends {packages}\n"
        );
    }
    let quieted = forbid_starting_services()?;
    let installed = apt(&["update"]).and_then(|()| {
        let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
        arguments.extend(missing);
        apt(&arguments)
    });
    if quieted {
        fs::remove_file(POLICY)?;
    }
    installed
}

fn apt(arguments: &[&str]) -> Result<()> {
    println!("$ apt-get {}", arguments.join(" "));
    let mut command = Command::new("apt-get");
    command.arg("-q").args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    ensure!(succeeds(command)?, "apt-get {} failed", arguments.join(" "));
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
