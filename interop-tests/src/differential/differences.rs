//! Where ours and a reference differ, and may.

mod aliases;
mod faults;
mod refusals;
mod sizes;
mod table;

pub use table::DIFFERENCES;

use super::model::Zone;
use super::reading::{Reading, Reply};
use super::world::World;
use crate::client::Query;
use crate::message::type_name;
use crate::name::Name;
use crate::subject::Subject;
use std::collections::BTreeSet;

/// Two reactions to one query.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'c> {
    /// What was asked.
    pub query: &'c Query,
    /// Of whom.
    pub world: &'c World,
    /// Which reference.
    pub who: Subject,
    /// What ours said.
    pub ours: &'c Reading,
    /// What the reference said.
    pub theirs: &'c Reading,
}

/// A deviation from ours that the RFCs leave to a server, or that they speak against.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    /// Which references have it.
    pub who: &'static [Subject],
    /// In a few words.
    pub what: &'static str,
    /// The sentence that decides it.
    pub why: &'static str,
    /// Takes this, and nothing else, out of the reference's reply: what is left has to be the same.
    amend: fn(&Comparison<'_>, &mut Reading),
}

/// What is to be thought of two reactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// They are the same.
    Same,
    /// They differ by the entries of these numbers in [`DIFFERENCES`].
    Explained(Vec<usize>),
    /// They differ.
    Unexplained,
}

impl Comparison<'_> {
    /// Compares and judges.
    pub fn judge(&self) -> Judgement {
        if differing(self.ours, self.theirs).is_empty() {
            return Judgement::Same;
        }
        let mut theirs = self.theirs.clone();
        let mut numbers = Vec::new();
        for (number, difference) in DIFFERENCES.iter().enumerate() {
            if !difference.who.contains(&self.who) {
                continue;
            }
            let before = theirs.clone();
            (difference.amend)(self, &mut theirs);
            if theirs != before {
                numbers.push(number);
            }
            if differing(self.ours, &theirs).is_empty() {
                return Judgement::Explained(numbers);
            }
        }
        Judgement::Unexplained
    }

    /// What differs.
    pub fn parts(&self) -> BTreeSet<&'static str> {
        differing(self.ours, self.theirs)
    }

    fn asks_for(&self, types: &[&str]) -> bool {
        types.contains(&type_name(self.query.rtype).as_str())
    }

    fn zone_answering(&self, name: &Name) -> Option<&Zone> {
        self.world.zone_answering(name, &type_name(self.query.rtype))
    }

    /// What ours said, where it said anything.
    fn our_reply(&self) -> Option<&Reply> {
        self.ours.reply()
    }
}

/// What differs between two reactions. The records of truncated replies are not looked at (RFC 2181 §9).
fn differing(ours: &Reading, theirs: &Reading) -> BTreeSet<&'static str> {
    let (ours, theirs) = match (ours, theirs) {
        (Reading::Reply(ours), Reading::Reply(theirs)) => (ours, theirs),
        (Reading::Silence, Reading::Silence) => return BTreeSet::new(),
        _ => return BTreeSet::from(["reaction"]),
    };
    let is_whole = !(ours.is_truncated() && theirs.is_truncated());
    let parts = [
        ("rcode", ours.rcode != theirs.rcode),
        ("flags", ours.flags != theirs.flags),
        ("questions", ours.questions != theirs.questions),
        ("edns", ours.edns != theirs.edns),
        ("excess", ours.excess != 0 || theirs.excess != 0),
        ("options", ours.options != theirs.options),
        ("answer", is_whole && ours.answer != theirs.answer),
        ("authority", is_whole && ours.authority != theirs.authority),
        ("additional", is_whole && ours.additional != theirs.additional),
        // Of ours alone: a record is in an RRset once (RFC 2181 §5), and others' mistakes are theirs.
        ("repetition", !ours.repeated.is_empty()),
    ];
    parts.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part).collect()
}

impl Reply {
    /// Whether it has no record at all.
    fn is_bare(&self) -> bool {
        self.answer.is_empty() && self.authority.is_empty() && self.additional.is_empty()
    }

    fn has_rcode(&self, rcodes: &[&str]) -> bool {
        rcodes.contains(&self.rcode.as_str())
    }

    /// Says what `other` says about the name: all but what the protocol around it has.
    fn take_answer_of(&mut self, other: &Self) {
        self.rcode.clone_from(&other.rcode);
        self.answer.clone_from(&other.answer);
        self.authority.clone_from(&other.authority);
        self.additional.clone_from(&other.additional);
        for flag in ["aa", "tc"] {
            self.set(flag, other.flags.contains(flag));
        }
    }

    fn set(&mut self, flag: &'static str, is_set: bool) {
        if is_set {
            self.flags.insert(flag);
        } else {
            self.flags.remove(flag);
        }
    }
}

/// Owner, type and data of a record's line.
fn fields(line: &str) -> Option<(&str, &str, &str)> {
    let mut words = line.splitn(4, ' ');
    let owner = words.next()?;
    let rtype = words.nth(1)?;
    Some((owner, rtype, words.next().unwrap_or_default()))
}

#[cfg(test)]
mod tests;
