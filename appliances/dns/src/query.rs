//! From octets to a question, or to a reason not to answer it.

use crate::counters::Count;
use crate::edns::Edns;
use crate::message::{HEADER, Header, QUESTION};
use crate::transport::Transport;
use crate::tsig::Signature;
use crate::zone::Labels;
use dns_protocol::{Class, Opcode, Rcode, RecordType};

/// A request that this server understands: an ordinary query with one question.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query {
    pub(crate) record_type: RecordType,
    pub(crate) class: Class,
    pub(crate) edns: Option<Edns>,
    /// Where the question ends and the reply goes on.
    pub(crate) end: usize,
}

/// What there is to do about any other request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rejection {
    /// Nothing: it is too short to have a reply, or it is a reply itself.
    Silence { reason: Count },
    /// A reply that says so in its rcode, and no more.
    Refusal(Refusal),
}

/// A reply without records of any zone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) reason: Count,
    pub(crate) rcode: Rcode,
    /// Where the reply goes on: after the question if that could be read, else after the header.
    pub(crate) end: usize,
    pub(crate) edns: Option<Edns>,
    /// A signature by a key that is not known.
    pub(crate) signature: Option<Signature>,
}

impl Query {
    /// Parses a request, the labels of the name that it asks for into `name`.
    #[inline]
    pub(crate) fn parse(message: &[u8], transport: Transport, name: &mut Labels) -> Result<Self, Rejection> {
        let header = Header::parse(message).ok_or(Rejection::Silence { reason: Count::Short })?;
        if header.is_reply() {
            return Err(Rejection::Silence { reason: Count::Response });
        }
        if let Some(rcode) = refusal_of_opcode(header.opcode()) {
            return Err(at_header(header.opcode().into(), rcode));
        }
        if header.questions != 1 {
            return Err(at_header(Count::Questions, Rcode::FORMERR));
        }
        let is_none = || at_header(Count::Question, Rcode::FORMERR);
        let question = message.get(HEADER..).unwrap_or_default();
        name.read(question).ok_or_else(is_none)?;
        let fixed = question.get(name.length()..).and_then(<[u8]>::first_chunk::<QUESTION>);
        let &[type_0, type_1, class_0, class_1] = fixed.ok_or_else(is_none)?;

        let mut query = Self {
            record_type: RecordType(u16::from_be_bytes([type_0, type_1])),
            class: Class(u16::from_be_bytes([class_0, class_1])),
            edns: None,
            end: HEADER + name.length() + QUESTION,
        };
        // A request has neither answers nor authority; an IXFR's SOA (RFC 1995 §3) is no use to a server that refuses it.
        let allowed = u16::from(query.record_type == RecordType::IXFR);
        if header.answers != 0 || header.authorities > allowed {
            return Err(query.rejection(Count::Sections, Rcode::FORMERR));
        }
        if message.len() != query.end || header.authorities != 0 || header.additionals != 0 {
            query.parse_records(message, transport, &header)?;
        }
        query.check(transport)?;
        Ok(query)
    }

    /// Everything behind the question.
    fn parse_records(
        &mut self,
        message: &[u8],
        transport: Transport,
        header: &Header,
    ) -> Result<(), Rejection> {
        let malformed = |query: &Self, reason| Err(query.rejection(reason, Rcode::FORMERR));
        let mut records = Records { message, at: self.end };
        for _ in 0..header.authorities {
            if records.next().is_none() {
                return malformed(self, Count::Records);
            }
        }
        let mut signature = None;
        for _ in 0..header.additionals {
            let Some(record) = records.next() else { return malformed(self, Count::Records) };
            match record.record_type {
                // "If a TSIG record is present, it must be the last" (RFC 8945 §5.1).
                _ if signature.is_some() => return malformed(self, Count::MalformedSignature),
                // Of OPT there is one, and the root owns it (RFC 6891 §6.1.1, §6.1.2).
                RecordType::OPT if self.edns.is_none() && record.owner == [0] => {
                    self.edns = Edns::parse(&record, transport);
                    if self.edns.is_none() {
                        return malformed(self, Count::MalformedEdns);
                    }
                }
                RecordType::OPT => return malformed(self, Count::MalformedEdns),
                RecordType::TSIG => {
                    signature = Signature::parse(&record);
                    if signature.is_none() {
                        return malformed(self, Count::MalformedSignature);
                    }
                }
                _ => {}
            }
        }
        if records.at != message.len() {
            return malformed(self, Count::Records);
        }
        if signature.is_some() {
            let Self { end, edns, .. } = *self;
            let (reason, rcode) = (Count::Key, Rcode::NOTAUTH);
            return Err(Rejection::Refusal(Refusal { reason, rcode, end, edns, signature }));
        }
        Ok(())
    }

