//! A guest that serves what streams are measured with: the image of `services` in QEMU.

use crate::{Interruption, Network, Program, SERVER, SERVER_ETHERNET, TAP};
use anyhow::{Context as _, Result};
use configuration::{Archive, Interface, Network as Told, Prefix};
use core::net::SocketAddr;
use core::time::Duration;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

/// What executes a guest's instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accelerator {
    /// The processor.
    Kvm,
    /// QEMU's translator.
    Tcg,
}

impl Accelerator {
    /// As QEMU calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kvm => "kvm",
            Self::Tcg => "tcg",
        }
    }

    const fn processor(self) -> &'static str {
        match self {
            // As `isopod run` has it.
            Self::Kvm => "host,-arch-capabilities",
            Self::Tcg => "max",
        }
    }
}

/// A running guest; ended when dropped.
#[derive(Debug)]
pub struct Guest {
    program: Program,
    console: Receiver<String>,
    said: Vec<String>,
    /// Where QEMU's socket is behind which the operator's line is.
    operator: PathBuf,
}

/// How a guest is started.
#[derive(Clone, Debug)]
pub struct Start<'a> {
    /// The image.
    pub image: &'a Path,
    /// Who executes it.
    pub accelerator: Accelerator,
    /// Its memory in MiB.
    pub memory: u32,
    /// What QEMU's `-netdev` is told; the network's TAP device unless given.
    pub backend: Option<String>,
    /// Where its archive lies meanwhile.
    pub folder: &'a Path,
}

/// How long it may take to its first answer.
const PATIENCE: Duration = Duration::from_secs(20);

impl Guest {
    /// Starts it in a network, and waits until it answers.
    ///
    /// # Errors
    /// It can't be started, or does not answer in time.
    pub fn start(network: &Network, start: &Start<'_>, interruption: &Interruption) -> Result<Self> {
        let archive = write_archive(start.folder)?;
        let mut command = Command::new("qemu-system-x86_64");
        let accelerator = start.accelerator.name();
        command.args([
            "-M",
            &format!("{MICROVM},accel={accelerator}"),
            "-cpu",
            start.accelerator.processor(),
        ]);
        command.args([
            "-m",
            &format!("{}M", start.memory),
            "-smp",
            "1",
            "-display",
            "none",
            "-serial",
            "stdio",
        ]);
        command.args(["-nodefaults", "-no-user-config", "-no-reboot"]);
        command.args(["-global", "virtio-mmio.force-legacy=false"]);
        let tap = || format!("tap,id=net0,ifname={TAP},script=no,downscript=no");
        if start.backend.is_none() {
            network.know_guest(SERVER_ETHERNET)?;
        }
        command.args(["-netdev", &start.backend.clone().unwrap_or_else(tap)]);
        command.args(["-device", &format!("virtio-net-device,netdev=net0,mac={SERVER_ETHERNET}")]);
        let operator = start.folder.join("operator.socket");
        let _old = fs::remove_file(&operator);
        let line = format!("socket,id=operator,path={},server=on,wait=off", operator.display());
        command.args(["-chardev", &line, "-device", "virtio-serial-device,max_ports=1"]);
        command.args(["-device", "virtconsole,chardev=operator"]);
        command.args(["-object", "rng-builtin,id=rng0", "-device", "virtio-rng-device,rng=rng0"]);
        command.args(["-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-append", "isopod.report=1"]);
        command.arg("-kernel").arg(start.image).arg("-initrd").arg(archive);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(File::create(start.folder.join("qemu.err"))?);
        let mut program = Program::start(network, command)?;
        let stdout = program.child().stdout.take().context("standard output is piped")?;
        let (sender, console) = channel();
        // It ends with the guest.
        thread::spawn(move || {
            let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
            while lines.next().is_some_and(|line| sender.send(line).is_ok()) {}
        });
        let mut guest = Self { program, console, said: Vec::new(), operator };
        guest.await_answer(network, interruption).map_err(|error| {
            let complaint = fs::read_to_string(start.folder.join("qemu.err")).unwrap_or_default();
            let said = guest.news().join("\n");
            error.context(format!("it said: {said}\n{complaint}"))
        })?;
        Ok(guest)
    }

