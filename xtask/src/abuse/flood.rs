//! Frames that are sent at a machine over and over, by tcpreplay.

use super::Subject;
use super::frames::recording;
use anyhow::{Context, Result, ensure};
use core::time::Duration;
use laboratory::{Interruption, Program, TAP};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Frames that were written down, to be sent at a machine.
pub(super) struct Flood<'s> {
    subject: &'s Subject,
    recording: PathBuf,
}

/// Frames that are being sent.
pub(super) struct Playing {
    attacker: Program,
    report: PathBuf,
}

/// What a flood was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Played {
    pub(super) sent: u64,
    /// Frames that the TAP device threw away meanwhile.
    pub(super) dropped: u64,
    time: Duration,
}

impl Played {
    /// Frames that reached the machine, each second.
    pub(super) fn arrived_each_second(&self) -> u32 {
        let arrived = self.sent.saturating_sub(self.dropped) as f64;
        (arrived / self.time.as_secs_f64()) as u32
    }

    /// Frames that were sent each second.
    pub(super) fn sent_each_second(&self) -> u32 {
        (self.sent as f64 / self.time.as_secs_f64()) as u32
    }
}

impl Subject {
    /// Writes frames down, in place of the last ones.
    pub(super) fn record<'f>(&self, frames: impl Iterator<Item = &'f [u8]>) -> Result<Flood<'_>> {
        let path = self.folder.path().join("abuse.pcap");
        fs::write(&path, recording(frames))?;
        Ok(Flood { subject: self, recording: path })
    }
}

impl Flood<'_> {
    /// Sends all of them so many times, at so many a second.
    pub(super) fn play_rounds(&self, pace: u32, rounds: u64) -> Result<Playing> {
        self.play(&["--pps", &pace.to_string(), "--loop", &rounds.to_string()])
    }

    /// Sends as many as this system can, for so long.
    pub(super) fn play_for(&self, seconds: u64) -> Result<Playing> {
        self.play(&["--topspeed", "--loop", "0", "--duration", &seconds.to_string()])
    }

    fn play(&self, how: &[&str]) -> Result<Playing> {
        let report = self.subject.folder.path().join("tcpreplay.out");
        let mut command = Command::new("tcpreplay");
        command.args(["--intf1", TAP, "--preload-pcap"]).args(how).arg(&self.recording);
        command.stdin(Stdio::null());
        command.stdout(File::create(&report)?).stderr(File::options().append(true).open(&report)?);
        let attacker = Program::start_at_client(&self.subject.network, command)?;
        Ok(Playing { attacker, report })
    }

    /// Waits for the end of what `start` begins, and says what it was.
    pub(super) fn whole(
        &self,
        start: impl FnOnce(&Self) -> Result<Playing>,
        interruption: &Interruption,
    ) -> Result<Played> {
        const PATIENCE: Duration = Duration::from_secs(60);
        let (before, began) = (self.subject.dropped()?, Instant::now());
        let sent = start(self)?.end_within(PATIENCE, interruption)?;
        let time = began.elapsed();
        Ok(Played { sent, dropped: self.subject.dropped()? - before, time })
    }
}

impl Playing {
    /// Waits until all were sent, for so long at most; returns how many these were.
    pub(super) fn end_within(mut self, patience: Duration, interruption: &Interruption) -> Result<u64> {
        let status = self.attacker.end_within(patience, interruption)?;
        let report = fs::read_to_string(self.report)?;
        ensure!(status.success(), "tcpreplay ended with {status}: {report}");
        let line = report.lines().find_map(|line| line.trim().strip_prefix("Successful packets:"));
        Ok(line.context("tcpreplay does not say how many packets it sent")?.trim().parse()?)
    }
}
