//! How many octets a field takes, and whether they are sound.

use super::gateway::{self, Gateway, suffix_length};
use super::{DataError, DigestKind, Field};
use crate::data::{location, service};
use crate::{Name, NameError};

impl Field {
    /// How many octets of `data` from `start` on the field takes. What it is made of is checked.
    pub(in crate::data) fn measure(self, data: &[u8], start: usize) -> Result<usize, DataError> {
        let rest = data.get(start..).ok_or(DataError::Incomplete(self))?;
        let before = start.checked_sub(1).and_then(|before| data.get(before)).copied();
        let length = match self {
            Self::CompressibleName | Self::Name => self.name(rest)?,
            Self::Integer8 | Self::Algorithm | Self::Scheme => 1,
            Self::Integer16 | Self::Type | Self::CertificateType => 2,
            Self::Integer32 | Self::Period | Self::Time | Self::Ipv4 => 4,
            Self::Eui48 => 6,
            Self::Integer64 | Self::Locator64 | Self::Eui64 => 8,
            Self::Ipv6 => 16,
            Self::Text | Self::Tag | Self::Salt | Self::Base32 => self.prefixed(rest)?,
            Self::OptionalText if rest.is_empty() => 0,
            Self::OptionalText => self.prefixed(rest)?,
            Self::Base64 | Self::Hexadecimal | Self::Nsap if rest.is_empty() => {
                return Err(DataError::Incomplete(self));
            }
            Self::Services if rest.is_empty() => return Err(DataError::Incomplete(self)),
            Self::Atma => self.atm_address(rest)?,
            Self::Location => self.location(rest)?,
            Self::IpsecGateway => 2 + self.gateway(Gateway::of_kind(self.octet(rest, 0)?), rest, 2)?,
            Self::Relay => {
                1 + self.gateway(Gateway::of_kind(self.octet(rest, 0)? & gateway::KIND), rest, 1)?
            }
            Self::HostIdentity => self.host_identity(rest)?,
            Self::Ipv6Suffix => self.ipv6_suffix(rest)?,
            Self::Digest(kind) => {
                let expected = before.and_then(|octet| kind.length(octet));
                let sound = expected.map_or(!rest.is_empty(), |expected| rest.len() == expected);
                if sound { rest.len() } else { return Err(DataError::Invalid(self)) }
            }
            Self::ServiceParameters => {
                service::check(rest).map_err(|_| DataError::Invalid(self))?;
                rest.len()
            }
            Self::Names
            | Self::Texts
            | Self::TypeBitmap
            | Self::OptionalTypeBitmap
            | Self::NextBitmap
            | Self::AddressPrefixes => {
                self.sequence(rest)?;
                rest.len()
            }
            Self::LongText
            | Self::Base64
            | Self::OptionalBase64
            | Self::Base64OrDash
            | Self::Hexadecimal
            | Self::Services
            | Self::Nsap
            | Self::Opaque => rest.len(),
        };
        if length > rest.len() { Err(DataError::Incomplete(self)) } else { Ok(length) }
    }

    fn octet(self, octets: &[u8], at: usize) -> Result<u8, DataError> {
        octets.get(at).copied().ok_or(DataError::Incomplete(self))
    }

    fn name(self, octets: &[u8]) -> Result<usize, DataError> {
        match Name::parse(octets) {
            Ok(name) => Ok(name.as_wire().len()),
            Err(NameError::Incomplete) => Err(DataError::Incomplete(self)),
            Err(_) => Err(DataError::Invalid(self)),
        }
    }

    /// A field behind its length; some kinds may not be empty.
    fn prefixed(self, octets: &[u8]) -> Result<usize, DataError> {
        let length = usize::from(self.octet(octets, 0)?);
        let content = octets.get(1..1 + length).ok_or(DataError::Incomplete(self))?;
        let sound = match self {
            Self::Tag => !content.is_empty() && content.iter().all(u8::is_ascii_alphanumeric),
            Self::Base32 => !content.is_empty(),
            _ => true,
        };
        if sound { Ok(1 + length) } else { Err(DataError::Invalid(self)) }
    }

