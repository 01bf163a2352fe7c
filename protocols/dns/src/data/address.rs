//! Addresses of machines.

use super::Field;
use super::encoding::{hexadecimal_digit, write_hexadecimal};
use crate::master_file::{Mistake, Tokens, Word};
use alloc::vec::Vec;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

#[inline]
pub(super) fn read_ipv4(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect(Field::Ipv4.noun())?;
    match ipv4(word.octets) {
        Some(octets) => {
            data.extend_from_slice(&octets);
            Ok(())
        }
        None => Err(word.not(Field::Ipv4.noun())),
    }
}

/// Four decimal numbers up to 255 without leading zeros, with dots between them.
#[inline]
pub(super) fn ipv4(text: &[u8]) -> Option<[u8; 4]> {
    let mut address = 0_u32;
    let mut value = 0_u32;
    let mut digits = 0_u32;
    let mut dots = 0;
    for &octet in text {
        let digit = u32::from(octet.wrapping_sub(b'0'));
        if digit <= 9 {
            if digits > 0 && value == 0 || digits == 3 {
                return None;
            }
            value = value * 10 + digit;
            digits += 1;
        } else {
            if octet != b'.' || digits == 0 || value > 255 || dots == 3 {
                return None;
            }
            address = address << 8 | value;
            (value, digits, dots) = (0, 0, dots + 1);
        }
    }
    (dots == 3 && digits > 0 && value <= 255).then(|| (address << 8 | value).to_be_bytes())
}

pub(super) fn ipv6(text: &[u8]) -> Option<[u8; 16]> {
    core::str::from_utf8(text).ok()?.parse().ok().map(|address: Ipv6Addr| address.octets())
}

pub(super) fn read_ipv6(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect(Field::Ipv6.noun())?;
    data.extend_from_slice(&ipv6(word.octets).ok_or_else(|| word.not(Field::Ipv6.noun()))?);
    Ok(())
}

pub(super) fn write_ipv4(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    match <[u8; 4]>::try_from(octets) {
        Ok(octets) => write!(formatter, "{}", Ipv4Addr::from(octets)),
        Err(_) => Ok(()),
    }
}

pub(super) fn write_ipv6(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    match <[u8; 16]>::try_from(octets) {
        Ok(octets) => write!(formatter, "{}", Ipv6Addr::from(octets)),
        Err(_) => Ok(()),
    }
}

/// Four groups of up to four hexadecimal digits (RFC 6742 §2.1.2).
pub(super) fn read_locator(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect(Field::Locator64.noun())?;
    let wrong = || word.not(Field::Locator64.noun());
    let groups: Vec<&[u8]> = word.octets.split(|octet| *octet == b':').collect();
    if groups.len() != 4 {
        return Err(wrong());
    }
    for group in groups {
        if group.is_empty() || group.len() > 4 {
            return Err(wrong());
        }
        let mut value = 0_u16;
        for &digit in group {
            value = value << 4 | u16::from(hexadecimal_digit(digit).ok_or_else(wrong)?);
        }
        data.extend(value.to_be_bytes());
    }
    Ok(())
}

pub(super) fn write_locator(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (place, group) in octets.as_chunks::<2>().0.iter().enumerate() {
        let separator = if place == 0 { "" } else { ":" };
        write!(formatter, "{separator}{:x}", u16::from_be_bytes(*group))?;
    }
    Ok(())
}

/// Pairs of hexadecimal digits with hyphens between them (RFC 7043).
pub(super) fn read_hardware(
    field: Field,
    tokens: &mut Tokens<'_>,
    data: &mut Vec<u8>,
) -> Result<(), Mistake> {
    let word = tokens.expect(field.noun())?;
    let before = data.len();
    for pair in word.octets.split(|octet| *octet == b'-') {
        let [high, low] = *pair else { return Err(word.not(field.noun())) };
        let digits = hexadecimal_digit(high).zip(hexadecimal_digit(low));
        let (high, low) = digits.ok_or_else(|| word.not(field.noun()))?;
        data.push(high << 4 | low);
    }
    let length = if field == Field::Eui48 { 6 } else { 8 };
    if data.len() - before == length { Ok(()) } else { Err(word.not(field.noun())) }
}

pub(super) fn write_hardware(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (place, octet) in octets.iter().enumerate() {
        let separator = if place == 0 { "" } else { "-" };
        write!(formatter, "{separator}{octet:02x}")?;
    }
    Ok(())
}

/// `0x` and hexadecimal digits with dots anywhere (RFC 1706 §5).
pub(super) fn read_nsap(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect(Field::Nsap.noun())?;
    match word.octets {
        [b'0', b'x' | b'X', digits @ ..] => read_dotted(&word, digits, Field::Nsap, data),
        _ => Err(word.not(Field::Nsap.noun())),
    }
}

pub(super) fn write_nsap(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    formatter.write_str("0x")?;
    write_hexadecimal(octets, formatter)
}

/// `+` and digits (E.164), or hexadecimal digits with dots anywhere (af-saa-0069 §5).
pub(super) fn read_atma(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect(Field::Atma.noun())?;
    match word.octets {
        [b'+', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
            data.push(1);
            data.extend_from_slice(digits);
            Ok(())
        }
        digits => {
            data.push(0);
            read_dotted(&word, digits, Field::Atma, data)
        }
    }
}

pub(super) fn write_atma(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    match octets {
        [1, digits @ ..] => {
            formatter.write_str("+")?;
            digits.iter().try_for_each(|digit| write!(formatter, "{}", char::from(*digit)))
        }
        [_, address @ ..] => write_hexadecimal(address, formatter),
        [] => Ok(()),
    }
}

/// Pairs of hexadecimal digits with dots anywhere, at least one pair.
fn read_dotted(word: &Word<'_>, digits: &[u8], field: Field, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let mut high = None;
    let before = data.len();
    for &digit in digits.iter().filter(|digit| **digit != b'.') {
        let digit = hexadecimal_digit(digit).ok_or_else(|| word.not(field.noun()))?;
        match high.take() {
            None => high = Some(digit),
            Some(high) => data.push(high << 4 | digit),
        }
    }
    if high.is_some() || data.len() == before { Err(word.not(field.noun())) } else { Ok(()) }
}
