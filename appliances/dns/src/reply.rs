//! Record sets into the octets behind the question, names compressed.

mod far;
mod written;

pub(crate) use written::Written;

use crate::message::HEADER;
use crate::zone::{Place, RecordSet};
use dns_protocol::{Class, RecordType};

/// Octets of a record between its owner and its data.
const RECORD_FIXED: usize = 10;

/// A compression pointer (RFC 1035 §4.1.4): two bits, and fourteen that say where.
const POINTER: u16 = 0xc000;
const POINTER_REACH: usize = 0x3fff;

/// The sections of a reply behind its question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Answer,
    Authority,
    Additional,
}

/// A name that stands in the message already.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Standing<'s> {
    /// It begins at this octet.
    At(usize),
    /// It begins so many octets inside a record set's template.
    Inside {
        set: &'s RecordSet<'s>,
        /// Where in the message the record set begins.
        start: usize,
        offset: usize,
    },
}

impl Standing<'_> {
    /// Where it begins; if that is beyond the reach of pointers it may also be behind there.
    #[inline]
    fn position(&self) -> usize {
        match *self {
            Self::At(position) => position,
            Self::Inside { start, offset, .. } => start + offset,
        }
    }
}

/// Why nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unwritten {
    /// It does not fit.
    NoRoom,
    /// The zone contradicts itself.
    Corrupt,
}

/// A reply in the making.
#[derive(Debug)]
pub(crate) struct Reply<'m> {
    room: &'m mut [u8],
    /// Where in the message the room begins.
    start: usize,
    length: usize,
    counts: [u16; 3],
}

impl<'m> Reply<'m> {
    /// A reply whose records go into `room`, which begins `start` octets behind the message's start.
    pub(crate) fn new(room: &'m mut [u8], start: usize) -> Self {
        Self { room, start, length: 0, counts: [0; 3] }
    }

    /// How many octets were written.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// How many records each section has.
    pub(crate) fn counts(&self) -> [u16; 3] {
        self.counts
    }

    /// Takes everything back.
    pub(crate) fn clear(&mut self) {
        self.length = 0;
        self.counts = [0; 3];
    }

    /// Writes a record set, whole or not at all, owned by `owner`; `name` is the one that is asked for. Says where it begins.
    #[inline]
    pub(crate) fn put(
        &mut self,
        section: Section,
        set: &RecordSet<'_>,
        owner: &Standing<'_>,
        name: &Written,
    ) -> Result<usize, Unwritten> {
        let end = self.length + set.template.len();
        let position = self.start + self.length;
        let octets = self.room.get_mut(self.length..end).ok_or(Unwritten::NoRoom)?;
        if position + set.template.len() > POINTER_REACH {
            return self.put_far(section, set, owner, name);
        }
        octets.copy_from_slice(set.template);
        for (at, reference) in set.fix_ups() {
            let target = match reference.place() {
                Place::OwnerSuffix(length) => name.suffix(length).ok_or(Unwritten::Corrupt)?,
                Place::Inside(offset) => position + offset,
            };
            let place = octets.get_mut(at..).and_then(<[u8]>::first_chunk_mut).ok_or(Unwritten::Corrupt)?;
            *place = pointer(target)?;
        }
        let owner = owner.position();
        if owner != HEADER {
            change_owners(octets, pointer(owner)?)?;
        }
        self.count(section, set)?;
        self.length = end;
        Ok(position)
    }

    #[inline]
    fn count(&mut self, section: Section, set: &RecordSet<'_>) -> Result<(), Unwritten> {
        let count = &mut self.counts[section as usize];
        *count = count.checked_add(set.records).ok_or(Unwritten::Corrupt)?;
        Ok(())
    }

    /// Writes the CNAME record of RFC 6672 §3.1: the first `labels` of the name at `owner`, in front of the name at
    /// `suffix`, or of the root. Says where it begins.
    pub(crate) fn put_cname(
        &mut self,
        owner: usize,
        ttl: [u8; 4],
        labels: &[u8],
        suffix: Option<usize>,
    ) -> Result<usize, Unwritten> {
        let suffix = suffix.map(pointer).transpose()?;
        let suffix = suffix.as_ref().map_or(&[0][..], |pointer| pointer);
        let owner = pointer(owner)?;
        let data_length = (labels.len() + suffix.len()) as u16;
        let position = self.start + self.length;
        let parts: [&[u8]; 7] = [
            &owner,
            &RecordType::CNAME.0.to_be_bytes(),
            &Class::IN.0.to_be_bytes(),
            &ttl,
            &data_length.to_be_bytes(),
            labels,
            suffix,
        ];
        self.put_parts(&parts)?;
        self.counts[Section::Answer as usize] += 1;
        Ok(position)
    }

    /// Writes an answer of the class `CH` (RFC 4892) that belongs to the name in the question.
    pub(crate) fn put_chaos_text(&mut self, text: &[u8]) -> Result<(), Unwritten> {
        let length = u8::try_from(text.len()).map_err(|_| Unwritten::NoRoom)?;
        let parts: [&[u8]; 7] = [
            &pointer(HEADER)?,
            &RecordType::TXT.0.to_be_bytes(),
            &Class::CH.0.to_be_bytes(),
            &[0; 4],
            &(u16::from(length) + 1).to_be_bytes(),
            &[length],
            text,
        ];
        self.put_parts(&parts)?;
        self.counts[Section::Answer as usize] += 1;
        Ok(())
    }

    fn put_parts(&mut self, parts: &[&[u8]]) -> Result<(), Unwritten> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let end = self.length + length;
        let mut room = self.room.get_mut(self.length..end).ok_or(Unwritten::NoRoom)?;
        for part in parts {
            let (place, rest) = room.split_at_mut_checked(part.len()).ok_or(Unwritten::NoRoom)?;
            place.copy_from_slice(part);
            room = rest;
        }
        self.length = end;
        Ok(())
    }
}

fn pointer(target: usize) -> Result<[u8; 2], Unwritten> {
    if target > POINTER_REACH { Err(Unwritten::Corrupt) } else { Ok((POINTER | target as u16).to_be_bytes()) }
}

/// Makes each record's owner the name that `pointer` points to.
#[inline]
fn change_owners(mut records: &mut [u8], pointer: [u8; 2]) -> Result<(), Unwritten> {
    while let Some((owner, rest)) = records.split_first_chunk_mut::<2>() {
        if owner[0] == 0 {
            // The root owns itself; no pointer is shorter.
            return Ok(());
        }
        *owner = pointer;
        let length = rest.get(8..10).and_then(<[u8]>::first_chunk).ok_or(Unwritten::Corrupt)?;
        let next = RECORD_FIXED + usize::from(u16::from_be_bytes(*length));
        records = rest.get_mut(next..).ok_or(Unwritten::Corrupt)?;
    }
    Ok(())
}

/// Where the data of the first record of a template starts.
pub(crate) fn data_start(template: &[u8]) -> usize {
    match template {
        [0, ..] => 1 + RECORD_FIXED,
        _ => 2 + RECORD_FIXED,
    }
}

#[cfg(test)]
mod tests;
