//! What stands between a record's owner and its data: TTL and class, each or both or neither, in either order; the type.

use super::{Mistake, Tokens, Word};
use crate::{Class, RecordType};
use alloc::format;

/// The longest TTL (RFC 2181 §8).
pub(crate) const MAXIMUM_TTL: u32 = i32::MAX as u32;

/// What was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) ttl: Option<u32>,
    pub(crate) class: Option<Class>,
    pub(crate) record_type: RecordType,
}

/// Types that were read lately, and the words for them: a zone has few.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecentTypes {
    places: [(u64, RecordType); Self::PLACES],
}

impl RecentTypes {
    const PLACES: usize = 16;

    /// No word is 0.
    pub(crate) const NONE: Self = Self { places: [(0, RecordType(0)); Self::PLACES] };

    /// The place of a word: the highest bits of a product in which all its bits have a part.
    #[inline]
    const fn place(&mut self, word: u64) -> &mut (u64, RecordType) {
        &mut self.places[(word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60) as usize]
    }
}

impl Header {
    /// Reads it, up to and with the type.
    #[inline]
    pub(crate) fn read(tokens: &mut Tokens<'_>, recent: &mut RecentTypes) -> Result<Self, Mistake> {
        let mut header = Self { ttl: None, class: None, record_type: RecordType(0) };
        while let Some(word) = tokens.peek_short() {
            let (known, record_type) = *recent.place(word.octets);
            if word.octets == known {
                tokens.take_short(word);
                return Ok(Self { record_type, ..header });
            }
            if header.ttl.is_none()
                && let Some(ttl) = word.decimal()
            {
                header.ttl = Some(ttl);
            } else if header.class.is_none() && word.length == 2 && word.octets | CASE == IN {
                header.class = Some(Class::IN);
            } else {
                break;
            }
            tokens.take_short(word);
        }
        let word = header.read_rest(tokens)?;
        *recent.place(word) = (word, header.record_type);
        Ok(header)
    }

    /// Reads what is left of it, whatever it is; returns the type's word if it is a short one, else 0.
    fn read_rest(&mut self, tokens: &mut Tokens<'_>) -> Result<u64, Mistake> {
        loop {
            let short = tokens.peek_short();
            let word = tokens.expect("a record type")?;
            if word.octets.first().is_some_and(u8::is_ascii_digit) {
                if self.ttl.replace(read_ttl(&word)?).is_some() {
                    return Err(Mistake::new(word.span(), format!("a second TTL, {}", word.quote())));
                }
            } else if let Some(found) = Class::from_text(word.octets) {
                if self.class.replace(found).is_some() {
                    return Err(Mistake::new(word.span(), format!("a second class, {}", word.quote())));
                }
            } else {
                self.record_type = read_type(&word)?;
                return Ok(short.map_or(0, |short| short.octets));
            }
        }
    }
}

/// `in`, and the bits by which letters differ from capitals.
const IN: u64 = u16::from_le_bytes(*b"in") as u64;
const CASE: u64 = 0x2020;

#[inline]
fn read_type(word: &Word<'_>) -> Result<RecordType, Mistake> {
    match RecordType::from_text(word.octets) {
        Some(record_type) if record_type.is_meta() || record_type.0 == 0 => {
            Err(Mistake::new(word.span(), format!("{record_type} stands in no zone"))
                .with_help("types of questions and of messages have no records (RFC 6895 §3.1)"))
        }
        Some(record_type) => Ok(record_type),
        None => Err(unknown_type(word)),
    }
}

#[cold]
fn unknown_type(word: &Word<'_>) -> Mistake {
    Mistake::new(word.span(), format!("there is no record type {}", word.quote())).with_help(
        "any type can be written as TYPE and its number, and its data as `\\# LENGTH HEX` (RFC 3597 §5)",
    )
}

/// A TTL: seconds, or numbers with units.
#[inline]
pub(crate) fn read_ttl(word: &Word<'_>) -> Result<u32, Mistake> {
    match period(word.octets) {
        Some(ttl) if ttl <= MAXIMUM_TTL => Ok(ttl),
        Some(ttl) => Err(Mistake::new(word.span(), format!("the TTL {ttl} is more than {MAXIMUM_TTL}"))
            .with_help("RFC 2181 §8: a TTL has 31 bits")),
        None => Err(word.not("a TTL in seconds or with units, as in `1h30m`")),
    }
}

/// Seconds, or numbers each followed by `w`, `d`, `h`, `m` or `s`, as BIND has them.
#[inline]
pub(crate) fn period(text: &[u8]) -> Option<u32> {
    match decimal(text) {
        Some(seconds) => Some(seconds),
        None => period_with_units(text),
    }
}

fn period_with_units(text: &[u8]) -> Option<u32> {
    let mut rest = text;
    let mut total = 0_u32;
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
        let (number, behind) = rest.split_at_checked(digits)?;
        let (unit, behind) = behind.split_first()?;
        let seconds = match unit.to_ascii_lowercase() {
            b'w' => 604_800,
            b'd' => 86_400,
            b'h' => 3_600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        total = total.checked_add(decimal(number)?.checked_mul(seconds)?)?;
        rest = behind;
    }
    (!text.is_empty()).then_some(total)
}

/// A number of decimal digits alone.
#[inline]
pub(crate) fn decimal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 10 {
        return None;
    }
    let mut value = 0_u64;
    for &digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    u32::try_from(value).ok()
}
