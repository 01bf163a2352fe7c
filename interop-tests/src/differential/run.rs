//! Worlds one after the other: served, asked, judged, shrunk, told.

use super::differences::{Comparison, DIFFERENCES, Judgement};
use super::model::Zone;
use super::queries;
use super::reading::{Reading, ask_all};
use super::shrink::shrink;
use super::world::World;
use crate::client::Query;
use crate::message::type_name;
use crate::subject::{Started, Subject};
use anyhow::{Result, ensure};
use core::fmt::{self, Display, Formatter};
use std::collections::BTreeMap;

/// Who is compared: one of ours with references.
#[derive(Clone, Debug)]
pub struct Cast {
    /// Ours.
    pub subject: Subject,
    /// The others.
    pub references: Vec<Subject>,
}

/// A difference that nothing explains.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Where.
    pub world: World,
    /// What was asked.
    pub query: Query,
    /// Which reference differs.
    pub who: Subject,
    /// What each said, ours first.
    pub said: Vec<(Subject, Reading)>,
}

/// What came of some worlds.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many zones there were.
    pub zones: usize,
    /// How many queries were asked, of each server.
    pub queries: usize,
    /// How many comparisons were explained, by the number of what explains them.
    pub explained: BTreeMap<usize, usize>,
    /// How many were not, by what they look like, with the first of each.
    pub findings: BTreeMap<String, (usize, Finding)>,
}

impl Cast {
    /// Runs the world of a seed.
    pub fn run(&self, seed: u64, outcome: &mut Outcome) -> Result<()> {
        let world = World::generate(seed);
        let queries = queries::queries(&world);
        let said = self.ask(&world, &queries)?;
        outcome.zones += world.zones.len();
        outcome.queries += queries.len();
        for (at, query) in queries.iter().enumerate() {
            let said: Vec<_> = said.iter().map(|(who, readings)| (*who, &readings[at])).collect();
            for (who, judgement, signature) in judge(&world, query, &said) {
                match judgement {
                    Judgement::Same => {}
                    Judgement::Explained(numbers) => {
                        for number in numbers {
                            *outcome.explained.entry(number).or_default() += 1;
                        }
                    }
                    Judgement::Unexplained => {
                        let finding = || Finding {
                            world: world.clone(),
                            query: query.clone(),
                            who,
                            said: said.iter().map(|(who, reading)| (*who, (*reading).clone())).collect(),
                        };
                        outcome.findings.entry(signature).or_insert_with(|| (0, finding())).0 += 1;
                    }
                }
            }
        }
        Ok(())
    }

    /// Serves a world with everybody, and asks.
    fn ask(&self, world: &World, queries: &[Query]) -> Result<Vec<(Subject, Vec<Reading>)>> {
        let zones = world.write()?;
        let mut started: Vec<Started> = Vec::new();
        for subject in self.all() {
            started.push(subject.start(&zones)?);
        }
        let servers: Vec<_> = started.iter().map(|started| &started.server).collect();
        for one in &started {
            ensure_all_loaded(world, one)?;
        }
        Ok(self.all().zip(ask_all(&servers, queries)?).collect())
    }

    fn all(&self) -> impl Iterator<Item = Subject> {
        [self.subject].into_iter().chain(self.references.iter().copied())
    }

    /// The finding as it is in its world now; `None` if it is there no more.
    pub fn find_again(&self, finding: &Finding) -> Result<Option<Finding>> {
        let cast = Self { references: vec![finding.who], ..self.clone() };
        let query = core::slice::from_ref(&finding.query);
        // A world that a server does not load shows nothing.
        let Ok(said) = cast.ask(&finding.world, query) else { return Ok(None) };
        let said: Vec<_> = said.iter().map(|(who, readings)| (*who, &readings[0])).collect();
        let before: Vec<_> = finding.said.iter().map(|(who, reading)| (*who, reading)).collect();
        let signature = |said: &[(Subject, &Reading)]| {
            let mut judged = judge(&finding.world, &finding.query, said).into_iter();
            judged
                .find(|(who, ..)| *who == finding.who)
                .map(|(_, judgement, signature)| (judgement, signature))
        };
        // What the smaller world explains is another difference.
        let is_unexplained =
            signature(&said).is_some_and(|(judgement, _)| judgement == Judgement::Unexplained);
        let is_same = is_unexplained && signature(&said) == signature(&before);
        let said = said.iter().map(|(who, reading)| (*who, (*reading).clone())).collect();
        Ok(is_same.then(|| Finding { said, ..finding.clone() }))
    }

    /// The least of a finding, with what every server says about it.
    pub fn shrink(&self, finding: &Finding) -> Result<Finding> {
        let mut least = shrink(self, finding)?;
        let said = self.ask(&least.world, core::slice::from_ref(&least.query))?;
        least.said = said.into_iter().map(|(who, mut readings)| (who, readings.remove(0))).collect();
        Ok(least)
    }
}

