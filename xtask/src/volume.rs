//! virtio-blk, tried by an image that uses a volume: what it says is compared with what is in the file on this side, and the
//! power is cut.

mod log;

use crate::dist::{self, Image};
use crate::tally::Tally;
use crate::{image, root, target};
use anyhow::{Context, Result, ensure};
use core::time::Duration;
use log::Log;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;

/// Octets of a volume and of a sector of it.
const VOLUME: usize = 4 << 20;
const SECTOR: usize = 512;

/// QEMU's status when all went well, (0x10 << 1) | 1, and when a device was missing, (0x12 << 1) | 1.
const IN_ORDER: i32 = 33;
const LACKING: i32 = 37;

/// How long a machine may take.
const SECONDS: u64 = 20;

/// How something is tried; fails if it does not go well.
type Trial = fn(&Bench<'_>) -> Result<()>;

/// What is tried.
const TRIALS: &[(&str, Trial)] = &[
    ("what was flushed outlasts the power", outlasts),
    ("a volume that may only be read", is_read),
    ("a volume with blocks of 4096 octets", has_blocks),
    ("a sector that is broken", has_errors),
    ("a volume that can't flush", does_not_flush),
];

/// Tries everything on every machine.
pub(crate) fn check() -> Result<Tally> {
    let image = Image { package: "trials", binary: "trials-image" };
    let image = dist::build_image(root(), image::home().as_deref(), &target().join("image"), &image)?;
    let mut tally = Tally::default();
    for machine in MACHINES {
        let bench = Bench::new(&image, machine)?;
        let name = machine.name;
        let is_missed = bench.run("read", &[]).is_ok_and(|(status, said)| {
            status == Some(LACKING) && said.contains("trial: there is no volume")
        });
        if machine.accelerator == "kvm" && !is_missed {
            println!("volume on {name}: skipped, KVM is not usable here");
            continue;
        }
        println!("volume on {name}: none at all … {}", if is_missed { "ok" } else { "FAILED" });
        tally += Tally::one(is_missed);
        for (trial, attempt) in TRIALS {
            let outcome = attempt(&bench);
            println!("volume on {name}: {trial} … {}", if outcome.is_ok() { "ok" } else { "FAILED" });
            if let Err(error) = &outcome {
                println!("{error:#}");
            }
            tally += Tally::one(outcome.is_ok());
        }
    }
    Ok(tally)
}

/// Where the image is booted.
#[derive(Debug)]
struct Machine {
    name: &'static str,
    accelerator: &'static str,
    kind: &'static str,
    processor: &'static str,
    /// What it calls a block device.
    device: &'static str,
}

/// Either bus, on QEMU's translator, and on KVM where that works.
const MACHINES: &[Machine] = &[
    Machine { name: "microvm, tcg", accelerator: "tcg", kind: MICROVM, processor: "max", device: MMIO },
    Machine { name: "microvm, kvm", accelerator: "kvm", kind: MICROVM, processor: KVM, device: MMIO },
    Machine { name: "q35, tcg", accelerator: "tcg", kind: "q35", processor: "max", device: PCI },
];

const MICROVM: &str = "microvm,acpi=off,pit=on,pic=off,rtc=on,isa-serial=on,auto-kernel-cmdline=on";
const KVM: &str = "host,-arch-capabilities";
const MMIO: &str = "virtio-blk-device";
const PCI: &str = "virtio-blk-pci,disable-legacy=on";

/// A machine, and where its trials lie.
struct Bench<'a> {
    image: &'a Path,
    machine: &'static Machine,
    folder: PathBuf,
}

impl<'a> Bench<'a> {
    fn new(image: &'a Path, machine: &'static Machine) -> Result<Self> {
        let folder = target().join("volume").join(machine.name.replace(", ", "-"));
        fs::create_dir_all(&folder)?;
        Ok(Self { image, machine, folder })
    }

    /// A file with this content, as QEMU's `node` of this name.
    fn file(&self, node: &str, content: &[u8]) -> Result<String> {
        fs::write(self.path(node), content)?;
        Ok(format!("driver=file,node-name={node},filename={}", self.path(node).display()))
    }

