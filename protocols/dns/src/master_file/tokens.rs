//! The words of an entry: what blanks, comments, parentheses and quotes leave (RFC 1035 §5.1).

use super::limits;
use super::mistake::Mistake;
use super::scan;
use crate::name::{NameText, unescape};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// The words of a text, from entry to entry.
#[derive(Clone, Debug)]
pub(crate) struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
    /// The parentheses that are open, innermost last: where they are.
    open: Vec<usize>,
    origin: NameText,
}

/// A word of an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a> {
    /// What it is made of, escapes as they are written, without its quotes.
    pub(crate) octets: &'a [u8],
    /// Where that begins in the text.
    pub(crate) start: usize,
    pub(crate) kind: Kind,
}

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Quoted,
}

/// A word of at most seven octets without escapes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShortWord {
    /// Its octets, the first the least significant.
    pub(crate) octets: u64,
    pub(crate) length: usize,
    /// Where it ends in the text.
    end: usize,
}

impl ShortWord {
    /// Its value, if it consists of decimal digits.
    #[inline]
    pub(crate) const fn decimal(self) -> Option<u32> {
        scan::decimal(self.octets, self.length)
    }
}

impl<'a> Word<'a> {
    /// Where it stands in the text, quotes not included.
    pub(crate) const fn span(&self) -> Range<usize> {
        self.start..self.start + self.octets.len()
    }

    /// What it is, for a message: shortened if it is long.
    pub(crate) fn quote(&self) -> String {
        let (shown, rest) = self.octets.split_at(self.octets.len().min(limits::QUOTED_OCTETS));
        format!("`{}{}`", shown.escape_ascii(), if rest.is_empty() { "" } else { "…" })
    }

    /// The mistake that it is not `noun`.
    #[cold]
    pub(crate) fn not(&self, noun: &str) -> Mistake {
        Mistake::new(self.span(), format!("expected {noun}, found {}", self.quote()))
    }

    /// The octets that it stands for, escapes resolved.
    pub(crate) fn unescape_into(&self, octets: &mut Vec<u8>) -> Result<(), Mistake> {
        let mut rest = self.octets;
        while let Some(backslash) = rest.iter().position(|&octet| octet == b'\\') {
            let (plain, escape) = rest.split_at(backslash);
            octets.extend_from_slice(plain);
            let at = self.start + self.octets.len() - escape.len();
            let (octet, taken) = unescape(escape.get(1..).unwrap_or_default()).ok_or_else(|| {
                Mistake::new(
                    at..at + 1,
                    "a backslash is followed by neither a character nor three digits up to 255",
                )
            })?;
            octets.push(octet);
            rest = escape.get(1 + taken..).unwrap_or_default();
        }
        octets.extend_from_slice(rest);
        Ok(())
    }

    /// Words between commas, which are empty where commas touch.
    pub(crate) fn split_commas(&self) -> impl Iterator<Item = Self> + use<'a> {
        let mut start = self.start;
        let kind = self.kind;
        self.octets.split(|&octet| octet == b',').map(move |octets| {
            let part = Self { octets, start, kind };
            start += octets.len() + 1;
            part
        })
    }
}

impl<'a> Tokens<'a> {
    pub(crate) const fn new(text: &'a [u8], origin: NameText) -> Self {
        Self { text, at: 0, open: Vec::new(), origin }
    }

    /// How far reading has come.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// What relative names are below.
    pub(crate) const fn origin(&self) -> &NameText {
        &self.origin
    }

    /// Changes what relative names are below from here on.
    pub(crate) const fn set_origin(&mut self, origin: NameText) {
        self.origin = origin;
    }

    /// What comes at the very place reached, word or not.
    #[inline]
    pub(crate) fn peek_octet(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The next word of the entry, or `None` at its end.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<Word<'a>>, Mistake> {
        self.skip_blanks()?;
        match self.text.get(self.at) {
            None | Some(b'\n') => Ok(None),
            Some(b'"') => self.quoted().map(Some),
            Some(_) => Ok(Some(self.plain())),
        }
    }

