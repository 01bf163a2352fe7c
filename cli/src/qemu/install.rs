//! Finding QEMU, and installing it where it is missing.

use super::PROGRAM;
use crate::shell;
use crate::status::{Failure, Status};
use laboratory::packages::{self, Package};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whether to install without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consent {
    /// Given on the command line.
    Given,
    /// To be asked for, if there is somebody to ask.
    Ask,
}

/// QEMU's path; installs it first if it has to, can, and may.
pub(crate) fn find_or_install(consent: Consent) -> Result<PathBuf, Failure> {
    if let Some(path) = find(PROGRAM) {
        return Ok(path);
    }
    let has_terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    let Some(commands) = commands(rustix::process::geteuid().is_root(), has_terminal, find) else {
        return Err(refuse("it can't be installed from here", &by_hand()));
    };

    eprintln!("QEMU is missing: there is no {PROGRAM} in PATH. About to install it through apt:\n");
    print_commands(&commands);
    if consent == Consent::Ask && has_terminal && !is_agreed()? {
        return Err(refuse("it was not installed", &commands));
    }
    for command in &commands {
        let (program, arguments) = command.split_first().expect("a command has a program");
        let status = Command::new(program).args(arguments).env("DEBIAN_FRONTEND", "noninteractive").status();
        if !status.is_ok_and(|status| status.success()) {
            return Err(refuse(&format!("`{}` failed", shell::quoted(command)), &commands));
        }
    }
    find(PROGRAM).ok_or_else(|| refuse("apt installed it, yet it is not in PATH", &commands))
}

/// The packages of those programs that are missing, once it is agreed that they be installed.
pub(crate) fn agree_on(packages: &[Package], consent: Consent) -> Result<Vec<&'static str>, Failure> {
    let missing = packages::missing(packages);
    if missing.is_empty() {
        return Ok(missing);
    }
    let by_hand = packages::by_hand(&missing);
    eprintln!(
        "Programs are missing. About to install them through apt; no server that comes with them is started:\n"
    );
    eprintln!("    {by_hand}\n");
    let has_terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    if consent == Consent::Ask && has_terminal && !is_agreed()? {
        return Err(anyhow::anyhow!("these are needed: {}", missing.join(", ")).into());
    }
    Ok(missing)
}

/// A program in `PATH` that may be run.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// What installs it; `None` if this system has no apt, or this user no way to use it.
fn commands(
    is_root: bool,
    has_terminal: bool,
    find: impl Fn(&str) -> Option<PathBuf>,
) -> Option<Vec<Vec<OsString>>> {
    find("apt-get")?;
    let prefix: &[&str] = if is_root {
        &[]
    } else {
        find("sudo")?;
        // Without a terminal nobody can type a password.
        if has_terminal { &["sudo"] } else { &["sudo", "-n"] }
    };
    Some(with_prefix(prefix))
}

fn by_hand() -> Vec<Vec<OsString>> {
    with_prefix(if rustix::process::geteuid().is_root() { &[] } else { &["sudo"] })
}

fn with_prefix(prefix: &[&str]) -> Vec<Vec<OsString>> {
    let update = ["apt-get", "update"];
    let install = ["apt-get", "install", "--yes", "--no-install-recommends", "qemu-system-x86"];
    let command = |words: &[&str]| prefix.iter().chain(words).map(OsString::from).collect();
    vec![command(&update), command(&install)]
}

fn is_agreed() -> io::Result<bool> {
    eprint!("Go ahead? [Y/n] ");
    io::stderr().flush()?;
    let mut answer = String::new();
    let length = io::stdin().read_line(&mut answer)?;
    Ok(length != 0 && matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes"))
}

fn refuse(reason: &str, commands: &[Vec<OsString>]) -> Failure {
    eprintln!("error: QEMU is missing, and {reason}. On Debian and Ubuntu, this installs it:\n");
    print_commands(commands);
    eprintln!("Without QEMU, the same appliance runs as a process of this host: add `--on host`.");
    Failure::silent(Status::Host)
}

fn print_commands(commands: &[Vec<OsString>]) {
    for command in commands {
        eprintln!("    {}", shell::quoted(command));
    }
    eprintln!();
}

#[cfg(test)]
mod tests;
