//! Our image at the end of a cable: a TAP device in a network namespace of its own, with every frame recorded.
//!
//! Linux is at the other end, and nothing is between: what is tried here is the image's network stack itself.

use crate::process::{Folder, Running, output};
use crate::zones::Zones;
use anyhow::{Context, Result, bail, ensure};
use core::time::Duration;
use std::path::PathBuf;
use std::time::Instant;

/// The image's addresses.
pub const ADDRESSES: [&str; 4] = ["192.0.2.53", "198.51.100.53", "2001:db8::53", "2001:db8:1::53"];

/// Linux's, in the same networks.
const NEIGHBOURS: [&str; 4] = ["192.0.2.1/24", "198.51.100.1/24", "2001:db8::1/64", "2001:db8:1::1/64"];

/// The cable and the image that it leads to; both go when it is dropped, the image first.
#[derive(Debug)]
pub struct Cable {
    running: Running,
    pcap: PathBuf,
    namespace: Namespace,
    _folder: Folder,
}

#[derive(Debug)]
struct Namespace(String);

/// How long the image may take to its first answer; it is built by then.
const STARTING_TIME: Duration = Duration::from_secs(60);

impl Cable {
    /// Why there can't be one here, if so.
    pub fn missing() -> Option<&'static str> {
        match Namespace::new("trial") {
            Ok(_) => None,
            Err(_) => Some("no rights to make a network namespace and a TAP device"),
        }
    }

    /// Lays it and starts the image.
    pub fn lay(zones: &Zones) -> Result<Self> {
        let namespace = Namespace::new("cable")?;
        namespace.run(&["ip", "link", "set", "lo", "up"])?;
        namespace.run(&["ip", "link", "set", "tap0", "up"])?;
        for address in NEIGHBOURS {
            namespace.run(&["ip", "address", "add", address, "dev", "tap0", "nodad"])?;
        }
        let folder = Folder::new("cable")?;
        let configuration = crate::subject::configuration(&folder, zones, &ADDRESSES)?;
        let pcap = folder.path().join("frames.pcap");
        let isopod = std::env::var("ISOPOD").context("ISOPOD names no `isopod`")?;
        let paths = [&configuration, &pcap].map(|path| path.to_string_lossy().into_owned());
        let command = namespace.command(&[
            &isopod, "run", "dns", "--config", &paths[0], "--accel", "tcg", "--net", "tap=tap0", "--pcap",
            &paths[1], "--yes",
        ]);
        let command: Vec<_> = command.iter().map(String::as_str).collect();
        let running = Running::start(&command, &folder.path().join("log"))?;
        let mut cable = Self { running, pcap, namespace, _folder: folder };
        cable.wait_until_it_answers()?;
        Ok(cable)
    }

    /// Runs a program at Linux's end; what it said, if it succeeded.
    pub fn run(&self, command: &[&str]) -> Result<String> {
        self.namespace.run(command)
    }

    /// Runs a program at Linux's end that fails; what it said.
    pub fn fails(&self, command: &[&str]) -> Result<String> {
        match self.run(command) {
            Ok(said) => bail!("{command:?} succeeded: {said}"),
            Err(said) => Ok(format!("{said:#}")),
        }
    }

    /// The frames that went over it so far, in either direction.
    pub fn frames(&self) -> Result<Vec<Vec<u8>>> {
        let octets = std::fs::read(&self.pcap)?;
        let word = |at: usize| {
            octets.get(at..at + 4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
        };
        ensure!(word(0) == Some(0xa1b2_c3d4), "not a pcap file of this byte order");
        let (mut at, mut frames) = (24, Vec::new());
        while let Some(length) = word(at + 8) {
            let start = at + 16;
            at = start + usize::try_from(length)?;
            let Some(frame) = octets.get(start..at) else { break };
            frames.push(frame.to_vec());
        }
        Ok(frames)
    }

    fn wait_until_it_answers(&mut self) -> Result<()> {
        let start = Instant::now();
        let to = format!("@{}", ADDRESSES[0]);
        let question = ["dig", &to, "+tries=1", "+timeout=1", "+short", "example.com", "SOA"];
        while !self.run(&question).is_ok_and(|said| said.contains("hostmaster")) {
            let said = self.running.said();
            self.running.ensure_running()?;
            ensure!(start.elapsed() < STARTING_TIME, "the image does not answer; it said: {said}");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Namespace {
    fn new(purpose: &str) -> Result<Self> {
        let name = format!("interop-{}-{purpose}", std::process::id());
        output(&["ip", "netns", "add", &name])?;
        let namespace = Self(name);
        namespace.run(&["ip", "tuntap", "add", "dev", "tap0", "mode", "tap"])?;
        Ok(namespace)
    }

    fn command(&self, command: &[&str]) -> Vec<String> {
        ["ip", "netns", "exec", &self.0].iter().chain(command).map(|&word| word.to_owned()).collect()
    }

    fn run(&self, command: &[&str]) -> Result<String> {
        let command = self.command(command);
        output(&command.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _gone_already = output(&["ip", "netns", "delete", &self.0]);
    }
}
