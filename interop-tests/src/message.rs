//! DNS messages (RFC 1035 §4), read strictly: a reply with anything wrong in its form fails the test that got it.

use crate::name::Name;
use anyhow::{Context, Result, bail, ensure};
use core::fmt::{self, Display, Formatter, Write};
use core::net::{Ipv4Addr, Ipv6Addr};

/// The types that are spoken of by name; every other is `TYPEn`.
const TYPES: &[(&str, u16)] = &[
    ("A", 1),
    ("NS", 2),
    ("CNAME", 5),
    ("SOA", 6),
    ("MB", 7),
    ("MG", 8),
    ("MR", 9),
    ("WKS", 11),
    ("PTR", 12),
    ("HINFO", 13),
    ("MINFO", 14),
    ("MX", 15),
    ("TXT", 16),
    ("RP", 17),
    ("AFSDB", 18),
    ("X25", 19),
    ("ISDN", 20),
    ("RT", 21),
    ("PX", 26),
    ("AAAA", 28),
    ("LOC", 29),
    ("SRV", 33),
    ("NAPTR", 35),
    ("KX", 36),
    ("CERT", 37),
    ("DNAME", 39),
    ("OPT", OPT),
    ("APL", 42),
    ("DS", 43),
    ("SSHFP", 44),
    ("IPSECKEY", 45),
    ("RRSIG", 46),
    ("NSEC", 47),
    ("DNSKEY", 48),
    ("DHCID", 49),
    ("TLSA", 52),
    ("HIP", 55),
    ("CDS", 59),
    ("CDNSKEY", 60),
    ("OPENPGPKEY", 61),
    ("CSYNC", 62),
    ("ZONEMD", 63),
    ("SVCB", 64),
    ("HTTPS", 65),
    ("SPF", 99),
    ("NID", 104),
    ("L64", 106),
    ("LP", 107),
    ("EUI48", 108),
    ("IXFR", 251),
    ("AXFR", 252),
    ("MAILB", 253),
    ("ANY", 255),
    ("URI", 256),
    ("CAA", 257),
];

/// The pseudo-record of EDNS (RFC 6891 §6.1.1).
pub const OPT: u16 = 41;

/// The number of a type, from `MX` or `TYPE65280`.
pub fn type_number(text: &str) -> Result<u16> {
    match TYPES.iter().find(|(name, _)| *name == text) {
        Some((_, number)) => Ok(*number),
        None => Ok(text.strip_prefix("TYPE").with_context(|| format!("no type `{text}`"))?.parse()?),
    }
}

/// The name of a type.
pub fn type_name(number: u16) -> String {
    match TYPES.iter().find(|(_, known)| *known == number) {
        Some((name, _)) => (*name).to_owned(),
        None => format!("TYPE{number}"),
    }
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// QNAME.
    pub name: Name,
    /// QTYPE.
    pub rtype: u16,
    /// QCLASS.
    pub class: u16,
}

/// A record, its names uncompressed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Record {
    /// Whose it is.
    pub owner: Name,
    /// TYPE.
    pub rtype: u16,
    /// CLASS, or the payload size of an OPT.
    pub class: u16,
    /// TTL in seconds, or the flags of an OPT.
    pub ttl: u32,
    /// RDATA as text where the type is among the few that need it, else as RFC 3597 §5 writes the unknown.
    pub data: String,
}

/// A message, read.
#[derive(Clone, Debug)]
pub struct Message {
    /// ID.
    pub id: u16,
    /// The second word of the header: QR, OPCODE, AA, TC, RD, RA, Z, AD, CD, RCODE.
    pub flags: u16,
    /// The question section.
    pub questions: Vec<Question>,
    /// The answer section.
    pub answer: Vec<Record>,
    /// The authority section.
    pub authority: Vec<Record>,
    /// The additional section without OPT.
    pub additional: Vec<Record>,
    /// EDNS.
    pub opt: Option<Record>,
    /// How long it was.
    pub octets: usize,
}

