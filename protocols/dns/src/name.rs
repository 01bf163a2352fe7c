//! Domain names (RFC 1035 §3.1) in wire format, not compressed, in the case in which they were written.

use core::cmp::Ordering;
use core::fmt;

/// A domain name in wire format: labels, each behind its length, up to and with the root's empty one.
///
/// Equality and order ignore the case of ASCII letters (RFC 4343); the order is the canonical one (RFC 4034 §6.1).
#[derive(Clone, Copy)]
pub struct Name<'a> {
    wire: &'a [u8],
}

/// Why octets or text are no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// They end before the root label.
    Incomplete,
    /// A label is longer than 63 octets, or its length is that of a compression pointer or a reserved kind.
    Label,
    /// The whole is longer than 255 octets.
    TooLong,
    /// A label of a text is empty.
    EmptyLabel,
    /// A text has a backslash before neither a character nor three digits up to 255.
    Escape,
    /// A text goes on behind the name, with a blank or another character that ends it.
    Excess,
}

impl fmt::Display for NameError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Incomplete => "the name ends before its root label",
            Self::Label => "a label is longer than 63 octets",
            Self::TooLong => "the name is longer than 255 octets",
            Self::EmptyLabel => "a label is empty",
            Self::Escape => "a backslash is followed by neither a character nor three digits up to 255",
            Self::Excess => "something follows the name",
        })
    }
}

impl<'a> Name<'a> {
    /// The most octets of a name (RFC 1035 §2.3.4).
    pub const MAXIMUM_LENGTH: usize = 255;

    /// The most octets of a label (RFC 1035 §2.3.4).
    pub const MAXIMUM_LABEL_LENGTH: usize = 63;

    /// The most labels of a name, the root's not counted: one octet each, and its length.
    pub const MAXIMUM_LABELS: usize = 127;

    /// The root.
    pub const ROOT: Self = Self { wire: &[0] };

    /// The name that `octets` begin with; what follows it is not looked at.
    pub fn parse(octets: &'a [u8]) -> Result<Self, NameError> {
        let mut length = 0;
        loop {
            let label = usize::from(*octets.get(length).ok_or(NameError::Incomplete)?);
            if label > Self::MAXIMUM_LABEL_LENGTH {
                return Err(NameError::Label);
            }
            length += 1 + label;
            if length > Self::MAXIMUM_LENGTH {
                return Err(NameError::TooLong);
            }
            if label == 0 {
                let wire = octets.get(..length).ok_or(NameError::Incomplete)?;
                return Ok(Self { wire });
            }
        }
    }

    /// The name in wire format; at least one octet, at most 255.
    #[must_use]
    pub const fn as_wire(self) -> &'a [u8] {
        self.wire
    }

    /// Whether this is the root.
    #[must_use]
    pub const fn is_root(self) -> bool {
        self.wire.len() == 1
    }

    /// The labels from the left, without their lengths and without the root's.
    #[must_use]
    pub const fn labels(self) -> Labels<'a> {
        Labels { rest: self.wire }
    }

    /// How many labels there are, the root's not counted.
    #[must_use]
    pub fn label_count(self) -> usize {
        self.labels().count()
    }

    /// The name without its first label, or `None` for the root.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        let (&label, rest) = self.wire.split_first()?;
        match label {
            0 => None,
            label => Some(Self { wire: rest.get(usize::from(label)..)? }),
        }
    }

    /// Whether this is `ancestor` or below it.
    #[must_use]
    pub fn is_at_or_below(self, ancestor: Self) -> bool {
        let Some(mut extra) = self.label_count().checked_sub(ancestor.label_count()) else { return false };
        let mut suffix = self;
        while extra > 0 {
            let Some(parent) = suffix.parent() else { return false };
            suffix = parent;
            extra -= 1;
        }
        suffix == ancestor
    }

    /// Whether the first label is a lone asterisk (RFC 4592 §2.1.1).
    #[must_use]
    pub fn is_wildcard(self) -> bool {
        self.wire.starts_with(b"\x01*")
    }
}

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        // The lengths of labels are below 64 and so are no letters.
        self.wire.eq_ignore_ascii_case(other.wire)
    }
}

impl Eq for Name<'_> {}

