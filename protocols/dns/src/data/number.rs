//! Numbers, periods and times.

use super::Field;
use crate::master_file::{self, Mistake, Tokens, Word, period};
use alloc::vec::Vec;
use core::fmt;

pub(super) fn read(field: Field, tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect(field.noun())?;
    let octets = match field {
        Field::Period => period(word.octets).map(u64::from),
        Field::Time => time(word.octets).map(u64::from),
        Field::Integer64 => decimal(&word),
        _ => master_file::decimal(word.octets).map(u64::from),
    };
    let octets = octets.map(u64::to_be_bytes).ok_or_else(|| word.not(field.noun()))?;
    let width = match field {
        Field::Integer8 => 1,
        Field::Integer16 => 2,
        Field::Integer64 => 8,
        _ => 4,
    };
    let (excess, octets) = octets.split_at(octets.len() - width);
    if excess.iter().any(|octet| *octet != 0) {
        return Err(word.not(field.noun()));
    }
    data.extend_from_slice(octets);
    Ok(())
}

/// A number of decimal digits alone.
pub(super) fn decimal<T: core::str::FromStr>(word: &Word<'_>) -> Option<T> {
    let digits = word.octets.iter().all(u8::is_ascii_digit);
    core::str::from_utf8(word.octets).ok().filter(|_| digits)?.parse().ok()
}

pub(super) fn write(field: Field, octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let value = octets.iter().fold(0_u64, |value, octet| value << 8 | u64::from(*octet));
    match field {
        Field::Time => write_time(value, formatter),
        _ => write!(formatter, "{value}"),
    }
}

const DAY: u64 = 86_400;

/// `YYYYMMDDHHmmSS`, or seconds since 1970 in at most ten digits; modulo 2^32 (RFC 4034 §3.1.5, §3.2).
fn time(text: &[u8]) -> Option<u32> {
    if text.len() != 14 {
        return master_file::decimal(text);
    }
    let digits = |from: usize, to: usize| master_file::decimal(text.get(from..to)?).map(u64::from);
    let (year, month, day) = (digits(0, 4)?, digits(4, 6)?, digits(6, 8)?);
    let (hour, minute, second) = (digits(8, 10)?, digits(10, 12)?, digits(12, 14)?);
    let in_range = year >= 1970 && hour < 24 && minute < 60 && second < 60;
    if !in_range || day == 0 || day > days_of_month(year, month)? {
        return None;
    }
    let days = days_before_year(year) + days_before_month(year, month) + day - 1;
    Some((days * DAY + hour * 3_600 + minute * 60 + second) as u32)
}

fn write_time(seconds: u64, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut days = seconds / DAY;
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let month = (1..=12).rev().find(|month| days_before_month(year, *month) <= days).unwrap_or(1);
    let day = days - days_before_month(year, month) + 1;
    let (hour, minute, second) = (seconds % DAY / 3_600, seconds % 3_600 / 60, seconds % 60);
    write!(formatter, "{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of_month(year: u64, month: u64) -> Option<u64> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(28 + u64::from(is_leap(year))),
        _ => None,
    }
}

fn days_before_month(year: u64, month: u64) -> u64 {
    (1..month).filter_map(|month| days_of_month(year, month)).sum()
}

/// From 1970 on.
const fn days_before_year(year: u64) -> u64 {
    let past = year - 1;
    (year - 1970) * 365 + (past / 4 - past / 100 + past / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400)
}
