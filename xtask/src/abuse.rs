//! A machine under abuse, while one honest client keeps asking: nothing may crash, nothing may grow, the client has to be
//! answered, and what was dropped has to be counted for the right reason.

mod flood;
mod frames;
mod honest;
mod kinds;
mod random;
mod streams;
mod subject;
mod syns;

use crate::tally::Tally;
use crate::test::isopod;
use anyhow::Result;
use core::fmt;
pub(crate) use kinds::Abuse;
use kinds::Sent;
use laboratory::load::{Load, Transport};
use laboratory::{Interruption, Network};
use random::Random;
use std::collections::BTreeMap;
use std::fs;
pub(crate) use subject::Subject;
use subject::{NAMES, Statistics};

/// Different frames of a kind; they are sent over and over.
const FRAMES: usize = 5_000;

/// Questions a second of the honest client.
const HONEST_PACE: u32 = 500;

/// How hard, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Force {
    /// Frames a second; as many as this system can send, unless given.
    pub(crate) pace: Option<u32>,
    pub(crate) seconds: u64,
    pub(crate) seed: u64,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Frames that were sent, and those of them that the TAP device threw away.
    pub(crate) sent: u64,
    pub(crate) dropped: u64,
    /// The honest client's questions, and its answers.
    pub(crate) asked: u64,
    pub(crate) answered: u64,
    pub(crate) counters: Counters,
}

/// What is to be thought of the machine's counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Counters {
    /// Every frame counts for its own reason, as far as that is known beforehand.
    Right,
    /// What they say that they should not.
    Wrong(Vec<String>),
    /// Frames were lost before the machine, and which is not known.
    NotChecked,
}

impl Outcome {
    /// The part of the honest client's questions that was answered.
    pub(crate) fn share(&self) -> f64 {
        self.answered as f64 / self.asked.max(1) as f64
    }

    /// The part of the frames that reached the machine, which honest questions can't do better than.
    fn arrived(&self) -> f64 {
        1.0 - self.dropped as f64 / self.sent.max(1) as f64
    }

    /// Whether the honest client was served.
    fn is_served(&self) -> bool {
        self.share() >= LEAST_SHARE * self.arrived()
    }

    /// Whether that was seen under abuse that deserves the name, and the counters are right.
    pub(crate) fn is_sound(&self) -> bool {
        self.is_served() && self.arrived() >= LEAST_ARRIVED && self.counters == Counters::Right
    }
}

impl Subject {
    /// Does it, and does it slower until no frame is lost before the machine, so that the counters can be checked.
    pub(crate) fn abuse_counted(
        &mut self,
        abuse: Abuse,
        mut force: Force,
        interruption: &Interruption,
    ) -> Result<Outcome> {
        let mut outcome = self.abuse(abuse, force, interruption)?;
        for _ in 0..SLOWER {
            if outcome.counters != Counters::NotChecked || !outcome.is_served() {
                break;
            }
            force.pace = force.pace.map(|pace| pace / 2);
            outcome = self.abuse(abuse, force, interruption)?;
        }
        Ok(outcome)
    }

    /// Does it, while the honest client asks.
    pub(crate) fn abuse(
        &mut self,
        abuse: Abuse,
        force: Force,
        interruption: &Interruption,
    ) -> Result<Outcome> {
        let frames = abuse.frames(self.target, &mut Random::new(force.seed), FRAMES);
        let flood = self.record(frames.iter().map(|frame| &*frame.octets))?;
        let (before, dropped) = (self.statistics()?, self.dropped()?);

        let playing = match force.pace {
            Some(pace) => {
                let rounds = (u64::from(pace) * force.seconds).div_ceil(FRAMES as u64);
                flood.play_rounds(pace, rounds)?
            }
            None => flood.play_for(force.seconds)?,
        };
        let honest = self.ask(Some(HONEST_PACE), force.seconds, interruption)?;
        let patience = core::time::Duration::from_secs(force.seconds + 30);
        let sent = playing.end_within(patience, interruption)?;

        self.ensure_running()?;
        let after = self.statistics()?;
        let dropped = self.dropped()? - dropped;
        let counters = counters(&frames, (sent, dropped), &before, &after);
        Ok(Outcome { sent, dropped, asked: honest.sent, answered: honest.answered, counters })
    }

    /// dnsperf asks, of whose questions every fifth is for a name that does not exist.
    pub(crate) fn ask(
        &self,
        pace: Option<u32>,
        seconds: u64,
        interruption: &Interruption,
    ) -> Result<laboratory::load::Outcome> {
        let questions = self.folder.path().join("questions");
        let question = |number: u32| match number % 5 {
            0 => format!("m{number:07}.example.com A\n"),
            _ => format!("h{:07}.example.com A\n", number * 7919 % NAMES),
        };
        fs::write(&questions, (0..NAMES).map(question).collect::<String>())?;
        let load = Load {
            over: Transport::Udp,
            questions: &questions,
            seconds,
            depth: 100,
            pace,
            folder: self.folder.path(),
        };
        load.run(&self.network, interruption)
    }
}

