//! Names from their presentation format (RFC 1035 §5.1), eight octets at a time.

use super::{Name, NameError};
use crate::master_file::scan;

/// A name being read, or read: longer than [`NameBuffer`](super::NameBuffer), so that whole words can be written to it.
#[derive(Clone, Debug)]
pub(crate) struct NameText {
    octets: [u8; ROOM],
    length: usize,
}

/// As many octets as a name has, one too many, and two words beyond them: so whole words are checked, and not octets.
const ROOM: usize = Name::MAXIMUM_LENGTH + 1 + 16;

/// Where in a text a name is not one, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) error: NameError,
    pub(crate) at: usize,
}

impl NameText {
    pub(crate) const ROOT: Self = Self { octets: [0; ROOM], length: 1 };

    pub(crate) fn as_name(&self) -> Name<'_> {
        Name { wire: self.octets.get(..self.length).unwrap_or(&[0]) }
    }

    pub(crate) fn copy(&mut self, name: Name<'_>) {
        let wire = name.as_wire();
        if let Some(room) = self.octets.get_mut(..wire.len()) {
            room.copy_from_slice(wire);
            self.length = wire.len();
        }
    }

    /// Reads the name that begins at `start` of `text`, puts it below `origin` unless it ends in a dot, and returns
    /// where it ends: at the first octet that ends a word. A lone `@` is the origin itself.
    #[inline]
    pub(crate) fn read(&mut self, text: &[u8], start: usize, origin: Name<'_>) -> Result<usize, Fault> {
        let mut label = 0; // where the length of the current label is to be written
        let mut out = 1;
        let mut at = start;
        loop {
            let word = scan::load(text, at);
            let count = scan::ordinary(word);
            let Some(room) = self.octets.get_mut(out..out + 8) else {
                return Err(Fault { error: NameError::TooLong, at: start });
            };
            room.copy_from_slice(&word.to_le_bytes());

            let mut dots = scan::every_equal(word, b'.');
            while dots != 0 && scan::before_mark(dots) < count {
                let dot = scan::before_mark(dots);
                dots &= dots - 1;
                if let Err(error) = self.close_label(label, out + dot) {
                    return self.read_root(text, start).ok_or(Fault { error, at: at + dot });
                }
                label = out + dot;
            }
            out += count;
            at += count;
            if out > Name::MAXIMUM_LENGTH + 1 {
                return Err(Fault { error: NameError::TooLong, at: start });
            }
            if count == 8 {
                continue;
            }

            let octet = (word >> (8 * count)) as u8;
            if scan::ends_word(octet) {
                self.finish(label, out, text.get(start..at).unwrap_or_default(), origin)
                    .map_err(|error| Fault { error, at: start })?;
                return Ok(at);
            }
            let (octet, taken) = match octet {
                b'\\' => unescape(text.get(at + 1..).unwrap_or_default())
                    .map(|(octet, taken)| (octet, taken + 1))
                    .ok_or(Fault { error: NameError::Escape, at })?,
                octet => (octet, 1),
            };
            // The word above was written from `out` on, so there is room for one octet.
            self.octets[out] = octet;
            out += 1;
            at += taken;
        }
    }

    /// Writes the length of the label whose length is at `label` and which ends before `end`.
    #[inline]
    fn close_label(&mut self, label: usize, end: usize) -> Result<(), NameError> {
        match end - label - 1 {
            0 => Err(NameError::EmptyLabel),
            length @ 1..=Name::MAXIMUM_LABEL_LENGTH => {
                self.octets[label] = length as u8;
                Ok(())
            }
            _ => Err(NameError::Label),
        }
    }

    /// A lone dot is the root.
    #[cold]
    fn read_root(&mut self, text: &[u8], start: usize) -> Option<usize> {
        let alone =
            text.get(start) == Some(&b'.') && text.get(start + 1).is_none_or(|next| scan::ends_word(*next));
        if !alone {
            return None;
        }
        self.copy(Name::ROOT);
        Some(start + 1)
    }

    #[inline]
    fn finish(&mut self, label: usize, out: usize, text: &[u8], origin: Name<'_>) -> Result<(), NameError> {
        if out == label + 1 {
            // A dot before the end, or only a dot.
            return self.finish_absolute(label);
        }
        if text == b"@" {
            self.copy(origin);
            return Ok(());
        }
        self.close_label(label, out)?;
        let suffix = origin.as_wire();
        self.length = out + suffix.len();
        if self.length > Name::MAXIMUM_LENGTH {
            return Err(NameError::TooLong);
        }
        self.octets[out..out + suffix.len()].copy_from_slice(suffix);
        Ok(())
    }

    fn finish_absolute(&mut self, label: usize) -> Result<(), NameError> {
        self.length = label + 1;
        match label {
            0 => Err(NameError::EmptyLabel),
            1..Name::MAXIMUM_LENGTH => {
                self.octets[label] = 0;
                Ok(())
            }
            _ => Err(NameError::TooLong),
        }
    }
}

/// The octet that the text behind a backslash stands for, and how many octets of text do so (RFC 1035 §5.1).
pub(crate) fn unescape(text: &[u8]) -> Option<(u8, usize)> {
    match *text {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', ..] => {
            let value = u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0');
            Some((u8::try_from(value).ok()?, 3))
        }
        [b'0'..=b'9' | b'\n', ..] | [] => None,
        [octet, ..] => Some((octet, 1)),
    }
}
