//! `$ORIGIN`, `$TTL`, `$INCLUDE` (RFC 1035 §5.1, RFC 2308 §4); `$GENERATE` has a file of its own.

use super::header::read_ttl;
use super::{DefaultTtl, Mistake, Reader, Text, limits};
use crate::Record;
use crate::name::NameText;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use configuration::Location;

impl<F: FnMut(Record<'_>, Location)> Reader<'_, F> {
    /// Reads the directive that begins here.
    pub(super) fn read_directive(&mut self, text: &mut Text<'_>) -> Result<(), Mistake> {
        let directive = text.tokens.expect("a directive")?;
        match directive.octets.to_ascii_uppercase().as_slice() {
            b"$ORIGIN" => {
                let mut origin = NameText::ROOT;
                text.tokens.name(&mut origin)?;
                text.tokens.finish()?;
                text.tokens.set_origin(origin);
                Ok(())
            }
            b"$TTL" => {
                let ttl = read_ttl(&text.tokens.expect("a TTL")?)?;
                text.tokens.finish()?;
                self.ttl = DefaultTtl::Fixed(ttl);
                Ok(())
            }
            b"$INCLUDE" => self.include(text),
            b"$GENERATE" => self.generate(text, directive.start),
            _ => Err(Mistake::new(directive.span(), format!("there is no directive {}", directive.quote()))
                .with_help("directives: $ORIGIN, $TTL, $INCLUDE, $GENERATE; an owner that begins with a dollar sign is written `\\$`")),
        }
    }

    /// `$INCLUDE FILE [ORIGIN]`: neither origin nor owner of this text change by it.
    fn include(&mut self, text: &mut Text<'_>) -> Result<(), Mistake> {
        let word = text.tokens.expect("the path of a file")?;
        let mut path = Vec::new();
        word.unescape_into(&mut path)?;
        let path = String::from_utf8(path).map_err(|_| word.not("a path in UTF-8"))?;
        let mut origin = text.tokens.origin().clone();
        if !text.tokens.is_at_end()? {
            text.tokens.name(&mut origin)?;
        }
        let too_many = |what| Err(Mistake::new(word.span(), what));
        if self.open_files.contains(&path) {
            return too_many(format!("`{path}` includes itself"));
        }
        if self.open_files.len() >= limits::INCLUDE_DEPTH {
            return too_many(format!("files include each other more than {} deep", limits::INCLUDE_DEPTH));
        }
        if self.includes >= limits::INCLUDES {
            return too_many(format!("the zone includes more than {} files", limits::INCLUDES));
        }
        text.tokens.finish()?;

        self.includes += 1;
        match self.files.read(&path) {
            Ok(content) => self.read_text(&path, &content, origin),
            Err(reason) => {
                let mistake = Mistake::new(word.span(), format!("`{path}` can't be read: {reason}"));
                self.report(text.source, mistake);
            }
        }
        Ok(())
    }
}
