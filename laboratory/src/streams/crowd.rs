//! A crowd of clients whose connections stay: several processes, as no process may have so many files open.

use super::clients::Exchanges;
use super::many::{MOST, SOURCES};
use crate::{Interruption, Network, Program};
use anyhow::{Context as _, Result, ensure};
use core::time::Duration;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

/// Connections to the service of exchanges, as many as one likes; closed when dropped.
#[derive(Debug)]
pub struct Crowd {
    members: Vec<Member>,
    /// How long it took to open them all.
    pub opening: Duration,
}

/// A process that has some of them.
#[derive(Debug)]
struct Member {
    /// Ended when dropped.
    _program: Program,
    asked: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
}

/// The most connections of one process: few systems allow less to everybody.
const EACH: usize = 16_000;

impl Crowd {
    /// Opens so many, from several addresses. `member` says how a process is started that does [`serve`](super::serve) for a range of
    /// connections.
    ///
    /// # Errors
    /// One of them can't be opened, or this was interrupted.
    pub fn open(
        network: &Network,
        count: usize,
        member: impl Fn(core::ops::Range<usize>) -> Result<Command>,
        interruption: &Interruption,
    ) -> Result<Self> {
        ensure!(count <= MOST, "there are not so many ports");
        network.add_client_addresses(&SOURCES)?;
        let begun = Instant::now();
        let ranges = (0..count).step_by(EACH).map(|first| first..count.min(first + EACH));
        let members = ranges.map(|range| Member::start(network, member(range)?)).collect::<Result<_>>()?;
        let mut crowd = Self { members, opening: Duration::ZERO };
        for member in &mut crowd.members {
            interruption.go_on()?;
            ensure!(member.hear()? == "opened", "a client says something else");
        }
        crowd.opening = begun.elapsed();
        Ok(crowd)
    }

    /// Asks on so many at once, drawn by chance, waits for all their answers, and asks on others. Members take turns so short that
    /// each connection is asked again only when about as many others were as there are.
    ///
    /// # Errors
    /// An answer is late, or another; or this was interrupted.
    pub fn exchange(
        &mut self,
        at_once: usize,
        time: Duration,
        interruption: &Interruption,
    ) -> Result<Exchanges> {
        /// Exchanges of one member, then it is another's turn; what passes between them does not count.
        const TURN: usize = 200;
        let (mut latencies, mut counted) = (Vec::new(), Duration::ZERO);
        while counted < time {
            for member in &mut self.members {
                interruption.go_on()?;
                let mut took = member.ask(&format!("{TURN} {at_once}"))?;
                counted += Duration::from_nanos(took.pop().context("a client says nothing")?);
                latencies.extend(took.into_iter().map(|nanoseconds| nanoseconds as f64 / 1e9));
            }
        }
        latencies.sort_by(f64::total_cmp);
        Ok(Exchanges { latencies, time: counted })
    }

    /// Asks on each connection once.
    ///
    /// # Errors
    /// As [`Crowd::exchange`].
    pub fn ask_all(&mut self, interruption: &Interruption) -> Result<()> {
        self.members.iter_mut().try_for_each(|member| {
            interruption.go_on()?;
            member.ask("all").map(drop)
        })
    }
}

impl Member {
    fn start(network: &Network, mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = Program::start_at_client(network, command)?;
        let child = program.child();
        let asked = child.stdin.take().context("standard input is piped")?;
        let said = BufReader::new(child.stdout.take().context("standard output is piped")?).lines();
        Ok(Self { _program: program, asked, said })
    }

    fn hear(&mut self) -> Result<String> {
        Ok(self.said.next().context("a client has ended")??)
    }

    fn ask(&mut self, line: &str) -> Result<Vec<u64>> {
        writeln!(self.asked, "{line}")?;
        Ok(self.hear()?.split_whitespace().map(str::parse).collect::<Result<_, _>>()?)
    }
}
