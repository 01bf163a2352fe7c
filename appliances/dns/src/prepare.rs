//! On a host: from `appliance.toml` and master files to the files of an archive.

use crate::settings::Settings;
use crate::zone::{CompileError, compile};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use configuration::{Archive, Diagnostics, Document, Files, Location, Network, Table, Value};
use core::ops::Range;
use dns_protocol::{Class, Name, NameBuffer, Record, RecordType, master_file};

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
        let apex = self.name.value.as_name();
        let mut records = Records::default();
        master_file::read(self.file.value, apex, files, diagnostics, |record, location| {
            records.push(&record, location);
        });
        if diagnostics.errors() != before {
            return None;
        }
        match compile(apex, &records.as_records()) {
            Ok(compiled) => Some(compiled),
            Err(error) => {
                let location = records.location(&error).unwrap_or_else(|| self.name.location.clone());
                diagnostics.error(location, format!("{error}"));
                None
            }
        }
    }
}

/// Records that own their octets, all in one place.
#[derive(Default)]
struct Records {
    octets: Vec<u8>,
    heads: Vec<Head>,
}

/// A record, but for its octets.
struct Head {
    owner: Range<usize>,
    data: Range<usize>,
    record_type: RecordType,
    class: Class,
    ttl: u32,
    location: Location,
}

impl Records {
    fn push(&mut self, record: &Record<'_>, location: Location) {
        let owner = match self.heads.last().map(|last| last.owner.clone()) {
            Some(last) if self.octets.get(last.clone()) == Some(record.owner.as_wire()) => last,
            _ => self.push_octets(record.owner.as_wire()),
        };
        let data = self.push_octets(record.data);
        let Record { record_type, class, ttl, .. } = *record;
        self.heads.push(Head { owner, data, record_type, class, ttl, location });
    }

    fn push_octets(&mut self, octets: &[u8]) -> Range<usize> {
        let start = self.octets.len();
        self.octets.extend_from_slice(octets);
        start..self.octets.len()
    }

    fn owner(&self, head: &Head) -> Name<'_> {
        Name::parse(&self.octets[head.owner.clone()]).expect("a name's octets are a name")
    }

    fn as_records(&self) -> Vec<Record<'_>> {
        let record = |head: &Head| Record {
            owner: self.owner(head),
            record_type: head.record_type,
            class: head.class,
            ttl: head.ttl,
            data: &self.octets[head.data.clone()],
        };
        self.heads.iter().map(record).collect()
    }

    /// Where the last record is that a compiler complains of.
    fn location(&self, error: &CompileError) -> Option<Location> {
        let is_meant = |head: &&Head| {
            (error.record_type == RecordType::ANY || head.record_type == error.record_type)
                && self.owner(head) == error.owner.as_name()
        };
        self.heads.iter().rfind(is_meant).map(|head| head.location.clone())
    }
}
