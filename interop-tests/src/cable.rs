//! Our image at the end of its cables: TAP devices in a network namespace of its own, with every frame recorded; or a process of ours
//! in its place, which leaves checksums and the cutting of frames to Linux.
//!
//! Linux is at the other end, and nothing is between: what is tried here is our network stack itself.

use crate::namespace::{Namespace, taps};
use crate::process::{Folder, Running};
use crate::statistics::Statistics;
use crate::zones::Zones;
use anyhow::{Context, Result, bail, ensure};
use core::time::Duration;
use std::path::PathBuf;
use std::time::Instant;

/// One cable: who is at its ends.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// The image's addresses.
    pub image: &'static [&'static str],
    /// Linux's, with their prefixes, in the same networks.
    pub linux: &'static [&'static str],
}

/// The cables, and the image that they lead to; all go when this is dropped, the image first. Cable 0 is plugged into `tap0`
/// and so on.
#[derive(Debug)]
pub struct Cables {
    running: Running,
    records: Vec<PathBuf>,
    first: &'static str,
    namespace: Namespace,
    _folder: Folder,
}

/// How long the image may take to its first answer; it is built by then.
const STARTING_TIME: Duration = Duration::from_secs(60);

impl Cables {
    /// Why there can't be any here, if so.
    pub fn missing() -> Option<&'static str> {
        match Namespace::new("trial", 1) {
            Ok(_) => None,
            Err(_) => Some("no rights to make a network namespace and a TAP device"),
        }
    }

    /// Lays them and starts the image, by `accel` (`tcg` or `kvm`).
    pub fn lay(zones: &Zones, accel: &str, ends: &[Ends]) -> Result<Self> {
        Self::lay_to(zones, Some(accel), ends)
    }

    /// Lays them and starts a process; no frames are recorded.
    pub fn lay_to_process(zones: &Zones, ends: &[Ends]) -> Result<Self> {
        Self::lay_to(zones, None, ends)
    }

    fn lay_to(zones: &Zones, accel: Option<&str>, ends: &[Ends]) -> Result<Self> {
        let purpose = format!("{}-{}", accel.unwrap_or("host"), ends.len());
        let namespace = Namespace::new(&purpose, ends.len())?;
        namespace.run(&["ip", "link", "set", "lo", "up"])?;
        for (tap, ends) in taps().zip(ends) {
            namespace.run(&["ip", "link", "set", &tap, "up"])?;
            for address in ends.linux {
                namespace.run(&["ip", "address", "add", address, "dev", &tap, "nodad"])?;
            }
        }
        let folder = Folder::new(&format!("cable-{purpose}"))?;
        let addresses: Vec<_> = ends.iter().map(|ends| ends.image).collect();
        let first = addresses.first().and_then(|addresses| addresses.first()).context("no address")?;
        let configuration = crate::subject::configuration(&folder, zones, &addresses)?;
        let pcap = folder.path().join("frames.pcap");
        let isopod = std::env::var("ISOPOD").context("ISOPOD names no `isopod`")?;
        let paths = [&configuration, &pcap].map(|path| path.to_string_lossy().into_owned());
        let mut command = namespace.command(&[&isopod, "run", "dns", "--config", &paths[0]]);
        let machine = match accel {
            Some(accel) => vec!["--accel", accel, "--pcap", &paths[1], "--yes"],
            None => vec!["--on", "host"],
        };
        command.extend(machine.into_iter().map(str::to_owned));
        for tap in taps().take(ends.len()) {
            command.extend(["--net".to_owned(), format!("tap={tap}")]);
        }
        let command: Vec<_> = command.iter().map(String::as_str).collect();
        let running = Running::start(&command, &folder.path().join("log"))?;
        let records = match ends.len() {
            1 => vec![pcap],
            several => (0..several).map(|number| format!("{}.{number}", paths[1]).into()).collect(),
        };
        let mut cables = Self { running, records, first, namespace, _folder: folder };
        cables.wait_until_it_answers()?;
        Ok(cables)
    }

    /// What the machine counted so far.
    pub fn statistics(&self) -> Result<Statistics> {
        Statistics::of(self.running.id())
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

    /// The frames that went over a cable so far, in either direction.
    pub fn frames(&self, cable: usize) -> Result<Vec<Vec<u8>>> {
        let octets = std::fs::read(self.records.get(cable).context("no such cable")?)?;
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
        let to = format!("@{}", self.first);
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
