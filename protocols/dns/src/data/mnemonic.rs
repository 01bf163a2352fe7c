//! Numbers that have names.

use super::{Field, number};
use crate::RecordType;
use crate::master_file::{Mistake, Tokens};
use alloc::vec::Vec;
use core::fmt;

/// Of "Certificate Type Mnemonics" (RFC 4398 §2.1).
const CERTIFICATES: [(&str, u16); 10] = [
    ("PKIX", 1),
    ("SPKI", 2),
    ("PGP", 3),
    ("IPKIX", 4),
    ("ISPKI", 5),
    ("IPGP", 6),
    ("ACPKIX", 7),
    ("IACPKIX", 8),
    ("URI", 253),
    ("OID", 254),
];

/// Of "DNS Security Algorithm Numbers", with the names that BIND takes as well.
const ALGORITHMS: [(&str, u16); 21] = [
    ("RSAMD5", 1),
    ("DH", 2),
    ("DSA", 3),
    ("ECC", 4),
    ("RSASHA1", 5),
    ("DSA-NSEC3-SHA1", 6),
    ("NSEC3DSA", 6),
    ("RSASHA1-NSEC3-SHA1", 7),
    ("NSEC3RSASHA1", 7),
    ("RSASHA256", 8),
    ("RSASHA512", 10),
    ("ECC-GOST", 12),
    ("ECCGOST", 12),
    ("ECDSAP256SHA256", 13),
    ("ECDSAP384SHA384", 14),
    ("ED25519", 15),
    ("ED448", 16),
    ("INDIRECT", 252),
    ("PRIVATEDNS", 253),
    ("PRIVATEOID", 254),
    ("DELETE", 0),
];

/// Of "DSYNC: Location of Synchronization Endpoints" (RFC 9859 §6.2).
const SCHEMES: [(&str, u16); 1] = [("NOTIFY", 1)];

pub(super) fn read(field: Field, tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect(field.noun())?;
    let named = |names: &[(&str, u16)]| {
        let named = names.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word.octets));
        named.map(|(_, number)| *number)
    };
    let number = match field {
        Field::Type => RecordType::from_text(word.octets).map(|record_type| record_type.0),
        Field::CertificateType => named(&CERTIFICATES).or_else(|| number::decimal(&word)),
        Field::Scheme => named(&SCHEMES).or_else(|| number::decimal::<u8>(&word).map(u16::from)),
        _ => named(&ALGORITHMS).or_else(|| number::decimal::<u8>(&word).map(u16::from)),
    };
    let [high, low] = number.ok_or_else(|| word.not(field.noun()))?.to_be_bytes();
    match field {
        Field::Type | Field::CertificateType => data.extend([high, low]),
        _ => data.push(low),
    }
    Ok(())
}

/// Types by name; of the others, numbers, as BIND and NSD write them.
pub(super) fn write(field: Field, octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let value = octets.iter().fold(0, |value, octet| value << 8 | u16::from(*octet));
    if field == Field::Type {
        return write!(formatter, "{}", RecordType(value));
    }
    let name = match field {
        Field::CertificateType => CERTIFICATES.iter().find(|(_, number)| *number == value),
        _ => None,
    };
    match name {
        Some((name, _)) => formatter.write_str(name),
        None => write!(formatter, "{value}"),
    }
}