    fn gateway(self, kind: Option<Gateway>, octets: &[u8], ahead: usize) -> Result<usize, DataError> {
        match kind.ok_or(DataError::Invalid(self))? {
            Gateway::None => Ok(0),
            Gateway::Ipv4 => Ok(4),
            Gateway::Ipv6 => Ok(16),
            Gateway::Name => self.name(octets.get(ahead..).ok_or(DataError::Incomplete(self))?),
        }
    }

    fn host_identity(self, octets: &[u8]) -> Result<usize, DataError> {
        let tag = self.octet(octets, 0)?;
        let key = u16::from_be_bytes([self.octet(octets, 2)?, self.octet(octets, 3)?]);
        if tag == 0 || key == 0 {
            return Err(DataError::Invalid(self));
        }
        Ok(4 + usize::from(tag) + usize::from(key))
    }

    fn ipv6_suffix(self, octets: &[u8]) -> Result<usize, DataError> {
        let prefix_bits = self.octet(octets, 0)?;
        let suffix = suffix_length(prefix_bits).ok_or(DataError::Invalid(self))?;
        if prefix_bits == 0 {
            return Ok(1 + suffix);
        }
        let prefix = octets.get(1 + suffix..).ok_or(DataError::Incomplete(self))?;
        Ok(1 + suffix + self.name(prefix)?)
    }

    /// The format's octet, and either octets or digits (af-saa-0069 §5).
    fn atm_address(self, octets: &[u8]) -> Result<usize, DataError> {
        let (&format, address) = octets.split_first().ok_or(DataError::Incomplete(self))?;
        match (format, address) {
            (0, [_, ..]) => Ok(octets.len()),
            (1, [_, ..]) if address.iter().all(u8::is_ascii_digit) => Ok(octets.len()),
            _ => Err(DataError::Invalid(self)),
        }
    }

    /// Version 0 in sixteen octets; sizes are a digit and a power of ten, angles are on the globe (RFC 1876 §2).
    fn location(self, octets: &[u8]) -> Result<usize, DataError> {
        let Some((&[version, sizes @ ..], numbers)) = octets.split_first_chunk::<4>() else {
            return Err(DataError::Incomplete(self));
        };
        let [latitude, longitude, _altitude, ..] = *numbers.as_chunks::<4>().0 else {
            return Err(DataError::Incomplete(self));
        };
        let is_angle = |angle, degrees: u32| {
            u32::from_be_bytes(angle).abs_diff(location::ZERO_ANGLE) <= degrees * location::DEGREE
        };
        let sound = version == 0 && sizes.iter().all(|size| size >> 4 <= 9 && size & 15 <= 9);
        let sound = sound && is_angle(latitude, 90) && is_angle(longitude, 180);
        if sound { Ok(16) } else { Err(DataError::Invalid(self)) }
    }

    /// A field that goes on to the end of the data, one element after the other.
    fn sequence(self, octets: &[u8]) -> Result<(), DataError> {
        let mut rest = octets;
        let mut last_window = None;
        if matches!(self, Self::Texts | Self::TypeBitmap) && rest.is_empty() {
            return Err(DataError::Incomplete(self));
        }
        while let Some(&first) = rest.first() {
            let length = match self {
                Self::Names => self.name(rest)?,
                Self::TypeBitmap | Self::OptionalTypeBitmap => {
                    let length = usize::from(self.octet(rest, 1)?);
                    let sound = (1..=32).contains(&length) && last_window.is_none_or(|last| last < first);
                    // No window ends in zeros (RFC 4034 §4.1.2).
                    if !sound || rest.get(1 + length) == Some(&0) {
                        return Err(DataError::Invalid(self));
                    }
                    last_window = Some(first);
                    2 + length
                }
                Self::NextBitmap if rest.len() > 16 => return Err(DataError::Invalid(self)),
                Self::NextBitmap => rest.len(),
                Self::AddressPrefixes => self.address_prefix(rest)?,
                _ => self.prefixed(rest)?,
            };
            rest = rest.get(length..).ok_or(DataError::Incomplete(self))?;
        }
        Ok(())
    }

