//! A virtual machine that runs an image, and what it says.

use super::Workbench;
use super::image::Image;
use super::namespace::{Namespace, TAP};
use anyhow::{Context, Result, bail, ensure};
use core::time::Duration;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

/// What executes a guest's instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accelerator {
    Kvm,
    Tcg,
}

impl Accelerator {
    pub(super) const ALL: [Self; 2] = [Self::Kvm, Self::Tcg];

    fn processor(self) -> &'static str {
        match self {
            // As `isopod run` has it.
            Self::Kvm => "host,-arch-capabilities",
            Self::Tcg => "max",
        }
    }
}

impl fmt::Display for Accelerator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Kvm => "KVM",
            Self::Tcg => "TCG",
        })
    }
}

/// A running guest; ended when dropped.
#[derive(Debug)]
pub(super) struct Guest {
    child: Child,
    started: Instant,
    console: Receiver<String>,
    said: Vec<String>,
}

/// How long a guest may take until it answers, where it should take a tenth of a second.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is asked meanwhile.
const PAUSE: Duration = Duration::from_micros(500);

/// `example.com SOA`, with any identifier.
const QUESTION: &[u8] =
    b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x06\x00\x01";

impl Guest {
    /// Starts an image in the namespace; `memory` in MiB, else what `isopod build` thinks fit.
    pub(super) fn start(
        namespace: &Namespace,
        image: &Image,
        accelerator: Accelerator,
        memory: Option<u32>,
    ) -> Result<Self> {
        let ethernet = image.command.iter().find_map(|word| Some(word.split_once("mac=")?.1));
        namespace.know_guest(ethernet.context("isopod build names no Ethernet address")?)?;
        let words = words(&image.command, accelerator, memory);
        let (program, arguments) = words.split_first().context("isopod build prints no command")?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = namespace.inside(|| command.spawn().context("starting QEMU"))?;
        let (sender, console) = channel();
        let stdout = child.stdout.take().context("standard output is piped")?;
        // It ends with the guest.
        thread::spawn(move || {
            let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
            while lines.next().is_some_and(|line| sender.send(line).is_ok()) {}
        });
        Ok(Self { child, started, console, said: Vec::new() })
    }

    /// Asks until it answers; returns how long after the start of QEMU that was.
    pub(super) fn first_answer(&mut self, bench: &Workbench<'_>, socket: &UdpSocket) -> Result<Duration> {
        let mut reply = [0; 512];
        // What a guest before this one was asked and left unanswered.
        while socket.recv(&mut reply).is_ok() {}
        while self.started.elapsed() < PATIENCE {
            bench.go_on()?;
            // There is nobody to send to until QEMU has opened the TAP device.
            let _ = socket.send(QUESTION);
            if socket.recv(&mut reply).is_ok() {
                return Ok(self.started.elapsed());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("QEMU ended with {status}: {}", self.last_words());
            }
            thread::sleep(PAUSE);
        }
        bail!("no answer in {} s: {}", PATIENCE.as_secs(), self.last_words())
    }

    /// What its console has said since this was asked last.
    pub(super) fn news(&mut self) -> &[String] {
        let known = self.said.len();
        self.said.extend(self.console.try_iter());
        &self.said[known..]
    }

    /// The guest's own time from its entry until it could answer, in milliseconds.
    pub(super) fn ready_after(&mut self) -> Result<f64> {
        // The console may be slower than the first answer.
        let deadline = Instant::now() + PATIENCE;
        loop {
            let line = self.said.iter().find_map(|line| line.split_once("ready after "));
            if let Some((_, time)) = line {
                return Ok(time.trim().trim_end_matches(" ms").parse()?);
            }
            let line = self.console.recv_timeout(deadline.saturating_duration_since(Instant::now()));
            self.said.push(line.context("the guest does not say when it was ready")?);
        }
    }

    /// Time of the host's processors that QEMU has taken so far, the guest's time in it.
    pub(super) fn processor_time(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, fields) = stat.rsplit_once(')').context("/proc/PID/stat is not what it was")?;
        // proc_pid_stat(5): utime is field 14, stime 15; behind the name begins field 3.
        let ticks: Vec<u64> =
            fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
        ensure!(ticks.len() == 2, "/proc/PID/stat is not what it was");
        let nanoseconds = 1_000_000_000 / rustix::param::clock_ticks_per_second();
        Ok(Duration::from_nanos(ticks.iter().sum::<u64>() * nanoseconds))
    }

    /// Why it ended, as far as it or QEMU say.
    fn last_words(&mut self) -> String {
        let _ = self.child.kill();
        let mut complaint = String::new();
        if let Some(stderr) = &mut self.child.stderr {
            let _ = stderr.read_to_string(&mut complaint);
        }
        self.said.extend(self.console.iter());
        let bad =
            |line: &&String| ["stopped: ", "panicked", "fault: "].iter().any(|word| line.contains(word));
        let word = self.said.iter().find(bad).or(self.said.last()).map(String::as_str);
        complaint.lines().next().or(word).unwrap_or("it said nothing").to_owned()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// QEMU's command with our network in place of its own, and a guest that says how long frames take.
fn words(command: &[String], accelerator: Accelerator, memory: Option<u32>) -> Vec<String> {
    let mut words = command.to_vec();
    for place in 1..words.len() {
        let value = &words[place];
        words[place] = match words[place - 1].as_str() {
            "-M" => value.replace("accel=kvm", &format!("accel={}", accelerator.to_string().to_lowercase())),
            "-cpu" => accelerator.processor().to_owned(),
            "-m" => memory.map_or_else(|| value.clone(), |mebibytes| format!("{mebibytes}M")),
            "-netdev" => format!("tap,id=net0,ifname={TAP},script=no,downscript=no"),
            _ => continue,
        };
    }
    words.extend(["-append", "isopod.report=1"].map(str::to_owned));
    words
}

#[cfg(test)]
mod tests {
    use super::{Accelerator, words};

    #[test]
    fn only_network_accelerator_and_memory_are_ours() {
        let command =
            "qemu -M microvm,accel=kvm,acpi=off -cpu host -m 16M -netdev user,id=net0 -kernel a.elf";
        let command: Vec<_> = command.split(' ').map(str::to_owned).collect();
        assert_eq!(
            words(&command, Accelerator::Tcg, Some(4)).join(" "),
            "qemu -M microvm,accel=tcg,acpi=off -cpu max -m 4M -netdev \
             tap,id=net0,ifname=tap0,script=no,downscript=no -kernel a.elf -append isopod.report=1"
        );
        let same = words(&command, Accelerator::Kvm, None).join(" ");
        assert!(same.contains("accel=kvm") && same.contains("-m 16M"), "{same}");
    }
}
