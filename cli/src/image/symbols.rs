//! Names, files and lines for the addresses that a guest prints when it faults.

use addr2line::Loader;
use core::fmt::Write as _;
use std::borrow::Cow;
use std::path::Path;

/// The debug information of an image.
pub(crate) struct Symbols {
    loader: Loader,
}

/// How the line of one frame of a backtrace starts. The address lies in the instruction itself: of a call, not behind it.
const BACKTRACE: &str = "backtrace: 0x";

impl Symbols {
    /// Reads them from an image; `None` if it has none.
    pub(crate) fn load(path: &Path) -> Option<Self> {
        Loader::new(path).ok().map(|loader| Self { loader })
    }

    /// What there is to add to a line of the guest's console, each with its line end; mostly nothing.
    pub(crate) fn explain(&self, line: &str) -> String {
        match address(line) {
            Some(address) => self.describe(address),
            None => String::new(),
        }
    }

    fn describe(&self, address: u64) -> String {
        let mut text = String::new();
        if let Ok(mut frames) = self.loader.find_frames(address) {
            while let Ok(Some(frame)) = frames.next() {
                let function = frame.function.as_ref().and_then(|name| name.demangle().ok());
                // Tables of lines alone name what is inlined, and leave the rest to the symbols.
                let function = function.or_else(|| self.symbol(address));
                let place = frame.location.and_then(|location| Some((location.file?, location.line?)));
                add_frame(&mut text, function.as_deref(), place);
            }
        }
        if text.is_empty() {
            add_frame(&mut text, self.symbol(address).as_deref(), None);
        }
        text
    }

    fn symbol(&self, address: u64) -> Option<Cow<'_, str>> {
        self.loader.find_symbol(address).map(|name| addr2line::demangle_auto(name.into(), None))
    }
}

fn add_frame(text: &mut String, function: Option<&str>, place: Option<(&str, u32)>) {
    let result = match (function, place) {
        (Some(function), Some((file, line))) => writeln!(text, "    {function} at {file}:{line}"),
        (Some(function), None) => writeln!(text, "    {function}"),
        (None, Some((file, line))) => writeln!(text, "    {file}:{line}"),
        (None, None) => Ok(()),
    };
    result.expect("a string takes everything");
}

fn address(line: &str) -> Option<u64> {
    let rest = line.strip_prefix(BACKTRACE)?;
    let end = rest.find(|character: char| !character.is_ascii_hexdigit()).unwrap_or(rest.len());
    u64::from_str_radix(&rest[..end], 16).ok()
}

#[cfg(test)]
mod tests;