    fn path(&self, node: &str) -> PathBuf {
        self.folder.join(node)
    }

    /// QEMU's options: these nodes, and a device that has the node `disk`.
    fn devices(&self, nodes: &[String], properties: &str) -> Vec<String> {
        let nodes = nodes.iter().flat_map(|node| ["-blockdev".to_owned(), node.clone()]);
        let device = format!("{},drive=disk{properties}", self.machine.device);
        nodes.chain(["-device".to_owned(), device]).collect()
    }

    /// The command that boots the image to try this, with these devices.
    fn command(&self, program: &str, trial: &str, devices: &[String]) -> Result<Command> {
        let archive = self.path("trial.tar");
        write_archive(&archive, trial)?;
        let Machine { kind, accelerator, processor, .. } = self.machine;
        let mut command = Command::new(program);
        if program == "timeout" {
            command.args([&SECONDS.to_string(), QEMU]);
        }
        command.arg("-M").arg(format!("{kind},accel={accelerator}"));
        command.args(["-cpu", processor, "-m", "16M", "-nodefaults", "-no-user-config", "-no-reboot"]);
        command.args(["-display", "none", "-serial", "stdio", "-global", "virtio-mmio.force-legacy=false"]);
        command.args(["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]).args(devices);
        command.arg("-kernel").arg(self.image).arg("-initrd").arg(archive).stdin(Stdio::null());
        Ok(command)
    }

    /// Boots it and waits for its end, which `timeout` makes sure of; QEMU's status, and what was said.
    fn run(&self, trial: &str, devices: &[String]) -> Result<(Option<i32>, String)> {
        let output = self.command("timeout", trial, devices)?.output().context("running QEMU")?;
        let said = [output.stdout, output.stderr].concat();
        Ok((output.status.code(), String::from_utf8_lossy(&said).into_owned()))
    }

    /// Boots it; it has to pass, and to have said this.
    fn passes(&self, trial: &str, devices: &[String], expected: &str) -> Result<()> {
        let (status, said) = self.run(trial, devices)?;
        let is_passed = status == Some(IN_ORDER) && said.contains("trial: passed") && said.contains(expected);
        ensure!(is_passed, "QEMU ended with {status:?}; it was said: {said}");
        Ok(())
    }

    /// Boots it, and cuts its power as soon as it says this.
    fn cut(&self, trial: &str, devices: &[String], cue: &str) -> Result<()> {
        let mut child = self.command(QEMU, trial, devices)?.stdout(Stdio::piped()).spawn()?;
        let console = BufReader::new(child.stdout.take().context("standard output is piped")?);
        let (sender, lines) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            console.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let mut said = Vec::new();
        let is_cued = loop {
            match lines.recv_timeout(Duration::from_secs(SECONDS)) {
                Ok(line) if line.contains(cue) => break true,
                Ok(line) => said.push(line),
                Err(_) => break false,
            }
        };
        // SIGKILL: QEMU writes nothing more.
        child.kill()?;
        child.wait()?;
        drop(lines);
        let _ended_with_the_console = reader.join();
        ensure!(is_cued, "it never said `{cue}`, but: {}", said.join("\n"));
        Ok(())
    }
}

const QEMU: &str = "qemu-system-x86_64";

/// QEMU logs every write and flush in the order in which it begins them. What a power cut may leave of a volume is what was
/// written before the last flush, and any of what was written after it: none of it, at worst. Writes are slow to come to the log
/// and flushes are not: one that did not wait for the writes before it would overtake them.
fn outlasts(bench: &Bench<'_>) -> Result<()> {
    let blank = vec![0; VOLUME];
    let nodes = [
        bench.file("file", &blank)?,
        bench.file("log", &[])?,
        "driver=blklogwrites,node-name=logged,file=file,log=log".to_owned(),
        "driver=throttle,node-name=disk,throttle-group=slow,file=logged".to_owned(),
    ];
    let slow = ["-object".to_owned(), "throttle-group,id=slow,x-bps-write=8388608".to_owned()];
    let devices: Vec<_> = slow.into_iter().chain(bench.devices(&nodes, "")).collect();
    bench.cut("outlast", &devices, "trial: not flushed")?;
    let log = Log::read(&fs::read(bench.path("log"))?)?;
    let mut left = blank;
    log.replay_flushed(&mut left)?;
    ensure!(left == pattern(FIRST), "what was flushed is not what was written");
    ensure!(log.octets_not_flushed() == VOLUME / 2, "{} octets not flushed", log.octets_not_flushed());

    let file = fs::read(bench.path("file"))?;
    let (written_over, untouched) = file.split_at(VOLUME / 2);
    ensure!(untouched == &pattern(FIRST)[VOLUME / 2..], "the file does not hold what was flushed");
    ensure!(written_over == &pattern(SECOND)[..VOLUME / 2], "nor what was written over it");
    Ok(())
}

fn is_read(bench: &Bench<'_>) -> Result<()> {
    let node = bench.file("disk", &pattern(FIRST))? + ",read-only=on";
    bench.passes("read", &bench.devices(&[node], ""), "can write: false")?;
    ensure!(fs::read(bench.path("disk"))? == pattern(FIRST), "it was written to");
    // The trial can fail: one octet of the file is another.
    let mut spoilt = pattern(FIRST);
    spoilt[VOLUME - 1] ^= 1;
    let node = bench.file("disk", &spoilt)? + ",read-only=on";
    let (_, said) = bench.run("read", &bench.devices(&[node], ""))?;
    ensure!(said.contains("trial: FAILED"), "a wrong octet was not noticed: {said}");
    Ok(())
}

fn has_blocks(bench: &Bench<'_>) -> Result<()> {
    let node = bench.file("disk", &pattern(FIRST))? + ",read-only=on";
    let properties = ",logical_block_size=4096,physical_block_size=4096";
    bench.passes("read", &bench.devices(&[node], properties), "sectors in blocks of 8;")
}

fn has_errors(bench: &Bench<'_>) -> Result<()> {
    const BROKEN: usize = 256;
    let broken = format!("inject-error.0.event=none,inject-error.0.sector={BROKEN}");
    let nodes = [
        bench.file("file", &vec![0; VOLUME])?,
        format!("driver=blkdebug,node-name=disk,image=file,{broken}"),
    ];
    bench.passes("errors", &bench.devices(&nodes, ",rerror=report,werror=report"), "Err(Device)")?;
    let mut expected = pattern(FIRST);
    expected[BROKEN * SECTOR..(BROKEN + 1) * SECTOR].fill(0);
    ensure!(fs::read(bench.path("file"))? == expected, "the file does not hold what was written");
    Ok(())
}

fn does_not_flush(bench: &Bench<'_>) -> Result<()> {
    let node = bench.file("disk", &vec![0; VOLUME])?;
    bench.passes(
        "no-flush",
        &bench.devices(&[node], ",config-wce=off,write-cache=off"),
        "can flush: false",
    )?;
    ensure!(fs::read(bench.path("disk"))? == pattern(FIRST), "the file does not hold what was written");
    Ok(())
}

/// The patterns that the image writes.
const FIRST: u64 = 1;
const SECOND: u64 = 2;

/// A volume full of a pattern, as the image writes it (the finaliser of SplitMix64 over every word's place).
fn pattern(number: u64) -> Vec<u8> {
    let word = |at: u64| {
        let word = at.wrapping_add(number << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    };
    (0..VOLUME as u64 / 8).flat_map(|at| word(at).to_le_bytes()).collect()
}

fn write_archive(path: &Path, trial: &str) -> Result<()> {
    let mut archive = tar::Builder::new(File::create(path)?);
    let mut header = tar::Header::new_ustar();
    header.set_size(trial.len().try_into()?);
    header.set_mode(0o644);
    archive.append_data(&mut header, "trial", trial.as_bytes())?;
    Ok(archive.finish()?)
}
