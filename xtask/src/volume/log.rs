//! What QEMU's `blklogwrites` logs: the format of Linux's dm-log-writes (Documentation/admin-guide/device-mapper/log-writes.rst,
//! drivers/md/dm-log-writes.c).

use super::SECTOR;
use anyhow::{Context, Result, ensure};

/// Begins the log.
const MAGIC: u64 = 0x006a_7366_7773_6872;

/// An entry's flag: all that completed before it lasts.
const FLUSH: u64 = 1;

/// Every write and flush, in the order in which they were done.
pub(super) struct Log {
    entries: Vec<Entry>,
}

struct Entry {
    /// Where, in octets.
    at: usize,
    is_flush: bool,
    content: Vec<u8>,
}

impl Log {
    /// Reads a log of which the end may be missing; its count of entries is not believed, for it is not written each time.
    pub(super) fn read(octets: &[u8]) -> Result<Self> {
        ensure!(word(octets, 0) == Some(MAGIC), "no log of writes");
        let mut entries = Vec::new();
        let mut at = SECTOR;
        while let Some([sector, sectors, flags]) = header(octets, at) {
            let start = at + SECTOR;
            let Some(content) = octets.get(start..start + usize::try_from(sectors)? * SECTOR) else { break };
            at = start + content.len();
            let is_flush = flags & FLUSH != 0;
            entries.push(Entry {
                at: usize::try_from(sector)? * SECTOR,
                is_flush,
                content: content.to_vec(),
            });
        }
        Ok(Self { entries })
    }

    /// Does to a volume what was done to it up to the last flush.
    pub(super) fn replay_flushed(&self, volume: &mut [u8]) -> Result<()> {
        for Entry { at, content, .. } in &self.entries[..self.flushed()?] {
            let place = volume.get_mut(*at..*at + content.len()).context("a write beyond the volume")?;
            place.copy_from_slice(content);
        }
        Ok(())
    }

    /// How much was written after the last flush.
    pub(super) fn octets_not_flushed(&self) -> usize {
        let after = self.flushed().unwrap_or(0);
        self.entries[after..].iter().map(|entry| entry.content.len()).sum()
    }

    /// How many entries there are up to the last flush.
    fn flushed(&self) -> Result<usize> {
        let last = self.entries.iter().rposition(|entry| entry.is_flush);
        Ok(last.context("there was no flush")? + 1)
    }
}

/// Where an entry is for, how many sectors it has, and its flags; `None` at the end.
fn header(octets: &[u8], at: usize) -> Option<[u64; 3]> {
    let [sector, sectors, flags] = [word(octets, at)?, word(octets, at + 8)?, word(octets, at + 16)?];
    (sectors != 0 || flags != 0).then_some([sector, sectors, flags])
}

fn word(octets: &[u8], at: usize) -> Option<u64> {
    octets.get(at..)?.first_chunk().map(|word| u64::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of entries: the sector, what fills how many, whether it is a flush.
    fn log(entries: &[(u64, u8, usize, bool)]) -> Vec<u8> {
        let mut octets = MAGIC.to_le_bytes().to_vec();
        octets.resize(SECTOR, 0);
        for (sector, octet, sectors, is_flush) in entries {
            let header = [*sector, *sectors as u64, u64::from(*is_flush)].map(u64::to_le_bytes).concat();
            octets.extend(header);
            octets.resize(octets.len().next_multiple_of(SECTOR), 0);
            octets.extend(vec![*octet; sectors * SECTOR]);
        }
        octets
    }

    #[test]
    fn what_was_written_after_the_last_flush_is_left_out() {
        let octets = log(&[(0, 1, 2, false), (1, 2, 1, false), (0, 0, 0, true), (0, 3, 2, false)]);
        let log = Log::read(&octets).unwrap();
        let mut volume = vec![9; 3 * SECTOR];
        log.replay_flushed(&mut volume).unwrap();
        assert_eq!(volume, [vec![1; SECTOR], vec![2; SECTOR], vec![9; SECTOR]].concat());
        assert_eq!(log.octets_not_flushed(), 2 * SECTOR);
    }

    #[test]
    fn a_log_without_flush_or_of_something_else_proves_nothing() {
        assert!(Log::read(&log(&[(0, 1, 1, false)])).unwrap().replay_flushed(&mut [0; SECTOR]).is_err());
        assert!(Log::read(b"").is_err());
        assert!(Log::read(&log(&[(1, 1, 1, true)])).unwrap().replay_flushed(&mut [0; SECTOR]).is_err());
    }
}