    /// The next word, which there has to be.
    #[inline]
    pub(crate) fn expect(&mut self, noun: &str) -> Result<Word<'a>, Mistake> {
        match self.next()? {
            Some(word) => Ok(word),
            None => Err(self.missing(noun)),
        }
    }

    /// The mistake that the entry ends here.
    #[cold]
    pub(crate) fn missing(&self, noun: &str) -> Mistake {
        Mistake::new(self.at..self.at, format!("expected {noun}, found the end of the entry"))
    }

    /// Takes `word` if it comes next.
    pub(crate) fn take(&mut self, wanted: &[u8]) -> Result<bool, Mistake> {
        self.skip_blanks()?;
        let start = self.at;
        if self.peek_octet() != wanted.first().copied() {
            return Ok(false);
        }
        let found = self.next()?.is_some_and(|word| word.octets == wanted);
        if !found {
            self.at = start;
        }
        Ok(found)
    }

    /// Where the next word begins, quote included, or the entry ends.
    pub(crate) fn next_start(&mut self) -> Result<usize, Mistake> {
        self.skip_blanks()?;
        Ok(self.at)
    }

    /// Whether there is no further word in the entry.
    #[inline]
    pub(crate) fn is_at_end(&mut self) -> Result<bool, Mistake> {
        self.skip_blanks()?;
        Ok(matches!(self.text.get(self.at), None | Some(b'\n')))
    }

    /// Takes the end of the entry, which has to come now.
    #[inline]
    pub(crate) fn finish(&mut self) -> Result<(), Mistake> {
        if self.peek_octet() == Some(b'\n') && self.open.is_empty() {
            self.at += 1;
            return Ok(());
        }
        match self.next()? {
            None => {
                self.at += 1;
                Ok(())
            }
            // A line that begins without a blank is hardly meant to belong to an entry that is whole already.
            Some(word) if !self.open.is_empty() && self.begins_line(&word) => Err(self.not_closed()),
            Some(word) => {
                Err(Mistake::new(word.span(), format!("the entry should end before {}", word.quote())))
            }
        }
    }

    fn begins_line(&self, word: &Word<'_>) -> bool {
        let quote = usize::from(word.kind == Kind::Quoted);
        word.start.checked_sub(1 + quote).is_some_and(|before| self.text.get(before) == Some(&b'\n'))
    }

    /// Reads a name into `name`.
    #[inline]
    pub(crate) fn name(&mut self, name: &mut NameText) -> Result<(), Mistake> {
        self.skip_blanks()?;
        match self.text.get(self.at) {
            None | Some(b'\n') => return Err(self.missing("a domain name")),
            Some(b'"') => {
                let word = self.quoted()?;
                return Err(Mistake::new(word.span(), "a domain name is not quoted"));
            }
            Some(_) => {}
        }
        match name.read(self.text, self.at, self.origin.as_name()) {
            Ok(end) => {
                self.at = end;
                Ok(())
            }
            Err(fault) => {
                let start = self.at;
                let word = self.plain();
                Err(Mistake::name(fault, start..word.span().end))
            }
        }
    }

    /// Goes to the beginning of the next entry, past whatever is left of this one.
    pub(crate) fn recover(&mut self) {
        loop {
            match self.next() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                // An octet or a quote that can't be read; a parenthesis that is not closed ends all its lines.
                Err(_) => self.at = scan::line_end(self.text, self.at),
            }
        }
        self.open.clear();
        self.at += 1;
    }

    /// The next word if it is at most seven octets, not quoted and without escapes, and nothing but blanks is before it.
    #[inline]
    pub(crate) fn peek_short(&self) -> Option<ShortWord> {
        let mut at = self.at;
        while let Some(b' ' | b'\t') = self.text.get(at) {
            at += 1;
        }
        let word = scan::load(self.text, at);
        let length = scan::ordinary(word);
        if !(1..8).contains(&length) || !scan::ends_word((word >> (8 * length)) as u8) {
            return None;
        }
        Some(ShortWord { octets: word & ((1 << (8 * length)) - 1), length, end: at + length })
    }

    /// Takes the word that was just peeked at.
    #[inline]
    pub(crate) const fn take_short(&mut self, word: ShortWord) {
        self.at = word.end;
    }

    /// Goes on to the next word or to the end of the entry.
    #[inline]
    fn skip_blanks(&mut self) -> Result<(), Mistake> {
        loop {
            match self.text.get(self.at) {
                Some(b' ' | b'\t') => self.at += 1,
                Some(b'*'..=b':' | b'<'..) => return Ok(()),
                _ => return self.skip_rare(),
            }
        }
    }

    /// Goes on likewise where there are not only blanks.
    fn skip_rare(&mut self) -> Result<(), Mistake> {
        loop {
            let at = self.at;
            match self.text.get(at) {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b';') => self.at = scan::line_end(self.text, at),
                Some(b'\n') if !self.open.is_empty() => self.next_line()?,
                Some(b'(') => {
                    self.open.push(at);
                    self.at += 1;
                }
                Some(b')') => {
                    self.at += 1;
                    if self.open.pop().is_none() {
                        return Err(Mistake::new(at..at + 1, "a closing parenthesis without an opening one"));
                    }
                }
                None if !self.open.is_empty() => return Err(self.not_closed()),
                Some(octet @ (0..=9 | 11..=31)) => {
                    self.at += 1;
                    return Err(Mistake::new(at..at + 1, format!("the control character \\{octet:03}")));
                }
                _ => return Ok(()),
            }
        }
    }

    /// Goes on to the next line within parentheses.
    fn next_line(&mut self) -> Result<(), Mistake> {
        let first = self.open.first().copied().unwrap_or(self.at);
        if self.at - first > limits::ENTRY_OCTETS {
            return Err(self.not_closed());
        }
        self.at += 1;
        Ok(())
    }

    /// The mistake of the outermost open parenthesis; reading goes on behind its line.
    #[cold]
    fn not_closed(&mut self) -> Mistake {
        let first = self.open.first().copied().unwrap_or(self.at);
        self.open.clear();
        self.at = scan::line_end(self.text, first);
        Mistake::new(first..first + 1, "a parenthesis that is not closed")
    }

    /// A word that is not quoted and begins here; it has at least one octet.
    #[inline]
    fn plain(&mut self) -> Word<'a> {
        let start = self.at;
        let mut at = start;
        loop {
            let word = scan::load(self.text, at);
            let count = scan::ordinary(word);
            at += count;
            if count == 8 {
                continue;
            }
            match (word >> (8 * count)) as u8 {
                b'\\' if self.text.get(at + 1).is_some_and(|next| *next != b'\n') => at += 2,
                octet if scan::ends_word(octet) => break,
                _ => at += 1,
            }
        }
        self.at = at;
        Word { octets: self.text.get(start..at).unwrap_or_default(), start, kind: Kind::Plain }
    }

    /// A quoted word that begins here; it ends on the same line.
    pub(crate) fn quoted(&mut self) -> Result<Word<'a>, Mistake> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            match self.text.get(at) {
                Some(b'"') => break,
                Some(b'\\') if self.text.get(at + 1).is_some_and(|next| *next != b'\n') => at += 2,
                None | Some(b'\n') => {
                    self.at = at;
                    return Err(Mistake::new(start - 1..at, "a quote that is not closed on its line")
                        .with_help("a quote within the string is written `\\\"`, a newline `\\010`"));
                }
                Some(_) => at += 1,
            }
        }
        self.at = at + 1;
        Ok(Word { octets: self.text.get(start..at).unwrap_or_default(), start, kind: Kind::Quoted })
    }
}
