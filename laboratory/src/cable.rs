//! Cables in bad weather between what is measured: simulation's, run in real time by a program of its own.

use crate::{Network, Program};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a cable does to frames, in either direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weather {
    /// Milliseconds that a frame takes there, and as many that another takes back.
    pub delay: f64,
    /// The share that is lost.
    pub loss: f64,
    /// The share that is held back while others overtake, and for how many milliseconds at most.
    pub reordering: (f64, f64),
    /// Bits in a second, ...
    pub bandwidth: u64,
    /// ... and octets that wait for them.
    pub queue: u64,
    /// The same seed draws the same chances.
    pub seed: u64,
}

/// A cable; cut when dropped.
#[derive(Debug)]
pub struct Cable {
    program: Program,
    /// Where QEMU's socket is, if it is at the far end, and ours.
    sockets: Option<(PathBuf, PathBuf)>,
}

impl Cable {
    /// Lays one between the ends of a network, by the program `cable`. Where only one is Linux's, QEMU is at the other, and
    /// its sockets are in `folder`.
    ///
    /// # Errors
    /// It can't be run.
    pub fn lay(program: &Path, network: &Network, weather: Weather, folder: &Path) -> Result<Self> {
        let mut ends = network.wire_ends();
        let sockets = (ends.len() == 1).then(|| (folder.join("qemu.socket"), folder.join("cable.socket")));
        if let Some((theirs, ours)) = &sockets {
            // Those of the cable before.
            let _gone_already = [theirs, ours].map(fs::remove_file);
            ends.push(format!("local:{}:{}", ours.display(), theirs.display()));
        }
        let mut command = Command::new(program);
        for end in ends {
            command.args(["--end", &end]);
        }
        let (held, holding) = weather.reordering;
        for (option, value) in [
            ("--delay", weather.delay.to_string()),
            ("--loss", weather.loss.to_string()),
            ("--reordering", held.to_string()),
            ("--holding", holding.to_string()),
            ("--bandwidth", weather.bandwidth.to_string()),
            ("--queue", weather.queue.to_string()),
            ("--seed", weather.seed.to_string()),
        ] {
            command.args([option, &value]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut program = Program::start_here(command)?;
        let said = program.child().stdout.take().context("standard output is piped")?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        ensure!(line.trim() == "ready", "the cable said: {line}");
        Ok(Self { program, sockets })
    }

    /// What QEMU's `-netdev` is told, if it is at the far end.
    #[must_use]
    pub fn backend(&self) -> Option<String> {
        let (theirs, ours) = self.sockets.as_ref()?;
        let (theirs, ours) = (theirs.display(), ours.display());
        Some(format!("dgram,id=net0,local.type=unix,local.path={theirs},remote.type=unix,remote.path={ours}"))
    }

    /// Fails if it has come to an end by itself.
    ///
    /// # Errors
    /// It has.
    pub fn ensure_whole(&mut self) -> Result<()> {
        let status = self.program.child().try_wait()?;
        ensure!(status.is_none(), "the cable ended: {status:?}");
        Ok(())
    }
}