    fn await_answer(&mut self, network: &Network, interruption: &Interruption) -> Result<()> {
        /// Discard.
        const PORT: u16 = 9;
        /// How long one attempt may take.
        const ATTEMPT: Duration = Duration::from_millis(500);
        let server = SocketAddr::new(SERVER.parse()?, PORT);
        let deadline = Instant::now() + PATIENCE;
        loop {
            interruption.go_on()?;
            let connected = network.at_client(|| Ok(TcpStream::connect_timeout(&server, ATTEMPT)?));
            match connected {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() >= deadline => return Err(error.context("no answer")),
                Err(_) => thread::sleep(Duration::from_millis(20)),
            }
            if let Some(status) = self.program.child().try_wait()? {
                anyhow::bail!("it ended with {status}");
            }
        }
    }

    /// What it counted so far, by name.
    ///
    /// # Errors
    /// It does not answer.
    pub fn statistics(&self) -> Result<BTreeMap<String, u64>> {
        let mut line = UnixStream::connect(&self.operator).context("the operator's line")?;
        line.set_read_timeout(Some(Duration::from_secs(5)))?;
        line.write_all(b"statistics\n")?;
        let mut counted = BTreeMap::new();
        for line in BufReader::new(line).lines() {
            let line = line.context("the operator's line")?;
            if line == "end" {
                break;
            }
            let Some((name, value)) = line.strip_prefix("statistic ").and_then(|line| line.rsplit_once(' '))
            else {
                continue;
            };
            counted.insert(name.to_owned(), value.trim().parse()?);
        }
        Ok(counted)
    }

    /// What its console has said since this was asked last.
    pub fn news(&mut self) -> &[String] {
        let known = self.said.len();
        self.said.extend(self.console.try_iter());
        &self.said[known..]
    }

    /// Ticks of its time-stamp counter that it was busy with frames since this was asked last; it says so when it is idle.
    pub fn busy_ticks(&mut self) -> u64 {
        self.news().iter().filter_map(|line| ticks(line)).sum()
    }

    /// Octets of the host's memory that QEMU holds, the guest's in it.
    ///
    /// # Errors
    /// It has ended.
    pub fn memory(&self) -> Result<u64> {
        self.program.memory()
    }

    /// Time of the host's processors that QEMU has taken so far, the guest's time in it.
    ///
    /// # Errors
    /// It has ended.
    pub fn processor_time(&self) -> Result<Duration> {
        self.program.processor_time()
    }
}

const MICROVM: &str = "microvm,acpi=off,pit=on,pic=off,rtc=on,isa-serial=on,auto-kernel-cmdline=on";

/// Reads `isopod: 12345 frames, 543 cycles each, median 520`.
fn ticks(line: &str) -> Option<u64> {
    let (frames, cycles) = line.trim().strip_prefix("isopod: ")?.split_once(" frames, ")?;
    let (cycles, _) = cycles.split_once(" cycles each")?;
    frames.parse::<u64>().ok()?.checked_mul(cycles.parse().ok()?)
}

/// Tells the image its address.
fn write_archive(folder: &Path) -> Result<PathBuf> {
    let address = Prefix { address: SERVER.parse()?, length: 24 };
    let interface =
        Interface { mac: None, addresses: vec![address], gateways: Vec::new(), dhcp: false, slaac: false };
    let told = Archive::encode(&Told { interfaces: vec![interface] });
    let path = folder.join("services.tar");
    let mut archive = tar::Builder::new(File::create(&path)?);
    let mut header = tar::Header::new_ustar();
    header.set_size(told.len() as u64);
    header.set_mode(0o444);
    archive.append_data(&mut header, Archive::NETWORK, &*told)?;
    archive.finish()?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::ticks;

    #[test]
    fn the_guests_words_are_read() {
        assert_eq!(ticks("isopod: 12345 frames, 100 cycles each, median 520\r"), Some(1_234_500));
        assert_eq!(ticks("isopod: ready after 1.234 ms"), None);
    }
}
