//! `cargo xtask soak`: a machine under load and under every kind of abuse in turn, for as long as wanted.

use crate::abuse::{Abuse, Force, MOST_GROWTH, Outcome, Subject};
use crate::peers;
use crate::test::isopod;
use anyhow::Result;
use clap::Args;
use core::time::Duration;
use laboratory::{Interruption, Network, system};
use std::time::Instant;

/// For how long, and with what.
#[derive(Args)]
pub(crate) struct Choice {
    /// For how long.
    #[arg(long, value_name = "M", default_value_t = 60)]
    minutes: u64,
    /// What the frames are made from: the same seed makes the same ones.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// How long dnsperf asks in each round, and how long each kind of abuse lasts.
const LOAD_SECONDS: u64 = 15;
const ABUSE_SECONDS: u64 = 6;

/// Frames a second that leave room for honest questions on any machine.
const PACE: u32 = 20_000;

/// The part of dnsperf's questions that may get lost at full load, where its queue and the TAP device's are all there is.
const MOST_LOST: f64 = 0.02;

/// What was seen so far.
struct Soak {
    started: Instant,
    subject: Subject,
    interruption: Interruption,
    /// Memory after the first round, when everything was done once.
    memory: Option<u64>,
    least_share: f64,
    /// Frames of paced abuse that did not reach the machine: the host had no time for it.
    lost: u64,
    failures: Vec<String>,
}

/// Goes on until the time is over; whether the machine stood it.
pub(crate) fn run(choice: &Choice) -> Result<bool> {
    let interruption = Interruption::watch()?;
    peers::install(&interruption)?;
    let subject = Subject::start(Network::tap()?, isopod()?, "auto", &interruption)?;
    for (name, value) in system::facts() {
        println!("{name}: {value}");
    }
    println!("accelerator: {}", subject.accelerator());
    let started = Instant::now();
    let mut soak = Soak {
        started,
        subject,
        interruption,
        memory: None,
        least_share: 1.0,
        lost: 0,
        failures: Vec::new(),
    };
    let end = started + Duration::from_secs(60 * choice.minutes);
    let mut round = 0;
    while Instant::now() < end {
        soak.round(choice.seed.wrapping_add(round), end)?;
        round += 1;
    }
    Ok(soak.verdict(round))
}

impl Soak {
    /// Load, and then everything once.
    fn round(&mut self, seed: u64, end: Instant) -> Result<()> {
        let load = self.subject.ask(None, LOAD_SECONDS, &self.interruption)?;
        let lost = load.sent - load.answered;
        self.say("dnsperf", &format!("{:.0} answers a second, {lost} of {} lost", load.rate, load.sent));
        if lost as f64 > MOST_LOST * load.sent as f64 {
            self.failures.push(format!("dnsperf lost {lost} of {}", load.sent));
        }
        for abuse in Abuse::ALL {
            if Instant::now() >= end && self.memory.is_some() {
                return Ok(());
            }
            let paced = Force { pace: Some(PACE), seconds: ABUSE_SECONDS, seed };
            let outcome = self.subject.abuse_counted(abuse, paced, &self.interruption)?;
            self.say(abuse.name(), &outcome.to_string());
            self.judge(abuse, &outcome);
        }
        // With all that this system can send, honest questions get lost on the way to the machine: it has to live on.
        let flood = Force { pace: None, seconds: ABUSE_SECONDS, seed };
        let outcome = self.subject.abuse(Abuse::Mutated, flood, &self.interruption)?;
        self.say("flood", &outcome.to_string());
        self.watch_memory()
    }

    fn judge(&mut self, abuse: Abuse, outcome: &Outcome) {
        self.least_share = self.least_share.min(outcome.share());
        self.lost += outcome.dropped;
        if !outcome.is_sound() {
            self.failures.push(format!("{}: {outcome}", abuse.name()));
        }
    }

    fn watch_memory(&mut self) -> Result<()> {
        let memory = self.subject.memory()?;
        self.say("memory", &format!("{} KiB", memory >> 10));
        let first = *self.memory.get_or_insert(memory);
        if memory > first + MOST_GROWTH {
            self.failures.push(format!("memory grew from {} to {} KiB", first >> 10, memory >> 10));
        }
        Ok(())
    }

    fn say(&self, what: &str, how: &str) {
        let seconds = self.started.elapsed().as_secs();
        println!("{:3}:{:02}  {what:14}{how}", seconds / 60, seconds % 60);
    }

    /// The last line.
    fn verdict(&self, rounds: u64) -> bool {
        for failure in &self.failures {
            println!("failed: {failure}");
        }
        let verdict = if self.failures.is_empty() { "stood it" } else { "FAILED" };
        println!(
            "{verdict}: {rounds} rounds in {} min; at least {:.2} % of honest questions answered under abuse, of whose frames {} were \
             lost before the machine; load now {}",
            self.started.elapsed().as_secs() / 60,
            100.0 * self.least_share,
            self.lost,
            system::load()
        );
        self.failures.is_empty()
    }
}
