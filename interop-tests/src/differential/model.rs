//! Zones before they are text.

use crate::name::Name;
use core::fmt::Write;

/// A zone: the SOA is its first record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its name.
    pub apex: Name,
    /// What it holds, in the order of its file.
    pub records: Vec<Record>,
}

/// A record as it stands in a master file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose it is.
    pub owner: Name,
    /// In seconds.
    pub ttl: u32,
    /// `MX`, `TYPE65280`.
    pub rtype: String,
    /// Its data.
    pub data: Vec<Word>,
}

/// A word of a record's data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// A name, which may be written in several ways.
    Name(Name),
    /// Anything else, which is written as it is.
    Text(String),
}

impl Record {
    /// The names in its data.
    pub fn targets(&self) -> impl Iterator<Item = &Name> {
        self.data.iter().filter_map(|word| match word {
            Word::Name(name) => Some(name),
            Word::Text(_) => None,
        })
    }

    /// With nothing abbreviated.
    pub fn plain(&self) -> String {
        let mut text = format!("{} {} IN {}", master(&self.owner), self.ttl, self.rtype);
        for word in &self.data {
            match word {
                Word::Name(name) => write!(text, " {}", master(name)),
                Word::Text(word) => write!(text, " {word}"),
            }
            .expect("a string has room");
        }
        text
    }
}

impl Zone {
    /// One record a line, nothing abbreviated.
    pub fn plain(&self) -> String {
        self.records.iter().map(|record| record.plain() + "\n").collect()
    }

    /// The records of a name, whatever its case.
    pub fn at<'z>(&'z self, name: &'z Name) -> impl Iterator<Item = &'z Record> {
        let name = name.lower();
        self.records.iter().filter(move |record| record.owner.lower() == name)
    }

    /// Whether a name has records of a type.
    pub fn has(&self, name: &Name, rtype: &str) -> bool {
        self.at(name).any(|record| record.rtype == rtype)
    }

    /// The topmost name at or above `name` and below the apex with records of a type.
    pub fn highest(&self, name: &Name, rtype: &str) -> Option<Name> {
        let depth = name.0.len().checked_sub(self.apex.0.len())?;
        (0..depth).map(|skipped| Name(name.0[skipped..].to_vec())).rfind(|above| self.has(above, rtype))
    }
}

/// A name as a master file has it: absolute, and escaped where it has to be.
pub fn master(name: &Name) -> String {
    if name.0.is_empty() {
        return ".".to_owned();
    }
    name.0.iter().map(|label| label_text(label) + ".").collect()
}

/// A label as a master file has it.
pub fn label_text(label: &[u8]) -> String {
    label.iter().fold(String::new(), |mut text, &octet| {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'*' => text.push(char::from(octet)),
            // NSD 4.6 takes the dot behind `\\` for a part of the label.
            0x21..=0x7e if octet != b'\\' => text.extend(['\\', char::from(octet)]),
            _ => write!(text, "\\{octet:03}").expect("a string has room"),
        }
        text
    })
}
