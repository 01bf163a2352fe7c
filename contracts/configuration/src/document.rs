//! `appliance.toml`, read so that every mistake is reported and none twice.

use crate::{Diagnostic, Diagnostics, Location, Severity, SourceId};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use core::ops::{Range, RangeInclusive};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A TOML document whose syntax is sound.
#[derive(Debug)]
pub struct Document<'a> {
    root: Spanned<DeTable<'a>>,
    source: SourceId,
}

impl<'a> Document<'a> {
    /// Parses `text`, adds it to the sources, and reports every fault of its syntax.
    pub fn parse(path: &str, text: &'a Bytes, diagnostics: &mut Diagnostics) -> Option<Self> {
        let source = diagnostics.add_source(path, text.clone());
        let text = match core::str::from_utf8(text) {
            Ok(text) => text,
            Err(error) => {
                let start = error.valid_up_to();
                diagnostics
                    .error(Location { source, span: start..start + 1 }, "not UTF-8, as TOML has to be");
                return None;
            }
        };

        let (root, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let location = error.span().map(|span| Location { source, span });
            diagnostics.error(location, error.message());
        }
        errors.is_empty().then_some(Self { root, source })
    }

    /// The document's root table.
    #[must_use]
    pub fn root(&self) -> Table<'_> {
        Table { entries: self.root.get_ref(), location: self.at(0..0) }
    }

    fn at(&self, span: Range<usize>) -> Location {
        Location { source: self.source, span }
    }
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Value<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub location: Location,
}

/// A table, read key by key: each method returns `None` if the key is absent, or after reporting that its value is of
/// the wrong kind.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    entries: &'a DeTable<'a>,
    location: Location,
}

impl<'a> Table<'a> {
    /// Where the table stands.
    #[must_use]
    pub fn location(&self) -> Location {
        self.location.clone()
    }

    /// Reports every key that is none of `known`, which is all that this table may hold.
    pub fn expect_only(&self, known: &[&str], diagnostics: &mut Diagnostics) {
        for key in self.entries.keys() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            diagnostics.add(Diagnostic {
                severity: Severity::Error,
                location: Some(self.at(key.span())),
                message: format!("there is no key `{name}` here"),
                help: Some(format!("known keys: {}", known.join(", "))),
            });
        }
    }

    /// Whether the table has a value for `key`.
    #[must_use]
    pub fn contains(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// A value that has to be there: reports that it is not.
    pub fn require(&self, key: &str, diagnostics: &mut Diagnostics) {
        if !self.contains(key) {
            diagnostics.error(self.location(), format!("the key `{key}` is missing"));
        }
    }

    /// A string.
    pub fn string(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<Value<&'a str>> {
        self.string_in(self.entries.get(key)?, key, diagnostics)
    }

    /// An array of strings.
    pub fn strings(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<Vec<Value<&'a str>>> {
        let value = self.entries.get(key)?;
        let DeValue::Array(array) = value.get_ref() else {
            return self.wrong_kind(value, key, "an array of strings", diagnostics);
        };
        Some(array.iter().filter_map(|value| self.string_in(value, key, diagnostics)).collect())
    }

    /// A whole number within `bounds`.
    pub fn integer(
        &self,
        key: &str,
        bounds: RangeInclusive<u64>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Value<u64>> {
        let value = self.entries.get(key)?;
        let location = self.at(value.span());
        let DeValue::Integer(integer) = value.get_ref() else {
            return self.wrong_kind(value, key, "a whole number", diagnostics);
        };
        match u64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(value) if bounds.contains(&value) => Some(Value { value, location }),
            Ok(_) | Err(_) => {
                let (least, most) = bounds.into_inner();
                diagnostics.error(location, format!("`{key}` has to be between {least} and {most}"));
                None
            }
        }
    }

    /// `true` or `false`.
    pub fn boolean(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<Value<bool>> {
        let value = self.entries.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(boolean) => Some(Value { value: *boolean, location: self.at(value.span()) }),
            _ => self.wrong_kind(value, key, "true or false", diagnostics),
        }
    }

    /// A table.
    pub fn table(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<Self> {
        self.table_in(self.entries.get(key)?, key, diagnostics)
    }

    /// An array of tables, as `[[key]]` makes it; empty if there is none.
    pub fn tables(&self, key: &str, diagnostics: &mut Diagnostics) -> Vec<Self> {
        let Some(value) = self.entries.get(key) else { return Vec::new() };
        match value.get_ref() {
            DeValue::Array(array) => {
                array.iter().filter_map(|value| self.table_in(value, key, diagnostics)).collect()
            }
            _ => self.wrong_kind(value, key, "an array of tables", diagnostics).unwrap_or_default(),
        }
    }

    /// A table, as `[key]` makes it, or any number of them, as `[[key]]` does.
    pub fn table_or_tables(&self, key: &str, diagnostics: &mut Diagnostics) -> Option<Value<Vec<Self>>> {
        let value = self.entries.get(key)?;
        let tables = match value.get_ref() {
            DeValue::Table(entries) => Vec::from([Self { entries, location: self.at(value.span()) }]),
            DeValue::Array(_) => self.tables(key, diagnostics),
            _ => return self.wrong_kind(value, key, "a table or an array of tables", diagnostics),
        };
        Some(Value { value: tables, location: self.at(value.span()) })
    }

    fn string_in(
        &self,
        value: &'a Spanned<DeValue<'a>>,
        key: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Value<&'a str>> {
        match value.get_ref() {
            DeValue::String(string) => Some(Value { value: string, location: self.at(value.span()) }),
            _ => self.wrong_kind(value, key, "a string", diagnostics),
        }
    }

    fn table_in(
        &self,
        value: &'a Spanned<DeValue<'a>>,
        key: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        match value.get_ref() {
            DeValue::Table(entries) => Some(Self { entries, location: self.at(value.span()) }),
            _ => self.wrong_kind(value, key, "a table", diagnostics),
        }
    }

    fn wrong_kind<T>(
        &self,
        value: &Spanned<DeValue<'_>>,
        key: &str,
        expected: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<T> {
        let found = kind(value.get_ref());
        diagnostics
            .error(self.at(value.span()), format!("`{key}` has to be {expected}, and this is {found}"));
        None
    }

    fn at(&self, span: Range<usize>) -> Location {
        Location { source: self.location.source, span }
    }
}

fn kind(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(_) => "a string".into(),
        DeValue::Integer(_) => "a whole number".into(),
        DeValue::Float(_) => "a number with a fraction".into(),
        DeValue::Boolean(_) => "true or false".into(),
        DeValue::Datetime(_) => "a date".into(),
        DeValue::Array(_) => "an array".into(),
        DeValue::Table(_) => "a table".into(),
    }
}

#[cfg(test)]
mod tests;
