//! The parts of a message that have a fixed place (RFC 1035 §4.1).

use dns_protocol::{Opcode, Rcode};

/// Octets of a header (RFC 1035 §4.1.1).
pub(crate) const HEADER: usize = 12;

/// Octets of a question behind its name (RFC 1035 §4.1.2).
pub(crate) const QUESTION: usize = 4;

const QR: u8 = 0x80;
const OPCODE: u8 = 0x78;
const AA: u8 = 0x04;
const TC: u8 = 0x02;
const RD: u8 = 0x01;

/// The header of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    first_flags: u8,
    pub(crate) questions: u16,
    pub(crate) answers: u16,
    pub(crate) authorities: u16,
    pub(crate) additionals: u16,
}

impl Header {
    #[inline]
    pub(crate) fn parse(message: &[u8]) -> Option<Self> {
        let header: &[u8; HEADER] = message.first_chunk()?;
        let count = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        Some(Self {
            first_flags: header[2],
            questions: count(4),
            answers: count(6),
            authorities: count(8),
            additionals: count(10),
        })
    }

    pub(crate) const fn is_reply(&self) -> bool {
        self.first_flags & QR != 0
    }

    pub(crate) const fn opcode(&self) -> Opcode {
        Opcode((self.first_flags & OPCODE) >> 3)
    }
}

/// What the header of a reply says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) rcode: Rcode,
    pub(crate) authority: Authority,
    pub(crate) completeness: Completeness,
}

/// Whether the server is an authority for the name in the question (AA).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authority {
    Authoritative,
    NotAuthoritative,
}

/// Whether all that had to be in the reply fitted (TC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completeness {
    Complete,
    Truncated,
}

impl Verdict {
    /// An rcode and no more.
    pub(crate) const fn rcode(rcode: Rcode) -> Self {
        Self { rcode, authority: Authority::NotAuthoritative, completeness: Completeness::Complete }
    }
}

/// Turns the header of a request into that of its reply: the identity, the opcode and "recursion desired" stay. There is no
/// recursion here, and nothing is said of DNSSEC's checks (RFC 4035 §3.1.6).
#[inline]
pub(crate) fn write_header(message: &mut [u8], verdict: Verdict, questions: u16, counts: [u16; 3]) {
    let Some(header) = message.first_chunk_mut::<HEADER>() else { return };
    let aa = if verdict.authority == Authority::Authoritative { AA } else { 0 };
    let tc = if verdict.completeness == Completeness::Truncated { TC } else { 0 };
    header[2] = QR | (header[2] & (OPCODE | RD)) | aa | tc;
    header[3] = (verdict.rcode.0 & 0x0f) as u8;
    let [answers, authorities, additionals] = counts;
    for (place, count) in header[4..].chunks_exact_mut(2).zip([questions, answers, authorities, additionals])
    {
        place.copy_from_slice(&count.to_be_bytes());
    }
}
