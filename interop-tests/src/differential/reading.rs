//! What a server said, with everything in it that can be compared.

use crate::client::{Query, Server};
use crate::message::{Message, Record, type_name};
use anyhow::{Result, bail};
use core::fmt::{self, Display, Formatter};
use std::collections::BTreeSet;

/// A server's reaction to a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// No reply.
    Silence,
    /// A reply that is not one, or not to this query.
    Unreadable(String),
    /// A reply.
    Reply(Box<Reply>),
}

/// A reply, its order and compression left aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// By name.
    pub rcode: String,
    /// The second word of the header without opcode and RCODE, by name.
    pub flags: BTreeSet<&'static str>,
    /// How many questions came back.
    pub questions: usize,
    /// The OPT record but for its options.
    pub edns: Option<(u16, u32)>,
    /// EDNS's options: their codes, and their octets in hexadecimal.
    pub options: BTreeSet<String>,
    /// The answer section.
    pub answer: BTreeSet<String>,
    /// The authority section.
    pub authority: BTreeSet<String>,
    /// The additional section without OPT.
    pub additional: BTreeSet<String>,
    /// The records that a section has more than once.
    pub repeated: BTreeSet<String>,
    /// How long it was.
    pub octets: usize,
    /// How many octets of it are more than the query has room for.
    pub excess: usize,
}

const FLAGS: &[(&str, u16)] = &[
    ("aa", 1 << 10),
    ("tc", 1 << 9),
    ("rd", 1 << 8),
    ("ra", 1 << 7),
    ("z", 1 << 6),
    ("ad", 1 << 5),
    ("cd", 1 << 4),
];

impl Reading {
    /// The reply, if there is one.
    pub fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Reply(reply) => Some(reply),
            Self::Silence | Self::Unreadable(_) => None,
        }
    }

    fn of(query: &Query, octets: &[u8]) -> Self {
        let message = match Message::parse(octets) {
            Ok(message) => message,
            Err(error) => return Self::Unreadable(format!("{error:#}")),
        };
        match wrong(query, &message) {
            Some(wrong) => Self::Unreadable(wrong),
            None => Self::Reply(Box::new(Reply::of(query, &message))),
        }
    }
}

/// What no reply to the query may be.
fn wrong(query: &Query, message: &Message) -> Option<String> {
    let opcode = 0x7800;
    if message.flags & 0x8000 == 0 {
        return Some("QR is not set".to_owned());
    }
    if message.flags & opcode != query.flags & opcode {
        return Some("the opcode is another".to_owned());
    }
    let is_asked = |question: &crate::message::Question| {
        question.name == query.name && question.rtype == query.rtype && question.class == query.class
    };
    (!message.questions.iter().all(is_asked)).then(|| "the question is another".to_owned())
}

impl Reply {
    fn of(query: &Query, message: &Message) -> Self {
        let room = query.edns.as_ref().map_or(512, |(size, ..)| usize::from(*size).max(512));
        let lines = |records: &[Record]| records.iter().map(line).collect();
        Self {
            rcode: message.status().split(' ').next().unwrap_or_default().to_owned(),
            flags: FLAGS.iter().filter(|(_, bit)| message.flags & bit != 0).map(|(name, _)| *name).collect(),
            questions: message.questions.len(),
            edns: message.opt.as_ref().map(|opt| (opt.class, opt.ttl)),
            options: message.opt.as_ref().map(|opt| options(&opt.data)).unwrap_or_default(),
            answer: lines(&message.answer),
            authority: lines(&message.authority),
            additional: lines(&message.additional),
            repeated: [&message.answer, &message.authority, &message.additional]
                .into_iter()
                .flat_map(|section| repeated(section))
                .collect(),
            octets: message.octets,
            excess: message.octets.saturating_sub(room),
        }
    }

    /// Whether something that has to be there did not fit.
    pub fn is_truncated(&self) -> bool {
        self.flags.contains("tc")
    }

    /// RCODE and flags: `NXDOMAIN aa`.
    pub fn status(&self) -> String {
        self.flags.iter().fold(self.rcode.clone(), |text, flag| text + " " + flag)
    }
}

/// What is there more than once.
fn repeated(section: &[Record]) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    section.iter().map(line).filter(|line| !seen.insert(line.clone())).collect()
}

/// A record as text that is the same for the same record: names in any case. What is neither name nor TXT has no capital letters,
/// being numbers or hexadecimal.
fn line(record: &Record) -> String {
    let is_text = type_name(record.rtype) == "TXT";
    let data = if is_text { record.data.clone() } else { record.data.to_ascii_lowercase() };
    Record { owner: record.owner.lower(), data, ..record.clone() }.to_string()
}

/// The options of an OPT record, whose data is given as RFC 3597 §5 writes the unknown.
fn options(data: &str) -> BTreeSet<String> {
    let mut rest = data.rsplit(' ').next().unwrap_or_default();
    let mut options = BTreeSet::new();
    while let Some((header, behind)) = rest.split_at_checked(8) {
        let [code, length] =
            [&header[..4], &header[4..]].map(|half| usize::from_str_radix(half, 16).unwrap_or(0));
        let (octets, behind) = behind.split_at_checked(2 * length).unwrap_or((behind, ""));
        options.insert(format!("{code} {octets}"));
        rest = behind;
    }
    options
}

/// Asks all of them all of it, each at its own pace.
pub fn ask_all(servers: &[&Server], queries: &[Query]) -> Result<Vec<Vec<Reading>>> {
    std::thread::scope(|scope| {
        let asking: Vec<_> = servers.iter().map(|server| scope.spawn(|| ask(server, queries))).collect();
        asking.into_iter().map(|one| one.join().expect("asking does not panic")).collect()
    })
}

fn ask(server: &Server, queries: &[Query]) -> Result<Vec<Reading>> {
    let mut conversation = server.converse()?;
    let mut readings = Vec::with_capacity(queries.len());
    for query in queries {
        match conversation.ask(query) {
            Ok(Some(octets)) => readings.push(Reading::of(query, &octets)),
            Ok(None) => readings.push(Reading::Silence),
            Err(error) => bail!("{} about {} {}: {error:#}", server.name, query.name, type_name(query.rtype)),
        }
    }
    Ok(readings)
}

impl Display for Reading {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let reply = match self {
            Self::Silence => return writeln!(formatter, "silence"),
            Self::Unreadable(why) => return writeln!(formatter, "unreadable: {why}"),
            Self::Reply(reply) => reply,
        };
        write!(formatter, "{} ({} octets, {} questions", reply.status(), reply.octets, reply.questions)?;
        match reply.edns {
            Some((size, flags)) => writeln!(formatter, "; EDNS {size} {flags:08x} {:?})", reply.options)?,
            None => writeln!(formatter, ")")?,
        }
        for (section, records) in
            [("answer", &reply.answer), ("authority", &reply.authority), ("additional", &reply.additional)]
        {
            for record in records.iter().take(SHOWN) {
                writeln!(formatter, "      {section:10} {record}")?;
            }
            if records.len() > SHOWN {
                writeln!(formatter, "      {section:10} … {} in all", records.len())?;
            }
        }
        for record in &reply.repeated {
            writeln!(formatter, "      repeated   {record}")?;
        }
        Ok(())
    }
}

/// How many records of a section are shown.
const SHOWN: usize = 60;
