//! A Debian by debootstrap: kernel, modules, and a root file system with the servers in it.

use super::MODULES;
use anyhow::{Context as _, Result, ensure};
use core::time::Duration;
use laboratory::{Interruption, Program};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is in it beside the base system.
const PACKAGES: [&str; 6] = ["bind9", "nsd", "knot", "iproute2", "busybox-static", "linux-image-cloud-amd64"];

/// What is not on the root file system: the kernel boots from outside, the rest serves nobody here.
const LEFT_OUT: [&str; 8] = [
    "boot",
    "usr/lib/modules",
    "var/cache/apt",
    "var/lib/apt/lists",
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "proc",
];

/// How long debootstrap may take, and how long mke2fs.
const DOWNLOAD: Duration = Duration::from_secs(30 * 60);
const WRITING: Duration = Duration::from_secs(5 * 60);

/// One that was made.
#[derive(Debug)]
pub(super) struct Debian {
    folder: PathBuf,
    /// Of its packages.
    pub(super) versions: BTreeMap<String, String>,
    /// Of its kernel.
    pub(super) release: String,
    /// Octets of kernel and root file system.
    pub(super) size: u64,
}

impl Debian {
    /// Takes it from the cache, or makes it.
    pub(super) fn obtain(interruption: &Interruption) -> Result<Self> {
        let suite = suite();
        let folder = cache()?.join(format!("linux-{suite}"));
        if !folder.is_dir() {
            let unfinished = folder.with_extension(std::process::id().to_string());
            let made =
                make(&suite, &unfinished, interruption).and_then(|()| Ok(fs::rename(&unfinished, &folder)?));
            if made.is_err() {
                let _not_even_begun = fs::remove_dir_all(&unfinished);
            }
            made.context("making a Linux guest")?;
        }
        Self::read(folder)
    }

    fn read(folder: PathBuf) -> Result<Self> {
        let status = fs::read_to_string(folder.join("status")).context("reading the guest's packages")?;
        let release = fs::read_to_string(folder.join("release")).context("reading the kernel's release")?;
        let mut debian = Self { folder, versions: versions(&status), release, size: 0 };
        // The root file system is a file with holes: what counts is what is there.
        debian.size = fs::metadata(debian.kernel())?.len() + fs::metadata(debian.root())?.blocks() * 512;
        Ok(debian)
    }

    pub(super) fn kernel(&self) -> PathBuf {
        self.folder.join("vmlinuz")
    }

    pub(super) fn root(&self) -> PathBuf {
        self.folder.join("root.ext4")
    }

    pub(super) fn busybox(&self) -> PathBuf {
        self.folder.join("busybox")
    }

    pub(super) fn module(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{}.ko", name.replace('/', "-")))
    }
}

/// The suite that this host is of, or one that every debootstrap knows.
fn suite() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let value = |key: &str| release.lines().find_map(|line| line.strip_prefix(key));
    let own = (value("ID=") == Some("debian")).then(|| value("VERSION_CODENAME=")).flatten();
    own.unwrap_or("bookworm").to_owned()
}

/// The user's cache folder (XDG Base Directory Specification).
fn cache() -> Result<PathBuf> {
    let folder = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let folder = folder.or_else(|| Some(std::env::home_dir()?.join(".cache")));
    let folder = folder.context("this user has no home, and XDG_CACHE_HOME is not set")?.join("isopod");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}

/// Makes one, in a folder of its own.
fn make(suite: &str, folder: &Path, interruption: &Interruption) -> Result<()> {
    eprintln!("* making a Linux guest by debootstrap, once; this takes some minutes");
    let tree = folder.join("tree");
    fs::create_dir_all(&tree)?;
    // In a mount namespace of its own: nothing that debootstrap mounts outlives it.
    let mut debootstrap = Command::new("unshare");
    debootstrap.args(["--mount", "debootstrap", "--variant=minbase"]);
    debootstrap.arg(format!("--include={}", PACKAGES.join(","))).arg(suite).arg(&tree);
    run(debootstrap, &folder.join("debootstrap.log"), DOWNLOAD, interruption)?;

    let release = kernel_release(&tree)?;
    let to = Debian { folder: folder.to_owned(), versions: BTreeMap::new(), release, size: 0 };
    fs::copy(tree.join(format!("boot/vmlinuz-{}", to.release)), to.kernel())?;
    fs::copy(tree.join("bin/busybox"), to.busybox())?;
    fs::copy(tree.join("var/lib/dpkg/status"), folder.join("status"))?;
    fs::write(folder.join("release"), &to.release)?;
    for module in MODULES {
        let path = tree.join(format!("usr/lib/modules/{}/kernel/{module}.ko", to.release));
        fs::copy(&path, to.module(module)).with_context(|| format!("copying {}", path.display()))?;
    }
    for name in LEFT_OUT {
        let path = tree.join(name);
        let _not_there = fs::remove_dir_all(&path);
        fs::create_dir_all(path)?;
    }
    let mut mke2fs = Command::new("mke2fs");
    mke2fs
        .args(["-q", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-d"])
        .arg(&tree)
        .arg(to.root())
        .arg("1G");
    run(mke2fs, &folder.join("mke2fs.log"), WRITING, interruption)?;
    Ok(fs::remove_dir_all(tree)?)
}

/// Runs a program to its end, what it says going to `log`.
fn run(mut command: Command, log: &Path, time: Duration, interruption: &Interruption) -> Result<()> {
    let output = fs::File::create(log)?;
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    let name = command.get_program().to_string_lossy().into_owned();
    let status = Program::start_here(command)?.end_within(time, interruption)?;
    let said = fs::read_to_string(log).unwrap_or_default();
    ensure!(status.success(), "{name} ended with {status}: {}", said.lines().last().unwrap_or_default());
    Ok(())
}

/// The release of the one kernel in a tree.
fn kernel_release(tree: &Path) -> Result<String> {
    let names = fs::read_dir(tree.join("usr/lib/modules"))?.flatten();
    let name = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).next();
    name.context("debootstrap installed no kernel")
}

/// The versions in dpkg's status file: paragraphs of `Package: nsd` and `Version: 4.6.1-1`.
fn versions(status: &str) -> BTreeMap<String, String> {
    let version = |paragraph: &str| {
        let value = |key: &str| paragraph.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned);
        Some((value("Package: ")?, value("Version: ")?))
    };
    status.split("\n\n").filter_map(version).collect()
}

#[cfg(test)]
mod tests {
    use super::versions;

    #[test]
    fn what_dpkg_knows_is_read() {
        let status = "Package: nsd\nStatus: install ok installed\nVersion: 4.6.1-1\n\nPackage: zlib1g\n";
        assert_eq!(versions(status).into_iter().collect::<Vec<_>>(), [("nsd".into(), "4.6.1-1".into())]);
    }
}
