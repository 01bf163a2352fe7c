//! `$GENERATE RANGE OWNER [TTL] [CLASS] TYPE DATA`, as BIND has it: a record for each number of a range.

use super::header::{Header, decimal};
use super::{Kind, Mistake, Reader, Text, Tokens, Word, limits};
use crate::name::NameText;
use crate::{Record, data};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use configuration::Location;
use core::ops::Range;

impl<F: FnMut(Record<'_>, Location)> Reader<'_, F> {
    /// Reads the directive whose word was just read, and hands on its records.
    pub(super) fn generate(&mut self, text: &mut Text<'_>, start: usize) -> Result<(), Mistake> {
        let steps = Steps::read(&text.tokens.expect("a range as `0-9` or `0-9/3`")?)?;
        let range_end = text.tokens.at();
        let owner = text.tokens.expect("the owner of what is generated")?;
        let owner = Template::new(owner.octets, owner.span())?;
        let header = Header::read(&mut text.tokens, &mut self.recent_types)?;
        let data = read_data_template(&mut text.tokens)?;
        let span = start..text.tokens.at();
        self.generated.spend(steps, span.len()).map_err(|what| Mistake::new(start..range_end, what))?;
        self.data.clear();
        let ttl = self.ttl_of(&header, text.source, &span)?;
        let class = header.class.unwrap_or(self.class);

        let mut generation =
            Generation { origin: text.tokens.origin().clone(), text: Vec::new(), name: NameText::ROOT };
        for value in steps {
            generation.owner(&owner, value)?;
            self.data.clear();
            generation.data(&data, value, header, &mut self.data)?;
            let owner = generation.name.as_name();
            let record = Record { owner, record_type: header.record_type, class, ttl, data: &self.data };
            (self.on_record)(record, Location { source: text.source, span: span.clone() });
        }
        text.tokens.finish()
    }
}

/// What was generated so far, which is bounded.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Generated {
    records: u64,
    text: u64,
}

impl Generated {
    /// Counts a directive of so many octets, or says what is too much.
    fn spend(&mut self, steps: Steps, octets: usize) -> Result<(), String> {
        self.records += steps.count();
        self.text = self.text.saturating_add(steps.count().saturating_mul(octets as u64));
        if self.records > limits::GENERATED_RECORDS {
            return Err(format!("the zone generates more than {} records", limits::GENERATED_RECORDS));
        }
        if self.text > limits::GENERATED_TEXT {
            return Err(format!("the zone generates from more than {} octets", limits::GENERATED_TEXT));
        }
        Ok(())
    }
}

/// The data's template: what a lone quoted word quotes, or else all words that are left of the entry.
fn read_data_template(tokens: &mut Tokens<'_>) -> Result<Template, Mistake> {
    let first = tokens.expect("the data of what is generated")?;
    if first.kind == Kind::Quoted && tokens.is_at_end()? {
        return Template::new(&without_escaped_quotes(first.octets), first.span());
    }
    let mut template = Vec::new();
    let mut end = first.start;
    let mut next = Some(first);
    while let Some(word) = next {
        let quote: &[u8] = if word.kind == Kind::Quoted { b"\"" } else { b"" };
        // A quote right behind a word belongs to it, as in `alpn="h2"`.
        if word.start - quote.len() > end {
            template.push(b' ');
        }
        template.extend([quote, word.octets, quote].into_iter().flatten());
        end = word.span().end + quote.len();
        next = tokens.next()?;
    }
    Template::new(&template, first.start..end)
}

fn without_escaped_quotes(octets: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = octets;
    while let [first, later @ ..] = rest {
        let taken = match rest {
            [b'\\', b'"', ..] => {
                plain.push(b'"');
                2
            }
            [b'\\', escaped, ..] => {
                plain.extend([b'\\', *escaped]);
                2
            }
            _ => {
                plain.push(*first);
                1
            }
        };
        rest = later.get(taken - 1..).unwrap_or_default();
    }
    plain
}

/// What putting one record together takes.
struct Generation {
    origin: NameText,
    text: Vec<u8>,
    name: NameText,
}

impl Generation {
    fn owner(&mut self, template: &Template, value: i64) -> Result<(), Mistake> {
        template.expand(value, &mut self.text)?;
        let mut tokens = Tokens::new(&self.text, self.origin.clone());
        let read = tokens.name(&mut self.name).and_then(|()| tokens.finish());
        read.map_err(|mistake| template.mistake(value, mistake))
    }

    fn data(
        &mut self,
        template: &Template,
        value: i64,
        header: Header,
        data: &mut Vec<u8>,
    ) -> Result<(), Mistake> {
        template.expand(value, &mut self.text)?;
        let mut tokens = Tokens::new(&self.text, self.origin.clone());
        let read = data::read(header.record_type, &mut tokens, data).and_then(|()| tokens.finish());
        read.map_err(|mistake| template.mistake(value, mistake))
    }
}

/// The numbers to generate for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Steps {
    next: u32,
    last: u32,
    step: u32,
}

impl Steps {
    /// `FIRST-LAST` or `FIRST-LAST/STEP`.
    fn read(word: &Word<'_>) -> Result<Self, Mistake> {
        let mut parts = word.octets.splitn(2, |&octet| octet == b'/');
        let mut ends = parts.next().unwrap_or_default().splitn(2, |&octet| octet == b'-');
        let next = ends.next().and_then(decimal);
        let last = ends.next().and_then(decimal);
        let step = parts.next().map_or(Some(1), decimal);
        match (next, last, step) {
            (Some(next), Some(last), Some(step @ 1..)) if next <= last && last <= i32::MAX.unsigned_abs() => {
                Ok(Self { next, last, step })
            }
            _ => Err(word.not("a range as `0-9` or `0-9/3`, up to 2147483647")),
        }
    }