impl Message {
    /// Reads all of `octets`.
    pub fn parse(octets: &[u8]) -> Result<Self> {
        let mut reader = Reader { octets, at: 0 };
        let [id, flags] = [reader.u16()?, reader.u16()?];
        let counts = [reader.u16()?, reader.u16()?, reader.u16()?, reader.u16()?];
        let questions = (0..counts[0]).map(|_| reader.question()).collect::<Result<_>>()?;
        let [answer, authority, mut additional] =
            [reader.records(counts[1])?, reader.records(counts[2])?, reader.records(counts[3])?];
        ensure!(reader.at == octets.len(), "{} octets after the message", octets.len() - reader.at);

        let opts: Vec<_> = additional.extract_if(.., |record| record.rtype == OPT).collect();
        ensure!(opts.len() <= 1, "{} OPT records (RFC 6891 §6.1.1)", opts.len());
        let opt = opts.into_iter().next();
        Ok(Self { id, flags, questions, answer, authority, additional, opt, octets: octets.len() })
    }

    /// RCODE with its upper bits from EDNS.
    pub fn rcode(&self) -> u16 {
        let upper = self.opt.as_ref().map_or(0, |opt| opt.ttl >> 24);
        u16::try_from(upper << 4).expect("8 bits") | (self.flags & 0xf)
    }

    /// RCODE by name, and those of `aa tc ra ad` that are set: `NOERROR aa`.
    pub fn status(&self) -> String {
        let rcode = match self.rcode() {
            0 => "NOERROR".to_owned(),
            1 => "FORMERR".to_owned(),
            2 => "SERVFAIL".to_owned(),
            3 => "NXDOMAIN".to_owned(),
            4 => "NOTIMP".to_owned(),
            5 => "REFUSED".to_owned(),
            6 => "YXDOMAIN".to_owned(),
            9 => "NOTAUTH".to_owned(),
            16 => "BADVERS".to_owned(),
            other => format!("RCODE{other}"),
        };
        let flags = [("aa", 1 << 10), ("tc", 1 << 9), ("ra", 1 << 7), ("ad", 1 << 5)];
        flags.iter().filter(|(_, bit)| self.flags & bit != 0).fold(rcode, |text, (flag, _)| text + " " + flag)
    }
}

