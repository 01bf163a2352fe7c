//! Data and records as text.

use super::{
    Field, address, bitmap, encoding, gateway, host_identity, location, mnemonic, number, port, prefix,
};
use super::{service, string, validate};
use crate::{Name, Record, RecordType};
use core::fmt::{self, Write};

/// The data of a record, which displays as it stands in a master file: in its type's own form, or in that of RFC 3597 §5
/// if the type is not known or the data does not have its shape.
#[derive(Clone, Copy, Debug)]
pub struct Presentation<'a> {
    /// The record's type.
    pub record_type: RecordType,
    /// The record's data in wire format.
    pub data: &'a [u8],
}

impl fmt::Display for Presentation<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.has_text() {
            return write_unknown(self.data, formatter);
        }
        let mut start = 0;
        for (field, octets) in self.fields() {
            if start > 0 && !(octets.is_empty() && field.is_silent_when_empty()) {
                formatter.write_char(' ')?;
            }
            field.write(octets, formatter)?;
            start += octets.len();
        }
        Ok(())
    }
}

impl<'a> Presentation<'a> {
    /// The fields and what each takes of the data, up to the first that is not sound.
    fn fields(self) -> impl Iterator<Item = (Field, &'a [u8])> {
        let mut start = 0;
        self.record_type.layout().iter().map_while(move |field| {
            let end = start + field.measure(self.data, start).ok()?;
            let octets = self.data.get(start..end)?;
            start = end;
            Some((*field, octets))
        })
    }

    /// Whether the type's own form says all that there is in the data.
    fn has_text(self) -> bool {
        self.record_type.layout() != [Field::Opaque]
            && validate(self.record_type, self.data).is_ok()
            && self.fields().all(|(field, octets)| field.has_text(octets))
    }
}

impl fmt::Display for Record<'_> {
    /// One line of a master file, without its end.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { owner, record_type, class, ttl, data } = *self;
        write!(formatter, "{owner} {ttl} {class} {record_type}")?;
        let presentation = Presentation { record_type, data };
        if data.is_empty() && presentation.has_text() {
            return Ok(());
        }
        write!(formatter, " {presentation}")
    }
}

/// `\# LENGTH HEX` (RFC 3597 §5).
fn write_unknown(data: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(formatter, "\\# {}", data.len())?;
    if data.is_empty() {
        return Ok(());
    }
    formatter.write_char(' ')?;
    encoding::write_hexadecimal(data, formatter)
}

impl Field {
    /// Whether nothing is written for it when it has no octets.
    const fn is_silent_when_empty(self) -> bool {
        !matches!(self, Self::LongText | Self::Base64OrDash)
    }

    /// Whether text can say exactly what the octets do: a peer may send what no text becomes.
    fn has_text(self, octets: &[u8]) -> bool {
        match self {
            Self::Location => location::has_text(octets),
            Self::Services => octets.len() == 1 || octets.last() != Some(&0),
            Self::NextBitmap => octets.last() != Some(&0),
            Self::Ipv6Suffix => gateway::has_text(octets),
            _ => true,
        }
    }

    /// Writes the field, of which `octets` are all.
    fn write(self, octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CompressibleName | Self::Name | Self::Names => write_names(octets, formatter),
            Self::Integer8
            | Self::Integer16
            | Self::Integer32
            | Self::Integer64
            | Self::Period
            | Self::Time => number::write(self, octets, formatter),
            Self::Type | Self::CertificateType | Self::Algorithm | Self::Scheme => {
                mnemonic::write(self, octets, formatter)
            }
            Self::Ipv4 => address::write_ipv4(octets, formatter),
            Self::Ipv6 => address::write_ipv6(octets, formatter),
            Self::Locator64 => address::write_locator(octets, formatter),
            Self::Eui48 | Self::Eui64 => address::write_hardware(octets, formatter),
            Self::Nsap => address::write_nsap(octets, formatter),
            Self::Atma => address::write_atma(octets, formatter),
            Self::Text | Self::Texts | Self::OptionalText => string::write_all(octets, formatter),
            Self::Tag => octets.iter().skip(1).try_for_each(|octet| formatter.write_char(char::from(*octet))),
            Self::LongText => string::write_quoted(octets, formatter),
            Self::Base64OrDash if octets.is_empty() => formatter.write_char('-'),
            Self::Base64 | Self::OptionalBase64 | Self::Base64OrDash => {
                encoding::write_base64(octets, formatter)
            }
            Self::Hexadecimal | Self::Digest(_) => encoding::write_hexadecimal(octets, formatter),
            Self::Salt => encoding::write_salt(octets, formatter),
            Self::Base32 => encoding::write_base32(octets, formatter),
            Self::TypeBitmap | Self::OptionalTypeBitmap => bitmap::write(octets, formatter),
            Self::NextBitmap => bitmap::write_types(0, octets, formatter),
            Self::Location => location::write(octets, formatter),
            Self::AddressPrefixes => prefix::write(octets, formatter),
            Self::Services => port::write(octets, formatter),
            Self::IpsecGateway => gateway::write_ipsec(octets, formatter),
            Self::Relay => gateway::write_relay(octets, formatter),
            Self::HostIdentity => host_identity::write(octets, formatter),
            Self::Ipv6Suffix => gateway::write_suffix(octets, formatter),
            Self::ServiceParameters => service::write(octets, formatter),
            Self::Opaque => write_unknown(octets, formatter),
        }
    }
}

fn write_names(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rest = octets;
    while !rest.is_empty() {
        if rest.len() < octets.len() {
            formatter.write_char(' ')?;
        }
        let name = Name::parse(rest).map_err(|_| fmt::Error)?;
        write!(formatter, "{name}")?;
        rest = rest.get(name.as_wire().len()..).unwrap_or_default();
    }
    Ok(())
}
