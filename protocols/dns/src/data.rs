//! The data of records: its shape on the wire, and how it is read and written as text.
//!
//! [`RecordType::layout`] says what each type's data is made of. Every field has a module here with both directions of
//! its text: `read` from the words of an entry, `write` from the octets that it takes on the wire.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a module knows its few fields; a new one is missed in `Field::read`, `write` and `measure`, which list all"
)]

mod address;
mod bitmap;
mod encoding;
mod gateway;
mod host_identity;
mod layout;
mod location;
mod mnemonic;
mod number;
mod port;
mod prefix;
mod presentation;
mod service;
mod string;

pub use layout::{DataError, DigestKind, EmbeddedName, EmbeddedNames, Field, embedded_names, validate};
pub use presentation::Presentation;

use crate::RecordType;
use crate::master_file::{Mistake, Tokens};
use crate::name::NameText;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

/// Reads the data of a record from the rest of its entry and appends it to `data`, which is empty.
#[inline]
pub(crate) fn read(
    record_type: RecordType,
    tokens: &mut Tokens<'_>,
    data: &mut Vec<u8>,
) -> Result<(), Mistake> {
    let generic = tokens.take(b"\\#")?;
    let start = tokens.at();
    if generic {
        read_unknown(record_type, tokens, data)?;
    } else {
        for &field in record_type.layout() {
            field.read(tokens, data)?;
        }
    }
    if data.len() > usize::from(u16::MAX) {
        return Err(Mistake::new(start..tokens.at(), DataError::TooLong.to_string()));
    }
    Ok(())
}

/// The form of RFC 3597 §5, whose `\#` was just read: it serves for types that are known, too.
fn read_unknown(record_type: RecordType, tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let start = tokens.next_start()?;
    let mut length = Vec::new();
    Field::Integer16.read(tokens, &mut length)?;
    let length = length.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
    encoding::read_hexadecimal(tokens, data)?;
    if data.len() != length {
        let message = format!("the data has {} octets, and says that it has {length}", data.len());
        return Err(Mistake::new(start..tokens.at(), message).with_help("RFC 3597 §5: `\\# LENGTH HEX`"));
    }
    validate(record_type, data).map_err(|error| {
        Mistake::new(start..tokens.at(), format!("not the data of a record of type {record_type}: {error}"))
    })
}

impl Field {
    /// Reads the field and appends it to `data`, which holds the fields before it.
    #[inline]
    fn read(self, tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
        match self {
            Self::Ipv4 => address::read_ipv4(tokens, data),
            Self::CompressibleName | Self::Name => read_name(tokens, data),
            Self::Names => read_names(tokens, data),
            Self::Integer8
            | Self::Integer16
            | Self::Integer32
            | Self::Integer64
            | Self::Period
            | Self::Time => number::read(self, tokens, data),
            Self::Type | Self::CertificateType | Self::Algorithm | Self::Scheme => {
                mnemonic::read(self, tokens, data)
            }
            Self::Ipv6 => address::read_ipv6(tokens, data),
            Self::Locator64 => address::read_locator(tokens, data),
            Self::Eui48 | Self::Eui64 => address::read_hardware(self, tokens, data),
            Self::Nsap => address::read_nsap(tokens, data),
            Self::Atma => address::read_atma(tokens, data),
            Self::Text => string::read_one(tokens, data),
            Self::Texts => string::read_all(tokens, data),
            Self::OptionalText => string::read_optional(tokens, data),
            Self::Tag => string::read_tag(tokens, data),
            Self::LongText => string::read_long(tokens, data),
            Self::Base64 | Self::OptionalBase64 | Self::Base64OrDash => {
                encoding::read_base64(self, tokens, data)
            }
            Self::Hexadecimal | Self::Digest(_) => encoding::read_digest(self, tokens, data),
            Self::Salt => encoding::read_salt(tokens, data),
            Self::Base32 => encoding::read_base32(tokens, data),
            Self::TypeBitmap | Self::OptionalTypeBitmap => bitmap::read(self, tokens, data),
            Self::NextBitmap => bitmap::read_next(tokens, data),
            Self::Location => location::read(tokens, data),
            Self::AddressPrefixes => prefix::read(tokens, data),
            Self::Services => port::read(tokens, data),
            Self::IpsecGateway => gateway::read_ipsec(tokens, data),
            Self::Relay => gateway::read_relay(tokens, data),
            Self::HostIdentity => host_identity::read(tokens, data),
            Self::Ipv6Suffix => gateway::read_suffix(tokens, data),
            Self::ServiceParameters => service::read(tokens, data),
            Self::Opaque => {
                let word = tokens.expect(self.noun())?;
                Err(word.not(self.noun()).with_help("the type's own form is not known (RFC 3597 §5)"))
            }
        }
    }
}

#[inline]
fn read_name(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let mut name = NameText::ROOT;
    tokens.name(&mut name)?;
    data.extend_from_slice(name.as_name().as_wire());
    Ok(())
}

fn read_names(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    while !tokens.is_at_end()? {
        read_name(tokens, data)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
