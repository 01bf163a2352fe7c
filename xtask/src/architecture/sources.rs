//! Rules on the text of sources.

use super::Breaches;
use super::crates::Room;
use anyhow::Result;
use std::fs;
use std::path::Path;

/// A file of Rust.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// From the project's top, `/` between folders.
    pub(crate) path: String,
    /// Its words and marks, line by line, without comments and strings.
    pub(crate) lines: Vec<String>,
}

/// The folders where `unsafe` may be written.
const UNSAFE: &[&str] = &["kernel/src/hardware/", "host/src/sys/"];

/// Folders that hold no sources of ours.
const SKIPPED: &[&str] = &["target", ".git"];

/// Reads every file of Rust in the project.
pub(crate) fn read(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                if !SKIPPED.iter().any(|skipped| entry.file_name() == *skipped) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
                sources.push(Source::new(name, &fs::read_to_string(&path)?));
            }
        }
    }
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(sources)
}

impl Source {
    /// Takes a file's text.
    pub(crate) fn new(path: String, text: &str) -> Self {
        Self { path, lines: code(text).lines().map(str::to_owned).collect() }
    }

    fn room(&self) -> Room {
        Room::of(&self.path)
    }

    /// Where `word` stands as a whole identifier: numbers of lines.
    fn occurrences<'a>(&'a self, word: &'a str) -> impl Iterator<Item = String> + 'a {
        let has_word = move |line: &str| line.split(|letter| !is_part(letter)).any(|part| part == word);
        self.lines_that(has_word).map(move |number| format!("{}:{number}: {word}", self.path))
    }

    /// Where a path begins with the crate `name`.
    fn paths_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        let begins = move |line: &str| {
            let paths = line.match_indices(name).filter(|(at, _)| !line[..*at].ends_with(is_part));
            paths.map(|(at, _)| &line[at + name.len()..]).any(|rest| rest.starts_with("::"))
                || line.contains(&format!("extern crate {name};"))
        };
        self.lines_that(begins).map(move |number| format!("{}:{number}: {name}", self.path))
    }

    fn lines_that(&self, has: impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
        self.lines.iter().zip(1..).filter(move |(line, _)| has(line)).map(|(_, number)| number)
    }
}

/// Whether a letter may be part of an identifier.
fn is_part(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Above the machines there are no clocks, no files, no threads, no raw memory.
pub(crate) fn pure_crates(sources: &[Source]) -> Breaches {
    let mut breaches = Breaches::new();
    for root in sources.iter().filter(|source| source.room().is_pure() && source.path.ends_with("src/lib.rs"))
    {
        for line in ["#![no_std]", "#![forbid(unsafe_code)]"] {
            if !root.lines.iter().any(|one| one.trim() == line) {
                breaches.push(format!("{} lacks {line}", root.path));
            }
        }
    }
    breaches
}

/// Each block's reason is clippy's to ask for (`undocumented_unsafe_blocks`); here it is only the place.
pub(crate) fn unsafe_code(sources: &[Source]) -> Breaches {
    let outside =
        sources.iter().filter(|source| !UNSAFE.iter().any(|folder| source.path.starts_with(folder)));
    outside.flat_map(|source| source.occurrences("unsafe")).collect()
}

/// An appliance's library knows contracts and protocols; only `src/main.rs`, which is the image, names its machine.
pub(crate) fn appliances_are_blind(sources: &[Source]) -> Breaches {
    let is_image =
        |source: &Source| source.path.ends_with("/src/main.rs") || source.path.ends_with("/build.rs");
    let libraries = sources.iter().filter(|source| source.room() == Room::Appliance && !is_image(source));
    let names = ["netstack", "smoltcp", "kernel", "host", "simulation"];
    libraries.flat_map(|source| names.into_iter().flat_map(|name| source.paths_of(name))).collect()
}

/// The text without comments and the insides of strings; lines stay lines.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (length, is_code) = token(rest, letter);
        let (token, after) = rest.split_at(length);
        code.extend(token.chars().filter(|&letter| is_code || letter == '\n'));
        rest = after;
    }
    code
}

/// How long the token at the front is, and whether it is code.
fn token(rest: &str, letter: char) -> (usize, bool) {
    let until =
        |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
    if rest.starts_with("//") {
        (rest.find('\n').unwrap_or(rest.len()), false)
    } else if rest.starts_with("/*") {
        (until("*/", 2), false)
    } else if letter == '"' {
        (string(rest), false)
    } else if let Some(hashes) = raw_string(rest) {
        (until(&format!("\"{}", "#".repeat(hashes)), hashes + 2), false)
    } else if letter.is_alphanumeric() || letter == '_' {
        (rest.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(rest.len()), true)
    } else if let Some(length) = character(rest) {
        (length, false)
    } else {
        (letter.len_utf8(), true)
    }
}

/// The length of a string with escapes, quotes included.
fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// How many `#` a raw string has, if one begins here.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// The length of a character literal, if one begins here and not a lifetime.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    if let Some(escape) = inside.strip_prefix('\\') {
        let skipped = escape.chars().next()?.len_utf8();
        return escape[skipped..].find('\'').map(|at| at + skipped + 3);
    }
    let length = inside.chars().next()?.len_utf8();
    inside[length..].starts_with('\'').then_some(length + 2)
}
