//! Records that own their octets, all in one place, each with where it was read.

use crate::{Class, Name, NameBuffer, Record, RecordType};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use configuration::{Location, SourceId};
use core::cmp::Ordering;

/// The most octets that the names and the data of a zone take: places among them are kept in four octets.
pub const ZONE_OCTETS: usize = u32::MAX as usize;

/// How many records that can't be in the zone are remembered: as many as are reported, and one to say that there are more.
const STRANGERS: usize = super::check::FINDINGS + 1;

/// The records of a zone while they are read, in the order in which they come.
#[derive(Clone, Debug)]
pub struct Records {
    apex: NameBuffer,
    octets: Vec<u8>,
    heads: Vec<Head>,
    sources: Vec<SourceId>,
    strangers: Vec<Stranger>,
}

/// The records of a zone in canonical order of their owners (RFC 4034 §6.1), and of their types' numbers; those of one
/// RRset in the order in which they came.
#[derive(Clone, Debug)]
pub struct Zone {
    records: Records,
}

/// A record, but for its octets; small, for there may be millions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    owner: u32,
    data: u32,
    ttl: u32,
    start: u32,
    data_length: u16,
    record_type: RecordType,
    /// Of the span; a longer one is cut.
    span_length: u16,
    source: u16,
}

const _: () = assert!(size_of::<Head>() == 24, "what a record costs beside its octets");

/// A record that the zone can't have, which is not kept.
#[derive(Clone, Debug)]
pub(super) struct Stranger {
    pub(super) location: Location,
    pub(super) message: String,
    pub(super) help: &'static str,
}

impl Records {
    /// None yet, of the zone `apex`.
    #[must_use]
    pub fn new(apex: Name<'_>) -> Self {
        Self {
            apex: apex.into(),
            octets: Vec::new(),
            heads: Vec::new(),
            sources: Vec::new(),
            strangers: Vec::new(),
        }
    }

    /// Adds a record. One of another class than IN, or one that is not at or below the apex, is remembered only as a mistake.
    pub fn push(&mut self, record: Record<'_>, location: Location) {
        if let Some((message, help)) = self.refusal(&record) {
            if self.strangers.len() < STRANGERS {
                self.strangers.push(Stranger { location, message, help });
            }
            return;
        }
        let head = self.head(record, &location);
        self.heads.extend(head);
    }

    /// Why the zone can't have a record.
    fn refusal(&self, record: &Record<'_>) -> Option<(String, &'static str)> {
        let Record { owner, record_type, class, data, .. } = *record;
        if class != Class::IN {
            let message = format!("a record of class {class}, and the zone's is IN");
            return Some((message, "RFC 1035 §5.2: all records of a zone have one class"));
        }
        if !owner.is_at_or_below(self.apex.as_name()) {
            let message = format!("{owner} {record_type} is not in the zone {:?}", self.apex);
            return Some((
                message,
                "RFC 1034 §4.2: a zone is what is at or below its apex; a missing final dot or another $ORIGIN?",
            ));
        }
        let octets = self.octets.len() + owner.as_wire().len() + data.len();
        (octets > ZONE_OCTETS)
            .then(|| (format!("the zone takes more than {ZONE_OCTETS} octets"), "split it at a delegation"))
    }

    fn head(&mut self, record: Record<'_>, location: &Location) -> Option<Head> {
        let owner = match self.heads.last() {
            Some(last) if self.owner(last).as_wire() == record.owner.as_wire() => last.owner,
            _ => self.keep(record.owner.as_wire())?,
        };
        let data = self.keep(record.data)?;
        let length = location.span.end.saturating_sub(location.span.start);
        let source = match self.sources.iter().rposition(|source| *source == location.source) {
            Some(source) => source,
            None => {
                self.sources.push(location.source);
                self.sources.len() - 1
            }
        };
        Some(Head {
            owner,
            data,
            ttl: record.ttl,
            start: u32::try_from(location.span.start).unwrap_or(u32::MAX),
            data_length: u16::try_from(record.data.len()).ok()?,
            record_type: record.record_type,
            span_length: u16::try_from(length).unwrap_or(u16::MAX),
            source: u16::try_from(source).unwrap_or(u16::MAX),
        })
    }

