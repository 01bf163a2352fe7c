//! Mistakes, shown to a person with the lines that they stand on, or listed for a program.

use crate::arguments::Format;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use configuration::{Diagnostic, Diagnostics, Location, Severity, SourceId};
use core::fmt::Write as _;
use core::ops::Range;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Everything that was found, ready to be printed.
pub(crate) struct Report<'a> {
    diagnostics: &'a Diagnostics,
    /// Everything found, file by file and from top to bottom; what has no place comes last.
    sorted: Vec<&'a Diagnostic>,
    folder: &'a Path,
    lines: BTreeMap<SourceId, Lines>,
}

/// How much is printed before and behind a mistake in a line; lines of zones can be megabytes long.
const CONTEXT: usize = 400;

impl<'a> Report<'a> {
    /// `folder` is what the paths of the sources are relative to.
    pub(crate) fn new(diagnostics: &'a Diagnostics, folder: &'a Path) -> Self {
        let located = diagnostics.iter().filter_map(|diagnostic| diagnostic.location.as_ref());
        let mut lines = BTreeMap::new();
        for location in located {
            lines.entry(location.source).or_insert_with(|| Lines::of(diagnostics.text(location.source)));
        }
        let mut sorted: Vec<_> = diagnostics.iter().collect();
        sorted.sort_by_key(|diagnostic| match &diagnostic.location {
            Some(location) => (false, Some(location.source), location.span.start),
            None => (true, None, 0),
        });
        Self { diagnostics, sorted, folder, lines }
    }

    /// Prints everything for a person or for a program.
    pub(crate) fn print(&self, format: Format, output: &mut (impl Write + IsTerminal)) -> io::Result<()> {
        match format {
            Format::Human => self.print_human(&renderer(output.is_terminal()), output),
            Format::Json => {
                serde_json::to_writer_pretty(&mut *output, &self.list())?;
                writeln!(output)
            }
        }
    }

    fn print_human(&self, renderer: &Renderer, output: &mut impl Write) -> io::Result<()> {
        for diagnostic in &self.sorted {
            writeln!(output, "{}\n", self.render(diagnostic, renderer))?;
        }
        Ok(())
    }

    /// How much was found, such as `2 errors, 1 warning`; `None` if it was nothing.
    pub(crate) fn summary(&self) -> Option<String> {
        let errors = self.diagnostics.errors();
        let warnings = self.diagnostics.iter().len() - errors;
        let mut summary = String::new();
        for (count, noun) in [(errors, "error"), (warnings, "warning")] {
            if count != 0 {
                let comma = if summary.is_empty() { "" } else { ", " };
                let plural = if count == 1 { "" } else { "s" };
                let _ = write!(summary, "{comma}{count} {noun}{plural}");
            }
        }
        (!summary.is_empty()).then_some(summary)
    }

    fn render(&self, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = level
            .primary_title(printable(&diagnostic.message))
            .elements(None::<annotate_snippets::Message<'_>>);
        if let Some(location) = &diagnostic.location {
            let excerpt = self.excerpt(location);
            let snippet = Snippet::source(excerpt.text)
                .path(self.path(location.source).display().to_string())
                .line_start(excerpt.line)
                .annotation(AnnotationKind::Primary.span(excerpt.span));
            group = group.element(snippet);
        }
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(printable(help)));
        }
        renderer.render(&[group])
    }

    fn path(&self, source: SourceId) -> PathBuf {
        self.folder.join(self.diagnostics.path(source))
    }

    /// The line that a location starts on, as text whatever it is, and the part of it that the location covers.
    fn excerpt(&self, location: &Location) -> Excerpt {
        let text = self.diagnostics.text(location.source);
        let (line, range) = self.lines[&location.source].containing(location.span.start);
        let start = location.span.start.clamp(range.start, range.end);
        let end = location.span.end.clamp(start, range.end);

        let from = start.saturating_sub(CONTEXT).max(range.start);
        let to = end.saturating_add(CONTEXT).min(range.end);
        let lossy = |part: Range<usize>| String::from_utf8_lossy(&text[part]).into_owned();
        let (before, marked) = (lossy(from..start), lossy(start..end));
        let span = before.len()..before.len() + marked.len();
        Excerpt { text: before + &marked + &lossy(end..to), line, span }
    }

    fn list(&self) -> List<'_> {
        let errors = self.diagnostics.errors();
        List {
            errors,
            warnings: self.diagnostics.iter().len() - errors,
            diagnostics: self.sorted.iter().map(|diagnostic| self.item(diagnostic)).collect(),
        }
    }

    fn item(&self, diagnostic: &'a Diagnostic) -> Item<'a> {
        let place = diagnostic.location.as_ref().map(|location| {
            let position = |offset| self.position(location.source, offset);
            let (start, end) = (position(location.span.start), position(location.span.end));
            Place { file: self.path(location.source).display().to_string(), start, end }
        });
        Item {
            severity: match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
            place,
        }
    }

    fn position(&self, source: SourceId, offset: usize) -> Position {
        let text = self.diagnostics.text(source);
        let offset = offset.min(text.len());
        let (line, range) = self.lines[&source].containing(offset);
        let before = &text[range.start..offset.max(range.start)];
        Position { line, column: String::from_utf8_lossy(before).chars().count() + 1, offset }
    }
}

struct Excerpt {
    text: String,
    line: usize,
    span: Range<usize>,
}

/// Where the lines of a text lie.
struct Lines {
    /// The offset of every line feed.
    feeds: Vec<usize>,
    length: usize,
}

impl Lines {
    fn of(text: &[u8]) -> Self {
        let feeds =
            text.iter().enumerate().filter(|&(_, &octet)| octet == b'\n').map(|(offset, _)| offset).collect();
        Self { feeds, length: text.len() }
    }

    /// The number of the line that `offset` is on, from 1, and where that line lies, without its end.
    fn containing(&self, offset: usize) -> (usize, Range<usize>) {
        let before = self.feeds.partition_point(|&feed| feed < offset);
        let start = before.checked_sub(1).map_or(0, |previous| self.feeds[previous] + 1);
        let end = self.feeds.get(before).copied().unwrap_or(self.length);
        (before + 1, start..end.max(start))
    }
}

fn renderer(is_terminal: bool) -> Renderer {
    let is_plain = !is_terminal || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let renderer = if is_plain { Renderer::plain() } else { Renderer::styled() };
    renderer.decor_style(DecorStyle::Ascii)
}

/// Text from a file, fit for a terminal: what would steer it is shown as an escape.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() && character != '\t' {
            printable.extend(character.escape_default());
        } else {
            printable.push(character);
        }
    }
    printable
}

#[derive(Serialize)]
struct List<'a> {
    errors: usize,
    warnings: usize,
    diagnostics: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    place: Option<Place>,
}

#[derive(Serialize)]
struct Place {
    file: String,
    start: Position,
    /// The end of the mistake: the first position behind it.
    end: Position,
}

/// A position in a text; line and column count from 1, columns in characters.
#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
    offset: usize,
}

#[cfg(test)]
mod tests;
