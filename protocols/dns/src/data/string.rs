//! Character-strings and longer strings.

use super::Field;
use crate::master_file::{Kind, Mistake, Tokens, Word};
use alloc::format;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// One character-string.
pub(super) fn read_one(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect(Field::Text.noun())?;
    append(&word, data)
}

/// At least one character-string, up to the end of the entry.
pub(super) fn read_all(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    read_one(tokens, data)?;
    while let Some(word) = tokens.next()? {
        append(&word, data)?;
    }
    Ok(())
}

/// One character-string or none.
pub(super) fn read_optional(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    match tokens.next()? {
        Some(word) => append(&word, data),
        None => Ok(()),
    }
}

/// A tag (RFC 8659 §4.1): letters and digits, not quoted.
pub(super) fn read_tag(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect(Field::Tag.noun())?;
    if word.kind == Kind::Plain && word.octets.iter().all(u8::is_ascii_alphanumeric) {
        append(&word, data)
    } else {
        Err(word.not(Field::Tag.noun()))
    }
}

/// A string as long as the data may be.
pub(super) fn read_long(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    tokens.expect(Field::LongText.noun())?.unescape_into(data)
}

/// Appends a word behind its length.
fn append(word: &Word<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let start = data.len();
    data.push(0);
    word.unescape_into(data)?;
    let length = data.len() - start - 1;
    match (u8::try_from(length), data.get_mut(start)) {
        (Ok(length), Some(place)) => {
            *place = length;
            Ok(())
        }
        _ => Err(Mistake::new(
            word.span(),
            format!("a character-string of {length} octets, and 255 are the most"),
        )
        .with_help("split it into several strings, each in its own quotes (RFC 1035 §3.3)")),
    }
}

/// Character-strings, each behind its length, quoted.
pub(super) fn write_all(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rest = octets;
    while let Some((&length, behind)) = rest.split_first() {
        if rest.len() < octets.len() {
            formatter.write_char(' ')?;
        }
        let (text, behind) = behind.split_at_checked(usize::from(length)).ok_or(fmt::Error)?;
        write_quoted(text, formatter)?;
        rest = behind;
    }
    Ok(())
}

/// A string in quotes.
pub(super) fn write_quoted(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    formatter.write_char('"')?;
    for &octet in octets {
        match octet {
            b'"' | b'\\' => write!(formatter, "\\{}", char::from(octet))?,
            b' '..=b'~' => formatter.write_char(char::from(octet))?,
            _ => write!(formatter, "\\{octet:03}")?,
        }
    }
    formatter.write_char('"')
}
