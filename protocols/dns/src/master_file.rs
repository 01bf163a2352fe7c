//! Master files (RFC 1035 §5): text into records.
//!
//! A text is gone through once, from entry to entry; a record is handed on where it was put together and is gone with
//! the next one, so that none costs an allocation. An entry with a mistake is reported and left out, and reading goes on
//! at the next.

mod directives;
mod generate;
mod header;
pub mod limits;
mod mistake;
pub(crate) mod scan;
mod tokens;

pub(crate) use header::{decimal, period};
pub(crate) use mistake::Mistake;
pub(crate) use tokens::{Kind, Tokens, Word};

use crate::name::NameText;
use crate::{Class, Name, Record, RecordType, data};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use configuration::{Diagnostic, Diagnostics, Files, Location, Severity, SourceId};
use core::ops::Range;
use generate::Generated;
use header::{Header, RecentTypes};

/// Reads the master file at `path` of the zone `origin`, and every file that it includes, and hands on each record with
/// the place of its entry. Every mistake goes to `diagnostics`; what was handed on is whole if it has got no error.
pub fn read(
    path: &str,
    origin: Name<'_>,
    files: &mut dyn Files,
    diagnostics: &mut Diagnostics,
    on_record: impl FnMut(Record<'_>, Location),
) {
    let text = match files.read(path) {
        Ok(text) => text,
        Err(reason) => return diagnostics.error(None, format!("`{path}` can't be read: {reason}")),
    };
    let mut reader = Reader {
        files,
        diagnostics,
        on_record,
        open_files: Vec::new(),
        ttl: DefaultTtl::Unknown,
        class: Class::IN,
        recent_types: RecentTypes::NONE,
        data: Vec::new(),
        mistakes: 0,
        includes: 0,
        generated: Generated::default(),
    };
    let mut owner = NameText::ROOT;
    owner.copy(origin);
    reader.read_text(path, &text, owner);
}

/// Everything that outlives one text.
struct Reader<'r, F> {
    files: &'r mut dyn Files,
    diagnostics: &'r mut Diagnostics,
    on_record: F,
    /// The texts being read, each included by the one before.
    open_files: Vec<String>,
    ttl: DefaultTtl,
    class: Class,
    recent_types: RecentTypes,
    /// The data of the record being read.
    data: Vec<u8>,
    mistakes: usize,
    includes: usize,
    generated: Generated,
}

/// The TTL of a record that has none.
#[derive(Clone, Copy, Debug)]
enum DefaultTtl {
    Unknown,
    /// No record before had any, which was said.
    Missed,
    /// That of the record before (RFC 1035 §5.1).
    Last(u32),
    /// The same, after a warning that it was used.
    LastUsed(u32),
    /// What `$TTL` says (RFC 2308 §4), or for want of it the SOA record.
    Fixed(u32),
}

/// One text, while it is read.
struct Text<'t> {
    source: SourceId,
    tokens: Tokens<'t>,
    /// Whose the next record is if it does not say.
    owner: NameText,
    owner_is: Owner,
}

/// What there is to be said of the owner of the entry before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// There was no entry before.
    Absent,
    /// It could not be read: entries that lean on it are checked, and not handed on.
    Faulty,
    Known,
}

