//! What a test says about a reply.

use crate::client::Query;
use crate::message::{Message, Record};
use anyhow::{Result, ensure};
use core::ops::Deref;

/// A reply that has the form of one to its query.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What came.
    pub message: Message,
    /// What was asked.
    pub query: Query,
}

impl Deref for Reply {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}

impl Reply {
    /// What every reply must be: QR set, opcode and RD as asked, the question repeated as written (case and all), OPT
    /// exactly if there was one, and no longer than the client can take.
    pub fn to(query: &Query, message: Message) -> Result<Self> {
        let reply = Self::by_stream(query, message)?;
        let room = query.edns.as_ref().map_or(512, |(size, ..)| usize::from(*size).max(512));
        ensure!(reply.octets <= room, "the client takes {room} octets{reply}");
        Ok(reply)
    }

    /// The same of a reply that came on a stream, which may be as long as it likes.
    pub fn by_stream(query: &Query, message: Message) -> Result<Self> {
        let reply = Self { message, query: query.clone() };
        ensure!(reply.flags & 0x8000 != 0, "QR is not set{reply}");
        let echoed = 0x7900; // opcode and RD
        ensure!(reply.flags & echoed == query.flags & echoed, "opcode or RD is not as asked{reply}");
        ensure!(reply.flags & 0x40 == 0, "Z is set (RFC 1035 §4.1.1){reply}");
        let [question] = reply.questions.as_slice() else {
            anyhow::bail!("{} questions came back{reply}", reply.questions.len())
        };
        let same =
            question.name == query.name && question.rtype == query.rtype && question.class == query.class;
        ensure!(same, "the question is not as asked{reply}");
        ensure!(reply.opt.is_some() == query.edns.is_some(), "OPT is not as asked (RFC 6891 §7){reply}");
        Ok(reply)
    }

    /// RCODE and flags: `NXDOMAIN aa`.
    pub fn status_is(self, expected: &str) -> Result<Self> {
        ensure!(self.status() == expected, "expected {expected}{self}");
        Ok(self)
    }

    /// The answer section, in any order.
    pub fn answer_is(self, expected: &[&str]) -> Result<Self> {
        self.section_is("answer", &self.answer, expected)?;
        Ok(self)
    }

    /// The authority section, in any order.
    pub fn authority_is(self, expected: &[&str]) -> Result<Self> {
        self.section_is("authority", &self.authority, expected)?;
        Ok(self)
    }

    /// The additional section without OPT, in any order.
    pub fn additional_is(self, expected: &[&str]) -> Result<Self> {
        self.section_is("additional", &self.additional, expected)?;
        Ok(self)
    }

    /// The additional section has these.
    pub fn additional_has(self, expected: &[&str]) -> Result<Self> {
        let found = lines(&self.additional);
        for record in expected {
            ensure!(found.contains(&(*record).to_owned()), "expected in additional: {record}{self}");
        }
        Ok(self)
    }

    /// RFC 2308 §3: one SOA, the zone's own, with the lesser of its TTL and its MINIMUM.
    pub fn denied_by(self, zone: &str) -> Result<Self> {
        let [soa] = self.authority.as_slice() else { anyhow::bail!("expected one SOA in authority{self}") };
        ensure!(crate::message::type_name(soa.rtype) == "SOA", "expected an SOA in authority{self}");
        ensure!(soa.owner.to_string() == zone, "expected the SOA of {zone}{self}");
        let minimum: u32 = soa.data.rsplit(' ').next().unwrap_or_default().parse()?;
        ensure!(soa.ttl <= minimum, "the TTL of the SOA is above its MINIMUM of {minimum}{self}");
        Ok(self)
    }

    fn section_is(&self, section: &str, records: &[Record], expected: &[&str]) -> Result<()> {
        let mut expected: Vec<_> = expected.iter().map(|&record| record.to_owned()).collect();
        expected.sort();
        ensure!(
            lines(records) == expected,
            "expected in {section}:\n    {}{self}",
            if expected.is_empty() { "nothing".to_owned() } else { expected.join("\n    ") }
        );
        Ok(())
    }
}

impl core::fmt::Display for Reply {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "\ngot:\n{}", self.message)
    }
}

/// Records as sorted text.
pub fn lines(records: &[Record]) -> Vec<String> {
    let mut lines: Vec<_> = records.iter().map(ToString::to_string).collect();
    lines.sort();
    lines
}
