//! Fields whose first octets say what the rest is: gateways (RFC 4025), relays (RFC 8777), address suffixes (RFC 2874).

use super::layout::gateway::{Gateway, KIND, suffix_length};
use super::number::decimal;
use super::{Field, address, read_name};
use crate::Name;
use crate::master_file::{Mistake, Tokens};
use alloc::format;
use alloc::vec::Vec;
use core::fmt;

/// The bit that asks whether the relay may be discovered (RFC 8777 §4.2.2).
const DISCOVERY: u8 = 0x80;

/// Kind of gateway, algorithm, gateway.
pub(super) fn read_ipsec(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect("a kind of gateway")?;
    let kind = decimal(&word);
    let gateway = kind.and_then(Gateway::of_kind).ok_or_else(|| word.not("a kind of gateway from 0 to 3"))?;
    data.extend(kind);
    super::number::read(Field::Integer8, tokens, data)?;
    read_gateway(gateway, tokens, data)
}

/// Discovery bit, kind of relay, relay.
pub(super) fn read_relay(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect("a discovery bit")?;
    let discovery = match word.octets {
        b"0" => 0,
        b"1" => DISCOVERY,
        _ => return Err(word.not("a discovery bit, `0` or `1`")),
    };
    let word = tokens.expect("a kind of relay")?;
    let kind: Option<u8> = decimal(&word);
    let relay = kind.and_then(Gateway::of_kind).ok_or_else(|| word.not("a kind of relay from 0 to 3"))?;
    data.extend(kind.map(|kind| discovery | kind));
    read_gateway(relay, tokens, data)
}

fn read_gateway(gateway: Gateway, tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    match gateway {
        Gateway::None => {
            let word = tokens.expect("`.`, for no gateway")?;
            if word.octets == b"." { Ok(()) } else { Err(word.not("`.`, for no gateway")) }
        }
        Gateway::Ipv4 => address::read_ipv4(tokens, data),
        Gateway::Ipv6 => address::read_ipv6(tokens, data),
        Gateway::Name => read_name(tokens, data),
    }
}

pub(super) fn write_ipsec(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (&[kind, algorithm], gateway) = octets.split_first_chunk::<2>().ok_or(fmt::Error)?;
    write!(formatter, "{kind} {algorithm} ")?;
    write_gateway(kind, gateway, formatter)
}

pub(super) fn write_relay(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (&first, relay) = octets.split_first().ok_or(fmt::Error)?;
    let kind = first & KIND;
    write!(formatter, "{} {kind} ", first >> 7)?;
    write_gateway(kind, relay, formatter)
}

fn write_gateway(kind: u8, octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    match Gateway::of_kind(kind) {
        None | Some(Gateway::None) => formatter.write_str("."),
        Some(Gateway::Ipv4) => address::write_ipv4(octets, formatter),
        Some(Gateway::Ipv6) => address::write_ipv6(octets, formatter),
        Some(Gateway::Name) => write!(formatter, "{}", Name::parse(octets).map_err(|_| fmt::Error)?),
    }
}

/// Prefix length; address suffix unless that is 128; prefix name unless it is 0 (RFC 2874 §3.1.2).
pub(super) fn read_suffix(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect("a prefix length")?;
    let wrong = || word.not("a prefix length from 0 to 128");
    let prefix_bits: u8 = decimal(&word).ok_or_else(wrong)?;
    let length = suffix_length(prefix_bits).ok_or_else(wrong)?;
    data.push(prefix_bits);
    if length > 0 {
        let word = tokens.expect("an address suffix")?;
        let address = address::ipv6(word.octets).ok_or_else(|| word.not("an address suffix"))?;
        let bits = u128::from_be_bytes(address);
        if prefix_bits > 0 && bits >> (128 - u32::from(prefix_bits)) != 0 {
            let message = format!("the suffix {} has bits in its prefix of {prefix_bits} bits", word.quote());
            return Err(Mistake::new(word.span(), message).with_help("RFC 2874 §3.1: they have to be zero"));
        }
        data.extend(address.iter().skip(16 - length));
    }
    if prefix_bits > 0 { read_name(tokens, data) } else { Ok(()) }
}

/// Whether the bits of the suffix that belong to its prefix are zeros.
pub(super) fn has_text(octets: &[u8]) -> bool {
    match *octets {
        [prefix_bits, first, ..] if prefix_bits < 128 => first.leading_zeros() >= u32::from(prefix_bits % 8),
        _ => true,
    }
}

pub(super) fn write_suffix(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (&prefix_bits, rest) = octets.split_first().ok_or(fmt::Error)?;
    let length = suffix_length(prefix_bits).ok_or(fmt::Error)?;
    let (suffix, name) = rest.split_at_checked(length).ok_or(fmt::Error)?;
    write!(formatter, "{prefix_bits}")?;
    if length > 0 {
        let mut address = [0; 16];
        address[16 - length..].copy_from_slice(suffix);
        formatter.write_str(" ")?;
        address::write_ipv6(&address, formatter)?;
    }
    if prefix_bits > 0 {
        write!(formatter, " {}", Name::parse(name).map_err(|_| fmt::Error)?)?;
    }
    Ok(())
}
