//! A protocol and its ports: WKS (RFC 1035 §3.4.2).

use super::Field;
use super::number::decimal;
use crate::master_file::{Mistake, Tokens};
use alloc::vec::Vec;
use core::fmt;

/// Protocols by name (RFC 1010, "Assigned Internet Protocol Numbers").
const PROTOCOLS: [(&str, u8); 6] =
    [("icmp", 1), ("igmp", 2), ("ggp", 3), ("tcp", 6), ("egp", 8), ("udp", 17)];

/// Services by name: those of RFC 1010, and what has become common since.
const SERVICES: [(&str, u16); 40] = [
    ("echo", 7),
    ("discard", 9),
    ("systat", 11),
    ("daytime", 13),
    ("qotd", 17),
    ("chargen", 19),
    ("ftp-data", 20),
    ("ftp", 21),
    ("ssh", 22),
    ("telnet", 23),
    ("smtp", 25),
    ("time", 37),
    ("rlp", 39),
    ("nameserver", 42),
    ("nicname", 43),
    ("whois", 43),
    ("login", 49),
    ("domain", 53),
    ("bootps", 67),
    ("bootpc", 68),
    ("tftp", 69),
    ("gopher", 70),
    ("finger", 79),
    ("http", 80),
    ("kerberos", 88),
    ("hostname", 101),
    ("hostnames", 101),
    ("pop2", 109),
    ("pop3", 110),
    ("sunrpc", 111),
    ("auth", 113),
    ("sftp", 115),
    ("nntp", 119),
    ("ntp", 123),
    ("imap", 143),
    ("imap2", 143),
    ("snmp", 161),
    ("ldap", 389),
    ("https", 443),
    ("submission", 587),
];

pub(super) fn read(tokens: &mut Tokens<'_>, data: &mut Vec<u8>) -> Result<(), Mistake> {
    let word = tokens.expect(Field::Services.noun())?;
    let protocol = PROTOCOLS.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word.octets));
    let protocol = protocol.map(|(_, number)| *number).or_else(|| decimal(&word));
    data.push(protocol.ok_or_else(|| word.not("a protocol as `tcp`, `udp` or its number"))?);

    let start = data.len();
    while let Some(word) = tokens.next()? {
        let service = SERVICES.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word.octets));
        let port = service.map(|(_, port)| *port).or_else(|| decimal(&word));
        let port = usize::from(port.ok_or_else(|| word.not("a service's name or port"))?);
        let place = start + port / 8;
        if data.len() <= place {
            data.resize(place + 1, 0);
        }
        data[place] |= 0x80 >> (port % 8);
    }
    Ok(())
}

pub(super) fn write(octets: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (protocol, ports) = octets.split_first().ok_or(fmt::Error)?;
    write!(formatter, "{protocol}")?;
    for port in 0..8 * ports.len() {
        if ports[port / 8] & 0x80 >> (port % 8) != 0 {
            write!(formatter, " {port}")?;
        }
    }
    Ok(())
}