impl PartialOrd for Name<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name<'_> {
    /// Labels count from the right, so of labels that differ the last decides. Names of one zone mostly differ in their first
    /// labels, and end in the same octets: that is where the comparison stops.
    fn cmp(&self, other: &Self) -> Ordering {
        let (own_count, other_count) = (self.label_count(), other.label_count());
        let mut own = self.labels();
        let mut other = other.labels();
        for _ in other_count..own_count {
            own.next();
        }
        for _ in own_count..other_count {
            other.next();
        }
        let mut order = own_count.cmp(&other_count);
        while own.rest != other.rest {
            let (Some(own_label), Some(other_label)) = (own.next(), other.next()) else { break };
            let labels = compare_labels(own_label, other_label);
            if labels != Ordering::Equal {
                order = labels;
            }
        }
        order
    }
}

fn compare_labels(one: &[u8], other: &[u8]) -> Ordering {
    let lower = u8::to_ascii_lowercase;
    one.iter().map(lower).cmp(other.iter().map(lower))
}

impl core::hash::Hash for Name<'_> {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        for octet in self.wire {
            state.write_u8(octet.to_ascii_lowercase());
        }
    }
}

impl fmt::Display for Name<'_> {
    /// Presentation format (RFC 1035 §5.1), with the final dot.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return formatter.write_str(".");
        }
        for label in self.labels() {
            for &octet in label {
                match octet {
                    b'.' | b'\\' | b'"' | b';' | b'(' | b')' | b'@' | b'$' => {
                        write!(formatter, "\\{}", char::from(octet))?;
                    }
                    b'!'..=b'~' => write!(formatter, "{}", char::from(octet))?,
                    _ => write!(formatter, "\\{octet:03}")?,
                }
            }
            formatter.write_str(".")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The labels of a [`Name`].
#[derive(Clone, Debug)]
pub struct Labels<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Labels<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (&length, rest) = self.rest.split_first()?;
        if length == 0 {
            return None;
        }
        let (label, rest) = rest.split_at_checked(usize::from(length))?;
        self.rest = rest;
        Some(label)
    }
}

/// A [`Name`] that owns its octets, on the stack.
#[derive(Clone, Copy)]
pub struct NameBuffer {
    length: u8,
    octets: [u8; Name::MAXIMUM_LENGTH],
}

impl NameBuffer {
    /// The root.
    pub const ROOT: Self = Self { length: 1, octets: [0; Name::MAXIMUM_LENGTH] };

    /// The name.
    #[must_use]
    pub fn as_name(&self) -> Name<'_> {
        Name { wire: &self.octets[..usize::from(self.length)] }
    }

    /// `labels`, in wire format and without the root's, in front of `suffix`.
    pub fn join(labels: &[u8], suffix: Name<'_>) -> Result<Self, NameError> {
        let length = labels.len() + suffix.wire.len();
        let mut octets = [0; Name::MAXIMUM_LENGTH];
        let whole = octets.get_mut(..length).ok_or(NameError::TooLong)?;
        let (front, back) = whole.split_at_mut(labels.len());
        front.copy_from_slice(labels);
        back.copy_from_slice(suffix.wire);
        let name = Name::parse(whole)?;
        if name.wire.len() != length {
            return Err(NameError::Label);
        }
        Ok(Self { length: u8::try_from(length).map_err(|_| NameError::TooLong)?, octets })
    }

    /// A name from its presentation format (RFC 1035 §5.1), absolute with or without the final dot.
    pub fn from_text(text: &str) -> Result<Self, NameError> {
        let mut name = NameText::ROOT;
        match name.read(text.as_bytes(), 0, Name::ROOT) {
            Ok(end) if end == text.len() => Ok(name.as_name().into()),
            Ok(_) => Err(NameError::Excess),
            Err(fault) => Err(fault.error),
        }
    }
}

impl<'a> From<Name<'a>> for NameBuffer {
    fn from(name: Name<'a>) -> Self {
        let mut octets = [0; Name::MAXIMUM_LENGTH];
        octets[..name.wire.len()].copy_from_slice(name.wire);
        Self { length: u8::try_from(name.wire.len()).expect("a name has at most 255 octets"), octets }
    }
}

impl fmt::Debug for NameBuffer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.as_name(), formatter)
    }
}

mod text;

pub(crate) use text::{Fault, NameText, unescape};

#[cfg(test)]
mod tests;