/// Whether they are right.
fn counters(
    frames: &[Sent],
    (sent, dropped): (u64, u64),
    before: &Statistics,
    after: &Statistics,
) -> Counters {
    if frames.iter().any(|frame| frame.fates.is_empty()) {
        return Counters::Right;
    }
    if dropped > 0 {
        return Counters::NotChecked;
    }
    let miscounted = miscounted(frames, sent, before, after);
    if miscounted.is_empty() { Counters::Right } else { Counters::Wrong(miscounted) }
}

/// What the counters say that they should not, when every frame arrived.
fn miscounted(frames: &[Sent], sent: u64, before: &Statistics, after: &Statistics) -> Vec<String> {
    /// Of the honest client, and of Linux, whose cable it is too: it may still be closing streams that were open before.
    const FREE: [&str; 8] = [
        "datagram_answered",
        "arp_answered",
        "arp_ignored",
        "error_received",
        "segment_taken",
        "segment_unacceptable",
        "segment_reset",
        "reset_sent",
    ];
    let growth = |fate: &str| {
        let name = format!("network_frames_total/{fate}");
        after.get(&name).unwrap_or(&0).saturating_sub(*before.get(&name).unwrap_or(&0))
    };
    // All frames were sent equally often, but for the last round, which may have been cut short.
    let (whole, rest) = (sent / frames.len() as u64, sent % frames.len() as u64);
    let mut expected = BTreeMap::<&[&str], u64>::new();
    for (number, frame) in frames.iter().enumerate() {
        *expected.entry(frame.fates).or_default() += whole + u64::from((number as u64) < rest);
    }
    let mut miscounted = Vec::new();
    for (fates, expected) in &expected {
        let counted: u64 = fates.iter().map(|fate| growth(fate)).sum();
        let is_free = fates.iter().any(|fate| FREE.contains(fate));
        if counted < *expected || (counted > *expected && !is_free) {
            miscounted.push(format!("{} grew by {counted}, not by {expected}", fates.join(" and ")));
        }
    }
    for name in after.keys().filter_map(|name| name.strip_prefix("network_frames_total/")) {
        let is_expected = FREE.contains(&name) || expected.keys().any(|fates| fates.contains(&name));
        if !is_expected && growth(name) > 0 {
            miscounted.push(format!("{name} grew by {}, and there was no reason", growth(name)));
        }
    }
    miscounted
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, dropped, asked, answered, .. } = self;
        let share = 100.0 * self.share();
        write!(
            formatter,
            "{sent} frames, {dropped} lost before the machine; {answered} of {asked} honest questions answered ({share:.2} %)"
        )?;
        match &self.counters {
            Counters::Right => Ok(()),
            Counters::Wrong(miscounted) => write!(formatter, "; {}", miscounted.join(", ")),
            Counters::NotChecked => formatter.write_str("; counters not checked"),
        }
    }
}

/// The least part of an honest client's questions that is answered, of those that reach the machine.
const LEAST_SHARE: f64 = 0.95;

/// The least part of the frames that has to reach the machine: with less it is hardly abused.
const LEAST_ARRIVED: f64 = 0.5;

/// How often the pace is halved where frames get lost before the machine.
const SLOWER: u32 = 3;

/// How much more memory QEMU and its supervisor may hold at the end than after the first of everything.
pub(crate) const MOST_GROWTH: u64 = 16 << 20;

/// Every kind, twice for some seconds, on an emulated machine.
pub(crate) fn check(interruption: &Interruption) -> Result<Tally> {
    const FORCE: Force = Force { pace: Some(10_000), seconds: 1, seed: 1 };
    let network = match Network::tap() {
        Ok(network) => network,
        Err(error) => {
            println!("abuse: skipped, {error:#}");
            return Ok(Tally::default());
        }
    };
    let mut subject = Subject::start(network, isopod()?, "tcg", interruption)?;
    let mut tally = Tally::default();
    let mut memory_before = 0;
    for round in 0..2 {
        for abuse in Abuse::ALL {
            let force = Force { seed: FORCE.seed + round, ..FORCE };
            let outcome = subject.abuse_counted(abuse, force, interruption)?;
            let is_sound = outcome.is_sound();
            let verdict = if is_sound { "ok" } else { "FAILED" };
            println!("abuse: {}: {outcome} … {verdict}", abuse.name());
            tally += Tally::one(is_sound);
        }
        if round == 0 {
            tally += streams::check(&mut subject, interruption)?;
            memory_before = subject.memory()?;
        }
    }
    let memory = subject.memory()?;
    let is_constant = memory <= memory_before + MOST_GROWTH;
    println!(
        "abuse: memory: {} KiB after the first round, {} KiB after the last … {}",
        memory_before >> 10,
        memory >> 10,
        if is_constant { "ok" } else { "FAILED" }
    );
    tally += Tally::one(is_constant);
    Ok(tally)
}

#[cfg(test)]
mod tests;
