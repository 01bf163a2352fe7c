//! Differential testing: one question to several servers, the answers compared section by section.
//!
//! Where the reference servers agree, a server under test agrees with them. Where they don't, it sides with one of them,
//! and the disagreement is among the [`DISPUTES`], with its reason.

use crate::client::{Query, Server};
use crate::message::{Message, Record, type_name, type_number};
use crate::name::Name;
use crate::zones::Content;
use anyhow::Result;
use core::fmt::{self, Display, Formatter};
use std::collections::BTreeSet;

/// What of a reply is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// RCODE, AA and TC.
    pub status: String,
    /// The sections, in canonical order; those of a truncated reply are not looked at (RFC 2181 §9).
    pub answer: BTreeSet<String>,
    /// The authority section.
    pub authority: BTreeSet<String>,
    /// The additional section.
    pub additional: BTreeSet<String>,
}

impl Summary {
    fn of(message: &Message) -> Self {
        let lines = |records: &[Record]| -> BTreeSet<String> {
            let is_whole = message.flags & TRUNCATED == 0;
            records.iter().filter(|_| is_whole).map(line).collect()
        };
        Self {
            status: message.status(),
            answer: lines(&message.answer),
            authority: lines(&message.authority),
            additional: lines(&message.additional),
        }
    }
}

/// TC.
const TRUNCATED: u16 = 1 << 9;

/// A record as text that is the same for the same record: names in any case.
fn line(record: &Record) -> String {
    let is_text = type_name(record.rtype) == "TXT";
    let data = if is_text { record.data.clone() } else { record.data.to_ascii_lowercase() };
    Record { owner: record.owner.lower(), data, ..record.clone() }.to_string()
}

/// What a server said to one query: a summary, or what was wrong with its form.
pub type Said = Result<Summary, String>;

/// Every question that the content suggests: each name, what is above and below it, and every type.
pub fn questions(content: &Content) -> Vec<Query> {
    let mut names = BTreeSet::new();
    for name in content.names.iter().filter(|name| is_telling(name)) {
        for label in ["*", "zz", "_a.zz"] {
            names.insert(label.split('.').rev().fold(name.clone(), |name, label| name.child(label)));
        }
        let mut ancestor = Some(name.clone());
        while let Some(name) = ancestor {
            ancestor = name.parent();
            names.insert(name);
        }
    }
    let mut types = content.types.clone();
    types.extend(["A", "DS", "ANY", "TYPE65432", "NSEC"].map(|name| type_number(name).expect("a type")));
    let mut questions = Vec::new();
    for name in &names {
        for &rtype in &types {
            let plain = Query { name: name.clone(), rtype, class: 1, flags: 0, edns: None };
            questions.push(plain.clone());
            questions.push(plain.with_edns(1232));
        }
    }
    questions
}

/// Of a hundred names that `$GENERATE` made, some.
fn is_telling(name: &Name) -> bool {
    let first = name.0.first().map(|label| String::from_utf8_lossy(label).into_owned()).unwrap_or_default();
    !first.starts_with("lease-") || ["lease-001", "lease-099", "lease-100"].contains(&first.as_str())
}

/// Asks all of them all of it, each at its own pace.
pub fn ask_all(servers: &[Server], queries: &[Query]) -> Vec<Vec<Said>> {
    std::thread::scope(|scope| {
        let asking: Vec<_> = servers
            .iter()
            .map(|server| {
                scope.spawn(move || {
                    let said = |query| match server.ask_with(query) {
                        Ok(reply) => Ok(Summary::of(&reply.message)),
                        Err(error) => Err(format!("{error:#}")),
                    };
                    queries.iter().map(said).collect::<Vec<_>>()
                })
            })
            .collect();
        asking.into_iter().map(|one| one.join().expect("asking does not panic")).collect()
    })
}

/// A disagreement about one query.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// What was asked.
    pub query: Query,
    /// Who said what.
    pub said: Vec<(String, Said)>,
}