    /// Family, prefix length, negation and length of what follows, which does not end in zeros (RFC 3123 §4).
    fn address_prefix(self, octets: &[u8]) -> Result<usize, DataError> {
        let [family_high, family_low, prefix, length, ..] = *octets else {
            return Err(DataError::Incomplete(self));
        };
        let length = usize::from(length & 0x7f);
        let (bits, address) = match [family_high, family_low] {
            [0, 1] => (32, 4),
            [0, 2] => (128, 16),
            _ => return Err(DataError::Invalid(self)),
        };
        let sound =
            prefix <= bits && length <= address && (length == 0 || octets.get(3 + length) != Some(&0));
        if sound { Ok(4 + length) } else { Err(DataError::Invalid(self)) }
    }

    /// What the field is called in a sentence.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::CompressibleName | Self::Name => "a domain name",
            Self::Names => "domain names",
            Self::Integer8 => "a number up to 255",
            Self::Integer16 => "a number up to 65535",
            Self::Integer32 => "a number up to 4294967295",
            Self::Integer64 => "a number up to 18446744073709551615",
            Self::Period => "a period in seconds or with units",
            Self::Time => "a time as YYYYMMDDHHmmSS",
            Self::Type => "a record type",
            Self::CertificateType => "a kind of certificate",
            Self::Algorithm => "a DNSSEC algorithm",
            Self::Scheme => "a scheme of notification",
            Self::Ipv4 => "an IPv4 address",
            Self::Ipv6 => "an IPv6 address",
            Self::Locator64 => "four groups of hexadecimal digits",
            Self::Eui48 => "a 48-bit hardware address",
            Self::Eui64 => "a 64-bit hardware address",
            Self::Text | Self::OptionalText => "a character-string of at most 255 octets",
            Self::Texts => "character-strings of at most 255 octets",
            Self::Tag => "a tag of letters and digits",
            Self::LongText => "a quoted string",
            Self::Base64 | Self::OptionalBase64 | Self::Base64OrDash => "Base64",
            Self::Hexadecimal => "hexadecimal digits",
            Self::Digest(_) => "a digest of its algorithm's length in hexadecimal",
            Self::Salt => "a salt in hexadecimal, or `-`",
            Self::Base32 => "a hash in Base32hex",
            Self::TypeBitmap | Self::OptionalTypeBitmap | Self::NextBitmap => "record types",
            Self::Location => "a location",
            Self::AddressPrefixes => "address prefixes",
            Self::Services => "a protocol and its services",
            Self::IpsecGateway => "a gateway of the kind given",
            Self::Relay => "a relay of the kind given",
            Self::Nsap => "an NSAP address behind `0x`",
            Self::Atma => "an ATM address",
            Self::HostIdentity => "a host identity",
            Self::Ipv6Suffix => "a prefix length, an IPv6 suffix and a prefix name",
            Self::ServiceParameters => "service parameters",
            Self::Opaque => "data in the form `\\# LENGTH HEX`",
        }
    }
}

impl DigestKind {
    /// The octets of a digest of the kind that `octet` names, if that is known.
    pub(crate) const fn length(self, octet: u8) -> Option<usize> {
        match (self, octet) {
            // RFC 3658 §2.4, RFC 4509, RFC 5933, RFC 6605
            (Self::Delegation, 1) | (Self::Fingerprint, 1) => Some(20),
            (Self::Delegation, 2 | 3) | (Self::Fingerprint, 2) => Some(32),
            (Self::Delegation, 4) => Some(48),
            (Self::Zone, 1) => Some(48),
            (Self::Zone, 2) => Some(64),
            _ => None,
        }
    }
}
