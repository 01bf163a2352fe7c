//! The shape of every record type's data: one table, by which data is checked, searched for names, read and written.

use crate::{Name, RecordType};
use core::fmt;

/// A part of a record's data: its shape on the wire and its form in a master file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A domain name that a message may compress: only in the types of RFC 1035 (RFC 3597 §4).
    CompressibleName,
    /// A domain name that is never compressed.
    Name,
    /// Domain names up to the end, possibly none.
    Names,
    /// One octet, in decimal.
    Integer8,
    /// Two octets, in decimal.
    Integer16,
    /// Four octets, in decimal.
    Integer32,
    /// Eight octets, in decimal.
    Integer64,
    /// Seconds in four octets; may be written with units, as in `1h30m`.
    Period,
    /// A moment in four octets, written `YYYYMMDDHHmmSS` (RFC 4034 §3.2).
    Time,
    /// A record type in two octets, as its mnemonic.
    Type,
    /// A kind of certificate in two octets, as its mnemonic or in decimal (RFC 4398 §2.1).
    CertificateType,
    /// A DNSSEC algorithm in one octet, as its mnemonic or in decimal (RFC 4034 appendix A.1).
    Algorithm,
    /// A scheme of notification in one octet, as its mnemonic or in decimal (RFC 9859 §2.2).
    Scheme,
    /// Four octets, as an IPv4 address.
    Ipv4,
    /// Sixteen octets, as an IPv6 address.
    Ipv6,
    /// Eight octets in four groups of hexadecimal digits (RFC 6742 §2).
    Locator64,
    /// Six octets in hexadecimal, between hyphens (RFC 7043 §3.2).
    Eui48,
    /// Eight octets in hexadecimal, between hyphens (RFC 7043 §4.2).
    Eui64,
    /// A character-string: its length in one octet, and at most 255 octets.
    Text,
    /// Character-strings up to the end, at least one.
    Texts,
    /// At most one character-string (RFC 1183 §3.2).
    OptionalText,
    /// A character-string of letters and digits that is not quoted: CAA's tag (RFC 8659 §4.1).
    Tag,
    /// Octets up to the end, as one quoted string.
    LongText,
    /// Octets up to the end, in Base64; at least one.
    Base64,
    /// Octets up to the end, in Base64; possibly none.
    OptionalBase64,
    /// Octets up to the end, in Base64, or `-` for none.
    Base64OrDash,
    /// Octets up to the end, in hexadecimal; at least one.
    Hexadecimal,
    /// A digest up to the end, in hexadecimal; as long as the octet before it says where that is known.
    Digest(DigestKind),
    /// Its length in one octet and octets in hexadecimal, or `-` for none (RFC 5155 §3.3).
    Salt,
    /// Its length in one octet and octets in Base32hex (RFC 5155 §3.3).
    Base32,
    /// Which types there are, at least one (RFC 4034 §4.1.2).
    TypeBitmap,
    /// The same, possibly none (RFC 5155 §3.2.1).
    OptionalTypeBitmap,
    /// Which types there are, of the first 128 (RFC 2535 §5.2).
    NextBitmap,
    /// A place on Earth (RFC 1876 §2).
    Location,
    /// Address prefixes up to the end, possibly none (RFC 3123 §4).
    AddressPrefixes,
    /// A protocol and which of its ports there are (RFC 1035 §3.4.2).
    Services,
    /// Kind of gateway, algorithm, gateway (RFC 4025 §2).
    IpsecGateway,
    /// Discovery bit, kind of relay, relay (RFC 8777 §4.2).
    Relay,
    /// Octets in hexadecimal behind `0x`, with dots anywhere (RFC 1706 §5).
    Nsap,
    /// An ATM end system address: `+` and digits, or hexadecimal (af-saa-0069).
    Atma,
    /// Host identity tag and key with their lengths and algorithm (RFC 8005 §5).
    HostIdentity,
    /// Prefix length, address suffix, prefix name (RFC 2874 §3.1).
    Ipv6Suffix,
    /// Parameters of a service binding, in order of their keys (RFC 9460 §2.2).
    ServiceParameters,
    /// Anything, in the form of RFC 3597 §5 only.
    Opaque,
}