/// What is to be thought of each reference's reaction, and what that looks like.
fn judge(world: &World, query: &Query, said: &[(Subject, &Reading)]) -> Vec<(Subject, Judgement, String)> {
    let Some((&(_, ours), others)) = said.split_first() else { return Vec::new() };
    let judged = |&(who, theirs): &(Subject, &Reading)| {
        let comparison = Comparison { query, world, who, ours, theirs };
        let status = |reading: &Reading| match reading {
            Reading::Reply(reply) => reply.status().replace(" rd", ""),
            Reading::Silence => "silence".to_owned(),
            Reading::Unreadable(why) => why.clone(),
        };
        let parts: Vec<_> = comparison.parts().into_iter().collect();
        let signature =
            format!("{}: {} | {} | {}", who.name(), status(ours), status(theirs), parts.join(" "));
        (who, comparison.judge(), signature)
    };
    others.iter().map(judged).collect()
}

/// A zone that one of them does not take is a mistake of the generator, or a finding about zones.
fn ensure_all_loaded(world: &World, started: &Started) -> Result<()> {
    let soa = |zone: &Zone| Query { name: zone.apex.clone(), rtype: SOA, class: 1, flags: 0, edns: None };
    let queries: Vec<_> = world.zones.iter().map(soa).collect();
    let readings = ask_all(&[&started.server], &queries)?.remove(0);
    for (number, (zone, reading)) in world.zones.iter().zip(readings).enumerate() {
        let is_loaded = reading.reply().is_some_and(|reply| reply.status() == "NOERROR aa");
        let said = started.running.said();
        let (apex, file) = (zone.apex.to_string(), format!("/{number}."));
        let is_about = |line: &&str| {
            let is_its = line.contains(&file) || line.contains(apex.trim_end_matches('.'));
            is_its && ["error", "failed", "near"].iter().any(|word| line.contains(word))
        };
        let about: Vec<_> = said.lines().filter(is_about).take(SHOWN).collect();
        let (name, seed) = (&started.server.name, world.seed);
        ensure!(
            is_loaded,
            "{name} does not load {apex} of seed {seed}:\n{}\n{}",
            about.join("\n"),
            zone.plain()
        );
    }
    Ok(())
}

const SOA: u16 = 6;

/// How many lines of a log are shown.
const SHOWN: usize = 8;

impl Outcome {
    /// Whether nothing is left unexplained.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Fails where nothing was compared.
    pub fn ensure_worth(&self) -> Result<()> {
        ensure!(self.queries > 0, "nothing was asked");
        Ok(())
    }
}

impl Display for Outcome {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{} zones, {} queries of each server", self.zones, self.queries)?;
        for (number, count) in &self.explained {
            let Some(difference) = DIFFERENCES.get(*number) else { continue };
            let who: Vec<_> = difference.who.iter().map(|who| who.name()).collect();
            writeln!(formatter, "{count:8} {}: {}", who.join(", "), difference.what)?;
        }
        for (signature, (count, finding)) in &self.findings {
            writeln!(
                formatter,
                "{count:8} UNEXPLAINED {signature}; such as {}, seed {}",
                dig(&finding.query),
                finding.world.seed
            )?;
        }
        Ok(())
    }
}

impl Display for Finding {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "seed {}: ours and {} differ", self.world.seed, self.who.name())?;
        for Zone { apex, .. } in &self.world.zones {
            writeln!(formatter, "zone {apex}")?;
        }
        for zone in &self.world.zones {
            write!(formatter, "{}", zone.plain())?;
        }
        writeln!(formatter, "{}", dig(&self.query))?;
        for (who, reading) in &self.said {
            write!(formatter, "  {:10} {reading}", who.name())?;
        }
        Ok(())
    }
}

/// A query as dig takes it.
pub fn dig(query: &Query) -> String {
    let mut words = vec!["dig +norecurse".to_owned()];
    for (bit, word) in [
        (10, "+aaflag"),
        (9, "+tcflag"),
        (8, "+recurse"),
        (7, "+raflag"),
        (6, "+zflag"),
        (5, "+adflag"),
        (4, "+cdflag"),
    ] {
        if query.flags & (1 << bit) != 0 {
            words.push(word.to_owned());
        }
    }
    if query.flags & 0x7800 != 0 {
        words.push(format!("+opcode={}", (query.flags >> 11) & 0xf));
    }
    match &query.edns {
        None => words.push("+noedns".to_owned()),
        Some((size, flags, options)) => {
            words.push(format!("+nocookie +bufsize={size} +edns={} +noednsneg", (flags >> 16) & 0xff));
            if flags & 0x8000 != 0 {
                words.push("+dnssec".to_owned());
            }
            if flags & 0x7fff != 0 {
                words.push(format!("+ednsflags=0x{:04x}", flags & 0x7fff));
            }
            if !options.is_empty() {
                words.push(format!("(options {options:02x?})"));
            }
        }
    }
    let class = match query.class {
        1 => String::new(),
        3 => " -c CH".to_owned(),
        other => format!(" -c CLASS{other}"),
    };
    format!("{} -q '{}' -t {}{class}", words.join(" "), query.name, type_name(query.rtype))
}