    fn check(&self, transport: Transport) -> Result<(), Rejection> {
        if self.edns.is_some_and(|edns| edns.version != Edns::VERSION) {
            return Err(self.rejection(Count::EdnsVersion, Rcode::BADVERS));
        }
        let rcode = match self.record_type {
            RecordType::ANY => return Ok(()),
            // A transfer is for streams (RFC 5936 §4.2), and this server gives none (§2.2.1).
            RecordType::AXFR if transport == Transport::Datagram => Rcode::FORMERR,
            RecordType::AXFR | RecordType::IXFR => Rcode::REFUSED,
            RecordType::MAILA | RecordType::MAILB => Rcode::NOTIMP,
            meta if meta.is_meta() => Rcode::FORMERR,
            _ => return Ok(()),
        };
        Err(self.rejection(Count::Type, rcode))
    }

    /// A rejection of this query.
    fn rejection(&self, reason: Count, rcode: Rcode) -> Rejection {
        let Self { end, edns, .. } = *self;
        Rejection::Refusal(Refusal { reason, rcode, end, edns, signature: None })
    }
}

/// A rejection of a request whose question is not known.
fn at_header(reason: Count, rcode: Rcode) -> Rejection {
    Rejection::Refusal(Refusal { reason, rcode, end: HEADER, edns: None, signature: None })
}

fn refusal_of_opcode(opcode: Opcode) -> Option<Rcode> {
    match opcode {
        Opcode::QUERY => None,
        // This server is nobody's secondary, and takes no updates.
        Opcode::NOTIFY | Opcode::UPDATE => Some(Rcode::REFUSED),
        Opcode(_) => Some(Rcode::NOTIMP),
    }
}

/// Records of a request, of which only those of its protocol matter.
struct Records<'m> {
    message: &'m [u8],
    at: usize,
}

/// A record of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestRecord<'m> {
    /// Where in the request it is.
    pub(crate) start: usize,
    /// Its owner, perhaps compressed.
    pub(crate) owner: &'m [u8],
    pub(crate) record_type: RecordType,
    pub(crate) class: Class,
    pub(crate) ttl: [u8; 4],
    pub(crate) data: &'m [u8],
}

impl<'m> Records<'m> {
    fn next(&mut self) -> Option<RequestRecord<'m>> {
        let owner = self.at;
        let fixed = skip_name(self.message, owner)?;
        let &[type_0, type_1, class_0, class_1, ttl_0, ttl_1, ttl_2, ttl_3, length_0, length_1] =
            self.message.get(fixed..)?.first_chunk()?;
        let start = fixed + 10;
        let end = start + usize::from(u16::from_be_bytes([length_0, length_1]));
        let data = self.message.get(start..end)?;
        self.at = end;
        Some(RequestRecord {
            start: owner,
            owner: self.message.get(owner..fixed)?,
            record_type: RecordType(u16::from_be_bytes([type_0, type_1])),
            class: Class(u16::from_be_bytes([class_0, class_1])),
            ttl: [ttl_0, ttl_1, ttl_2, ttl_3],
            data,
        })
    }
}

/// Where the name at `at`, perhaps compressed, ends. The names of records that do not matter are not followed.
fn skip_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            0xc0.. => return (at + 2 <= message.len()).then_some(at + 2),
            label @ 1..=63 => at += 1 + usize::from(label),
            64..=0xbf => return None,
        }
    }
}
