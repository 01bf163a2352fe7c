//! A Linux guest that serves the same zone: Debian's kernel, and Debian's servers on a root file system of their own.
//!
//! It is as small as is easily had: no initrd but what mounts the root, no init system, one process that matters. It is made once,
//! by debootstrap, and kept in the user's cache folder.

mod debian;
mod newc;

use super::contestant;
use super::peer::Peer;
use anyhow::{Context as _, Result};
use core::time::Duration;
use debian::Debian;
use laboratory::packages::Package;
use laboratory::{CLIENT, CLIENT_ETHERNET, Interruption, Network, Patience, Program, SERVER, TAP};
use newc::Archive;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What makes one.
pub(crate) const PACKAGES: [Package; 3] =
    [("debootstrap", "debootstrap"), ("mke2fs", "e2fsprogs"), ("unshare", "util-linux")];

/// An emulated Linux takes seconds to start; asked as often as ours is, it would start later.
pub(super) const PATIENCE: Patience =
    Patience { whole: Duration::from_secs(120), pause: Duration::from_millis(5) };

/// The modules that find disk and network, each behind those that it needs.
const MODULES: [&str; 9] = [
    "drivers/virtio/virtio_ring",
    "drivers/virtio/virtio",
    "drivers/virtio/virtio_pci_modern_dev",
    "drivers/virtio/virtio_pci_legacy_dev",
    "drivers/virtio/virtio_pci",
    "drivers/block/virtio_blk",
    "net/core/failover",
    "drivers/net/net_failover",
    "drivers/net/virtio_net",
];

/// The guest's Ethernet address.
const ETHERNET: &str = "52:54:00:00:00:35";

/// Where a guest finds what it serves; in memory.
const DATA: &str = "/run/data";

/// A Linux that can be booted.
#[derive(Debug)]
pub(crate) struct Linux {
    qemu: PathBuf,
    debian: Debian,
    /// MiB that a guest gets.
    memory: u32,
}

impl Linux {
    /// Takes it from the cache, or makes it.
    pub(crate) fn obtain(qemu: PathBuf, zone_names: u32, interruption: &Interruption) -> Result<Self> {
        let debian = Debian::obtain(interruption)?;
        // Plenty: so much for Linux and a server, and a KiB a name.
        Ok(Self { qemu, debian, memory: 256 + zone_names / 1024 })
    }

    pub(crate) fn version(&self, peer: Peer) -> String {
        let version = |package: &str| self.debian.versions.get(package).map_or("unknown", String::as_str);
        format!("{}, Linux {}", version(peer.package().1), self.debian.release)
    }

    /// Octets of kernel and root file system.
    pub(crate) fn size(&self) -> u64 {
        self.debian.size
    }

    /// Starts a guest with so many MiB that serves the zone, what it says going to `log`.
    pub(super) fn start(
        &self,
        peer: Peer,
        memory: Option<u32>,
        network: &Network,
        (folder, zone, log): (&Path, &Path, &Path),
    ) -> Result<Program> {
        network.know_guest(ETHERNET)?;
        let initrd = folder.join("initrd");
        fs::write(&initrd, self.initrd(peer, zone)?)?;
        contestant::start(network, self.command(&initrd, memory.unwrap_or(self.memory)), log)
    }

    fn command(&self, initrd: &Path, memory: u32) -> Command {
        let mut command = Command::new(&self.qemu);
        command.args(["-M", "q35,accel=tcg", "-cpu", "max", "-smp", "1", "-m", &format!("{memory}M")]);
        command.args([
            "-display",
            "none",
            "-serial",
            "stdio",
            "-nodefaults",
            "-no-user-config",
            "-no-reboot",
        ]);
        command.arg("-kernel").arg(self.debian.kernel()).arg("-initrd").arg(initrd);
        // A panic ends it at once.
        command.args(["-append", "console=ttyS0 quiet panic=-1"]);
        let mut disk = OsString::from("format=raw,if=none,id=root,readonly=on,file=");
        disk.push(self.debian.root());
        command.arg("-drive").arg(disk).args(["-device", "virtio-blk-pci,drive=root"]);
        command.args(["-netdev", &format!("tap,id=net0,ifname={TAP},script=no,downscript=no")]);
        command.args(["-device", &format!("virtio-net-pci,netdev=net0,mac={ETHERNET},romfile=")]);
        command.args(["-object", "rng-builtin,id=rng0", "-device", "virtio-rng-pci,rng=rng0"]);
        command
    }

    /// What mounts the root and hands over to the server, with the zone and the server's configuration.
    fn initrd(&self, peer: Peer, zone: &Path) -> Result<Vec<u8>> {
        let data = Path::new(DATA);
        let zone_text = fs::read(zone).with_context(|| format!("reading {}", zone.display()))?;
        let mut archive = Archive::default();
        for folder in ["dev", "disk", "bin", "modules", "data"] {
            archive.add_folder(folder);
        }
        archive.add_file("init", init().as_bytes());
        archive.add_file("bin/busybox", &fs::read(self.debian.busybox())?);
        for module in MODULES {
            let name = module.rsplit('/').next().unwrap_or(module);
            archive.add_file(&format!("modules/{name}.ko"), &fs::read(self.debian.module(module))?);
        }
        archive.add_file("data/start", start(peer).as_bytes());
        archive.add_file("data/zone", &zone_text);
        archive.add_file("data/configuration", peer.configuration(data, &data.join("zone")).as_bytes());
        Ok(archive.finish())
    }
}

/// The first process, while the root is in memory.
fn init() -> String {
    let names: Vec<_> = MODULES.iter().filter_map(|module| module.rsplit('/').next()).collect();
    format!(
        "\
#!/bin/busybox sh
b=/bin/busybox
for module in {}; do $b insmod /modules/$module.ko; done
$b mount -t devtmpfs dev /dev
$b mount -t ext4 -o ro /dev/vda /disk
$b mount -t proc proc /disk/proc
$b mount -t sysfs sys /disk/sys
$b mount -t devtmpfs dev /disk/dev
$b mount -t tmpfs run /disk/run
$b mount -t tmpfs tmp /disk/tmp
$b cp -r /data /disk{DATA}
$b ip link set lo up
$b ip address add {SERVER}/24 dev eth0
$b ip link set eth0 up
exec $b switch_root /disk /bin/sh {DATA}/start
",
        names.join(" ")
    )
}

/// The first process, once the root is the disk.
fn start(peer: Peer) -> String {
    let program = peer.package().0;
    let options = peer.options().join(" ");
    format!(
        "\
ip neighbour replace {CLIENT} lladdr {CLIENT_ETHERNET} dev eth0 nud permanent
/usr/sbin/{program} {options} {DATA}/configuration > /run/log 2>&1
tail -n 3 /run/log
"
    )
}
