//! A virtual machine that runs an image, and what it says.

use super::Workbench;
use super::image::Image;
use anyhow::{Context, Result};
use core::time::Duration;
use laboratory::{Network, Patience, Program, TAP};
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::process::{Command, Stdio};
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
    program: Program,
    console: Receiver<String>,
    said: Vec<String>,
}

impl Guest {
    /// Starts an image in the network; `memory` in MiB, else what `isopod build` thinks fit.
    pub(super) fn start(
        network: &Network,
        image: &Image,
        accelerator: Accelerator,
        memory: Option<u32>,
    ) -> Result<Self> {
        let ethernet = image.command.iter().find_map(|word| Some(word.split_once("mac=")?.1));
        network.know_guest(ethernet.context("isopod build names no Ethernet address")?)?;
        let words = words(&image.command, accelerator, memory);
        let (program, arguments) = words.split_first().context("isopod build prints no command")?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = Program::start(network, command)?;
        let (sender, console) = channel();
        let stdout = program.child().stdout.take().context("standard output is piped")?;
        // It ends with the guest.
        thread::spawn(move || {
            let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
            while lines.next().is_some_and(|line| sender.send(line).is_ok()) {}
        });
        Ok(Self { program, console, said: Vec::new() })
    }

    /// Asks until it answers; returns how long after the start of QEMU that was.
    pub(super) fn first_answer(&mut self, bench: &Workbench<'_>, socket: &UdpSocket) -> Result<Duration> {
        let answered = self.program.first_answer(socket, Patience::SHORT, &bench.interruption);
        answered.map_err(|error| error.context(self.last_words()))
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
        let deadline = Instant::now() + Patience::SHORT.whole;
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
        self.program.processor_time()
    }

    /// Why it ended, as far as it or QEMU say.
    fn last_words(&mut self) -> String {
        let _ = self.program.child().kill();
        let mut complaint = String::new();
        if let Some(stderr) = &mut self.program.child().stderr {
            let _ = stderr.read_to_string(&mut complaint);
        }
        self.said.extend(self.console.iter());
        let bad =
            |line: &&String| ["stopped: ", "panicked", "fault: "].iter().any(|word| line.contains(word));
        let word = self.said.iter().find(bad).or(self.said.last()).map(String::as_str);
        complaint.lines().next().or(word).unwrap_or("it said nothing").to_owned()
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
             tap,id=net0,ifname=guest0,script=no,downscript=no -kernel a.elf -append isopod.report=1"
        );
        let same = words(&command, Accelerator::Kvm, None).join(" ");
        assert!(same.contains("accel=kvm") && same.contains("-m 16M"), "{same}");
    }
}