/// What says how long a [`Field::Digest`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestKind {
    /// DS: the octet before it (RFC 4034 §5.1.3).
    Delegation,
    /// SSHFP: the octet before it (RFC 4255 §3.1.2).
    Fingerprint,
    /// ZONEMD: the octet before it (RFC 8976 §2.2.3).
    Zone,
}

use Field::{
    AddressPrefixes, Algorithm, Atma, Base32, Base64, Base64OrDash, CertificateType, CompressibleName,
    Digest, Eui48, Eui64, Hexadecimal, HostIdentity, Integer8, Integer16, Integer32, Integer64, IpsecGateway,
    Ipv4, Ipv6, Ipv6Suffix, Locator64, LongText, Name as PlainName, Names, NextBitmap, Nsap, Opaque,
    OptionalBase64, OptionalText, OptionalTypeBitmap, Period, Relay, Salt, Scheme, ServiceParameters,
    Services, Tag, Text, Texts, Time, Type, TypeBitmap,
};

impl RecordType {
    /// What the type's data is made of. A type that is not known, or that stands in no zone, is opaque (RFC 3597).
    #[must_use]
    pub const fn layout(self) -> &'static [Field] {
        match self {
            Self::A => &[Ipv4],
            Self::NS | Self::MD | Self::MF | Self::CNAME | Self::MB | Self::MG | Self::MR | Self::PTR => {
                &[CompressibleName]
            }
            Self::SOA => &[CompressibleName, CompressibleName, Integer32, Period, Period, Period, Period],
            Self::WKS => &[Ipv4, Services],
            Self::HINFO => &[Text, Text],
            Self::MINFO => &[CompressibleName, CompressibleName],
            Self::MX => &[Integer16, CompressibleName],
            Self::TXT | Self::NINFO | Self::SPF | Self::AVC | Self::RESINFO | Self::WALLET | Self::CLA => {
                &[Texts]
            }
            Self::RP | Self::TALINK => &[PlainName, PlainName],
            Self::AFSDB | Self::RT | Self::KX | Self::LP => &[Integer16, PlainName],
            Self::X25 => &[Text],
            Self::ISDN => &[Text, OptionalText],
            Self::NSAP => &[Nsap],
            Self::NSAP_PTR | Self::DNAME => &[PlainName],
            Self::SIG | Self::RRSIG => {
                &[Type, Algorithm, Integer8, Integer32, Time, Time, Integer16, PlainName, Base64]
            }
            // The obsolete KEY alone may say that there is no key (RFC 2535 §3.1.2).
            Self::KEY => &[Integer16, Integer8, Algorithm, OptionalBase64],
            Self::DNSKEY | Self::CDNSKEY | Self::RKEY => &[Integer16, Integer8, Algorithm, Base64],
            Self::PX => &[Integer16, PlainName, PlainName],
            Self::GPOS => &[Text, Text, Text],
            Self::AAAA => &[Ipv6],
            Self::LOC => &[Field::Location],
            Self::NXT => &[PlainName, NextBitmap],
            Self::EID | Self::NIMLOC => &[Hexadecimal],
            Self::SRV => &[Integer16, Integer16, Integer16, PlainName],
            Self::ATMA => &[Atma],
            Self::NAPTR => &[Integer16, Integer16, Text, Text, Text, PlainName],
            Self::CERT => &[CertificateType, Integer16, Algorithm, Base64],
            Self::A6 => &[Ipv6Suffix],
            Self::SINK => &[Integer8, Integer8, Integer8, OptionalBase64],
            Self::APL => &[AddressPrefixes],
            Self::DS | Self::CDS | Self::TA | Self::DLV => {
                &[Integer16, Algorithm, Integer8, Digest(DigestKind::Delegation)]
            }
            Self::SSHFP => &[Integer8, Integer8, Digest(DigestKind::Fingerprint)],
            Self::IPSECKEY => &[Integer8, IpsecGateway, OptionalBase64],
            Self::NSEC => &[PlainName, TypeBitmap],
            Self::DHCID | Self::OPENPGPKEY | Self::HHIT | Self::BRID => &[Base64],
            Self::NSEC3 => &[Integer8, Integer8, Integer16, Salt, Base32, OptionalTypeBitmap],
            Self::NSEC3PARAM => &[Integer8, Integer8, Integer16, Salt],
            Self::TLSA | Self::SMIMEA => &[Integer8, Integer8, Integer8, Hexadecimal],
            Self::HIP => &[HostIdentity, Names],
            Self::CSYNC => &[Integer32, Integer16, OptionalTypeBitmap],
            Self::ZONEMD => &[Integer32, Integer8, Integer8, Digest(DigestKind::Zone)],
            Self::SVCB | Self::HTTPS => &[Integer16, PlainName, ServiceParameters],
            Self::DSYNC => &[Type, Scheme, Integer16, PlainName],
            Self::NID | Self::L64 => &[Integer16, Locator64],
            Self::L32 => &[Integer16, Ipv4],
            Self::EUI48 => &[Eui48],
            Self::EUI64 => &[Eui64],
            Self::URI => &[Integer16, Integer16, LongText],
            Self::CAA => &[Integer8, Tag, LongText],
            Self::DOA => &[Integer32, Integer32, Integer8, Text, Base64OrDash],
            Self::AMTRELAY => &[Integer8, Relay],
            Self::IPN => &[Integer64],
            _ => &[Opaque],
        }
    }
}