/// Reads from a message; a name may point back into all of it.
struct Reader<'a> {
    octets: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn u8(&mut self) -> Result<u8> {
        let octet = *self.octets.get(self.at).context("the message ends early")?;
        self.at += 1;
        Ok(octet)
    }

    fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_be_bytes([self.u8()?, self.u8()?]))
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_be_bytes([self.u8()?, self.u8()?, self.u8()?, self.u8()?]))
    }

    fn take(&mut self, count: usize) -> Result<Vec<u8>> {
        (0..count).map(|_| self.u8()).collect()
    }

    /// RFC 1035 §4.1.4: a pointer leads to a *prior* occurrence, so each must lead further back.
    fn name(&mut self) -> Result<Name> {
        let mut labels = Vec::new();
        let mut end = None;
        let mut bound = self.at;
        loop {
            let length = self.u8()?;
            match length {
                0 => break,
                1..=63 => labels.push(self.take(usize::from(length))?),
                0xc0.. => {
                    let target = usize::from(u16::from_be_bytes([length & 0x3f, self.u8()?]));
                    end.get_or_insert(self.at);
                    ensure!(target < bound, "a pointer from {bound} leads on to {target}");
                    (self.at, bound) = (target, target);
                }
                _ => bail!("a label of type {length:#x}"),
            }
        }
        self.at = end.unwrap_or(self.at);
        let name = Name(labels);
        ensure!(name.octets() <= 255, "a name of {} octets", name.octets());
        Ok(name)
    }

    fn question(&mut self) -> Result<Question> {
        Ok(Question { name: self.name()?, rtype: self.u16()?, class: self.u16()? })
    }

    fn records(&mut self, count: u16) -> Result<Vec<Record>> {
        (0..count).map(|_| self.record()).collect()
    }

    fn record(&mut self) -> Result<Record> {
        let owner = self.name()?;
        let [rtype, class] = [self.u16()?, self.u16()?];
        let ttl = self.u32()?;
        let length = usize::from(self.u16()?);
        let end = self.at + length;
        let data = self.data(rtype, length)?;
        ensure!(self.at == end, "RDATA of {} reaches to {} instead of {end}", type_name(rtype), self.at);
        Ok(Record { owner, rtype, class, ttl, data })
    }

    fn data(&mut self, rtype: u16, length: usize) -> Result<String> {
        Ok(match (type_name(rtype).as_str(), length) {
            ("A", 4) => Ipv4Addr::from(self.u32()?).to_string(),
            ("AAAA", 16) => {
                Ipv6Addr::from(<[u8; 16]>::try_from(self.take(16)?).expect("16 octets")).to_string()
            }
            ("NS" | "CNAME" | "PTR" | "DNAME" | "MB" | "MG" | "MR", _) => self.name()?.to_string(),
            ("MX" | "AFSDB" | "RT" | "KX" | "LP", _) => format!("{} {}", self.u16()?, self.name()?),
            ("MINFO" | "RP", _) => format!("{} {}", self.name()?, self.name()?),
            ("PX", _) => format!("{} {} {}", self.u16()?, self.name()?, self.name()?),
            ("SRV", _) => format!("{} {} {} {}", self.u16()?, self.u16()?, self.u16()?, self.name()?),
            ("SOA", _) => {
                let names = format!("{} {}", self.name()?, self.name()?);
                (0..5).try_fold(names, |text, _| anyhow::Ok(format!("{text} {}", self.u32()?)))?
            }
            ("TXT", _) => self.strings(length)?,
            ("SVCB" | "HTTPS", _) => self.around_name(2, length)?,
            ("RRSIG", _) => self.around_name(18, length)?,
            ("NSEC", _) => self.around_name(0, length)?,
            ("NAPTR", _) => {
                let start = self.at;
                self.take(4)?;
                for _ in 0..3 {
                    let count = usize::from(self.u8()?);
                    self.take(count)?;
                }
                let before = self.at - start;
                self.at = start;
                self.around_name(before, length)?
            }
            _ => generic(&self.take(length)?),
        })
    }

    /// A name with so many octets before it, and whatever is behind it, which goes on to `length`.
    fn around_name(&mut self, before: usize, length: usize) -> Result<String> {
        let end = self.at + length;
        let before = generic(&self.take(before)?);
        let name = self.name()?;
        let rest = end.checked_sub(self.at).context("a name that is longer than its RDATA")?;
        Ok(format!("{before}{name} {}", generic(&self.take(rest)?)))
    }

    /// `<character-string>`s, each in quotes.
    fn strings(&mut self, length: usize) -> Result<String> {
        let end = self.at + length;
        let mut text = Vec::new();
        while self.at < end {
            let count = usize::from(self.u8()?);
            let string = self.take(count)?;
            text.push(format!("\"{}\"", string.escape_ascii()));
        }
        Ok(text.join(" "))
    }
}

/// RFC 3597 §5.
fn generic(octets: &[u8]) -> String {
    octets.iter().fold(format!("\\# {} ", octets.len()), |mut text, octet| {
        write!(text, "{octet:02x}").expect("a string has room");
        text
    })
}

impl Display for Record {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} ", self.owner, self.ttl)?;
        match self.class {
            1 => {}
            3 => formatter.write_str("CH ")?,
            other => write!(formatter, "CLASS{other} ")?,
        }
        write!(formatter, "{} {}", type_name(self.rtype), self.data)
    }
}

impl Display for Message {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "  {} ({} octets)", self.status(), self.octets)?;
        for question in &self.questions {
            writeln!(formatter, "  question    {} {}", question.name, type_name(question.rtype))?;
        }
        let sections =
            [("answer", &self.answer), ("authority", &self.authority), ("additional", &self.additional)];
        for (section, records) in sections {
            for record in records {
                writeln!(formatter, "  {section:11} {record}")?;
            }
        }
        match &self.opt {
            Some(opt) => {
                writeln!(formatter, "  edns        size {} flags {:08x} {}", opt.class, opt.ttl, opt.data)
            }
            None => Ok(()),
        }
    }
}
