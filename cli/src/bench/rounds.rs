//! Rounds: everybody in turn, each time in another order, so that a busy moment of this machine falls on all of them.

use super::contestant::{self, Contestant, Ours};
use super::linux::Linux;
use super::results::{Entry, Latency, Paced, Round, Saturated};
use anyhow::{Context as _, Result, anyhow};
use laboratory::load::{Load, Outcome, Transport};
use laboratory::statistics::{number, quantile};
use laboratory::{Interruption, Network, Program};
use std::fs;
use std::path::{Path, PathBuf};

/// How many questions are on the way at a time: few, dnsperf's own choice, many.
const DEPTHS: [u32; 3] = [20, 100, 300];

/// How many may be on the way when they are paced: more than any server leaves waiting unless it loses them.
const PACED_DEPTH: u32 = 1000;

/// The part of the greatest rate that questions are paced at.
const PACE: f64 = 0.8;

/// How long a server is asked before anything counts.
const WARM_UP_SECONDS: u64 = 1;

/// What everybody plays on.
#[derive(Debug)]
pub(crate) struct Stage<'a> {
    pub(crate) ours: &'a Ours,
    pub(crate) linux: Option<&'a Linux>,
    pub(crate) zone: PathBuf,
    pub(crate) questions: PathBuf,
    pub(crate) over: Transport,
    pub(crate) folder: &'a Path,
    pub(crate) seconds: u64,
    pub(crate) interruption: &'a Interruption,
}

/// Takes the rounds; fails only if it is interrupted.
pub(crate) fn run(stage: &Stage<'_>, entries: &mut [Entry], rounds: u32) -> Result<()> {
    for number in 1..=rounds {
        let first = number as usize % entries.len();
        for place in 0..entries.len() {
            let entry = &mut entries[(first + place) % entries.len()];
            let round = stage.round(entry.contestant, number);
            stage.interruption.go_on()?;
            let said = match round {
                Ok(round) => {
                    let rate = round.best().map_or(f64::NAN, |best| best.rate);
                    entry.rounds.push(round);
                    format!("{} answers a second", self::number(rate, 0))
                }
                Err(error) => {
                    let failure = format!("round {number}: {error:#}");
                    entry.failures.push(failure.clone());
                    failure
                }
            };
            eprintln!("* round {number} of {rounds}: {}: {said}", entry.name);
        }
    }
    Ok(())
}

impl Stage<'_> {
    /// One contestant alone on the machine, from its start to its end.
    fn round(&self, contestant: Contestant, number: u32) -> Result<Round> {
        let network = if contestant.is_guest() { Network::tap() } else { Network::veth() }?;
        let log = self.log();
        let mut program = self.start(contestant, None, &network, &log)?;
        let measured = self.measure(contestant, &mut program, &network, number);
        measured.map_err(|error| anyhow!("{error:#}; {}", last_words(&log)))
    }

    /// Where a server's words go.
    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// Starts a contestant; a guest with so many MiB, if it is said.
    pub(super) fn start(
        &self,
        contestant: Contestant,
        memory: Option<u32>,
        network: &Network,
        log: &Path,
    ) -> Result<Program> {
        match contestant {
            Contestant::Ours(accelerator) => self.ours.start(accelerator, memory, network, log),
            Contestant::Guest(peer) => {
                let linux = self.linux.context("there is no Linux guest")?;
                linux.start(peer, memory, network, (self.folder, &self.zone, log))
            }
            Contestant::Native(peer) => {
                contestant::start(network, peer.command(self.folder, &self.zone)?, log)
            }
        }
    }

    fn measure(
        &self,
        contestant: Contestant,
        program: &mut Program,
        network: &Network,
        number: u32,
    ) -> Result<Round> {
        let socket = network.socket()?;
        let first_answer = program.first_answer(&socket, contestant.patience(), self.interruption)?;
        self.ask(network, WARM_UP_SECONDS, DEPTHS[1], None)?;
        let mut saturated = Vec::new();
        for depth in DEPTHS {
            let before = program.processor_time()?;
            let outcome = self.ask(network, self.seconds, depth, None)?;
            let processor_time = program.processor_time()?.saturating_sub(before);
            saturated.push(Saturated {
                depth,
                sent: outcome.sent,
                answered: outcome.answered,
                rate: outcome.rate,
                processor_seconds: processor_time.as_secs_f64(),
                machine_seconds: outcome.machine_time.as_secs_f64(),
            });
        }
        let greatest = saturated.iter().map(|run| run.rate).fold(1.0, f64::max);
        let pace = (greatest * PACE) as u32;
        let paced = Paced::new(pace, &self.ask(network, self.seconds, PACED_DEPTH, Some(pace))?);
        Ok(Round {
            number,
            first_answer_seconds: first_answer.as_secs_f64(),
            saturated,
            paced,
            memory: program.memory()?,
        })
    }

    fn ask(&self, network: &Network, seconds: u64, depth: u32, pace: Option<u32>) -> Result<Outcome> {
        let &Self { over, folder, ref questions, .. } = self;
        let load = Load { over, questions, seconds, depth, pace, folder };
        load.run(network, self.interruption)
    }
}

impl Paced {
    fn new(pace: u32, outcome: &Outcome) -> Self {
        let within = |of_a_thousand| quantile(&outcome.latencies, of_a_thousand);
        let latency_seconds = Latency {
            p50: within(500),
            p90: within(900),
            p99: within(990),
            p999: within(999),
            greatest: within(1000),
        };
        Self { pace, sent: outcome.sent, answered: outcome.answered, latency_seconds }
    }
}

/// The last line that a server said.
fn last_words(log: &Path) -> String {
    let said = fs::read(log).map(|said| String::from_utf8_lossy(&said).into_owned()).unwrap_or_default();
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    last.map_or_else(|| "it said nothing".to_owned(), |line| format!("it said last: {}", line.trim()))
}
