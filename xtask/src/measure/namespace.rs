//! A network of its own, so that nothing else on this machine takes part: one TAP device, whose other end is a guest.

use anyhow::{Context, Result, ensure};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::fs::{self, File};
use std::net::UdpSocket;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::process::Command;
use std::thread;

/// The TAP device that guests attach to.
pub(super) const TAP: &str = "tap0";

/// The guest's address, and ours.
pub(super) const GUEST: &str = "192.0.2.53";
const HOST: &str = "192.0.2.1";

/// A network namespace; gone when dropped.
#[derive(Debug)]
pub(super) struct Namespace {
    name: String,
}

impl Namespace {
    /// Makes one.
    pub(super) fn new() -> Result<Self> {
        ensure!(fs::metadata("/proc/self")?.uid() == 0, "a network namespace takes root");
        ip(&format!("netns add {}", name()))?;
        let namespace = Self { name: name() };
        let address = format!("{HOST}/24");
        for command in [
            format!("tuntap add dev {TAP} mode tap vnet_hdr"),
            // No chatter of IPv6 among what is measured.
            format!("link set {TAP} addrgenmode none"),
            format!("address add {address} dev {TAP}"),
            format!("link set {TAP} up"),
        ] {
            ip(&format!("-n {} {command}", namespace.name))?;
        }
        Ok(namespace)
    }

    /// Has the namespace know where the guest is: a question before it is up is then not held back for a second.
    pub(super) fn know_guest(&self, ethernet: &str) -> Result<()> {
        ip(&format!("-n {} neighbour replace {GUEST} lladdr {ethernet} dev {TAP} nud permanent", self.name))
    }

    /// Does something inside; programs that it starts and sockets that it opens stay there.
    pub(super) fn inside<T: Send>(&self, act: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let path = format!("/run/netns/{}", self.name);
        let file = File::open(&path).with_context(|| format!("opening {path}"))?;
        thread::scope(|scope| {
            let inside = scope.spawn(|| {
                move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
                    .context("entering a network namespace")?;
                act()
            });
            inside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// A socket that talks to the guest's DNS server and never waits.
    pub(super) fn socket(&self) -> Result<UdpSocket> {
        self.inside(|| {
            let socket = UdpSocket::bind((HOST, 0))?;
            socket.connect((GUEST, 53))?;
            socket.set_nonblocking(true)?;
            Ok(socket)
        })
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // The TAP device goes with it.
        if let Err(error) = ip(&format!("netns delete {}", self.name)) {
            eprintln!("error: {error:#}");
        }
    }
}

/// One for each process that measures.
fn name() -> String {
    format!("isopod-measure-{}", std::process::id())
}

fn ip(arguments: &str) -> Result<()> {
    let output = Command::new("ip").args(arguments.split(' ')).output().context("running ip")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ip {arguments}: {}", said.trim());
    Ok(())
}
