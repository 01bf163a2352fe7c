//! Which record types there are (RFC 4034 §4.1.2; RFC 2535 §5.2 for the obsolete NXT).

use super::Field;
use crate::RecordType;
use crate::master_file::{Mistake, Tokens};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// The types up to the end of the entry, in ascending order.
fn read_types(tokens: &mut Tokens<'_>) -> Result<Vec<u16>, Mistake> {
    let mut types = Vec::new();
    while let Some(word) = tokens.next()? {
        let record_type = RecordType::from_text(word.octets);
        types.push(record_type.ok_or_else(|| word.not("a record type"))?.0);
    }
    types.sort_unstable();
    types.dedup();
    Ok(types)
}

pub(super) fn read(field: Field, tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    if field == Field::TypeBitmap && tokens.is_at_end()? {
        return Err(tokens.missing(field.noun()));
    }
    let types = read_types(tokens)?;
    for window in types.chunk_by(|a, b| a >> 8 == b >> 8) {
        let mut bitmap = [0; 32];
        let mut length = 0;
        for record_type in window {
            let place = usize::from(record_type & 255);
            bitmap[place / 8] |= 0x80 >> (place % 8);
            length = place / 8 + 1;
        }
        let number = window.first().map_or(0, |record_type| record_type >> 8);
        data.extend([number as u8, length as u8]);
        data.extend(bitmap.iter().take(length));
    }
    Ok(())
}

pub(super) fn read_next(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let start = tokens.next_start()?;
    let types = read_types(tokens)?;
    let Some(&last) = types.last() else { return Ok(()) };
    if last > 127 {
        let message = "a type above 127, which the obsolete NXT can't tell of";
        return Err(Mistake::new(start..tokens.at(), message));
    }
    let mut bitmap = vec![0_u8; usize::from(last) / 8 + 1];
    for record_type in types {
        bitmap[usize::from(record_type / 8)] |= 0x80 >> (record_type % 8);
    }
    data.append(&mut bitmap);
    Ok(())
}

pub(super) fn write(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rest = octets;
    while let [window, length, behind @ ..] = rest {
        if rest.len() < octets.len() {
            formatter.write_char(' ')?;
        }
        let (bitmap, behind) = behind.split_at_checked(usize::from(*length)).ok_or(fmt::Error)?;
        write_types(u16::from(*window) << 8, bitmap, formatter)?;
        rest = behind;
    }
    Ok(())
}

/// The types of a bitmap whose first bit stands for the type `first`.
pub(super) fn write_types(first: u16, bitmap: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut separator = "";
    for (place, record_type) in (0..8 * bitmap.len()).zip(first..) {
        if bitmap[place / 8] & 0x80 >> (place % 8) != 0 {
            write!(formatter, "{separator}{}", RecordType(record_type))?;
            separator = " ";
        }
    }
    Ok(())
}