    fn keep(&mut self, octets: &[u8]) -> Option<u32> {
        let start = u32::try_from(self.octets.len()).ok()?;
        self.octets.extend_from_slice(octets);
        Some(start)
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Puts them in order.
    #[must_use]
    pub fn into_zone(self) -> Zone {
        let mut this = self;
        let key = |head: &Head| sort_key(this.owner(head), this.apex.as_name());
        let mut keyed: Vec<(u128, Head)> = Vec::with_capacity(this.heads.len());
        for head in &this.heads {
            let last = keyed.last().filter(|(_, last)| last.owner == head.owner);
            keyed.push((last.map_or_else(|| key(head), |(key, _)| *key), *head));
        }
        // Stable, and quick where there is order already, as in most files.
        keyed.sort_by(|(one_key, one), (other_key, other)| {
            one_key.cmp(other_key).then_with(|| this.order(one, other))
        });
        this.heads.clear();
        this.heads.extend(keyed.into_iter().map(|(_, head)| head));
        Zone { records: this }
    }

    fn order(&self, one: &Head, other: &Head) -> Ordering {
        let owners =
            if one.owner == other.owner { Ordering::Equal } else { self.owner(one).cmp(&self.owner(other)) };
        owners.then(one.record_type.cmp(&other.record_type))
    }

    fn owner(&self, head: &Head) -> Name<'_> {
        let octets = self.octets.get(head.owner as usize..).unwrap_or_default();
        Name::parse(octets).unwrap_or(Name::ROOT)
    }

    fn record(&self, head: &Head) -> Record<'_> {
        let start = head.data as usize;
        Record {
            owner: self.owner(head),
            record_type: head.record_type,
            class: Class::IN,
            ttl: head.ttl,
            data: self.octets.get(start..start + usize::from(head.data_length)).unwrap_or_default(),
        }
    }
}

/// The first sixteen octets of what orders `owner` among the names of the zone `apex` as octets do: its labels from the
/// right, small letters, a zero behind each; octets 0 and 1 become 1 1 and 1 2. Of equal keys the names decide.
fn sort_key(owner: Name<'_>, apex: Name<'_>) -> u128 {
    let below = owner.label_count().saturating_sub(apex.label_count());
    let mut octets = [0; size_of::<u128>()];
    let mut room = octets.iter_mut();
    let mut write = |octet| room.next().map(|place| *place = octet);
    for depth in (0..below).rev() {
        for octet in owner.labels().nth(depth).unwrap_or_default().iter().map(u8::to_ascii_lowercase) {
            let written = match octet {
                0 | 1 => write(1).and_then(|()| write(octet + 1)),
                octet => write(octet),
            };
            if written.is_none() {
                return u128::from_be_bytes(octets);
            }
        }
        write(0);
    }
    u128::from_be_bytes(octets)
}

impl Zone {
    /// Its apex.
    #[must_use]
    pub fn apex(&self) -> Name<'_> {
        self.records.apex.as_name()
    }

    /// Its records, in order.
    pub fn records(&self) -> impl ExactSizeIterator<Item = Record<'_>> + Clone {
        self.heads().iter().map(|head| self.records.record(head))
    }

    /// The records of an owner of a type, or of every type if there is none, in order.
    pub fn records_of(
        &self,
        owner: Name<'_>,
        record_type: Option<RecordType>,
    ) -> impl Iterator<Item = (Record<'_>, Location)> {
        let node = self.node(owner);
        let of_type = node
            .iter()
            .filter(move |head| record_type.is_none_or(|record_type| head.record_type == record_type));
        of_type.map(|head| (self.record(head), self.location(head)))
    }

    pub(super) fn heads(&self) -> &[Head] {
        &self.records.heads
    }

    pub(super) fn strangers(&self) -> &[Stranger] {
        &self.records.strangers
    }

    pub(super) fn record(&self, head: &Head) -> Record<'_> {
        self.records.record(head)
    }

    pub(super) fn owner(&self, head: &Head) -> Name<'_> {
        self.records.owner(head)
    }

    /// Where a record was read.
    pub(super) fn location(&self, head: &Head) -> Location {
        let start = head.start as usize;
        let source = self.records.sources[usize::from(head.source)];
        Location { source, span: start..start + usize::from(head.span_length) }
    }

    /// The records of each owner, in order.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &[Head]> {
        self.heads().chunk_by(|one, other| one.owner == other.owner || self.owner(one) == self.owner(other))
    }

    /// The records of `owner`.
    pub(super) fn node(&self, owner: Name<'_>) -> &[Head] {
        let from = self.from(owner);
        let Some(first) = from.first() else { return from };
        let is_of_owner = |head: &&Head| head.owner == first.owner || self.owner(head) == owner;
        let count = if self.owner(first) == owner { from.iter().take_while(is_of_owner).count() } else { 0 };
        from.get(..count).unwrap_or_default()
    }

    /// Whether `name` is an owner, or an empty non-terminal above one (RFC 4592 §2.2.2).
    pub(super) fn exists(&self, name: Name<'_>) -> bool {
        self.from(name).first().is_some_and(|head| self.owner(head).is_at_or_below(name))
    }

    /// The records from `owner` on.
    fn from(&self, owner: Name<'_>) -> &[Head] {
        let start = self.heads().partition_point(|head| self.owner(head) < owner);
        self.heads().get(start..).unwrap_or_default()
    }
}

impl Head {
    pub(super) const fn record_type(&self) -> RecordType {
        self.record_type
    }
}
