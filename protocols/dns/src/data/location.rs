//! Places on Earth (RFC 1876).

use super::Field;
use super::number::decimal;
use crate::master_file::{Mistake, Tokens, Word};
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// The equator and the prime meridian, in thousandths of a second of arc (RFC 1876 §2).
pub(super) const ZERO_ANGLE: u32 = 1 << 31;

/// A degree in thousandths of a second of arc.
pub(super) const DEGREE: u32 = 3_600_000;

/// The altitude that is written as 0, in centimetres: 100,000 m below it is the least (RFC 1876 §2).
const ZERO_ALTITUDE: i64 = 10_000_000;

/// The greatest size or precision in centimetres: 9 and nine zeros (RFC 1876 §2).
const MAXIMUM_SIZE: i64 = 9_000_000_000;

/// Size, horizontal and vertical precision where they are not given: 1 m, 10,000 m, 10 m (RFC 1876 §3), in centimetres.
const DEFAULT_SIZES: [i64; 3] = [100, 1_000_000, 1_000];

/// Latitude, longitude, altitude, and up to three sizes.
pub(super) fn read(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let latitude = read_angle(tokens, 90, [b'N', b'S'])?;
    let longitude = read_angle(tokens, 180, [b'E', b'W'])?;
    let word = tokens.expect("an altitude in metres")?;
    let altitude = centimetres(&word)
        .and_then(|altitude| u32::try_from(altitude + ZERO_ALTITUDE).ok())
        .ok_or_else(|| word.not("an altitude from -100000.00 to 42849672.95 metres"))?;

    let mut sizes = DEFAULT_SIZES;
    for size in &mut sizes {
        let Some(word) = tokens.next()? else { break };
        *size = centimetres(&word)
            .filter(|size| (0..=MAXIMUM_SIZE).contains(size))
            .ok_or_else(|| word.not("a size from 0 to 90000000.00 metres"))?;
    }
    data.push(0);
    data.extend(sizes.map(size_octet));
    data.extend([latitude, longitude, altitude].map(u32::to_be_bytes).as_flattened());
    Ok(())
}

/// Degrees, minutes, seconds, of which the latter may be left out, and a direction.
fn read_angle(tokens: &mut Tokens<'_>, most: u32, directions: [u8; 2]) -> Result<u32, Mistake> {
    let [positive, negative] = directions;
    let mut angle = 0_u32;
    for unit in [DEGREE, 60_000, 1_000, 0] {
        let word = tokens.expect("degrees, minutes, seconds or a direction")?;
        let direction = word.octets.first().map(u8::to_ascii_uppercase).filter(|_| word.octets.len() == 1);
        if unit < DEGREE && direction == Some(positive) {
            return Ok(ZERO_ANGLE + angle);
        }
        if unit < DEGREE && direction == Some(negative) {
            return Ok(ZERO_ANGLE - angle);
        }
        let part = match unit {
            DEGREE => decimal(&word).filter(|degrees: &u32| *degrees <= most),
            60_000 => decimal(&word).filter(|minutes: &u32| *minutes < 60),
            1_000 => fraction(word.octets, 3).filter(|thousandths| *thousandths < 60_000),
            _ => return Err(word.not(if positive == b'N' { "`N` or `S`" } else { "`E` or `W`" })),
        };
        let scale = if unit == 1_000 { 1 } else { unit };
        let part = part.ok_or_else(|| word.not("degrees, minutes or seconds in range"))?;
        angle += part * scale;
        if angle > most * DEGREE {
            return Err(word.not("an angle in range"));
        }
    }
    Err(tokens.missing(Field::Location.noun()))
}

/// A number with at most `digits` digits behind its point, times ten to the power of `digits`.
fn fraction(text: &[u8], digits: usize) -> Option<u32> {
    let mut parts = text.splitn(2, |octet| *octet == b'.');
    let whole = parts.next().filter(|whole| !whole.is_empty() && whole.len() <= 10)?;
    let behind = parts.next().unwrap_or_default();
    if behind.len() > digits {
        return None;
    }
    let padded = whole.iter().chain(behind).chain(core::iter::repeat_n(&b'0', digits - behind.len()));
    let mut value = 0_u64;
    for digit in padded {
        value = value * 10 + u64::from(char::from(*digit).to_digit(10)?);
    }
    u32::try_from(value).ok()
}

/// Metres, `m` behind them or not, as centimetres.
fn centimetres(word: &Word<'_>) -> Option<i64> {
    let text = word.octets.strip_suffix(b"m").or(word.octets.strip_suffix(b"M")).unwrap_or(word.octets);
    let mut parts = text.strip_prefix(b"-").unwrap_or(text).splitn(2, |octet| *octet == b'.');
    let whole = parts.next().filter(|whole| whole.len() <= 8).and_then(crate::master_file::decimal)?;
    let hundredths = match parts.next() {
        None | Some([]) => 0,
        Some([tenth @ b'0'..=b'9']) => i64::from(tenth - b'0') * 10,
        Some([tenth @ b'0'..=b'9', hundredth @ b'0'..=b'9']) => {
            i64::from(tenth - b'0') * 10 + i64::from(hundredth - b'0')
        }
        Some(_) => return None,
    };
    let distance = i64::from(whole) * 100 + hundredths;
    Some(if text.starts_with(b"-") { -distance } else { distance })
}

/// The first digit and how many follow it, each in four bits (RFC 1876 §2).
fn size_octet(centimetres: i64) -> u8 {
    let mut mantissa = centimetres;
    let mut exponent = 0;
    while mantissa > 9 {
        mantissa /= 10;
        exponent += 1;
    }
    (mantissa << 4 | exponent) as u8
}

/// Whether the sizes are in the form that text gives them: nothing has no power of ten.
pub(super) fn has_text(octets: &[u8]) -> bool {
    octets.iter().take(4).skip(1).all(|size| size >> 4 != 0 || *size == 0)
}

pub(super) fn write(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some((&[_, size, horizontal, vertical], numbers)) = octets.split_first_chunk::<4>() else {
        return Err(fmt::Error);
    };
    let [latitude, longitude, altitude] = *numbers.as_chunks::<4>().0 else { return Err(fmt::Error) };
    write_angle(u32::from_be_bytes(latitude), ['N', 'S'], formatter)?;
    formatter.write_char(' ')?;
    write_angle(u32::from_be_bytes(longitude), ['E', 'W'], formatter)?;

    let altitude = i64::from(u32::from_be_bytes(altitude)) - ZERO_ALTITUDE;
    let sign = if altitude < 0 { "-" } else { "" };
    write!(formatter, " {sign}{}.{:02}m", altitude.abs() / 100, altitude.abs() % 100)?;
    for size in [size, horizontal, vertical] {
        let centimetres = u64::from(size >> 4) * 10_u64.pow(u32::from(size & 15));
        match centimetres % 100 {
            0 => write!(formatter, " {}m", centimetres / 100)?,
            rest => write!(formatter, " {}.{rest:02}m", centimetres / 100)?,
        }
    }
    Ok(())
}

fn write_angle(angle: u32, directions: [char; 2], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let direction = directions[usize::from(angle < ZERO_ANGLE)];
    let angle = angle.abs_diff(ZERO_ANGLE);
    let (degrees, minutes) = (angle / DEGREE, angle / 60_000 % 60);
    let (seconds, thousandths) = (angle / 1_000 % 60, angle % 1_000);
    write!(formatter, "{degrees} {minutes} {seconds}.{thousandths:03} {direction}")
}
