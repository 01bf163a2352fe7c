//! Load by dnsperf.

use crate::network::SERVER;
use crate::{Interruption, Network, Program, process};
use anyhow::{Context, Result, ensure};
use core::time::Duration;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

/// How many sockets ask, or streams.
pub const CLIENTS: u32 = 4;

/// How long a question waits for its answer before it counts as lost.
const TIME_OUT: Duration = Duration::from_secs(1);

/// How much longer than it was told dnsperf may take to start, to wait for the last answers, and to say what it saw.
const GRACE: Duration = Duration::from_secs(20);

/// What questions go over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A datagram each.
    Udp,
    /// Streams that last as long as the load.
    Tcp,
}

/// How to ask.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// What questions go over.
    pub over: Transport,
    /// What is asked.
    pub questions: &'a Path,
    /// For how long.
    pub seconds: u64,
    /// How many questions are on the way at most.
    pub depth: u32,
    /// How many to ask in a second, and to note the latency of each; else as many as are answered.
    pub pace: Option<u32>,
    /// Where dnsperf's words lie meanwhile.
    pub folder: &'a Path,
}

/// What dnsperf saw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Questions asked.
    pub sent: u64,
    /// Questions answered.
    pub answered: u64,
    /// Answers a second.
    pub rate: f64,
    /// Time that all of this machine's processors were busy meanwhile, with whatever.
    pub machine_time: Duration,
    /// How long every answer took, in seconds, from the least on; only of a paced load.
    pub latencies: Vec<f64>,
}

impl Load<'_> {
    /// Asks.
    ///
    /// # Errors
    /// dnsperf fails, sees other answers than NOERROR and NXDOMAIN, or this was interrupted.
    pub fn run(&self, network: &Network, interruption: &Interruption) -> Result<Outcome> {
        let said = self.folder.join("dnsperf.out");
        let complaint = self.folder.join("dnsperf.err");
        let mut command = self.command();
        command.stdout(File::create(&said)?).stderr(File::create(&complaint)?);
        let before = process::machine_time()?;
        let mut dnsperf = Program::start_at_client(network, command)?;
        let time = Duration::from_secs(self.seconds) + TIME_OUT + GRACE;
        let status = dnsperf.end_within(time, interruption).context("running dnsperf")?;
        let machine_time = process::machine_time()?.saturating_sub(before);
        ensure!(status.success(), "dnsperf ended with {status}: {}", fs::read_to_string(complaint)?.trim());
        Ok(Outcome { machine_time, ..read(&fs::read_to_string(said)?)? })
    }

    fn command(&self) -> Command {
        let mut command = Command::new("dnsperf");
        let time_out = TIME_OUT.as_secs();
        command.args(["-s", SERVER, "-T", "1", "-W", "-d"]).arg(self.questions).stdin(Stdio::null());
        let depth = u64::from(self.depth);
        let options = [("-t", time_out), ("-c", CLIENTS.into()), ("-q", depth), ("-l", self.seconds)];
        for (option, value) in options {
            command.args([option, &value.to_string()]);
        }
        if self.over == Transport::Tcp {
            command.args(["-m", "tcp"]);
        }
        if let Some(pace) = self.pace {
            command.args(["-v", "-Q", &pace.to_string()]);
        }
        command
    }
}

/// Reads its statistics, and what it says of each answer.
fn read(said: &str) -> Result<Outcome> {
    let value = |name: &str| {
        let line = said.lines().rev().find_map(|line| line.trim().strip_prefix(name));
        line.map(str::trim).with_context(|| format!("dnsperf does not say `{name}`"))
    };
    let count = |name: &str| -> Result<u64> {
        let text = value(name)?;
        Ok(text.split(' ').next().unwrap_or(text).parse()?)
    };
    let (sent, answered) = (count("Queries sent:")?, count("Queries completed:")?);
    ensure!(answered > 0, "none of {sent} queries was answered");
    // `NOERROR 799 (79.90%), NXDOMAIN 201 (20.10%)`: anything else is not what was to be measured.
    let codes = value("Response codes:")?;
    let expected = |code: &str| ["NOERROR", "NXDOMAIN"].iter().any(|known| code.trim().starts_with(known));
    ensure!(codes.split(", ").all(expected), "there are other answers than expected: {codes}");
    let mut latencies: Vec<f64> = said.lines().filter_map(latency).collect();
    latencies.sort_by(f64::total_cmp);
    let rate = value("Queries per second:")?.parse()?;
    Ok(Outcome { sent, answered, rate, latencies, ..Outcome::default() })
}

/// Reads `> NOERROR h0000001.example.com A 0.000123`; one without an answer is `> T h0000001.example.com A`.
fn latency(line: &str) -> Option<f64> {
    line.strip_prefix("> ")?.split(' ').nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Outcome, read};

    const SAID: &str = "\
[Status] Sending queries (to 192.0.2.53:53)
> NOERROR h0000001.example.com A 0.002410
> T h0000003.example.com A
> NXDOMAIN m0000002.example.com A 0.000123
[Status] Testing complete (time limit)

Statistics:

  Queries sent:         1000
  Queries completed:    999 (99.90%)
  Queries lost:         1 (0.10%)

  Response codes:       NOERROR 799 (79.98%), NXDOMAIN 200 (20.02%)
  Average packet size:  request 37, response 60
  Run time (s):         1.000102
  Queries per second:   998.898112
";

    #[test]
    fn statistics_and_latencies_are_read() {
        let outcome = read(SAID).expect("dnsperf's words");
        let latencies = vec![0.000_123, 0.002_410];
        assert_eq!(
            outcome,
            Outcome { sent: 1000, answered: 999, rate: 998.898_112, latencies, ..Outcome::default() }
        );
    }

    #[test]
    fn other_answers_than_expected_are_no_measurement() {
        assert!(read(&SAID.replace("NXDOMAIN 200", "SERVFAIL 200")).is_err());
        assert!(read(&SAID.replace("Queries completed", "Queries done")).is_err());
        let error = read(&SAID.replace("999 (99.90%)", "0 (0.00%)")).expect_err("nothing was measured");
        assert_eq!(error.to_string(), "none of 1000 queries was answered");
    }
}
