//! Host identity tags and keys (RFC 8005).

use super::Field;
use super::encoding::{decode_base64, hexadecimal_digit, write_base64, write_hexadecimal};
use super::number;
use crate::master_file::{Mistake, Tokens};
use alloc::vec::Vec;
use core::fmt;

/// Algorithm, tag in hexadecimal, key in Base64; each is one word.
pub(super) fn read(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let mut algorithm = Vec::new();
    number::read(Field::Integer8, tokens, &mut algorithm)?;

    let word = tokens.expect("a host identity tag")?;
    let wrong = || word.not("a host identity tag in hexadecimal");
    let (pairs, odd) = word.octets.as_chunks::<2>();
    let length = u8::try_from(pairs.len()).ok().filter(|length| *length > 0 && odd.is_empty());
    data.push(length.ok_or_else(wrong)?);
    data.append(&mut algorithm);
    let mut tag = Vec::new();
    for [high, low] in pairs {
        let (high, low) = hexadecimal_digit(*high).zip(hexadecimal_digit(*low)).ok_or_else(wrong)?;
        tag.push(high << 4 | low);
    }

    let word = tokens.expect("a public key")?;
    let wrong = || word.not("a public key in Base64");
    let mut key = Vec::new();
    decode_base64(word.octets, &mut key).ok_or_else(wrong)?;
    let length = u16::try_from(key.len()).ok().filter(|length| *length > 0);
    data.extend(length.ok_or_else(wrong)?.to_be_bytes());
    data.append(&mut tag);
    data.append(&mut key);
    Ok(())
}

pub(super) fn write(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (&[tag_length, algorithm, _, _], rest) = octets.split_first_chunk::<4>().ok_or(fmt::Error)?;
    let (tag, key) = rest.split_at_checked(usize::from(tag_length)).ok_or(fmt::Error)?;
    write!(formatter, "{algorithm} ")?;
    write_hexadecimal(tag, formatter)?;
    formatter.write_str(" ")?;
    write_base64(key, formatter)
}
