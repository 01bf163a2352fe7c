//! Domain names, as the tests know them: uncompressed labels.

use anyhow::{Result, bail, ensure};
use core::fmt::{self, Display, Formatter};

/// A domain name: labels, without the empty one at the end. Compared as written; see [`Name::lower`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(pub Vec<Vec<u8>>);

impl Name {
    /// Reads `www.example.com.`, with `\.`, `\\` and `\DDD`; always absolute.
    pub fn parse(text: &str) -> Result<Self> {
        let mut labels = Vec::new();
        let mut label = Vec::new();
        let mut octets = text.trim_end_matches(|_| text == ".").bytes();
        while let Some(octet) = octets.next() {
            match octet {
                b'.' => labels.push(core::mem::take(&mut label)),
                b'\\' => {
                    let Some(next) = octets.next() else { bail!("`{text}` ends in a backslash") };
                    if next.is_ascii_digit() {
                        let digits = [next, octets.next().unwrap_or(0), octets.next().unwrap_or(0)];
                        label.push(core::str::from_utf8(&digits)?.parse()?);
                    } else {
                        label.push(next);
                    }
                }
                other => label.push(other),
            }
        }
        ensure!(label.is_empty(), "`{text}` does not end in a dot");
        Ok(Self(labels))
    }

    /// With ASCII letters in lower case (RFC 4343 §3).
    pub fn lower(&self) -> Self {
        Self(self.0.iter().map(|label| label.to_ascii_lowercase()).collect())
    }

    /// The name without its first label.
    pub fn parent(&self) -> Option<Self> {
        (!self.0.is_empty()).then(|| Self(self.0[1..].to_vec()))
    }

    /// The name with one more label in front.
    pub fn child(&self, label: &str) -> Self {
        let mut labels = vec![label.as_bytes().to_vec()];
        labels.extend_from_slice(&self.0);
        Self(labels)
    }

    /// Whether it is `ancestor` or below it.
    pub fn is_within(&self, ancestor: &Self) -> bool {
        self.lower().0.ends_with(&ancestor.lower().0)
    }

    /// Writes the labels and the end.
    pub fn write(&self, octets: &mut Vec<u8>) {
        for label in &self.0 {
            octets.push(u8::try_from(label.len()).expect("a label of the tests is short"));
            octets.extend_from_slice(label);
        }
        octets.push(0);
    }

    /// How long it is on the wire.
    pub fn octets(&self) -> usize {
        self.0.iter().map(|label| label.len() + 1).sum::<usize>() + 1
    }
}

impl Display for Name {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return formatter.write_str(".");
        }
        for label in &self.0 {
            for &octet in label {
                match octet {
                    b'.' | b'\\' => write!(formatter, "\\{}", char::from(octet))?,
                    0x21..=0x7e => write!(formatter, "{}", char::from(octet))?,
                    _ => write!(formatter, "\\{octet:03}")?,
                }
            }
            formatter.write_str(".")?;
        }
        Ok(())
    }
}
