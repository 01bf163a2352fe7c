//! Parameters of service bindings as text (RFC 9460 §2.1, appendix A).

use super::{Identifiers, Key, Parameters, check};
use crate::data::encoding::{decode_base64, write_base64};
use crate::data::{address, number, string};
use crate::master_file::{Kind, Mistake, Tokens, Word};
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// `KEY` or `KEY=VALUE`, in any order, up to the end of the entry.
pub(crate) fn read(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let mut parameters = Vec::new();
    let start = tokens.next_start()?;
    while let Some(word) = tokens.next()? {
        let (key, value) = read_parameter(&word, tokens)?;
        let length = u16::try_from(value.len())
            .map_err(|_| Mistake::new(word.span(), format!("the value of `{key}` is too long")))?;
        parameters.push((key, length, value, word.span()));
    }
    parameters.sort_by_key(|(key, ..)| *key);
    if let Some((key, .., span)) =
        parameters.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| &pair[1])
    {
        return Err(Mistake::new(span.clone(), format!("the parameter `{key}` is there twice"))
            .with_help("RFC 9460 §2.1: a key appears at most once"));
    }
    let before = data.len();
    for (key, length, value, _) in &parameters {
        data.extend(key.0.to_be_bytes());
        data.extend(length.to_be_bytes());
        data.extend_from_slice(value);
    }
    let checked = check(data.get(before..).unwrap_or_default());
    checked.map_err(|error| Mistake::new(start..tokens.at(), error.to_string()))
}

/// The parameter that `word` is or begins: a quoted value is a word of its own right behind it.
fn read_parameter(word: &Word<'_>, tokens: &mut Tokens<'_>) -> Result<(Key, Vec<u8>), Mistake> {
    let wrong = || word.not("a service parameter as `KEY` or `KEY=VALUE`");
    let mut parts = word.octets.splitn(2, |octet| *octet == b'=');
    let name = parts.next().unwrap_or_default();
    let key = Key::from_text(name).filter(|_| word.kind == Kind::Plain).ok_or_else(wrong)?;
    let Some(value) = parts.next() else {
        return match key {
            // A key alone has an empty value (RFC 9460 §2.1).
            Key::MANDATORY
            | Key::ALPN
            | Key::PORT
            | Key::IPV4HINT
            | Key::ECH
            | Key::IPV6HINT
            | Key::DOHPATH => Err(Mistake::new(word.span(), format!("`{key}` needs a value"))),
            _ => Ok((key, Vec::new())),
        };
    };
    let value = match value {
        [] if tokens.peek_octet() == Some(b'"') => tokens.quoted()?,
        octets => Word { octets, start: word.start + name.len() + 1, kind: Kind::Plain },
    };
    let mut octets = Vec::new();
    // In the form `keyNNNNN` the value is what is on the wire, whatever the key.
    if name.starts_with(b"key") {
        value.unescape_into(&mut octets)?;
    } else {
        read_value(key, &value, &mut octets)?;
    }
    Ok((key, octets))
}

fn read_value(key: Key, value: &Word<'_>, octets: &mut Vec<u8>) -> Result<(), Mistake> {
    match key {
        Key::MANDATORY => read_mandatory(value, octets),
        Key::ALPN => read_identifiers(value, octets),
        Key::NO_DEFAULT_ALPN | Key::OHTTP => {
            Err(Mistake::new(value.span(), format!("`{key}` has no value, and this is {}", value.quote())))
        }
        Key::PORT => {
            let port: u16 = number::decimal(value).ok_or_else(|| value.not("a port"))?;
            octets.extend(port.to_be_bytes());
            Ok(())
        }
        Key::IPV4HINT => value.split_commas().try_for_each(|part| {
            octets.extend(address::ipv4(part.octets).ok_or_else(|| part.not("an IPv4 address"))?);
            Ok(())
        }),
        Key::IPV6HINT => value.split_commas().try_for_each(|part| {
            octets.extend(address::ipv6(part.octets).ok_or_else(|| part.not("an IPv6 address"))?);
            Ok(())
        }),
        Key::ECH => decode_base64(value.octets, octets).ok_or_else(|| value.not("Base64")),
        Key::DOHPATH => {
            value.unescape_into(octets)?;
            let help = "RFC 9461 §5: a relative URI template that contains the variable `dns`";
            if super::is_sound(key, octets) {
                Ok(())
            } else {
                Err(value.not("`/PATH{?dns}`").with_help(help))
            }
        }
        Key(_) => value.unescape_into(octets),
    }
}

