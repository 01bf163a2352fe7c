//! What machines are called.

use core::fmt;
use core::str::FromStr;

/// A name: letters a to z, digits and hyphens, as in a host's name. It is a file's name too, so it can't lead elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub(crate) struct Name(String);

/// As long as a label of a host's name (RFC 1035 §2.3.4).
const LENGTH: usize = 63;

impl Name {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
        if (1..=LENGTH).contains(&text.len()) && text.bytes().all(is_plain) && !text.starts_with('-') {
            Ok(Self(text.into()))
        } else {
            Err("a name has 1 to 63 letters a to z, digits and hyphens, and does not start with a hyphen")
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
