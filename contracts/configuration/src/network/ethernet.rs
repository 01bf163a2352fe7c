//! The address of a device on its link.

use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// An IEEE 802 MAC-48 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EthernetAddress(pub [u8; 6]);

impl EthernetAddress {
    /// Whether a single device can have it: it is no group's, and not that of nobody.
    pub(super) fn is_assignable(self) -> bool {
        self.0[0] & 1 == 0 && self.0 != [0; 6]
    }
}

impl FromStr for EthernetAddress {
    type Err = ();

    /// Reads six pairs of hexadecimal digits with colons between them.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut octets = [0; 6];
        let mut pairs = text.split(':');
        for octet in &mut octets {
            let pair = pairs.next().ok_or(())?;
            if pair.len() != 2 || !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(());
            }
            *octet = u8::from_str_radix(pair, 16).map_err(|_| ())?;
        }
        if pairs.next().is_some() { Err(()) } else { Ok(Self(octets)) }
    }
}

impl fmt::Display for EthernetAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, f] = self.0;
        write!(formatter, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}")
    }
}