/// Keys, put in order (RFC 9460 §8).
fn read_mandatory(value: &Word<'_>, octets: &mut Vec<u8>) -> Result<(), Mistake> {
    let mut keys = Vec::new();
    for part in value.split_commas() {
        keys.push(Key::from_text(part.octets).ok_or_else(|| part.not("a service parameter's key"))?);
    }
    keys.sort_unstable();
    if keys.first() == Some(&Key::MANDATORY) || keys.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Mistake::new(value.span(), "`mandatory` lists a key twice, or itself"));
    }
    octets.extend(keys.iter().flat_map(|key| key.0.to_be_bytes()));
    Ok(())
}

/// Protocols between commas; a comma or a backslash in one has a backslash before it, and that is escaped once more as
/// in every string (RFC 9460 appendix A.1).
fn read_identifiers(value: &Word<'_>, octets: &mut Vec<u8>) -> Result<(), Mistake> {
    let mut list = Vec::new();
    value.unescape_into(&mut list)?;
    let mut identifier = Vec::new();
    let mut characters = list.iter();
    loop {
        let character = characters.next();
        match character {
            Some(b'\\') => identifier.extend(characters.next()),
            Some(b',') | None => {
                let length = u8::try_from(identifier.len()).ok().filter(|length| *length > 0);
                octets.push(length.ok_or_else(|| value.not("protocols of 1 to 255 octets between commas"))?);
                octets.append(&mut identifier);
            }
            Some(other) => identifier.push(*other),
        }
        if character.is_none() {
            return Ok(());
        }
    }
}

pub(crate) fn write(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut separator = "";
    for parameter in Parameters::new(octets) {
        let (key, value) = parameter.map_err(|_| fmt::Error)?;
        write!(formatter, "{separator}{key}")?;
        separator = " ";
        if !value.is_empty() {
            formatter.write_char('=')?;
            write_value(key, value, formatter)?;
        }
    }
    Ok(())
}

fn write_value(key: Key, value: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    match key {
        Key::MANDATORY => write_list(value.as_chunks::<2>().0, formatter, |key, formatter| {
            write!(formatter, "{}", Key(u16::from_be_bytes(*key)))
        }),
        Key::ALPN => {
            let mut list = Vec::new();
            for identifier in (Identifiers { rest: value }).flatten() {
                if !list.is_empty() {
                    list.push(b',');
                }
                for octet in identifier {
                    if matches!(octet, b',' | b'\\') {
                        list.push(b'\\');
                    }
                    list.push(*octet);
                }
            }
            string::write_quoted(&list, formatter)
        }
        Key::PORT => number::write(crate::data::Field::Integer16, value, formatter),
        Key::IPV4HINT => write_list(value.as_chunks::<4>().0, formatter, |octets, formatter| {
            address::write_ipv4(octets, formatter)
        }),
        Key::IPV6HINT => write_list(value.as_chunks::<16>().0, formatter, |octets, formatter| {
            address::write_ipv6(octets, formatter)
        }),
        Key::ECH => write_base64(value, formatter),
        Key(_) => string::write_quoted(value, formatter),
    }
}

fn write_list<T>(
    elements: &[T],
    formatter: &mut fmt::Formatter<'_>,
    mut write: impl FnMut(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (place, element) in elements.iter().enumerate() {
        if place > 0 {
            formatter.write_char(',')?;
        }
        write(element, formatter)?;
    }
    Ok(())
}
