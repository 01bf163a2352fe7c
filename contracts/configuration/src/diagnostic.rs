//! What is wrong with a configuration, and where.

use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use core::ops::Range;

/// Everything that was found so far, and the texts that it was found in.
#[derive(Debug, Default)]
pub struct Diagnostics {
    sources: Vec<Source>,
    found: Vec<Diagnostic>,
}

#[derive(Debug)]
struct Source {
    path: String,
    text: Bytes,
}

/// One text among [`Diagnostics`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Which text.
    pub source: SourceId,
    /// Octets of it; may be empty, which marks the place before its start.
    pub span: Range<usize>,
}

/// Whether what was found can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It can, but it is hardly what was meant.
    Warning,
    /// It can't.
    Error,
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is, if it is anywhere.
    pub location: Option<Location>,
    /// What is wrong, in one sentence without its full stop; names what was found.
    pub message: String,
    /// What to do about it, or which sentence of which RFC says so.
    pub help: Option<String>,
}

impl Diagnostics {
    /// Nothing found, no texts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text that locations may refer to.
    pub fn add_source(&mut self, path: &str, text: Bytes) -> SourceId {
        let id = u32::try_from(self.sources.len())
            .expect("fewer sources than the limits on includes and zones allow");
        self.sources.push(Source { path: path.into(), text });
        SourceId(id)
    }

    /// The path of a text, as its reader named it.
    #[must_use]
    pub fn path(&self, source: SourceId) -> &str {
        &self.sources[source.0 as usize].path
    }

    /// A text.
    #[must_use]
    pub fn text(&self, source: SourceId) -> &Bytes {
        &self.sources[source.0 as usize].text
    }

    /// Adds a mistake.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Adds a mistake that can't be served.
    pub fn error(&mut self, location: impl Into<Option<Location>>, message: impl Into<String>) {
        self.add(Diagnostic {
            severity: Severity::Error,
            location: location.into(),
            message: message.into(),
            help: None,
        });
    }

    /// Adds a mistake that can be served.
    pub fn warning(&mut self, location: impl Into<Option<Location>>, message: impl Into<String>) {
        self.add(Diagnostic {
            severity: Severity::Warning,
            location: location.into(),
            message: message.into(),
            help: None,
        });
    }

    /// Says where all that was found since there were `before` is, unless that is known better: for what is wrong with the
    /// whole of something that is named in another text.
    pub fn place_since(&mut self, before: usize, location: &Location) {
        for diagnostic in self.found.iter_mut().skip(before) {
            diagnostic.location.get_or_insert_with(|| location.clone());
        }
    }

    /// Everything found, in the order in which it was.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Diagnostic> {
        self.found.iter()
    }

    /// How many mistakes can't be served.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.found.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
    }
}

#[cfg(test)]
mod tests;
