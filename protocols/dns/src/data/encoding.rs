//! Octets in hexadecimal, Base32hex and Base64 (RFC 4648).

use super::Field;
use crate::master_file::{Mistake, Tokens};
use alloc::format;
use alloc::vec::Vec;
use core::fmt::{self, Write};

#[inline]
pub(super) const fn hexadecimal_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The rest of the entry in hexadecimal, blanks anywhere.
pub(super) fn read_hexadecimal(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let mut high = None;
    while let Some(word) = tokens.next()? {
        for (place, &digit) in word.octets.iter().enumerate() {
            let at = word.start + place;
            let digit = hexadecimal_digit(digit)
                .ok_or_else(|| Mistake::new(at..at + 1, "expected a hexadecimal digit"))?;
            match high.take() {
                None => high = Some(digit),
                Some(high) => data.push(high << 4 | digit),
            }
        }
    }
    match high {
        None => Ok(()),
        Some(_) => Err(Mistake::new(tokens.at()..tokens.at(), "an odd number of hexadecimal digits")),
    }
}

/// Hexadecimal up to the end of the entry, of the length that its kind says.
pub(super) fn read_digest(field: Field, tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    if tokens.is_at_end()? {
        return Err(tokens.missing(field.noun()));
    }
    let start = tokens.at();
    let before = data.len();
    let expected = match field {
        Field::Digest(kind) => data.last().and_then(|octet| kind.length(*octet)),
        _ => None,
    };
    read_hexadecimal(tokens, data)?;
    let found = data.len() - before;
    match expected {
        Some(expected) if expected != found => {
            let message = format!("a digest of {found} octets, and its kind has {expected}");
            Err(Mistake::new(start..tokens.at(), message))
        }
        _ => Ok(()),
    }
}

/// Hexadecimal in one word behind its length, or `-`.
pub(super) fn read_salt(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect(Field::Salt.noun())?;
    if word.octets == b"-" {
        data.push(0);
        return Ok(());
    }
    let wrong = || word.not(Field::Salt.noun());
    let (pairs, odd) = word.octets.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(wrong());
    }
    data.push(u8::try_from(pairs.len()).map_err(|_| wrong())?);
    for [high, low] in pairs {
        let (high, low) = hexadecimal_digit(*high).zip(hexadecimal_digit(*low)).ok_or_else(wrong)?;
        data.push(high << 4 | low);
    }
    Ok(())
}

pub(super) fn write_hexadecimal(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    octets.iter().try_for_each(|octet| write!(formatter, "{octet:02x}"))
}

/// Octets behind their length, or `-`.
pub(super) fn write_salt(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    match octets.get(1..) {
        None | Some([]) => formatter.write_char('-'),
        Some(octets) => write_hexadecimal(octets, formatter),
    }
}

/// A hash in one word behind its length, without padding (RFC 5155 §3.3).
pub(super) fn read_base32(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect(Field::Base32.noun())?;
    let wrong = || word.not(Field::Base32.noun());
    let start = data.len();
    data.push(0);
    let mut bits = 0;
    let mut pending = 0_u32;
    for digit in word.octets {
        let value = char::from(*digit).to_digit(32).ok_or_else(wrong)?;
        pending = pending << 5 | value;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            data.push((pending >> bits) as u8);
            pending &= (1 << bits) - 1;
        }
    }
    let length = data.len() - start - 1;
    // Digits that carry nothing, or bits that would be lost.
    if bits >= 5 || pending != 0 || length == 0 {
        return Err(wrong());
    }
    *data.get_mut(start).ok_or_else(wrong)? = u8::try_from(length).map_err(|_| wrong())?;
    Ok(())
}

pub(super) fn write_base32(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    for chunk in octets.get(1..).unwrap_or_default().chunks(5) {
        let mut padded = [0; 8];
        padded[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(padded);
        for digit in 0..(chunk.len() * 8).div_ceil(5) {
            formatter.write_char(char::from(DIGITS[(bits >> (35 - 5 * digit)) as usize & 31]))?;
        }
    }
    Ok(())
}

/// The rest of the entry in Base64, blanks anywhere.
pub(super) fn read_base64(field: Field, tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let before = data.len();
    if field == Field::Base64OrDash && tokens.take(b"-")? {
        return Ok(());
    }
    let mut decoder = Base64::default();
    while let Some(word) = tokens.next()? {
        for (place, &digit) in word.octets.iter().enumerate() {
            let at = word.start + place;
            decoder.take(digit, data).map_err(|problem| Mistake::new(at..at + 1, problem))?;
        }
    }
    if !decoder.is_whole() {
        return Err(Mistake::new(
            tokens.at()..tokens.at(),
            "Base64 that ends within a group of four characters",
        ));
    }
    if field != Field::OptionalBase64 && data.len() == before {
        return Err(tokens.missing(field.noun()));
    }
    Ok(())
}

/// One word of Base64.
pub(super) fn decode_base64(text: &[u8], data: &mut Vec<u8>) -> Option<()> {
    let mut decoder = Base64::default();
    for &digit in text {
        decoder.take(digit, data).ok()?;
    }
    decoder.is_whole().then_some(())
}

/// The state of decoding Base64, padding included.
#[derive(Clone, Copy, Debug, Default)]
struct Base64 {
    /// The bits of digits that are not yet an octet.
    pending: u32,
    /// How many characters of a group of four came.
    place: u8,
    /// How many of them were padding, which ends the whole.
    padding: u8,
}

impl Base64 {
    fn take(&mut self, character: u8, data: &mut Vec<u8>) -> Result<(), &'static str> {
        if character == b'=' {
            if self.place < 2 || self.pending != 0 {
                return Err("padding that does not end Base64");
            }
            self.padding += 1;
            self.place = (self.place + 1) % 4;
            return Ok(());
        }
        if self.padding > 0 {
            return Err("Base64 goes on behind its padding");
        }
        let digit = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return Err("expected a character of Base64"),
        };
        let bits = self.pending << 6 | u32::from(digit);
        // Of 6, 12, 10, 8 bits, the lower 6, 4, 2, 0 stay.
        let left = [6, 4, 2, 0][usize::from(self.place)];
        if self.place > 0 {
            data.push((bits >> left) as u8);
        }
        self.pending = bits & ((1 << left) - 1);
        self.place = (self.place + 1) % 4;
        Ok(())
    }

    const fn is_whole(self) -> bool {
        self.place == 0
    }
}

pub(super) fn write_base64(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in octets.chunks(3) {
        let mut padded = [0; 4];
        padded[1..=chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes(padded);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            formatter.write_char(if place > chunk.len() { '=' } else { char::from(digit) })?;
        }
    }
    Ok(())
}