    fn count(self) -> u64 {
        u64::from((self.last - self.next) / self.step) + 1
    }
}

impl Iterator for Steps {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        if self.next > self.last {
            return None;
        }
        let value = self.next;
        self.next = value.saturating_add(self.step);
        Some(value.into())
    }
}

/// A text with places for a number.
#[derive(Clone, Debug)]
struct Template {
    pieces: Vec<Piece>,
    span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(Vec<u8>),
    /// `$` or `${OFFSET,WIDTH,BASE}`
    Number {
        offset: i32,
        width: u8,
        base: Base,
    },
}

/// In which form a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    Decimal,
    Octal,
    Lower,
    Upper,
    /// Hexadecimal digits from the least significant, with dots between them.
    NibblesLower,
    NibblesUpper,
}

impl Template {
    fn new(text: &[u8], span: Range<usize>) -> Result<Self, Mistake> {
        let mut pieces = Vec::new();
        let mut literal = Vec::new();
        let mut rest = text;
        while let Some((&first, behind)) = rest.split_first() {
            rest = match (first, behind) {
                (b'$', [b'$', behind @ ..]) => {
                    literal.push(b'$');
                    behind
                }
                (b'$', _) => {
                    let (number, behind) = read_number(behind).ok_or_else(|| {
                        Mistake::new(span.clone(), "a `${` that is not followed by `OFFSET}`, `OFFSET,WIDTH}` or `OFFSET,WIDTH,BASE}`")
                            .with_help("bases: d decimal, o octal, x or X hexadecimal, n or N nibbles with dots; `$$` stands for `$`")
                    })?;
                    pieces.extend([Piece::Literal(core::mem::take(&mut literal)), number]);
                    behind
                }
                (b'\\', [escaped, behind @ ..]) => {
                    literal.extend([b'\\', *escaped]);
                    behind
                }
                _ => {
                    literal.push(first);
                    behind
                }
            };
        }
        pieces.push(Piece::Literal(literal));
        Ok(Self { pieces, span })
    }

    /// Puts the template with `value` in its places into `text`.
    fn expand(&self, value: i64, text: &mut Vec<u8>) -> Result<(), Mistake> {
        text.clear();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(literal) => text.extend_from_slice(literal),
                Piece::Number { offset, width, base } => base.write(value + i64::from(*offset), *width, text),
            }
            if text.len() > limits::GENERATED_OCTETS {
                return Err(Mistake::new(self.span.clone(), "what is generated is too long for a record"));
            }
        }
        Ok(())
    }

    /// A mistake in what was generated, at the place of the template.
    fn mistake(&self, value: i64, mistake: Mistake) -> Mistake {
        let parts = mistake.into_parts();
        let mistake = Mistake::new(self.span.clone(), format!("{} (generated for {value})", parts.message));
        match parts.help {
            Some(help) => mistake.with_help(help),
            None => mistake,
        }
    }
}

/// The number whose `$` was just read, and what follows it.
fn read_number(text: &[u8]) -> Option<(Piece, &[u8])> {
    let Some(text) = text.strip_prefix(b"{") else {
        return Some((Piece::Number { offset: 0, width: 0, base: Base::Decimal }, text));
    };
    let end = text.iter().position(|&octet| octet == b'}')?;
    let (inside, behind) = text.split_at_checked(end)?;
    let mut parts = core::str::from_utf8(inside).ok()?.split(',');
    let offset = parts.next()?.parse().ok()?;
    let width = parts.next().map_or(Some(0), |width| width.parse().ok())?;
    let base = match parts.next() {
        None | Some("d") => Base::Decimal,
        Some("o") => Base::Octal,
        Some("x") => Base::Lower,
        Some("X") => Base::Upper,
        Some("n") => Base::NibblesLower,
        Some("N") => Base::NibblesUpper,
        Some(_) => return None,
    };
    parts.next().is_none().then_some((Piece::Number { offset, width, base }, behind.get(1..)?))
}

impl Base {
    /// Writes `value` in at least `width` octets, negative numbers in other than decimal form as 32 bits.
    fn write(self, value: i64, width: u8, text: &mut Vec<u8>) {
        let bits = value as u32;
        let width = usize::from(width);
        let written = match self {
            Self::Decimal => format!("{value:0width$}"),
            Self::Octal => format!("{bits:0width$o}"),
            Self::Lower => format!("{bits:0width$x}"),
            Self::Upper => format!("{bits:0width$X}"),
            Self::NibblesLower => return write_nibbles(bits, width, b"0123456789abcdef", text),
            Self::NibblesUpper => return write_nibbles(bits, width, b"0123456789ABCDEF", text),
        };
        text.extend_from_slice(written.as_bytes());
    }
}

/// As many nibbles as the value has and the width, dots counted, asks for.
fn write_nibbles(value: u32, width: usize, digits: &[u8; 16], text: &mut Vec<u8>) {
    let mut value = value;
    let mut width = width;
    loop {
        text.push(digits[(value & 15) as usize]);
        value >>= 4;
        width = width.saturating_sub(1);
        if width > 0 || value != 0 {
            text.push(b'.');
            width = width.saturating_sub(1);
        }
        if width == 0 && value == 0 {
            return;
        }
    }
}