impl Display for Disagreement {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let edns = if self.query.edns.is_some() { " with EDNS" } else { "" };
        writeln!(formatter, "{} {}{edns}", self.query.name, type_name(self.query.rtype))?;
        for (server, said) in &self.said {
            match said {
                Ok(summary) => {
                    writeln!(formatter, "  {server}: {}", summary.status)?;
                    let sections = [
                        ("", &summary.answer),
                        ("authority ", &summary.authority),
                        ("additional ", &summary.additional),
                    ];
                    for (section, records) in sections {
                        for record in records {
                            writeln!(formatter, "      {section}{record}")?;
                        }
                    }
                }
                Err(error) => writeln!(formatter, "  {server}: {error}")?,
            }
        }
        Ok(())
    }
}

/// Why the references disagree here, if there is a reason: what is asked, of what type (none: of any), and whose word
/// says that each of them is right.
pub const DISPUTES: &[(&[&str], &[&str], &str)] = &[
    (
        &["."],
        &["ANY"],
        "RFC 8482 §4.1: one RRset of several, and each server chooses its own; an alias need not be followed",
    ),
    (
        &["self.edges.test.", "loop1.edges.test.", "loop2.edges.test.", "wild-loop.edges.test."],
        &[],
        "a loop of aliases: RFC 1034 §5.2.2 speaks of an error; BIND reports SERVFAIL, NSD and Knot leave it to the client",
    ),
    (
        &["up.child.edges.test."],
        &[],
        "RFC 1034 §4.3.2 step 3a: \"go back to step 1\" leads into another zone of the server: NSD goes there, Knot and BIND don't",
    ),
    (
        &["."],
        &["NSEC"],
        "RFC 4035 §2.5: an alias may own NSEC beside its CNAME: BIND and Knot deny the NSEC, NSD follows the alias",
    ),
];

/// The place in [`DISPUTES`] of what explains a disagreement about this query.
pub fn dispute(query: &Query) -> Option<usize> {
    DISPUTES.iter().position(|(names, types, _)| {
        let rtype = type_name(query.rtype);
        (types.is_empty() || types.contains(&rtype.as_str()))
            && names.iter().any(|name| query.name.is_within(&Name::parse(name).expect("a name")))
    })
}

/// Whether the references say the same; what is additional each may judge for itself (RFC 1034 §4.3.2 step 6: "anything
/// useful").
pub fn is_unanimous(references: &[&Said]) -> bool {
    references.iter().all(|said| match (said, references[0]) {
        (Ok(one), Ok(other)) => one.agrees_with(other),
        _ => false,
    })
}

/// Whether a server says what the references say, or sides with one of them where they differ.
pub fn is_in_line(said: &Said, references: &[&Said], query: &Query) -> bool {
    let Ok(said) = said else { return false };
    let references: Vec<_> = references.iter().filter_map(|reference| reference.as_ref().ok()).collect();
    if type_name(query.rtype) == "ANY" {
        let agrees = |other: &&Summary| {
            other.status == said.status && other.answer.is_empty() == said.answer.is_empty()
        };
        return references.iter().any(agrees);
    }
    let sides: Vec<_> = references.into_iter().filter(|other| said.agrees_with(other)).collect();
    let may = |record: &String| {
        is_welcome(query, record) || sides.iter().any(|other| other.additional.contains(record))
    };
    let must = |record: &String| sides.iter().all(|other| other.additional.contains(record));
    !sides.is_empty()
        && said.additional.iter().all(may)
        && sides[0].additional.iter().all(|record| said.additional.contains(record) || !must(record))
}

/// RFC 9460 §4.1: addresses of the target of SVCB and HTTPS "SHOULD" come along, where the target is `.` too; of the
/// references none goes that far.
fn is_welcome(query: &Query, record: &str) -> bool {
    let is_service = ["SVCB", "HTTPS"].contains(&type_name(query.rtype).as_str());
    is_service && record.split(' ').nth(2).is_some_and(|rtype| rtype == "A" || rtype == "AAAA")
}

impl Summary {
    /// In everything but what is additional.
    fn agrees_with(&self, other: &Self) -> bool {
        self.status == other.status && self.answer == other.answer && self.authority == other.authority
    }
}
