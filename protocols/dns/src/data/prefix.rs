//! Address prefixes (RFC 3123).

use super::address;
use crate::master_file::{Mistake, Tokens, Word};
use alloc::vec::Vec;
use core::fmt;

/// `[!]FAMILY:ADDRESS/PREFIX`, up to the end of the entry.
pub(super) fn read(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    while let Some(word) = tokens.next()? {
        append(&word, data)
            .ok_or_else(|| word.not("an address prefix as `1:192.0.2.0/24` or `!2:2001:db8::/32`"))?;
    }
    Ok(())
}

fn append(word: &Word<'_>, data: &mut Vec<u8>) -> Option<()> {
    let (negation, text) = match word.octets {
        [b'!', text @ ..] => (0x80, text),
        text => (0, text),
    };
    let (family, text) = text.split_first_chunk::<2>()?;
    let slash = text.iter().position(|octet| *octet == b'/')?;
    let prefix = crate::master_file::decimal(text.get(slash + 1..)?)?;
    let text = text.get(..slash)?;
    let (family, bits, address): (u8, u32, Vec<u8>) = match family {
        b"1:" => (1, 32, address::ipv4(text)?.into()),
        b"2:" => (2, 128, address::ipv6(text)?.into()),
        _ => return None,
    };
    if prefix > bits {
        return None;
    }
    let length = address.iter().rposition(|octet| *octet != 0).map_or(0, |last| last + 1);
    data.extend([0, family, prefix as u8, negation | length as u8]);
    data.extend(address.iter().take(length));
    Some(())
}

pub(super) fn write(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rest = octets;
    while let [_, family, prefix, length, behind @ ..] = rest {
        if rest.len() < octets.len() {
            formatter.write_str(" ")?;
        }
        let negation = if length & 0x80 != 0 { "!" } else { "" };
        let (part, behind) = behind.split_at_checked(usize::from(length & 0x7f)).ok_or(fmt::Error)?;
        let mut address = [0; 16];
        address.get_mut(..part.len()).ok_or(fmt::Error)?.copy_from_slice(part);
        write!(formatter, "{negation}{family}:")?;
        match family {
            1 => address::write_ipv4(&address[..4], formatter)?,
            _ => address::write_ipv6(&address, formatter)?,
        }
        write!(formatter, "/{prefix}")?;
        rest = behind;
    }
    Ok(())
}
