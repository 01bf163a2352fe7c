//! On a host: from `appliance.toml` and master files to the files of an archive.

use crate::settings::Settings;
use crate::zone::compile;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use configuration::{Archive, Diagnostics, Document, Files, Network, Table, Value};
use dns_protocol::{NameBuffer, Record, RecordType, master_file, zone};

/// The archive's file of compiled zones, one behind the other in the configuration's order.
pub(crate) const COMPILED_ZONES: &str = "zones";

/// The archive's file of [`Settings`], as a value.
pub(crate) const SETTINGS: &str = "settings";

/// Reads a configuration, whose `appliance.toml` is `text` and says `document`, and every file that it names, and reports
/// every mistake in them. Returns the files of the archive from which [`Dns`](crate::Dns) is configured, each with its path,
/// `appliance.toml` first; `None` if anything can't be served.
pub fn prepare(
    text: &Bytes,
    document: &Document<'_>,
    files: &mut dyn Files,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(String, Bytes)>> {
    let before = diagnostics.errors();
    check_root(document, diagnostics);
    let network = Network::read(document, diagnostics);
    let settings = Settings::read(document, diagnostics);
    let mut compiled = Vec::new();
    let sections = document.root().tables("zone", diagnostics);
    if sections.is_empty() {
        diagnostics.error(None, "there is no zone to serve: `[[zone]]` with its `name` and `file` names one");
    }
    let mut names: Vec<NameBuffer> = Vec::new();
    for section in sections {
        let Some(zone) = ZoneSection::read(&section, diagnostics) else { continue };
        if names.iter().any(|name| name.as_name() == zone.name.value.as_name()) {
            let message = format!("the zone {:?} is given twice", zone.name.value);
            diagnostics.error(zone.name.location, message);
            continue;
        }
        names.push(zone.name.value);
        compiled.extend(zone.compile(files, diagnostics).unwrap_or_default());
    }
    let archive = [
        (Archive::DOCUMENT, text.clone()),
        (Archive::NETWORK, Archive::encode(&network?).into()),
        (SETTINGS, Archive::encode(&settings).into()),
        (COMPILED_ZONES, compiled.into()),
    ];
    (diagnostics.errors() == before).then(|| archive.map(|(path, content)| (path.to_owned(), content)).into())
}

/// Reports every key of the document's root that no appliance of this kind has.
fn check_root(document: &Document<'_>, diagnostics: &mut Diagnostics) {
    document.root().expect_only(&["network", "dns", "zone"], diagnostics);
}

/// A `[[zone]]`.
struct ZoneSection<'a> {
    name: Value<NameBuffer>,
    file: Value<&'a str>,
}

impl<'a> ZoneSection<'a> {
    fn read(section: &Table<'a>, diagnostics: &mut Diagnostics) -> Option<Self> {
        section.expect_only(&["name", "file"], diagnostics);
        section.require("name", diagnostics);
        section.require("file", diagnostics);
        let name = section.string("name", diagnostics);
        let file = section.string("file", diagnostics);
        let Value { value: text, location } = name?;
        let Ok(value) = NameBuffer::from_text(text) else {
            diagnostics.error(location, format!("`{text}` is no domain name"));
            return None;
        };
        Some(Self { name: Value { value, location }, file: file? })
    }

    fn compile(&self, files: &mut dyn Files, diagnostics: &mut Diagnostics) -> Option<Vec<u8>> {
        let before = diagnostics.errors();
        let found = diagnostics.iter().len();
        let apex = self.name.value.as_name();
        let mut records = zone::Records::new(apex);
        master_file::read(self.file.value, apex, files, diagnostics, |record, location| {
            records.push(record, location);
        });
        diagnostics.place_since(found, &self.file.location);
        // What could not be read would be missed by the checks, and reported once more for it.
        if diagnostics.errors() != before {
            return None;
        }
        let zone = records.into_zone();
        let found = diagnostics.iter().len();
        zone.check(diagnostics);
        diagnostics.place_since(found, &self.name.location);
        if diagnostics.errors() != before {
            return None;
        }
        let records: Vec<Record<'_>> = zone.records().collect();
        match compile(apex, &records) {
            Ok(compiled) => Some(compiled),
            Err(error) => {
                let record_type =
                    Some(error.record_type).filter(|record_type| *record_type != RecordType::ANY);
                let meant = zone.records_of(error.owner.as_name(), record_type).last();
                let location = meant.map_or_else(|| self.name.location.clone(), |(_, location)| location);
                diagnostics.error(location, format!("{error}"));
                None
            }
        }
    }
}