impl<F: FnMut(Record<'_>, Location)> Reader<'_, F> {
    /// Reads a text to its end.
    fn read_text(&mut self, path: &str, content: &Bytes, origin: NameText) {
        let source = self.diagnostics.add_source(path, content.clone());
        if content.len() > limits::TEXT_OCTETS {
            let message = format!("`{path}` is longer than {} octets", limits::TEXT_OCTETS);
            return self.diagnostics.error(Location { source, span: 0..0 }, message);
        }
        self.open_files.push(path.into());
        let tokens = Tokens::new(content, origin);
        let mut text = Text { source, tokens, owner: NameText::ROOT, owner_is: Owner::Absent };
        while let Some(first) = text.tokens.peek_octet() {
            if let Err(mistake) = self.read_entry(&mut text, first) {
                self.report(source, mistake);
                text.tokens.recover();
            }
            if self.mistakes > limits::MISTAKES {
                break;
            }
        }
        self.open_files.pop();
    }

    /// Reads the entry that begins here, with the octet `first`, up to and with its newline.
    #[inline]
    fn read_entry(&mut self, text: &mut Text<'_>, first: u8) -> Result<(), Mistake> {
        match first {
            b' ' | b'\t' | b'\n' | b'\r' | b';' => {
                if text.tokens.is_at_end()? {
                    return text.tokens.finish();
                }
                let start = text.tokens.at();
                if text.owner_is == Owner::Absent {
                    return Err(Mistake::new(start..start, "the first record has no owner")
                        .with_help("a line that begins with a blank belongs to the owner of the record before it (RFC 1035 §5.1)"));
                }
                self.read_record(text, start)
            }
            b'$' => self.read_directive(text),
            _ => {
                let start = text.tokens.at();
                text.owner_is = Owner::Faulty;
                text.tokens.name(&mut text.owner)?;
                text.owner_is = Owner::Known;
                self.read_record(text, start)
            }
        }
    }

    /// Reads what follows the owner, and hands the record on.
    #[inline]
    fn read_record(&mut self, text: &mut Text<'_>, start: usize) -> Result<(), Mistake> {
        let header = Header::read(&mut text.tokens, &mut self.recent_types)?;
        self.data.clear();
        data::read(header.record_type, &mut text.tokens, &mut self.data)?;
        let span = start..text.tokens.at();
        let ttl = self.ttl_of(&header, text.source, &span)?;
        text.tokens.finish()?;
        let class = header.class.unwrap_or(self.class);
        self.class = class;
        if text.owner_is == Owner::Known {
            let owner = text.owner.as_name();
            let record = Record { owner, record_type: header.record_type, class, ttl, data: &self.data };
            (self.on_record)(record, Location { source: text.source, span });
        }
        Ok(())
    }

    /// The TTL of the record whose data was just read.
    #[inline]
    fn ttl_of(&mut self, header: &Header, source: SourceId, span: &Range<usize>) -> Result<u32, Mistake> {
        match (header.ttl, self.ttl) {
            (Some(ttl), DefaultTtl::Fixed(_)) => Ok(ttl),
            (Some(ttl), DefaultTtl::LastUsed(_)) => {
                self.ttl = DefaultTtl::LastUsed(ttl);
                Ok(ttl)
            }
            (Some(ttl), _) => {
                self.ttl = DefaultTtl::Last(ttl);
                Ok(ttl)
            }
            (None, DefaultTtl::Fixed(ttl) | DefaultTtl::LastUsed(ttl)) => Ok(ttl),
            (None, default) => self.assume_ttl(default, header.record_type, source, span),
        }
    }

    /// The TTL of a record that has none where no `$TTL` came before it.
    #[cold]
    fn assume_ttl(
        &mut self,
        default: DefaultTtl,
        record_type: RecordType,
        source: SourceId,
        span: &Range<usize>,
    ) -> Result<u32, Mistake> {
        let minimum = self.data.last_chunk::<4>().map_or(0, |minimum| u32::from_be_bytes(*minimum));
        let (ttl, next, message) = match default {
            DefaultTtl::Last(ttl) => (
                ttl,
                DefaultTtl::LastUsed(ttl),
                format!("no TTL and no $TTL: taking {ttl} from the record before"),
            ),
            _ if record_type == RecordType::SOA => {
                let ttl = minimum.min(header::MAXIMUM_TTL);
                (
                    ttl,
                    DefaultTtl::Fixed(ttl),
                    format!("no TTL and no $TTL: taking {ttl}, the SOA record's minimum"),
                )
            }
            DefaultTtl::Missed => return Ok(0),
            DefaultTtl::Unknown | DefaultTtl::LastUsed(_) | DefaultTtl::Fixed(_) => {
                self.ttl = DefaultTtl::Missed;
                return Err(Mistake::new(
                    span.clone(),
                    "no TTL, no $TTL, and no record before that had a TTL",
                )
                .with_help("begin the file with a line such as `$TTL 3600` (RFC 2308 §4)"));
            }
        };
        self.ttl = next;
        self.diagnostics.add(Diagnostic {
            severity: Severity::Warning,
            location: Some(Location { source, span: span.clone() }),
            message,
            help: Some("RFC 2308 §4: `$TTL` gives a TTL to the records that have none".into()),
        });
        Ok(ttl)
    }

    #[cold]
    fn report(&mut self, source: SourceId, mistake: Mistake) {
        let parts = mistake.into_parts();
        self.mistakes += 1;
        let location = Some(Location { source, span: parts.span });
        let (message, help) = match self.mistakes.checked_sub(limits::MISTAKES) {
            Some(1) => (format!("more than {} mistakes: the rest is not read", limits::MISTAKES), None),
            Some(2..) => return,
            Some(0) | None => (parts.message, parts.help),
        };
        self.diagnostics.add(Diagnostic { severity: Severity::Error, location, message, help });
    }
}
#[cfg(test)]
mod tests;
