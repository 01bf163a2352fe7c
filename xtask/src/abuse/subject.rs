//! The machine that is abused: the DNS image at the end of a cable, as `isopod run` starts it.

use super::kinds::Target;
use crate::program::output;
use anyhow::{Context, Result, ensure};
use core::net::{Ipv4Addr, Ipv6Addr};
use laboratory::{Folder, Interruption, Network, Patience, Program, SERVER, TAP, zone};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Its name.
const NAME: &str = "abused";
const ADDRESS6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x53);

/// Names in the zone that it serves.
pub(super) const NAMES: u32 = 10_000;

/// Seconds after which it closes a stream without a query: short, so that nobody waits for that.
pub(super) const IDLE_SECONDS: u64 = 2;

/// A running machine; ended when dropped.
pub(crate) struct Subject {
    pub(super) network: Network,
    pub(super) folder: Folder,
    isopod: PathBuf,
    program: Program,
    pub(super) target: Target,
}

/// Values by metric and label, as `metric/label`.
pub(super) type Statistics = BTreeMap<String, u64>;

impl Subject {
    /// Starts it by `accelerator`, as `isopod run --accel` knows them, and waits until it answers.
    pub(crate) fn start(
        network: Network,
        isopod: PathBuf,
        accelerator: &str,
        interruption: &Interruption,
    ) -> Result<Self> {
        let folder = Folder::new(&crate::target(), "abuse")?;
        let configuration = zone::write(folder.path(), NAMES)?;
        let text = fs::read_to_string(&configuration)?;
        let both = format!("address = [\"{SERVER}/24\", \"{ADDRESS6}/64\"]");
        let text = text.replace(&format!("address = [\"{SERVER}/24\"]"), &both);
        fs::write(&configuration, format!("{text}\n[dns]\ntcp_idle_timeout = {IDLE_SECONDS}\n"))?;
        let log = folder.path().join("log");
        let mut command = with_folder(Path::new("ip"), folder.path());
        command.args(["netns", "exec", network.server_name()]).arg(&isopod);
        command.args(["run", "dns", "--name", NAME, "--accel", accelerator, "--net"]);
        command.arg(format!("tap={TAP}")).arg("--config").arg(&configuration);
        command.stdout(File::create(&log)?).stderr(File::options().append(true).open(&log)?);
        let program = Program::start(&network, command)?;
        let station = [0; 6];
        let target = Target { station, four: SERVER.parse::<Ipv4Addr>()?, six: ADDRESS6 };
        let mut subject = Self { network, folder, isopod, program, target };
        let patience = Patience { whole: core::time::Duration::from_secs(60), ..Patience::SHORT };
        let answered = subject
            .network
            .socket()
            .and_then(|socket| subject.program.first_answer(&socket, patience, interruption));
        answered.with_context(|| format!("the machine said: {}", subject.said()))?;
        subject.target.station = subject.station()?;
        Ok(subject)
    }

    /// What it and its supervisor said.
    pub(super) fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Its Ethernet address, as it says at its start.
    fn station(&self) -> Result<[u8; 6]> {
        let said = self.said();
        let line = said.lines().find_map(|line| line.strip_prefix("isopod: link "));
        let address =
            line.and_then(|line| line.split([',', ' ']).next()).context("the machine names no link")?;
        let octets: Vec<u8> =
            address.split(':').map(|octet| u8::from_str_radix(octet, 16)).collect::<Result<_, _>>()?;
        octets.try_into().map_err(|_| anyhow::anyhow!("{address} is no Ethernet address"))
    }

    /// What it counted so far, as `isopod stats` tells it.
    pub(super) fn statistics(&self) -> Result<Statistics> {
        let mut command = with_folder(&self.isopod, self.folder.path());
        command.args(["stats", NAME, "--format", "json"]);
        let object: Value = serde_json::from_str(&output(command)?)?;
        let statistics = object["statistics"].as_array().context("isopod stats without statistics")?;
        let read = |one: &Value| {
            let labels = one["labels"].as_object()?;
            let label = labels.values().next().and_then(Value::as_str).unwrap_or_default();
            let metric = one["metric"].as_str()?.strip_prefix("isopod_")?;
            Some((format!("{metric}/{label}"), one["value"].as_u64()?))
        };
        statistics.iter().map(|one| read(one).with_context(|| format!("{one} is no statistic"))).collect()
    }

    /// What executes the guest's instructions, as `isopod` says.
    pub(crate) fn accelerator(&self) -> String {
        let said = self.said();
        let line = said.lines().find_map(|line| line.strip_prefix("* accelerator "));
        line.unwrap_or("kvm").to_owned()
    }

    /// Octets of memory that QEMU and its supervisor hold.
    pub(crate) fn memory(&self) -> Result<u64> {
        self.program.memory()
    }

    /// Fails if it has ended.
    pub(super) fn ensure_running(&mut self) -> Result<()> {
        let status = self.program.child().try_wait()?;
        ensure!(status.is_none(), "the machine ended: {}", self.said());
        Ok(())
    }

    /// Frames that the TAP device threw away, because the machine did not take them in time.
    pub(super) fn dropped(&self) -> Result<u64> {
        let text = self.network.at_client(|| Ok(fs::read_to_string("/proc/thread-self/net/dev")?))?;
        let line = text.lines().find_map(|line| line.trim().strip_prefix(TAP)?.strip_prefix(':'));
        // Eight of reception, then octets, packets, errors and drops of transmission.
        let dropped = line.and_then(|line| line.split_whitespace().nth(11));
        Ok(dropped.context("/proc/net/dev is not as proc(5) says")?.parse()?)
    }
}

/// A program for which this folder has the machines.
fn with_folder(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.env("XDG_RUNTIME_DIR", folder).stdin(std::process::Stdio::null());
    command
}