/// Why octets are not the data of a record of their type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataError {
    /// They end within this field, or before it.
    Incomplete(Field),
    /// This field holds what it can't.
    Invalid(Field),
    /// More octets follow the last field.
    Excess,
    /// They are more than 65,535.
    TooLong,
}

impl fmt::Display for DataError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete(field) => write!(formatter, "the data ends before or within {}", field.noun()),
            Self::Invalid(field) => {
                write!(formatter, "the data does not hold {} where it should", field.noun())
            }
            Self::Excess => formatter.write_str("the data is longer than its type allows"),
            Self::TooLong => formatter.write_str("the data is longer than 65535 octets"),
        }
    }
}

/// Whether `data` has the shape of its type: every field whole and sound, and nothing after the last.
pub fn validate(record_type: RecordType, data: &[u8]) -> Result<(), DataError> {
    if data.len() > usize::from(u16::MAX) {
        return Err(DataError::TooLong);
    }
    let mut start = 0;
    for &field in record_type.layout() {
        start += field.measure(data, start)?;
    }
    if start == data.len() { Ok(()) } else { Err(DataError::Excess) }
}

/// The domain names within `data`, in order. Where the data does not have the shape of its type, the names end.
#[must_use]
pub fn embedded_names(record_type: RecordType, data: &[u8]) -> EmbeddedNames<'_> {
    EmbeddedNames { fields: record_type.layout(), data, start: 0 }
}

/// The names within a record's data, made by [`embedded_names`].
#[derive(Clone, Debug)]
pub struct EmbeddedNames<'a> {
    fields: &'static [Field],
    data: &'a [u8],
    start: usize,
}

/// A name within a record's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddedName<'a> {
    /// How many octets of the data are before it.
    pub offset: usize,
    /// The name; as long as what it takes of the data.
    pub name: Name<'a>,
    /// Whether a message may compress it (RFC 3597 §4).
    pub compressible: bool,
}

impl<'a> Iterator for EmbeddedNames<'a> {
    type Item = EmbeddedName<'a>;

    fn next(&mut self) -> Option<EmbeddedName<'a>> {
        loop {
            let (&field, later) = self.fields.split_first()?;
            let start = self.start;
            let ahead = match field {
                // The only field that holds several: it is left when nothing is left of it.
                Names if start < self.data.len() => {
                    let name = Name::parse(self.data.get(start..)?).ok()?;
                    self.start += name.as_wire().len();
                    return Some(EmbeddedName { offset: start, name, compressible: false });
                }
                CompressibleName | PlainName => Some(0),
                IpsecGateway if self.data.get(start) == Some(&gateway::NAME) => Some(2),
                Relay if self.data.get(start).map(|kind| kind & gateway::KIND) == Some(gateway::NAME) => {
                    Some(1)
                }
                Ipv6Suffix => suffix_length(*self.data.get(start)?).map(|octets| 1 + octets),
                _ => None,
            };
            self.start += field.measure(self.data, start).ok()?;
            self.fields = later;
            if let Some(offset) = ahead.map(|ahead| start + ahead).filter(|&offset| offset < self.start) {
                let name = Name::parse(self.data.get(offset..)?).ok()?;
                return Some(EmbeddedName { offset, name, compressible: field == CompressibleName });
            }
        }
    }
}

pub(super) mod gateway;
mod measure;
#[cfg(test)]
mod tests;

use gateway::suffix_length;
