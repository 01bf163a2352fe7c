//! Load by dnsperf.

use super::namespace::{GUEST, Namespace};
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::{Command, Stdio};

/// What dnsperf saw.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Outcome {
    pub(super) sent: u64,
    pub(super) answered: u64,
    /// Answers a second.
    pub(super) rate: f64,
}

/// How many sockets ask.
pub(super) const CLIENTS: u32 = 4;

/// Asks for so many seconds, with so many questions on the way at any time.
pub(super) fn run(namespace: &Namespace, questions: &Path, seconds: u64, depth: u32) -> Result<Outcome> {
    let mut command = Command::new("dnsperf");
    command.args(["-s", GUEST, "-t", "1", "-T", "1", "-d"]).arg(questions).stdin(Stdio::null());
    for (option, value) in [("-c", u64::from(CLIENTS)), ("-q", u64::from(depth)), ("-l", seconds)] {
        command.args([option, &value.to_string()]);
    }
    let output = namespace.inside(|| command.output().context("running dnsperf"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "dnsperf ended with {}: {}", output.status, complaint.trim());
    read(&said)
}

/// Reads its statistics.
fn read(said: &str) -> Result<Outcome> {
    let value = |name: &str| {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(name));
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
    Ok(Outcome { sent, answered, rate: value("Queries per second:")?.parse()? })
}

#[cfg(test)]
mod tests {
    use super::{Outcome, read};

    const SAID: &str = "\
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
    fn statistics_are_read() {
        let outcome = read(SAID).expect("dnsperf's words");
        assert_eq!(outcome, Outcome { sent: 1000, answered: 999, rate: 998.898_112 });
    }

    #[test]
    fn other_answers_than_expected_are_no_measurement() {
        assert!(read(&SAID.replace("NXDOMAIN", "SERVFAIL")).is_err());
        assert!(read(&SAID.replace("Queries completed", "Queries done")).is_err());
        let error = read(&SAID.replace("999 (99.90%)", "0 (0.00%)")).expect_err("nothing was measured");
        assert_eq!(error.to_string(), "none of 1000 queries was answered");
    }
}
