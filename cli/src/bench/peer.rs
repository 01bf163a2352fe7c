//! The servers that ours is compared with, each with one worker and without what its operators would switch off too.

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use laboratory::packages::{self, Package};
use laboratory::{SERVER, system};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Peer {
    /// ISC's BIND.
    Bind,
    /// NLnet Labs' NSD.
    Nsd,
    /// CZ.NIC's Knot DNS.
    Knot,
}

impl Peer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bind => "BIND",
            Self::Nsd => "NSD",
            Self::Knot => "Knot",
        }
    }

    /// Its program, and the Debian package that this comes in.
    pub(crate) fn package(self) -> Package {
        match self {
            Self::Bind => ("named", "bind9"),
            Self::Nsd => ("nsd", "nsd"),
            Self::Knot => ("knotd", "knot"),
        }
    }

    fn program(self) -> Result<PathBuf> {
        let (program, _) = self.package();
        packages::find(program).with_context(|| format!("{program} is not installed"))
    }

    /// As it says itself.
    pub(crate) fn version(self) -> Result<String> {
        let option = if self == Self::Nsd { "-v" } else { "-V" };
        let line = system::first_line(Command::new(self.program()?).arg(option));
        let is_number = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit());
        Ok(line.split(' ').find(is_number).unwrap_or("unknown").to_owned())
    }

    /// Octets of its program and the libraries that this is linked with.
    pub(crate) fn size(self) -> Result<u64> {
        let program = self.program()?;
        let output = Command::new("ldd").arg(&program).output().context("running ldd")?;
        let mut files = libraries(&String::from_utf8_lossy(&output.stdout));
        files.insert(program);
        files.iter().map(|file| Ok(fs::metadata(file)?.len())).sum()
    }

    /// What starts it in the foreground, its configuration in `folder`.
    pub(crate) fn command(self, folder: &Path, zone: &Path) -> Result<Command> {
        let configuration = folder.join(format!("{}.conf", self.package().0));
        fs::write(&configuration, self.configuration(folder, zone))?;
        let mut command = Command::new(self.program()?);
        command.args(self.options()).arg(configuration);
        Ok(command)
    }

    /// What stands before the configuration's path.
    pub(crate) fn options(self) -> &'static [&'static str] {
        match self {
            Self::Bind => &["-g", "-n", "1", "-c"],
            Self::Nsd => &["-d", "-c"],
            Self::Knot => &["-c"],
        }
    }

    /// One zone, one worker, no limit on answers, no log of queries, answers as small as ours, nothing but the zone itself.
    pub(crate) fn configuration(self, folder: &Path, zone: &Path) -> String {
        let (at, zone) = (folder.display(), zone.display());
        match self {
            Self::Bind => format!(
                "options {{ directory \"{at}\"; managed-keys-directory \"{at}\"; listen-on {{ {SERVER}; }};\n\
                 listen-on-v6 {{ none; }}; recursion no; minimal-responses yes; notify no; empty-zones-enable no;\n\
                 dnssec-validation no; pid-file none; session-keyfile none; lock-file none; }};\ncontrols {{ }};\n\
                 zone \"example.com\" {{ type primary; file \"{zone}\"; }};\n"
            ),
            Self::Nsd => format!(
                "server:\n server-count: 1\n ip-address: {SERVER}\n username: \"\"\n chroot: \"\"\n pidfile: \"\"\n \
                 database: \"\"\n zonesdir: \"{at}\"\n xfrdir: \"{at}\"\n xfrdfile: \"\"\n \
                 zonelistfile: \"{at}/zone.list\"\n minimal-responses: yes\n round-robin: no\n rrl-ratelimit: 0\n\
                 remote-control:\n control-enable: no\nzone:\n name: \"example.com\"\n zonefile: \"{zone}\"\n"
            ),
            Self::Knot => format!(
                "server:\n    rundir: \"{at}\"\n    listen: {SERVER}\n    udp-workers: 1\n    tcp-workers: 1\n    \
                 background-workers: 1\ndatabase:\n    storage: \"{at}\"\ntemplate:\n  - id: default\n    \
                 storage: \"{at}\"\n    zonefile-load: whole\n    journal-content: none\n    zonefile-sync: -1\n\
                 zone:\n  - domain: example.com.\n    file: \"{zone}\"\n"
            ),
        }
    }
}

/// The files in what ldd prints: `libc.so.6 => /lib/libc.so.6 (0x…)`, `/lib64/ld-linux-x86-64.so.2 (0x…)`.
fn libraries(said: &str) -> BTreeSet<PathBuf> {
    let path = |line: &str| {
        let target = line.split_once("=> ").map_or(line, |(_, target)| target).trim();
        Some(target.split_once(" (")?.0).filter(|path| path.starts_with('/')).map(PathBuf::from)
    };
    said.lines().filter_map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::libraries;

    #[test]
    fn what_ldd_prints_is_read() {
        let said = "\tlinux-vdso.so.1 (0x00007f4c98e3a000)\n\tlibssl.so.3 => /lib/libssl.so.3 (0x00007f4c98c8d000)\n\
                    \tlibmissing.so => not found\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f4c98e3c000)\n";
        let files: Vec<_> = libraries(said).into_iter().map(|file| file.display().to_string()).collect();
        assert_eq!(files, ["/lib/libssl.so.3", "/lib64/ld-linux-x86-64.so.2"]);
    }
}
