//! Record sets that end beyond the reach of pointers (RFC 1035 §4.1.4), as only streams carry them.
//!
//! What a pointer can't reach is spelled out once more where it would point from. That moves what follows, but nothing that
//! a pointer reaches follows: names are only compressed against names before them, and whatever is spelled out stands
//! beyond the reach already. So places within reach are those of the template, and no others are ever used.

use super::{POINTER_REACH, RECORD_FIXED, Reply, Section, Standing, Unwritten, Written, pointer};
use crate::zone::{Place, RecordSet};

/// Octets of a record's data length, the last of what is fixed.
const DATA_LENGTH: usize = 2;

impl Reply<'_> {
    /// [`Reply::put`] of a record set that is not all within reach.
    #[cold]
    pub(super) fn put_far(
        &mut self,
        section: Section,
        set: &RecordSet<'_>,
        owner: &Standing<'_>,
        name: &Written,
    ) -> Result<usize, Unwritten> {
        let start = self.start + self.length;
        let owner = Spelling::new(owner, name)?;
        let room = self.room.get_mut(self.length..).ok_or(Unwritten::NoRoom)?;
        let mut records = Octets { room, length: 0 };
        let mut fix_ups = set.fix_ups().peekable();
        let mut at = 0;
        while let Some(&first) = set.template.get(at) {
            // The root owns itself; any other owner is a pointer.
            let owner = if first == 0 { &[0] } else { owner.as_octets() };
            records.put(owner)?;
            at += if first == 0 { 1 } else { 2 };
            let (fixed, _) = part(set, at, at + RECORD_FIXED)?.split_at(RECORD_FIXED - DATA_LENGTH);
            let end = at + RECORD_FIXED + data_length(set, at)?;
            at += RECORD_FIXED;
            records.put(fixed)?;
            let length_at = records.length;
            records.put(&[0; DATA_LENGTH])?;
            while let Some((gap, reference)) = fix_ups.next_if(|(gap, _)| *gap < end) {
                records.put(part(set, at, gap)?)?;
                let target = match reference.place() {
                    Place::OwnerSuffix(length) => {
                        Standing::At(name.suffix(length).ok_or(Unwritten::Corrupt)?)
                    }
                    Place::Inside(offset) => Standing::Inside { set, start, offset },
                };
                records.put(Spelling::new(&target, name)?.as_octets())?;
                at = gap + 2;
            }
            records.put(part(set, at, end)?)?;
            at = end;
            records.set_data_length(length_at)?;
        }
        let length = records.length;
        self.count(section, set)?;
        self.length += length;
        Ok(start)
    }
}

/// Where records are written one behind the other.
struct Octets<'r> {
    room: &'r mut [u8],
    length: usize,
}

impl Octets<'_> {
    fn put(&mut self, octets: &[u8]) -> Result<(), Unwritten> {
        let end = self.length + octets.len();
        self.room.get_mut(self.length..end).ok_or(Unwritten::NoRoom)?.copy_from_slice(octets);
        self.length = end;
        Ok(())
    }

    /// Puts the length of all data behind it where it belongs.
    fn set_data_length(&mut self, at: usize) -> Result<(), Unwritten> {
        let length = self.length - at - DATA_LENGTH;
        let length = u16::try_from(length).map_err(|_| Unwritten::NoRoom)?;
        let place = self.room.get_mut(at..at + DATA_LENGTH).ok_or(Unwritten::NoRoom)?;
        place.copy_from_slice(&length.to_be_bytes());
        Ok(())
    }
}

/// A name as it is written: the labels that nothing within reach has, and a pointer to the rest or the root's label.
struct Spelling {
    octets: [u8; 255],
    length: usize,
}

impl Spelling {
    /// `name` is the one that is asked for.
    fn new(standing: &Standing<'_>, name: &Written) -> Result<Self, Unwritten> {
        let mut spelling = Self { octets: [0; 255], length: 0 };
        let (set, start, mut offset) = match *standing {
            Standing::At(position) => {
                spelling.put(&pointer(position)?)?;
                return Ok(spelling);
            }
            Standing::Inside { set, start, offset } => (set, start, offset),
        };
        loop {
            if start + offset <= POINTER_REACH {
                spelling.put(&pointer(start + offset)?)?;
                return Ok(spelling);
            }
            match *set.template.get(offset).ok_or(Unwritten::Corrupt)? {
                0 => {
                    spelling.put(&[0])?;
                    return Ok(spelling);
                }
                label @ 1..=63 => {
                    let end = offset + 1 + usize::from(label);
                    spelling.put(part(set, offset, end)?)?;
                    offset = end;
                }
                _ => match set.fix_up_at(offset).ok_or(Unwritten::Corrupt)?.place() {
                    Place::OwnerSuffix(length) => {
                        spelling.put(&pointer(name.suffix(length).ok_or(Unwritten::Corrupt)?)?)?;
                        return Ok(spelling);
                    }
                    // Always to labels: there is an end to it.
                    Place::Inside(earlier) if matches!(set.template.get(earlier), Some(1..=63)) => {
                        offset = earlier;
                    }
                    Place::Inside(_) => return Err(Unwritten::Corrupt),
                },
            }
        }
    }

    fn put(&mut self, octets: &[u8]) -> Result<(), Unwritten> {
        let end = self.length + octets.len();
        self.octets.get_mut(self.length..end).ok_or(Unwritten::Corrupt)?.copy_from_slice(octets);
        self.length = end;
        Ok(())
    }

    fn as_octets(&self) -> &[u8] {
        self.octets.get(..self.length).unwrap_or_default()
    }
}

fn part<'s>(set: &RecordSet<'s>, start: usize, end: usize) -> Result<&'s [u8], Unwritten> {
    set.template.get(start..end).ok_or(Unwritten::Corrupt)
}

/// Octets of the data of the record whose fixed part begins at `fixed`.
fn data_length(set: &RecordSet<'_>, fixed: usize) -> Result<usize, Unwritten> {
    let length = set.template.get(fixed + RECORD_FIXED - DATA_LENGTH..).and_then(<[u8]>::first_chunk);
    Ok(usize::from(u16::from_be_bytes(*length.ok_or(Unwritten::Corrupt)?)))
}
